using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Confirms the proposed charter of a team. By a present member, once.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ConfirmTeamChange : LedgerCommand
{
    /// <summary>The team.</summary>
    public required ActorId Team { get; init; }

    /// <summary>The proposed charter.</summary>
    public required Digest CharterDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ConfirmTeamChange;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        CharterDigest = map.Digest("charterDigest", CharterDigest),
    };
}
