using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Phr.Crypto.Memory;

/// <summary>The one owner of secret bytes: pinned so that the collector leaves no copies, and wiped when disposed, or else when nobody can read them any more.</summary>
[DebuggerDisplay("{Length} secret bytes")]
internal sealed class SecretBytes : IDisposable
{
    // The net under a forgotten Dispose hangs on the array and not on its owner: a span that is still being read keeps it from running.
    private static readonly ConditionalWeakTable<byte[], Wiper> Wipers = [];

    private readonly byte[] _bytes;
    private readonly Wiper _wiper;
    private bool _disposed;

    public SecretBytes(int length)
    {
        _bytes = GC.AllocateArray<byte>(length, pinned: true);
        _wiper = new Wiper(_bytes);
        Wipers.Add(_bytes, _wiper);
    }

    public SecretBytes(ReadOnlySpan<byte> source)
        : this(source.Length) => source.CopyTo(_bytes);

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
        GC.SuppressFinalize(_wiper);
    }

    public override string ToString() => nameof(SecretBytes);

    private sealed class Wiper(byte[] bytes)
    {
        ~Wiper() => CryptographicOperations.ZeroMemory(bytes);
    }
}
