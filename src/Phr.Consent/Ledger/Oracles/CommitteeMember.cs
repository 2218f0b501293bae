using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>An oracle's seat in a committee.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CommitteeMember : IMapped<CommitteeMember>
{
    /// <summary>The seat, counted from 1 in the order of the draw. Seat 1 is the leader, who assembles the deliveries.</summary>
    public required int Index { get; init; }

    /// <summary>The oracle's number in the registry.</summary>
    public required int Number { get; init; }

    /// <summary>Who it is.</summary>
    public required ActorId Oracle { get; init; }

    /// <summary>Who runs it.</summary>
    public required ActorId Operator { get; init; }

    /// <summary>The key record that it had when the committee was drawn: everyone seals to and checks with these keys, also when the oracle renews them meanwhile.</summary>
    public required Digest KeyRecordDigest { get; init; }

    /// <summary>Whether it leads.</summary>
    public bool IsLeader => Index == 1;

    string IMapped<CommitteeMember>.TypeName => nameof(CommitteeMember);

    CommitteeMember IMapped<CommitteeMember>.Map(FieldMap map) => this with
    {
        Index = map.Int32("index", Index, LedgerLimits.Committee),
        Number = map.Int32("number", Number, LedgerLimits.Oracles),
        Oracle = map.Actor("oracle", Oracle),
        Operator = map.Actor("operator", Operator),
        KeyRecordDigest = map.Digest("keyRecordDigest", KeyRecordDigest),
    };
}
