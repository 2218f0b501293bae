using System.Globalization;
using System.Text;

namespace Phr.Shared;

/// <summary>The two formatting characters that words are written with: Indian scripts and Persian need the joiner (U+200D) and the non-joiner (U+200C), and emoji are put together by the first. Nobody sees them, so each must have something before it that it can join.</summary>
internal static class Joiners
{
    /// <summary>Whether it is one of the two.</summary>
    public static bool Is(Rune rune) => rune.Value is 0x200C or 0x200D;

    /// <summary>Whether each of a text's joiners has something to join: so no text looks empty, or like another, by joiners alone.</summary>
    public static bool AreSound(string text)
    {
        Rune before = default;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (Is(rune) && !MayFollow(before))
            {
                return false;
            }

            before = rune;
        }

        return true;
    }

    /// <summary>Whether a joiner may stand after this.</summary>
    public static bool MayFollow(Rune before) => Rune.IsLetterOrDigit(before) || Rune.GetUnicodeCategory(before) is
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark or UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol;
}
