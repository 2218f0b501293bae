using System.Globalization;
using System.Text;

namespace Phr.Samples.Portal;

/// <summary>
/// What people may write. Characters that cannot be seen are refused where they would make a name or a sentence look like another one: control characters, and those that turn the direction of writing round. Joiners, which
/// Indian scripts and emoji need, are taken.
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

    private static bool Holds(string text, char lineEnd)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool isSeen = Rune.GetUnicodeCategory(rune) switch
            {
                UnicodeCategory.Control => rune.Value == lineEnd && lineEnd != '\0',
                UnicodeCategory.Format => rune.Value is 0x200C or 0x200D or (>= 0xE0020 and <= 0xE007F),
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
