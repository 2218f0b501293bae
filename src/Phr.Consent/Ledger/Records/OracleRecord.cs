using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle in the registry.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record OracleRecord
{
    /// <summary>Its id.</summary>
    public required ActorId Id { get; init; }

    /// <summary>Its number in the registry, 1 to 1,023 in the order of admission.</summary>
    public required int Index { get; init; }

    /// <summary>For whom it sits: its operator's organisation, or the operator. Of one unit at most one oracle sits in a committee.</summary>
    public required ActorId Unit { get; init; }

    /// <summary>Its bond in gwei, without what is being released.</summary>
    public required ulong Bond { get; init; }

    /// <summary>Who runs it.</summary>
    public required ActorId Operator { get; init; }

    /// <summary>The organisation it belongs to; zero for none.</summary>
    public required ActorId Organisation { get; init; }

    /// <summary>SHA-256 of its key record.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>When its key record ends.</summary>
    public required DateTimeOffset ValidUntil { get; init; }

    /// <summary>Whether a snapshot taken at the head's time would list it: it is active, its bond reaches the ledger's least, and its key record lasts beyond the present hour. Whether its operator is active does not count: who suspends an operator suspends its oracles.</summary>
    public required bool IsEligible { get; init; }

    /// <summary>Its reputation at the head's time.</summary>
    public required Reputation Reputation { get; init; }
}
