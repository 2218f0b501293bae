using System.Text;

namespace Phr.Records;

/// <summary>A genetic sequence with two bits a letter; runs of N and of other letters of ambiguity are kept beside, so that every letter comes back.</summary>
/// <remarks>Letters are capitals: lower case, which marks repeats, is not kept. Its text form is its length. Immutable; safe for use by several threads.</remarks>
public sealed class PackedSequence
{
    private const string Letters = "ACGT";

    private readonly byte[] _bits;
    private readonly int[] _runStarts;
    private readonly (int Length, char Letter)[] _runs;

    internal PackedSequence(byte[] bits, int length, int[] runStarts, (int Length, char Letter)[] runs) => (_bits, Length, _runStarts, _runs) = (bits, length, runStarts, runs);

    /// <summary>How many letters there are.</summary>
    public int Length { get; }

    /// <summary>How many bytes the packed letters take, runs apart.</summary>
    public int PackedLength => _bits.Length;

    /// <summary>How many runs of letters other than A, C, G and T there are.</summary>
    public int RunCount => _runs.Length;

    /// <summary>One letter.</summary>
    /// <param name="index">Which, from 0.</param>
    /// <returns>A, C, G, T, N, or another letter of IUPAC's code.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such letter.</exception>
    public char this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
            int run = Array.BinarySearch(_runStarts, index);
            run = run < 0 ? ~run - 1 : run;
            return run >= 0 && index < _runStarts[run] + _runs[run].Length ? _runs[run].Letter : Letters[Code(index)];
        }
    }

    /// <summary>Packs letters.</summary>
    /// <param name="letters">Letters of IUPAC's code for nucleotides, in either case.</param>
    /// <returns>The sequence.</returns>
    /// <exception cref="ArgumentException">A character is none of the code.</exception>
    public static PackedSequence Pack(ReadOnlySpan<char> letters)
    {
        var packer = new Genomics.SequencePacker();
        foreach (char letter in letters)
        {
            if (!packer.TryAdd(letter))
            {
                throw new ArgumentException("A sequence has the letters of IUPAC's code for nucleotides.", nameof(letters));
            }
        }

        return packer.ToSequence();
    }

    /// <summary>Letters as text.</summary>
    /// <param name="range">Which: <c>0..10</c> are the first ten.</param>
    /// <returns>The letters.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range does not lie in the sequence.</exception>
    public string GetLetters(Range range)
    {
        (int offset, int length) = range.GetOffsetAndLength(Length);
        var text = new StringBuilder(length);
        int run = Array.BinarySearch(_runStarts, offset);
        run = Math.Max(0, run < 0 ? ~run - 1 : run);
        for (int i = offset; i < offset + length; i++)
        {
            while (run < _runs.Length && i >= _runStarts[run] + _runs[run].Length)
            {
                run++;
            }

            text.Append(run < _runs.Length && i >= _runStarts[run] ? _runs[run].Letter : Letters[Code(i)]);
        }

        return text.ToString();
    }

    /// <summary>The length.</summary>
    /// <returns>For example <c>1200 letters</c>.</returns>
    public override string ToString() => $"{Length} letters";

    // Two bits; 0 where a run has another letter.
    internal int Code(int index) => (_bits[index >> 2] >> (2 * (index & 3))) & 3;

    internal IEnumerable<(int Begin, int End)> Known()
    {
        int begin = 0;
        for (int i = 0; i < _runs.Length; i++)
        {
            if (_runStarts[i] > begin)
            {
                yield return (begin, _runStarts[i]);
            }

            begin = _runStarts[i] + _runs[i].Length;
        }

        if (begin < Length)
        {
            yield return (begin, Length);
        }
    }
}
