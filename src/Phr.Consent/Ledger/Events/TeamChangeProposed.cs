using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A member proposed a team's next charter, and confirmed it by that.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamChangeProposed : LedgerEvent
{
    /// <summary>The team.</summary>
    public required ActorId Team { get; init; }

    /// <summary>The member.</summary>
    public required ActorId Member { get; init; }

    /// <summary>The proposed terms.</summary>
    public required TeamTerms Terms { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.TeamChangeProposed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        Member = map.Actor("member", Member),
        Terms = map.Nested("terms", Terms),
    };
}
