using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Registers a team that its members founded. By one of them; the team then waits to be admitted by an agency, or by the hospital that it names.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RegisterTeam : LedgerCommand
{
    /// <summary>The team: the id that its founding plan gives.</summary>
    public required ActorId Team { get; init; }

    /// <summary>What its founding charter says.</summary>
    public required TeamTerms Terms { get; init; }

    /// <summary>The hospital that it belongs to; zero for none.</summary>
    public ActorId Organisation { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.RegisterTeam;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        Terms = map.Nested("terms", Terms),
        Organisation = map.Actor("organisation", Organisation),
    };
}
