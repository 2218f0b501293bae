using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A team was registered, and waits for admission.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamRegistered : LedgerEvent
{
    /// <summary>The team.</summary>
    public required ActorId Team { get; init; }

    /// <summary>The member who registered it.</summary>
    public required ActorId Member { get; init; }

    /// <summary>Its terms.</summary>
    public required TeamTerms Terms { get; init; }

    /// <summary>The hospital that it belongs to; zero for none.</summary>
    public required ActorId Organisation { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.TeamRegistered;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        Member = map.Actor("member", Member),
        Terms = map.Nested("terms", Terms),
        Organisation = map.Actor("organisation", Organisation),
    };
}
