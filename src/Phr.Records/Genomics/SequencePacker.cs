namespace Phr.Records.Genomics;

/// <summary>Puts letters into two bits each as they come.</summary>
internal sealed class SequencePacker
{
    private readonly List<int> _starts = [];
    private readonly List<(int Length, char Letter)> _runs = [];
    private byte[] _bits = new byte[64];

    public int Length { get; private set; }

    public bool TryAdd(char letter)
    {
        letter = letter is >= 'a' and <= 'z' ? (char)(letter - 32) : letter;
        int code = letter switch { 'A' => 0, 'C' => 1, 'G' => 2, 'T' => 3, _ => -1 };
        if (code < 0)
        {
            if (!"NURYSWKMBDHV".Contains(letter, StringComparison.Ordinal))
            {
                return false;
            }

            if (_runs.Count > 0 && _runs[^1].Letter == letter && _starts[^1] + _runs[^1].Length == Length)
            {
                _runs[^1] = (_runs[^1].Length + 1, letter);
            }
            else
            {
                _starts.Add(Length);
                _runs.Add((1, letter));
            }

            code = 0;
        }

        if (Length >> 2 == _bits.Length)
        {
            Array.Resize(ref _bits, 2 * _bits.Length);
        }

        _bits[Length >> 2] |= (byte)(code << (2 * (Length & 3)));
        Length++;
        return true;
    }

    public PackedSequence ToSequence() => new(_bits[..((Length + 3) / 4)], Length, [.. _starts], [.. _runs]);
}
