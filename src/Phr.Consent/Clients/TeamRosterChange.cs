using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Who joins and who leaves a team, and what else changes.</summary>
public sealed class TeamRosterChange
{
    /// <summary>Who joins.</summary>
    /// <value>Default nobody.</value>
    public IReadOnlyCollection<ActorId> Join { get; init; } = [];

    /// <summary>Who leaves. The team then gets a new key.</summary>
    /// <value>Default nobody.</value>
    public IReadOnlyCollection<ActorId> Leave { get; init; } = [];

    /// <summary>How many members open together afterwards.</summary>
    /// <value>Default null: as before.</value>
    public int? Threshold { get; init; }

    /// <summary>Whether the team gets a new key although nobody leaves.</summary>
    /// <value>Default no.</value>
    public bool RenewKey { get; init; }

    /// <summary>Key epochs that are given up, because nothing granted to them runs any more.</summary>
    /// <value>Default none.</value>
    public IReadOnlyCollection<int> RetiredKeys { get; init; } = [];
}
