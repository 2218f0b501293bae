namespace Phr.Crypto;

/// <summary>A helper's contribution whose public part was checked against the repair. Made only by <see cref="ShareRepairContribution.Verify"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedShareRepairContribution
{
    internal VerifiedShareRepairContribution(ShareRepairContribution contribution, ShareRepair repair)
    {
        Contribution = contribution;
        Repair = repair;
    }

    /// <summary>The contribution.</summary>
    public ShareRepairContribution Contribution { get; }

    /// <summary>The repair.</summary>
    public ShareRepair Repair { get; }

    internal DealtEnvelope EnvelopeFor(int helper)
    {
        int place = Repair.PlaceOf(helper);
        TrusteeMember sender = Repair.Helper(Contribution.Helper);
        return new DealtEnvelope
        {
            Digest = Contribution.EnvelopeDigests[place],
            Recipient = Repair.Helper(helper),
            SenderId = sender.Identity,
            SenderKey = sender.ObjectKey,
            Context = ShareRepairContribution.ShareContext(Contribution.CoreDigest, helper),
            ShareKeys = [.. Enumerable.Range(0, Repair.Dealing.Dealing.Documents.Count).Select(d => Contribution.SummandKey(d, place))],
        };
    }
}
