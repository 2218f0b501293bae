using Phr.Crypto.Recovery;

namespace Phr.Crypto;

/// <summary>How lists of recovery words are made and how much work is done for those that are read.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class RecoveryOptions
{
    private readonly int _iterationExponent = 1;
    private readonly int _maxIterationExponent = 10;

    /// <summary>
    /// For new lists: how much work a try of a passphrase costs, 0..15; 1 by default. A try takes 10,000 · 2^e rounds of PBKDF2: 1 is about a
    /// hundredth of a second, 7 about one second. Without a passphrase the work protects nothing.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not 0..15.</exception>
    public int IterationExponent
    {
        get => _iterationExponent;
        init => _iterationExponent = Checked(value);
    }

    /// <summary>
    /// For new lists: whether the secret can later be split again, in another shape, so that old and new lists decrypt alike under each
    /// passphrase; true by default. Lists that cannot be extended are for programs that know SLIP-0039 only as it was before 2024.
    /// </summary>
    public bool Extendable { get; init; } = true;

    /// <summary>
    /// For lists that are read: the highest exponent that is worked on, 0..15; 10 by default, some seconds. Lists that ask for more are refused, so that
    /// nobody's words keep the program busy for minutes; 15 takes all there is.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not 0..15.</exception>
    public int MaxIterationExponent
    {
        get => _maxIterationExponent;
        init => _maxIterationExponent = Checked(value);
    }

    private static int Checked(int exponent)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(exponent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, MasterCipher.MaxExponent);
        return exponent;
    }
}
