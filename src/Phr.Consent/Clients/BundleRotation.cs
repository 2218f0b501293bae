using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What <see cref="PatientClient.RotateAsync"/> did, and what must follow before anyone can ask for the bundle's documents again.</summary>
/// <remarks>
/// What must follow: each of <see cref="AwaitedTrustees"/> offers an envelope key for <see cref="NextEpoch"/>
/// (<see cref="TrusteeClient.OfferEnvelopeKeyAsync"/>); the patient shares the keys anew (<see cref="PatientClient.RefreshAsync"/>); the trustees
/// acknowledge; the patient makes the dealing active. Immutable and thread safe.
/// </remarks>
public sealed class BundleRotation
{
    internal BundleRotation()
    {
    }

    /// <summary>The header that was replaced. Grants issued over it are served from it as before.</summary>
    public required BundleHeader Previous { get; init; }

    /// <summary>The header that the ledger has now.</summary>
    public required BundleHeader Header { get; init; }

    /// <summary>The documents that were sealed again, in the order in which they were named.</summary>
    public required IReadOnlyList<RotatedDocument> Documents { get; init; }

    /// <summary>The epoch of the dealing that must follow.</summary>
    public required uint NextEpoch { get; init; }

    /// <summary>Trustees of the active dealing who have not offered an envelope key for <see cref="NextEpoch"/> yet; none when there is no active dealing.</summary>
    public required IReadOnlyList<ActorId> AwaitedTrustees { get; init; }
}
