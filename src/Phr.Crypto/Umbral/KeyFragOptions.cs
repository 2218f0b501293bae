namespace Phr.Crypto;

/// <summary>How many key fragments to make, how many of them open, and what their signatures tell the proxies.</summary>
public sealed class KeyFragOptions
{
    /// <summary>The most fragments that one call makes: 255.</summary>
    public const int MaxShares = 255;

    /// <summary>How many proxies must re-encrypt before the receiver can open: 1 to <see cref="Shares"/>. No default.</summary>
    /// <remarks>The number is in none of the fragments; send it along. A receiver who joins with this many proxies learns the delegating key.</remarks>
    public required int Threshold { get; init; }

    /// <summary>How many fragments to make, one for each proxy: <see cref="Threshold"/> to <see cref="MaxShares"/>. No default.</summary>
    public required int Shares { get; init; }

    /// <summary>Whether a proxy's signature covers the delegating key, so that the proxy knows and checks whose data it re-encrypts. Default: true.</summary>
    public bool SignDelegatingKey { get; init; } = true;

    /// <summary>Whether a proxy's signature covers the receiving key, so that the proxy knows and checks for whom it re-encrypts. Default: true.</summary>
    public bool SignReceivingKey { get; init; } = true;

    /// <summary>Whether one signature is the proxy's and the receiver's: where it covers both keys both sign the same message, and a proxy has one check less.</summary>
    internal bool SignOnce { get; init; }

    internal void Validate()
    {
        if (SignOnce && !(SignDelegatingKey && SignReceivingKey))
        {
            throw new ArgumentException("One signature serves both only where it covers both keys.", nameof(SignOnce));
        }

        if (Threshold < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Threshold), Threshold, "At least one proxy must re-encrypt.");
        }

        if (Shares < Threshold || Shares > MaxShares)
        {
            throw new ArgumentOutOfRangeException(nameof(Shares), Shares, $"The shares must be between the threshold ({Threshold}) and {MaxShares}.");
        }
    }
}
