namespace Phr.Samples.Portal;

/// <summary>Where claims stand by the clock. The ledger ends a claim whose time is over when somebody tells it to (<see cref="ClaimExpiry"/>), and refuses everything else before that.</summary>
internal static class ClaimState
{
    /// <summary>Whether nobody decides on a claim any more although the ledger has not ended it.</summary>
    public static bool IsOver(this ClaimRecord claim, DateTimeOffset now) => claim.IsOpen && now >= claim.NotAfter;

    /// <summary>The claim as it is at a time: one whose time is over has ended, and what was approved before an appeal stays approved.</summary>
    public static ClaimRecord At(this ClaimRecord claim, DateTimeOffset now) =>
        claim.IsOver(now) ? claim with { Status = claim.ApprovedAmount > 0 ? ClaimStatus.Approved : ClaimStatus.Expired } : claim;
}
