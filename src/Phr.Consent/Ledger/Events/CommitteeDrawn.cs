using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The committee was drawn.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CommitteeDrawn : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The round: 0, or 1 after a redraw.</summary>
    public required int Round { get; init; }

    /// <summary>The randomness of the seed block, with which anyone computes the draw again.</summary>
    public required Digest Seed { get; init; }

    /// <summary>The oracles in the order of the draw; the first is the leader.</summary>
    public required IReadOnlyList<CommitteeMember> Members { get; init => field = ValueList.Of(value); }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.CommitteeDrawn;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Round = map.Int32("round", Round, LedgerLimits.RoundMax),
        Seed = map.Digest("seed", Seed),
        Members = map.List("members", Members, LedgerLimits.Committee),
    };
}
