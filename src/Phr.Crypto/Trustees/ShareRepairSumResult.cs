namespace Phr.Crypto;

/// <summary>A helper's sum, and the envelope that carries it to the trustee whose shares are repaired.</summary>
/// <param name="Sum">The signed sum.</param>
/// <param name="Envelope">The sealed bytes.</param>
public sealed record ShareRepairSumResult(ShareRepairSum Sum, ShareEnvelope Envelope);
