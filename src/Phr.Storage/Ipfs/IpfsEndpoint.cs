namespace Phr.Storage.Ipfs;

/// <summary>A node or a gateway, and until when it is asked last. Thread safe.</summary>
internal sealed class IpfsEndpoint(Uri address, bool isGateway, TimeProvider clock)
{
    private long _badUntil;

    /// <summary>As the options have it.</summary>
    public Uri Address { get; } = address;

    public bool IsGateway { get; } = isGateway;

    /// <summary>What paths are put behind: the address with a slash at its end.</summary>
    public string Base { get; } = address.AbsoluteUri.EndsWith('/') ? address.AbsoluteUri : address.AbsoluteUri + "/";

    public bool IsGood => clock.GetUtcNow().UtcTicks >= Volatile.Read(ref _badUntil);

    public void Avoid(TimeSpan time) => Volatile.Write(ref _badUntil, (clock.GetUtcNow() + time).UtcTicks);
}
