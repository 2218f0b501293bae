using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a round of a team's key ceremony is worked out of, by digests in the exchange. Every member takes the same.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class TeamRound
{
    /// <summary>The plan.</summary>
    public required Digest Plan { get; init; }

    /// <summary>The members' dealings.</summary>
    public required IReadOnlyList<Digest> Dealings { get; init; }

    /// <summary>The members' complaints.</summary>
    /// <value>Default none.</value>
    public IReadOnlyList<Digest> Complaints { get; init; } = [];
}
