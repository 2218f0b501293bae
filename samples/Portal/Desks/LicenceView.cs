using System.Globalization;

namespace Phr.Samples.Portal;

/// <summary>A doctor's licence as it stands now.</summary>
/// <param name="Stage">How it stands.</param>
/// <param name="ValidUntil">Until when the recorded one holds, or held; null where none is recorded.</param>
/// <param name="Reason">Why the agency refused or suspended; null where it did neither.</param>
/// <param name="MayRenew">Whether it ends soon enough, or has ended, so that the agency can renew it.</param>
public sealed record LicenceView(LicenceStage Stage, DateTimeOffset? ValidUntil, string? Reason, bool MayRenew)
{
    /// <summary>How long before its end a licence can be renewed.</summary>
    public static readonly TimeSpan RenewalPeriod = TimeSpan.FromDays(60);

    /// <summary>Whether the doctor may ask, open and prescribe.</summary>
    public bool Holds => Stage == LicenceStage.Valid;

    /// <summary>Whether the agency has refused to renew one that still holds.</summary>
    public bool IsRenewalRefused => Holds && Reason is not null;

    /// <summary>Whether an agency can record the licence now, for the first time or anew.</summary>
    public bool MayRecord => MayRenew || Stage is LicenceStage.Waiting or LicenceStage.Refused;

    /// <summary>Whether the doctor can correct what the licence is about, and ask the agency to look again.</summary>
    public bool MayAsk => Stage is LicenceStage.WithoutKeys or LicenceStage.Waiting or LicenceStage.Refused or LicenceStage.Expired || IsRenewalRefused;

    /// <summary>How it stands, to its doctor.</summary>
    public string Title => Stage switch
    {
        LicenceStage.Valid => $"Your licence is valid until {Day}",
        LicenceStage.Refused => $"The regulatory agency refused your licence: {Reason}",
        LicenceStage.Expired => $"Your licence ended on {Day}",
        LicenceStage.Suspended => Reason is null ? "The regulatory agency has suspended you" : $"The regulatory agency has suspended you: {Reason}",
        LicenceStage.Removed => "The regulatory agency has removed you from the ledger",
        _ => "You have no licence on the ledger yet",
    };

    /// <summary>What that means for its doctor, and what to do.</summary>
    public string Advice => Stage switch
    {
        LicenceStage.Valid when Reason is not null => $"The agency has refused to renew it: {Reason.TrimEnd('.')}. Put right what it says, and ask again before your licence ends.",
        LicenceStage.Valid when MayRenew => "The agency sees that it ends soon. You get a mail when it has renewed it.",
        LicenceStage.Valid => "There is nothing to do. The agency can renew it from sixty days before its end on.",
        LicenceStage.Refused => "You cannot ask patients or open anything. Put right what it says on the page Your licence, and ask again.",
        LicenceStage.Expired when Reason is not null => $"The agency refused to renew it: {Reason.TrimEnd('.')}. You cannot ask patients or open anything. Put right what it says on the page Your licence, and ask again.",
        LicenceStage.Expired => "You cannot ask patients or open anything until the regulatory agency renews it. It sees that yours has ended; you get a mail when it has decided.",
        LicenceStage.Suspended => "You cannot ask patients, open what they granted, or prescribe until it reinstates you. Turn to the agency with what it names; you get a mail when it has decided.",
        LicenceStage.Removed => "That is for good: this account can ask for and open nothing any more.",
        _ => "The regulatory agency checks your licence number and records your licence. You get a mail then.",
    };

    private string Day => ValidUntil?.ToString("d MMMM yyyy", CultureInfo.InvariantCulture) ?? "an unknown day";
}
