namespace Phr.Consent.Ethereum;

/// <summary>A node's address, and until when it is passed over.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class RpcEndpoint(Uri address, TimeProvider clock)
{
    private long _badUntil;

    public Uri Address { get; } = address;

    /// <summary>Host and port: what a message may show.</summary>
    public string Name => Address.Authority[(Address.Authority.LastIndexOf('@') + 1)..];

    /// <summary>When it is asked again, in ticks of the clock's UTC; in the past for one in good standing.</summary>
    public long BadUntil => Volatile.Read(ref _badUntil);

    public bool IsGood => BadUntil <= clock.GetUtcNow().UtcTicks;

    public void Failed(TimeSpan coolDown) => Volatile.Write(ref _badUntil, (clock.GetUtcNow() + coolDown).UtcTicks);

    public void Answered() => Volatile.Write(ref _badUntil, 0);
}
