using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>A form as a page's source has it, whether or not anything has to be there before the page shows it.</summary>
/// <param name="Route">The page's address, as the source writes it; <c>*</c> for what stands on every page.</param>
/// <param name="Component">The file that the form stands in.</param>
/// <param name="IsPost">Whether it changes something.</param>
/// <param name="Handler">The form's name, with a star for what is an id in it; null where an address takes it that the source gives.</param>
/// <param name="Action">That address, where the source has all of it; null where it is made up when the page is drawn.</param>
internal sealed partial record SourceForm(string Route, string Component, bool IsPost, string? Handler, string? Action)
{
    public override string ToString() => $"{(IsPost ? "post" : "get")} {Route} {Handler ?? Action} in {Component}.razor";

    /// <summary>Whether a form that was tried is this one.</summary>
    public bool Is(PageForm form) =>
        form.IsPost == IsPost && (Route == "*" || IsPath(Route, form.Page))
        && (Handler is not null ? form.Handler is { } name && Regex.IsMatch(name, "^" + Regex.Escape(Handler).Replace("\\*", ".+", StringComparison.Ordinal) + "$") && form.Action == form.Page
            : Action is not null ? form.Action.Split('?')[0] == Action
            : !IsPost || form.Action != form.Page);

    /// <summary>Whether an address is one of a route.</summary>
    public static bool IsPath(string route, string path) =>
        Regex.IsMatch(path.Split('?')[0], "^/" + ParameterPattern().Replace(route.TrimStart('/'), "[^/]+") + "$", RegexOptions.IgnoreCase);

    [GeneratedRegex("\\{[^}]*\\}")]
    private static partial Regex ParameterPattern();
}
