using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What opening a granted request gave.</summary>
/// <param name="Files">The documents opened.</param>
/// <param name="Missing">What could not be opened of what anyone approved, for a person; empty on success.</param>
/// <param name="Faults">Every bad contribution, pinned on the oracle or trustee who made it.</param>
/// <param name="Served">The seats whose deliveries were good, from 1.</param>
public sealed record OpenResult(
    IReadOnlyList<OpenedFile> Files, string Missing, IReadOnlyList<ContributionFault> Faults, IReadOnlyList<int> Served)
{
    /// <summary>Whether every approved document was opened.</summary>
    public bool Succeeded => Missing.Length == 0;

    /// <summary>The deliveries that are provably false, with their evidence: what <see cref="DoctorClient.DisputeAsync"/> shows the ledger.</summary>
    public IReadOnlyList<DeliveryProof> Proofs { get; init; } = [];

    /// <summary>What came of showing them to the ledger, in the order of <see cref="Proofs"/>; empty where there are none, or the client was told not to (<see cref="DoctorClient.DisputesWhenOpening"/>).</summary>
    public IReadOnlyList<FiledDispute> Disputes { get; init; } = [];

    internal static OpenResult Nothing(string missing) => new([], missing, [], []);
}
