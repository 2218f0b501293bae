namespace Phr.Consent;

/// <summary>What came of a dispute that opening filed.</summary>
/// <param name="Proof">What was shown.</param>
/// <param name="State">Whether the ledger took it.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record FiledDispute(DeliveryProof Proof, DisputeState State)
{
    /// <summary>Why it failed: a refusal of the ledger, the way to it, or <see cref="TimeoutException"/>; null in the other states.</summary>
    public Exception? Failure { get; init; }
}
