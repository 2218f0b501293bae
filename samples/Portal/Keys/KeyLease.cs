namespace Phr.Samples.Portal;

/// <summary>Keys that stay usable until this is disposed, whatever happens to the session meanwhile.</summary>
public sealed class KeyLease : IDisposable
{
    private UnlockedKeys? _keys;

    internal KeyLease(UnlockedKeys keys) => _keys = keys;

    /// <summary>The keys.</summary>
    public UnlockedKeys Keys => _keys ?? throw new ObjectDisposedException(nameof(KeyLease));

    public void Dispose() => Interlocked.Exchange(ref _keys, null)?.Release();
}
