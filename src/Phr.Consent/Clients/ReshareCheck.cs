namespace Phr.Consent;

/// <summary>What a trustee of the new policy found in the dealers' contributions.</summary>
/// <remarks>Seats are those of the active policy. Immutable and thread safe.</remarks>
public sealed class ReshareCheck
{
    internal ReshareCheck()
    {
    }

    /// <summary>Dealers whose contribution and sub-shares for this trustee are good.</summary>
    public required IReadOnlyList<TrusteeSeat> Good { get; init; }

    /// <summary>Dealers at fault, complained of on the ledger.</summary>
    public required IReadOnlyList<TrusteeSeat> Faulty { get; init; }

    /// <summary>Dealers whose contribution or envelope is not in the exchange yet. Check again later.</summary>
    public required IReadOnlyList<TrusteeSeat> Missing { get; init; }
}
