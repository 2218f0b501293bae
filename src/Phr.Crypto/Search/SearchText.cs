using System.Text;

namespace Phr.Crypto.Search;

/// <summary>The normal form of text and its words: docs/search-format.md §2.</summary>
internal static class SearchText
{
    /// <summary>The most bytes that a word has in its normal form, as UTF-8.</summary>
    public const int MaxWordLength = 256;

    private const int IotaSubscript = 0x345;
    private const int Iota = 0x3B9;

    /// <summary>
    /// Equal for two texts exactly when they are an identifier caseless match (The Unicode Standard 15.0, §3.13, D147):
    /// NFD(toNFKC_Casefold(NFD(text))). Composing it would change no comparison.
    /// </summary>
    public static string Normalize(string text)
    {
        UnicodeTable table = UnicodeTable.Instance;
        var points = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            table.Fold(rune.Value, points);
        }

        Order(table, points);
        var normal = new StringBuilder(points.Count);
        Span<char> units = stackalloc char[2];
        foreach (int point in points)
        {
            int length = new Rune(point == IotaSubscript ? Iota : point).EncodeToUtf16(units);
            normal.Append(units[..length]);
        }

        return normal.ToString();
    }

    /// <summary>The runs of letters, marks and numbers in the normal form, in order, with repetitions and of any length.</summary>
    public static IEnumerable<string> Split(string text)
    {
        string normal = Normalize(text);
        int start = -1, at = 0;
        foreach (Rune rune in normal.EnumerateRunes())
        {
            bool isOfWord = UnicodeTable.Instance.IsOfWord(rune.Value);
            if (isOfWord && start < 0)
            {
                start = at;
            }
            else if (!isOfWord && start >= 0)
            {
                yield return normal[start..at];
                start = -1;
            }

            at += rune.Utf16SequenceLength;
        }

        if (start >= 0)
        {
            yield return normal[start..];
        }
    }

    // The canonical ordering algorithm: marks between two starters, stably by class.
    private static void Order(UnicodeTable table, List<int> points)
    {
        for (int i = 0; i < points.Count; i++)
        {
            if (table.CombiningClass(points[i]) == 0)
            {
                continue;
            }

            int start = i;
            while (i < points.Count && table.CombiningClass(points[i]) != 0)
            {
                i++;
            }

            if (i - start > 1)
            {
                int[] marks = [.. points.GetRange(start, i - start).OrderBy(table.CombiningClass)];
                for (int j = 0; j < marks.Length; j++)
                {
                    points[start + j] = marks[j];
                }
            }
        }
    }
}
