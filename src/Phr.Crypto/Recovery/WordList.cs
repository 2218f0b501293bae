using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;

namespace Phr.Crypto.Recovery;

/// <summary>The 1,024 words of SLIP-0039. Both directions read every entry, so that time and cache do not show which word it was.</summary>
internal static class WordList
{
    public const int Count = 1024;
    public const int MinLength = 4;
    public const int MaxLength = 8;

    private static readonly string[] Words = Load();

    // A word's letters from the high byte down, zeros after them.
    private static readonly ulong[] Packed = [.. Words.Select(w => Pack(w))];

    /// <summary>The word of an index, for display: a look-up by index.</summary>
    public static string TextVarTime(int index) => Words[index];

    /// <summary>Writes a word's letters.</summary>
    /// <returns>How many letters.</returns>
    public static int Write(int index, Span<char> destination)
    {
        unchecked
        {
            ulong word = 0;
            for (int i = 0; i < Packed.Length; i++)
            {
                word |= Packed[i] & EqualMask((ulong)i, (ulong)index);
            }

            int length = 0;
            for (int shift = 56; shift >= 0 && (byte)(word >> shift) != 0; shift -= 8)
            {
                destination[length++] = (char)(byte)(word >> shift);
            }

            return length;
        }
    }

    /// <summary>Finds a word by all of its letters, or by its first four or more; upper and lower case are the same.</summary>
    /// <returns>The index, or -1.</returns>
    public static int Find(ReadOnlySpan<char> text)
    {
        if (text.Length is < MinLength or > MaxLength || text.ContainsAnyExcept(Letters))
        {
            return -1;
        }

        unchecked
        {
            var wanted = Vector256.Create(Pack(text));
            var mask = Vector256.Create(ulong.MaxValue << (64 - (8 * text.Length)));
            var places = Vector256.Create(0UL, 1, 2, 3);
            Vector256<ulong> index = default, found = default;
            for (int i = 0; i < Packed.Length; i += Vector256<ulong>.Count)
            {
                Vector256<ulong> equal = Vector256.Equals(Vector256.LoadUnsafe(ref Packed[i]) & mask, wanted);
                index |= places & equal;
                found |= equal;
                places += Vector256.Create(4UL);
            }

            // At most one entry is equal, so that sums take it out.
            return (int)(Vector256.Sum(index) | ~Vector256.Sum(found));
        }
    }

    /// <summary>The words that lie nearest to a text, by how many letters are missing, added, changed or swapped. For a word that is none of the list.</summary>
    public static IReadOnlyList<string> NearestVarTime(ReadOnlySpan<char> text, int most)
    {
        if (text.Length is 0 or > 2 * MaxLength)
        {
            return [];
        }

        Span<char> lower = stackalloc char[text.Length];
        Span<uint> places = stackalloc uint[26];
        places.Clear();
        for (int i = 0; i < text.Length; i++)
        {
            lower[i] = char.ToLowerInvariant(text[i]);
            if (char.IsAsciiLetterLower(lower[i]))
            {
                places[lower[i] - 'a'] |= 1u << i;
            }
        }

        uint letters = LetterSet(lower);
        int limit = Math.Max(2, text.Length / 2), nearest = limit;
        var near = new List<(int Distance, string Word)>();
        for (int i = 0; i < Words.Length; i++)
        {
            // A change of one letter brings one letter at most that was not there, and takes one at most away.
            int least = Math.Max(BitOperations.PopCount(letters & ~LetterSets[i]), BitOperations.PopCount(LetterSets[i] & ~letters));
            if (least > Math.Min(limit, nearest + 1))
            {
                continue;
            }

            int distance = Distance(places, lower.Length, Words[i]);
            if (distance <= limit)
            {
                near.Add((distance, Words[i]));
                nearest = Math.Min(nearest, distance);
            }
        }

        int best = near.Count == 0 ? 0 : near.Min(n => n.Distance);
        return [.. near.Where(n => n.Distance <= best + 1).OrderBy(n => n.Distance).ThenBy(n => n.Word, StringComparer.Ordinal).Take(most).Select(n => n.Word)];
    }

    private static readonly System.Buffers.SearchValues<char> Letters =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    private static readonly uint[] LetterSets = [.. Words.Select(w => LetterSet(w))];

    private static uint LetterSet(ReadOnlySpan<char> letters)
    {
        uint set = 0;
        foreach (char letter in letters)
        {
            set |= letter is >= 'a' and <= 'z' ? 1u << (letter - 'a') : 1u << 26;
        }

        return set;
    }

    private static ulong EqualMask(ulong a, ulong b)
    {
        unchecked
        {
            ulong difference = a ^ b;
            return ((difference | (0 - difference)) >> 63) - 1;
        }
    }

    private static ulong Pack(ReadOnlySpan<char> letters)
    {
        Span<byte> bytes = stackalloc byte[8];
        bytes.Clear();
        for (int i = 0; i < letters.Length; i++)
        {
            bytes[i] = (byte)(letters[i] | 0x20);
        }

        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        bytes.Clear();
        return packed;
    }

    // Optimal string alignment: insert, delete, change, or swap two neighbours, each at a cost of one. A column of the table of costs is kept as
    // two words of bits, where it rises and where it falls from one row to the next (Hyyrö 2003). Bit i of a letter's place is set when the
    // text has that letter at i.
    private static int Distance(ReadOnlySpan<uint> places, int length, string word)
    {
        unchecked
        {
            uint rises = uint.MaxValue, falls = 0, diagonal = 0, previous = 0, last = 1u << (length - 1);
            int distance = length;
            foreach (char letter in word)
            {
                uint equal = places[letter - 'a'];
                uint swapped = ((~diagonal & equal) << 1) & previous;
                diagonal = (((equal & rises) + rises) ^ rises) | equal | falls | swapped;
                uint up = falls | ~(diagonal | rises), down = diagonal & rises;
                distance += ((up & last) != 0 ? 1 : 0) - ((down & last) != 0 ? 1 : 0);
                up = (up << 1) | 1;
                rises = (down << 1) | ~(diagonal | up);
                falls = up & diagonal;
                previous = equal;
            }

            return distance;
        }
    }

    private static string[] Load()
    {
        using Stream stream = typeof(WordList).Assembly.GetManifestResourceStream("Phr.Crypto.Recovery.slip39-words.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var words = new string[Count];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = reader.ReadLine()!;
        }

        return words;
    }
}
