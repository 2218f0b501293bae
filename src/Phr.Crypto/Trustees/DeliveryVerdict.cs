namespace Phr.Crypto;

/// <summary>What evidence against a delivery comes to.</summary>
public enum DeliveryVerdict
{
    /// <summary>The evidence is not well formed, or not about this delivery: it shows nothing.</summary>
    NoEvidence = 0,

    /// <summary>What was to be shown broken holds.</summary>
    Holds,

    /// <summary>The delivery is false, and its oracle signed it.</summary>
    False,
}
