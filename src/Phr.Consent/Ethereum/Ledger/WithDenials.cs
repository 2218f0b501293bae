namespace Phr.Consent.Ethereum;

/// <summary>
/// Makes one record of the final and the seen one: what is permitted is as the final one has it, what the seen one takes away is gone already (rule 11 of the protocol).
/// </summary>
internal static class WithDenials
{
    public static ActorRecord? Of(ActorRecord? final, ActorRecord? seen) => final is null || seen is null || ReferenceEquals(final, seen)
        ? final
        : final with
        {
            Status = seen.Status == ActorStatus.Active ? final.Status : seen.Status,
            ValidUntil = seen.ValidUntil < final.ValidUntil ? seen.ValidUntil : final.ValidUntil,
            LedgerAddress = seen.LedgerAddress,
            Licence = Of(final.Licence, seen.Licence),
            LastSeen = seen.LastSeen > final.LastSeen ? seen.LastSeen : final.LastSeen,
        };

    public static BundleRecord? Of(BundleRecord? final, BundleRecord? seen) =>
        final is null || seen is null ? final : final with { IsRevoked = final.IsRevoked || seen.IsRevoked, RefreshDue = final.RefreshDue || seen.RefreshDue };

    public static DealingRecord? Of(DealingRecord? final, DealingRecord? seen) =>
        final is not null && seen is { State: DealingState.Cancelled or DealingState.Superseded } ? seen : final;

    public static ReshareRecord? Of(ReshareRecord? final, ReshareRecord? seen) =>
        final is not null && seen is { State: ReshareState.Cancelled or ReshareState.Expired } ? seen : final;

    /// <summary>A request that ended, or whose time is over, has ended; until then only what is final was approved, granted and delivered.</summary>
    public static RequestRecord? Of(RequestRecord? final, RequestRecord? seen) =>
        final is not null && seen is not null && (seen.Ended is not null || seen.Status == RequestStatus.Expired) ? seen : final;

    /// <summary>A new key ends the old one at once.</summary>
    public static TeamRecord? Of(TeamRecord? final, TeamRecord? seen) =>
        final is not null && seen is not null && seen.Terms.KeyEpoch > final.Terms.KeyEpoch ? seen : final;

    /// <summary>What is rejected, withdrawn or expired is so at once.</summary>
    public static ClaimRecord? Of(ClaimRecord? final, ClaimRecord? seen) =>
        final is not null && seen is { Status: ClaimStatus.Rejected or ClaimStatus.Withdrawn or ClaimStatus.Expired } ? seen : final;

    private static LicenceRecord? Of(LicenceRecord? final, LicenceRecord? seen) =>
        final is null || seen is null ? null : final with { NotAfter = seen.NotAfter < final.NotAfter ? seen.NotAfter : final.NotAfter };
}
