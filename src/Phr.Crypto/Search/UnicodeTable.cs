using System.IO.Compression;

namespace Phr.Crypto.Search;

/// <summary>
/// What search must know of characters, from one pinned version of Unicode, so that index and query agree on every platform and runtime.
/// The runtime's own <see cref="string.Normalize()"/> does nothing where globalization is invariant. Made by eng/unicode-table.py.
/// </summary>
internal sealed class UnicodeTable
{
    private const int LeadBase = 0x1100;
    private const int VowelBase = 0x1161;
    private const int TrailBase = 0x11A7;
    private const int SyllableBase = 0xAC00;
    private const int SyllableCount = 11172;
    private const int VowelsAndTrails = 588;
    private const int Trails = 28;

    private static readonly Lazy<UnicodeTable> _instance = new(Load);

    private readonly Dictionary<int, int[]> _foldings;
    private readonly Dictionary<int, int> _combiningClasses;
    private readonly int[] _wordStarts;
    private readonly int[] _wordCounts;

    private UnicodeTable(ref Numbers numbers)
    {
        int count = numbers.Next();
        _foldings = new Dictionary<int, int[]>(count);
        for (int i = 0, point = 0; i < count; i++)
        {
            point += numbers.Next();
            int[] folding = new int[numbers.Next()];
            for (int j = 0; j < folding.Length; j++)
            {
                folding[j] = numbers.Next();
            }

            _foldings.Add(point, folding);
        }

        count = numbers.Next();
        _combiningClasses = new Dictionary<int, int>(count);
        for (int i = 0, point = 0; i < count; i++)
        {
            point += numbers.Next();
            _combiningClasses.Add(point, numbers.Next());
        }

        count = numbers.Next();
        (_wordStarts, _wordCounts) = (new int[count], new int[count]);
        for (int i = 0, point = 0; i < count; i++)
        {
            point += numbers.Next();
            (_wordStarts[i], _wordCounts[i]) = (point, numbers.Next());
        }
    }

    public static UnicodeTable Instance => _instance.Value;

    /// <summary>The canonical combining class; 0 for starters.</summary>
    public int CombiningClass(int point) => point < 0x300 ? 0 : _combiningClasses.GetValueOrDefault(point);

    /// <summary>Whether it is a letter, a mark or a number.</summary>
    public bool IsOfWord(int point)
    {
        int index = Array.BinarySearch(_wordStarts, point);
        index = index >= 0 ? index : ~index - 1;
        return index >= 0 && point < _wordStarts[index] + _wordCounts[index];
    }

    /// <summary>Appends what a character folds to, decomposed: NFD(NFKC_Casefold(c)), but U+0345 as itself.</summary>
    public void Fold(int point, List<int> output)
    {
        if (point is >= SyllableBase and < SyllableBase + SyllableCount)
        {
            int syllable = point - SyllableBase;
            output.Add(LeadBase + (syllable / VowelsAndTrails));
            output.Add(VowelBase + (syllable % VowelsAndTrails / Trails));
            if (syllable % Trails != 0)
            {
                output.Add(TrailBase + (syllable % Trails));
            }
        }
        else if (_foldings.TryGetValue(point, out int[]? folding))
        {
            output.AddRange(folding);
        }
        else
        {
            output.Add(point);
        }
    }

    private static UnicodeTable Load()
    {
        using Stream resource = typeof(UnicodeTable).Assembly.GetManifestResourceStream("unicode-15.0.0.bin")
            ?? throw new InvalidOperationException("The assembly was built without its Unicode table.");
        using var inflate = new DeflateStream(resource, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        inflate.CopyTo(bytes);
        var numbers = new Numbers(bytes.ToArray());
        return new UnicodeTable(ref numbers);
    }

    /// <summary>Numbers in LEB128.</summary>
    private ref struct Numbers(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _rest = bytes;

        public int Next()
        {
            int value = 0, shift = 0, read = 0;
            while (true)
            {
                byte next = _rest[read++];
                value |= (next & 0x7f) << shift;
                if (next < 0x80)
                {
                    _rest = _rest[read..];
                    return value;
                }

                shift += 7;
            }
        }
    }
}
