using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An actor on the ledger.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ActorRecord
{
    /// <summary>Its id, the address of its first ledger key.</summary>
    public required ActorId Id { get; init; }

    /// <summary>The address that signs for it now.</summary>
    public required ActorId LedgerAddress { get; init; }

    /// <summary>Its roles.</summary>
    public required ActorRoles Roles { get; init; }

    /// <summary>Where it stands; its key record may have ended all the same, see <see cref="IsActiveAt"/>.</summary>
    public required ActorStatus Status { get; init; }

    /// <summary>SHA-256 of its key record; zero for a founding agency that has not registered yet.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When its key record ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>The organisation it registered with; zero for none.</summary>
    public required ActorId Organisation { get; init; }

    /// <summary>Its operator, for an oracle; else zero.</summary>
    public required ActorId Operator { get; init; }

    /// <summary>When it registered.</summary>
    public required DateTimeOffset RegisteredAt { get; init; }

    /// <summary>Its licence, for a doctor; null for none.</summary>
    public LicenceRecord? Licence { get; init; }

    /// <summary>Its reputation, for an oracle, as last changed; else null. See <see cref="Phr.Consent.Reputation.At"/> for the present one.</summary>
    public Reputation? Reputation { get; init; }

    /// <summary>Its number in the registry of oracles, 1 to 1,023 in the order of admission and never given again; 0 for everybody else.</summary>
    public int OracleIndex { get; init; }

    /// <summary>For whom an oracle sits: its operator's organisation, or the operator where that has none, when it was admitted; else zero.</summary>
    public ActorId Unit { get; init; }

    /// <summary>How many emergencies of a doctor wait for their review.</summary>
    public int OpenReviews { get; init; }

    /// <summary>How many requests it abandoned, less those forgiven by the time of the last one.</summary>
    public int AbandonedRequests { get; init; }

    /// <summary>When it last abandoned one.</summary>
    public DateTimeOffset LastAbandonedAt { get; init; }

    /// <summary>For an agency that was admitted: from when on it may accept; null for everybody else, and once it accepted.</summary>
    public DateTimeOffset? AcceptableFrom { get; init; }

    /// <summary>For a patient: the end of the day (UTC) of its last command. Kept in days, so that a chain seldom has to store it; policies that let trustees decide when the patient is silent count from it.</summary>
    public DateTimeOffset LastSeen { get; init; }

    /// <summary>For an oracle: its bond in gwei, without what is being released.</summary>
    public ulong Bond { get; init; }

    /// <summary>For an oracle: what it asked back of its bond, in gwei.</summary>
    public ulong ReleasingBond { get; init; }

    /// <summary>When <see cref="ReleasingBond"/> may be taken out; null when it is zero.</summary>
    public DateTimeOffset? BondPayableAt { get; init; }

    /// <summary>For an oracle: how often its bond was taken.</summary>
    public int Slashes { get; init; }

    /// <summary>What the actor earned by showing that oracles cheated and has not taken out, in gwei.</summary>
    public ulong Credit { get; init; }

    /// <summary>The organisation that counts for it: the one it registered with; else, for a hospital, an agency, an insurer or an operator, itself; else zero.</summary>
    public ActorId EffectiveOrganisation =>
        !Organisation.IsZero ? Organisation
        : (Roles & (ActorRoles.Hospital | ActorRoles.Agency | ActorRoles.Insurer | ActorRoles.Operator)) != 0 ? Id
        : default;

    /// <summary>Whether it may act: active, and its key record has not ended.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Whether it may act then.</returns>
    public bool IsActiveAt(DateTimeOffset time) => Status == ActorStatus.Active && time < ValidUntil;

    /// <summary>Whether it may act as a doctor: active, in that role, with a licence that has not ended.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Whether it is a licensed doctor then.</returns>
    public bool IsLicensedAt(DateTimeOffset time) => IsActiveAt(time) && (Roles & ActorRoles.Doctor) != 0 && Licence is { } licence && time < licence.NotAfter;
}
