using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A member in a team's roster on the ledger.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamPlace : IMapped<TeamPlace>
{
    /// <summary>The member.</summary>
    public required ActorId Member { get; init; }

    string IMapped<TeamPlace>.TypeName => nameof(TeamPlace);

    TeamPlace IMapped<TeamPlace>.Map(FieldMap map) => this with { Member = map.Actor("member", Member) };
}
