using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A member confirmed a team's proposed charter.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamChangeConfirmed : LedgerEvent
{
    /// <summary>The team.</summary>
    public required ActorId Team { get; init; }

    /// <summary>The member.</summary>
    public required ActorId Member { get; init; }

    /// <summary>The proposed charter.</summary>
    public required Digest CharterDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.TeamChangeConfirmed;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        Member = map.Actor("member", Member),
        CharterDigest = map.Digest("charterDigest", CharterDigest),
    };
}
