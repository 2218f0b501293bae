using System.Diagnostics;
using System.Security.Cryptography;

namespace Phr.Crypto.Memory;

/// <summary>The one owner of secret bytes: pinned so that the collector leaves no copies, and wiped when disposed.</summary>
[DebuggerDisplay("{Length} secret bytes")]
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;
    private bool _disposed;

    public SecretBytes(int length) => _bytes = GC.AllocateArray<byte>(length, pinned: true);

    public SecretBytes(ReadOnlySpan<byte> source)
        : this(source.Length) => source.CopyTo(_bytes);

    ~SecretBytes() => CryptographicOperations.ZeroMemory(_bytes);

    public int Length => _bytes.Length;

    /// <summary>The bytes themselves; the name makes each use of a secret visible in review.</summary>
    public Span<byte> Reveal()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(SecretBytes));
        return _bytes;
    }

    public bool FixedTimeEquals(SecretBytes other) => CryptographicOperations.FixedTimeEquals(Reveal(), other.Reveal());

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_bytes);
        _disposed = true;
        GC.SuppressFinalize(this);
    }

    public override string ToString() => nameof(SecretBytes);
}
