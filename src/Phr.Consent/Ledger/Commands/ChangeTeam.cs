using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Proposes a team's next charter. By a member; it holds when as many members as the present threshold have confirmed it, the proposer included.</summary>
/// <remarks>A later proposal takes the place of an earlier one. Immutable and thread safe.</remarks>
public sealed record ChangeTeam : LedgerCommand
{
    /// <summary>The team.</summary>
    public required ActorId Team { get; init; }

    /// <summary>The charter that the ledger has now.</summary>
    public required Digest PreviousCharterDigest { get; init; }

    /// <summary>What the next charter says.</summary>
    public required TeamTerms Terms { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ChangeTeam;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        PreviousCharterDigest = map.Digest("previousCharterDigest", PreviousCharterDigest),
        Terms = map.Nested("terms", Terms),
    };
}
