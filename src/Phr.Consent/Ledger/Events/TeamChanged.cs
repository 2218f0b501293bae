using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A team's proposed charter became the present one.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamChanged : LedgerEvent
{
    /// <summary>The team.</summary>
    public required ActorId Team { get; init; }

    /// <summary>The charter.</summary>
    public required Digest CharterDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.TeamChanged;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        Team = map.Actor("team", Team),
        CharterDigest = map.Digest("charterDigest", CharterDigest),
    };
}
