using System.Net;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>A form as a page gives it.</summary>
/// <param name="Page">The page's address.</param>
/// <param name="Action">Where it is sent.</param>
/// <param name="IsPost">Whether it changes something, and is not only a question.</param>
/// <param name="IsMultipart">Whether it carries a file.</param>
/// <param name="Controls">Its fields.</param>
public sealed partial record PageForm(string Page, string Action, bool IsPost, bool IsMultipart, IReadOnlyList<FormControl> Controls)
{
    /// <summary>The form's name, if it is one that a page handles.</summary>
    public string? Handler => Controls.FirstOrDefault(c => c.Name == "_handler")?.Value;

    /// <summary>The form's page and name without ids: forms that differ by an id alone are of one shape.</summary>
    public string Shape => Regex.Replace($"{Page.Split('?')[0]} {Action.Split('?')[0]} {Handler}", "[0-9a-f]{12,}|[0-9]+", "#");

    /// <summary>The form's shape and its fields: a form that is on one page with more fields than on another is another one.</summary>
    public string Key => $"{Shape} {string.Join(',', Controls.Select(c => c.Name).Distinct())}";

    /// <summary>All forms of a page.</summary>
    public static IReadOnlyList<PageForm> ReadAll(string page, string html)
    {
        var forms = new List<PageForm>();
        foreach (Match match in FormPattern().Matches(html).Cast<Match>())
        {
            string tag = match.Groups[1].Value;
            string action = Attribute(tag, "action") is { Length: > 0 } there ? there : page;
            forms.Add(new PageForm(page, action, Attribute(tag, "method") == "post", Attribute(tag, "enctype") == "multipart/form-data", [.. ControlsOf(match.Groups[2].Value)]));
        }

        return forms;
    }

    /// <summary>The fields as they are sent, with others in the place of some; of several buttons the first is pressed.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Filled(IReadOnlyDictionary<string, string>? others = null) => Filled(control => others?.GetValueOrDefault(control.Name));

    /// <summary>The fields as they are sent, with others in the place of some.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Filled(Func<FormControl, string?> other)
    {
        var fields = new List<KeyValuePair<string, string>>();
        var pressed = new HashSet<string>(StringComparer.Ordinal);
        foreach (FormControl control in Controls.Where(c => c.Kind != "file"))
        {
            if (other(control) is not { } value)
            {
                if (!control.IsOn)
                {
                    continue;
                }

                value = control.Value;
            }

            // Of several buttons one is pressed, and of several circles one is filled.
            if (control.Kind is "button" or "radio" && !pressed.Add(control.Kind == "button" ? string.Empty : control.Name))
            {
                continue;
            }

            fields.Add(new KeyValuePair<string, string>(control.Name, value));
        }

        return fields;
    }

    private static IEnumerable<FormControl> ControlsOf(string html)
    {
        foreach (Match match in ControlPattern().Matches(html).Cast<Match>())
        {
            string tag = match.Value[..(match.Value.IndexOf('>', StringComparison.Ordinal) + 1)];
            string name = Attribute(tag, "name");
            if (name.Length == 0)
            {
                continue;
            }

            if (tag.StartsWith("<input", StringComparison.Ordinal))
            {
                string kind = Attribute(tag, "type") is { Length: > 0 } type ? type : "text";
                yield return new FormControl(name, kind, Attribute(tag, "value"), kind is not ("checkbox" or "radio") || tag.Contains(" checked", StringComparison.Ordinal));
            }
            else if (tag.StartsWith("<select", StringComparison.Ordinal))
            {
                Match[] options = [.. OptionPattern().Matches(match.Value).Cast<Match>()];
                Match? chosen = Array.Find(options, o => o.Groups[1].Value.Contains(" selected", StringComparison.Ordinal)) ?? options.FirstOrDefault();
                yield return new FormControl(name, "select", chosen is null ? string.Empty : ValueOf(chosen)) { Choices = [.. options.Select(ValueOf)] };
            }
            else if (tag.StartsWith("<textarea", StringComparison.Ordinal))
            {
                yield return new FormControl(name, "textarea", WebUtility.HtmlDecode(match.Value[tag.Length..^"</textarea>".Length]));
            }
            else
            {
                yield return new FormControl(name, "button", Attribute(tag, "value"));
            }
        }
    }

    private static string ValueOf(Match option) => option.Groups[1].Value.Contains(" value=", StringComparison.Ordinal) ? Attribute($"<option{option.Groups[1].Value}>", "value") : WebUtility.HtmlDecode(option.Groups[2].Value);

    private static string Attribute(string tag, string name) => WebUtility.HtmlDecode(Regex.Match(tag, $"\\s{name}=\"([^\"]*)\"").Groups[1].Value);

    [GeneratedRegex("(<form\\b[^>]*>)(.*?)</form>", RegexOptions.Singleline)]
    private static partial Regex FormPattern();

    [GeneratedRegex("<input\\b[^>]*>|<textarea\\b[^>]*>.*?</textarea>|<select\\b[^>]*>.*?</select>|<button\\b[^>]*>", RegexOptions.Singleline)]
    private static partial Regex ControlPattern();

    [GeneratedRegex("<option\\b([^>]*)>(.*?)</option>", RegexOptions.Singleline)]
    private static partial Regex OptionPattern();
}
