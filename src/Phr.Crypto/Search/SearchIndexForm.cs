namespace Phr.Crypto.Search;

/// <summary>The sizes that a search index may have: docs/search-format.md §3. There are eleven, so that a size says little.</summary>
internal static class SearchIndexForm
{
    public const string Tag = "phr/search-index/v1";
    public const int SaltLength = 32;
    public const int LabelLength = 16;
    public const int ValueLength = DocumentId.Length + TagLength;
    public const int TagLength = 16;
    public const int EntryLength = LabelLength + ValueLength;
    public const int MinEntries = 1 << 10;
    public const int MaxEntries = 1 << 20;

    /// <summary>The longest index: 2^20 entries.</summary>
    public const int MaxLength = Overhead + 5 + (MaxEntries * EntryLength);

    // An array of three, the tag as text, the salt.
    private const int Overhead = 1 + 1 + 19 + 2 + SaltLength;

    /// <summary>The size class of a number of entries: the next power of two, at least 2^10.</summary>
    public static int Capacity(int entries)
    {
        int capacity = MinEntries;
        while (capacity < entries)
        {
            capacity <<= 1;
        }

        return capacity;
    }

    public static bool IsCapacity(int entries) => entries is >= MinEntries and <= MaxEntries && int.IsPow2(entries);

    /// <summary>How many bytes an index of a size class has; the head of the entries' byte string has three bytes below 2^16 and five from there on.</summary>
    public static int Length(int capacity) => Overhead + (capacity * EntryLength <= ushort.MaxValue ? 3 : 5) + (capacity * EntryLength);

    public static bool IsLength(long length)
    {
        for (int capacity = MinEntries; capacity <= MaxEntries; capacity <<= 1)
        {
            if (Length(capacity) == length)
            {
                return true;
            }
        }

        return false;
    }
}
