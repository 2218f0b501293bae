using System.Globalization;
using System.Text;
using Phr.Shared;

namespace Phr.Samples.Portal;

/// <summary>
/// What people may write. Characters that cannot be seen are refused where they would make a name or a sentence look like another one: control characters, and those that turn the direction of writing round. Joiners, which
/// Indian scripts, Persian and emoji need, are taken where there is something to join.
/// </summary>
public static class PlainText
{
    /// <summary>What is said of text with other characters.</summary>
    public const string Refusal = "has characters that cannot be seen. Write it anew, without copying it from elsewhere";

    /// <summary>Whether it is text on one line.</summary>
    public static bool IsLine(string? text) => text is null || Holds(text, '\0');

    /// <summary>Text of several lines, as it is kept: without space around it, and with the line ends of browsers made one.</summary>
    /// <exception cref="DeskException">It is longer than is allowed, or has characters that cannot be seen.</exception>
    public static string Lines(string what, string? text, int maxLength)
    {
        string plain = (text ?? string.Empty).ReplaceLineEndings("\n").Replace('\t', ' ').Trim();
        return plain.Length > maxLength ? throw new DeskException($"{what} has at most {maxLength} characters, and this has {plain.Length}. Shorten it.")
            : Holds(plain, '\n') ? plain
            : throw new DeskException($"{what} {Refusal}.");
    }

    /// <summary>Whether it is text of several lines as a request takes it: without emoji, and what else lies beyond the first plane of characters.</summary>
    public static bool IsBasic(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Holds(text, '\n') && !text.Any(char.IsSurrogate);
    }

    /// <summary>A name as FHIR takes it: without the tags of flags, and without joiners that join nothing; null where nothing is left.</summary>
    public static string? FhirName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var plain = new StringBuilder(name.Length);
        Rune before = default;
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.Format || (Joiners.Is(rune) && Joiners.MayFollow(before)))
            {
                plain.Append(rune);
                before = rune;
            }
        }

        return string.IsNullOrWhiteSpace(plain.ToString()) ? null : plain.ToString();
    }

    private static bool Holds(string text, char lineEnd)
    {
        if (!Joiners.AreSound(text))
        {
            return false;
        }

        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isSeen = Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.Control => rune.Value == lineEnd && lineEnd != '\0',
                UnicodeCategory.Format => Joiners.Is(rune) || rune.Value is >= 0xE0020 and <= 0xE007F,
                UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate => false,
                _ => rune.Value != 0xFFFD && (rune.Value & 0xFFFE) != 0xFFFE,
            };
            if (!isSeen)
            {
                return false;
            }
        }

        return true;
    }
}
