using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components;

namespace Phr.Portal.Tests;

/// <summary>The portal's pages as their sources have them: all their forms, and all fields that they bind.</summary>
internal static partial class PortalSources
{
    private static readonly Dictionary<string, string> _components = Directory.EnumerateFiles(RepositoryRoot.Combine("samples", "Portal", "Components"), "*.razor", SearchOption.AllDirectories)
        .Where(file => !Path.GetFileName(file).StartsWith('_'))
        .ToDictionary(file => Path.GetFileNameWithoutExtension(file), file => MarkupOf(File.ReadAllText(file)));

    /// <summary>The pages: the route of each, and the component that draws it.</summary>
    public static IReadOnlyList<(string Route, string Component)> Pages { get; } = [.. _components.SelectMany(c => RoutePattern().Matches(c.Value).Select(m => (m.Groups[1].Value, c.Key)))];

    /// <summary>Every form of every page, with those of the parts that the page is made of.</summary>
    public static IReadOnlyList<SourceForm> Forms { get; } = [.. Pages.SelectMany(page => FormsOf(page.Route, page.Component, null)).Concat(FormsOf("*", "MainLayout", null)).Distinct()];

    /// <summary>The fields that a page binds, its own and those of its parts: also such as none of its forms shows.</summary>
    public static IReadOnlyList<string> FieldsOf((string Route, string Component) page) => [.. PartsOf(page.Component).Distinct().SelectMany(BoundBy).Distinct()];

    /// <summary>The fields that the page at an address binds.</summary>
    public static IReadOnlyList<string> FieldsOf(string path) => [.. Pages.Where(page => SourceForm.IsPath(page.Route, path)).SelectMany(FieldsOf).Distinct()];

    private static IEnumerable<SourceForm> FormsOf(string route, string component, string? name)
    {
        string markup = _components[component];
        foreach (Match form in FormPattern().Matches(markup))
        {
            string handler = NameOf(form.Value, "@formname") ?? NameOf(form.Value, "FormName") ?? string.Empty;
            yield return new SourceForm(route, component, !form.Value.Contains("method=\"get\"", StringComparison.Ordinal), handler == "@Name" ? name : handler.Length > 0 ? handler : null, NameOf(form.Value, "action") is ['/', ..] and var action && !action.Contains('*', StringComparison.Ordinal) ? action : null);
        }

        foreach (Match part in UsesOf(markup))
        {
            foreach (SourceForm form in FormsOf(route, part.Groups[1].Value, NameOf(part.Value, "Name")))
            {
                yield return form;
            }
        }
    }

    private static IEnumerable<string> PartsOf(string component) => UsesOf(_components[component]).SelectMany(part => PartsOf(part.Groups[1].Value)).Prepend(component);

    private static IEnumerable<Match> UsesOf(string markup) => PartPattern().Matches(markup).Where(part => _components.ContainsKey(part.Groups[1].Value));

    private static IEnumerable<string> BoundBy(string component)
    {
        Type type = typeof(Program).Assembly.GetTypes().Single(t => t.Name.Split('`')[0] == component && typeof(ComponentBase).IsAssignableFrom(t));
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(p => p.GetCustomAttribute<SupplyParameterFromFormAttribute>() is not null))
        {
            Type kind = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (kind == typeof(string) || kind.IsArray || kind.IsValueType)
            {
                yield return property.Name;
                continue;
            }

            foreach (PropertyInfo part in kind.GetProperties().Where(p => p.SetMethod is { IsPublic: true }))
            {
                yield return $"{property.Name}.{part.Name}";
            }
        }
    }

    // What is in an attribute as words or as words with something in their midst, which is a star here.
    private static string? NameOf(string tag, string attribute) =>
        Regex.Match(tag, $"\\s{attribute}=\"(?:@\\(\\$\"(?<name>[^\"]*)\"\\)|(?<name>[^\"]*))\"") is { Success: true } found ? Regex.Replace(found.Groups["name"].Value, "\\{[^}]*\\}", "*") : null;

    private static string MarkupOf(string source) => CommentPattern().Replace(source.Split("@code {")[0], string.Empty);

    [GeneratedRegex("@\\*.*?\\*@", RegexOptions.Singleline)]
    private static partial Regex CommentPattern();

    [GeneratedRegex("^@page \"([^\"]*)\"", RegexOptions.Multiline)]
    private static partial Regex RoutePattern();

    [GeneratedRegex("<(?:form|EditForm)\\b(?:[^>\"]|\"[^\"]*\")*>")]
    private static partial Regex FormPattern();

    [GeneratedRegex("<([A-Z][A-Za-z]*)\\b(?:[^>\"]|\"[^\"]*\")*>")]
    private static partial Regex PartPattern();
}
