using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A bundle on the ledger.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record BundleRecord
{
    /// <summary>Its id.</summary>
    public required BundleId Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required ActorId Patient { get; init; }

    /// <summary>SHA-256 of its present header.</summary>
    public required Digest HeaderDigest { get; init; }

    /// <summary>The root over the documents in it.</summary>
    public required Digest DocumentsRoot { get; init; }

    /// <summary>How often it was revised.</summary>
    public required int Revision { get; init; }

    /// <summary>When it was registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>The highest epoch of any dealing that became active, on either track; 0 before the first. The next dealing has the one above it.</summary>
    public int LastEpoch { get; init; }

    /// <summary>The epoch of the active dealing; 0 before the first.</summary>
    public int Epoch { get; init; }

    /// <summary>The active dealing; null before the first.</summary>
    public Digest? ActiveDealing { get; init; }

    /// <summary>The epoch of the active dealing of the emergency track; 0 before the first.</summary>
    public int EmergencyEpoch { get; init; }

    /// <summary>The active dealing of the emergency track; null for none.</summary>
    public Digest? ActiveEmergencyDealing { get; init; }

    /// <summary>The dealing that is proposed and not active yet, of whichever track; null for none.</summary>
    public Digest? PendingDealing { get; init; }

    /// <summary>The plan of the trustees' reshare that is under way; null for none, and again when its dealing became active, was cancelled or ran out.</summary>
    public Digest? PendingReshare { get; init; }

    /// <summary>Whether a request gathered approvals and ended without a grant since the active dealing began: the shares should be refreshed.</summary>
    public bool RefreshDue { get; init; }

    /// <summary>Whether the patient closed it for good.</summary>
    public bool IsRevoked { get; init; }
}
