namespace Phr.Crypto;

/// <summary>What a member asks the others to open together.</summary>
public sealed class TeamOpeningTerms
{
    /// <summary>The granted request.</summary>
    public required RequestId Request { get; init; }

    /// <summary>Its receiving key.</summary>
    public required PublicKey ReceivingKey { get; init; }

    /// <summary>The epoch of the team's key in it.</summary>
    public required int KeyEpoch { get; init; }

    /// <summary>The points, 1 to 2,560, each once.</summary>
    public required IReadOnlyList<TeamPoint> Points { get; init; }
}
