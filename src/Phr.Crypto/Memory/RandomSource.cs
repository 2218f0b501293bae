using System.Security.Cryptography;

namespace Phr.Crypto.Memory;

/// <summary>Where randomness enters. Public overloads use <see cref="System"/>; tests pass a stream to reproduce vectors.</summary>
internal abstract class RandomSource
{
    public static RandomSource System { get; } = new SystemSource();

    public abstract void Fill(Span<byte> destination);

    private sealed class SystemSource : RandomSource
    {
        public override void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
