namespace Phr.Crypto;

/// <summary>What a team changes: who is in it, how many must act together, and which old keys it gives up.</summary>
public sealed class TeamChange
{
    /// <summary>The present key records of everybody who is in the team afterwards, 2 to 16. Who is not here leaves, and then the team gets a new key.</summary>
    public required IReadOnlyList<KeyRecord> Members { get; init; }

    /// <summary>How many members open together afterwards.</summary>
    /// <value>Default null: as before.</value>
    public int? Threshold { get; init; }

    /// <summary>Whether the team gets a new key although nobody leaves, for example after a device was lost.</summary>
    /// <value>Default no.</value>
    public bool RenewKey { get; init; }

    /// <summary>Key epochs under which nothing granted runs any more; they are not shared again, so nobody can use them. The present key stays.</summary>
    /// <value>Default none.</value>
    public IReadOnlyCollection<int> RetiredKeys { get; init; } = [];
}
