using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>What hostile people write into fields, and how it would look if a page let it through.</summary>
internal static partial class Hostile
{
    /// <summary>A formula, the end of an attribute, a script, a template and the end of a query in one line that is short enough for a name.</summary>
    public const string Line = "=zq\"'><script>zq(1)</script>{{7*7}}'--";

    /// <summary>What is written into fields. What should be refused comes first, so that the form is still there.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "zq\0tail",
        "zq\u202Egnp.exe",
        "zq\r\nBcc: everyone@zq.example\r\n\r\nzq",
        new('z', 10_000),
        Line,
        "\"><img src=x onerror=zq(1)>",
        "'; DROP TABLE AspNetUsers; --zq",
        "-1",
        "99999999999999999999999",
    ];

    /// <summary>More of the kind, for the long run.</summary>
    public static IReadOnlyList<string> MoreTexts { get; } =
    [
        "' onfocus='zq(1)' autofocus='",
        "${7*7}<%= 7*7 %>#{7*7}@(7*7)zq",
        "=HYPERLINK(\"http://zq.example\")",
        "../../../../etc/passwd%00zq",
        "javascript:zq(1)",
        "zq\u2028line",
        "NaN",
        "1e309",
        string.Empty,
    ];

    /// <summary>What of it came through as markup; null where nothing did.</summary>
    public static string? FaultOf(string html) => Around(html, RawPattern());

    /// <summary>What of it turns the writing round or is no character, on pages that others read; null where nothing does.</summary>
    public static string? UnseenOf(string html) => Around(html, UnseenPattern());

    /// <summary>What of a table a program for spreadsheets would run; null where nothing.</summary>
    public static string? FormulaOf(string csv) => FormulaPattern().Match(csv) is { Success: true } formula ? formula.Value : null;

    private static string? Around(string html, Regex pattern) => pattern.Match(html) is { Success: true } raw ? html[Math.Max(0, raw.Index - 60)..Math.Min(html.Length, raw.Index + 60)] : null;

    // As markup, with the quotation mark that ends an attribute, or as an address that runs.
    [GeneratedRegex("<script>zq|<img src=x onerror=zq|\"'><|' onfocus='zq|href=\"javascript:|\u202E|\0")]
    private static partial Regex RawPattern();

    [GeneratedRegex("\u202E|\u2028|\0|&#x(?:0*|202E|2028);|&#(?:0+|8238|8232);", RegexOptions.IgnoreCase)]
    private static partial Regex UnseenPattern();

    [GeneratedRegex("(?:^|,|\n)\"?[=+@][^,\n]*zq")]
    private static partial Regex FormulaPattern();
}
