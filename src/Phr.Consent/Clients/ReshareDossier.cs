using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>A reshare with what it pins, fetched by digest and verified: the dealing to replace, the plan, and that the ledger says of both what they say themselves.</summary>
internal sealed class ReshareDossier
{
    private const string Stage = "reshare";

    private ReshareDossier(ReshareRecord record, VerifiedResharePlan plan)
    {
        Record = record;
        Plan = plan;
    }

    public ReshareRecord Record { get; }

    public VerifiedResharePlan Plan { get; }

    public VerifiedDealing Previous => Plan.Previous;

    public static async Task<ReshareDossier> LoadAsync(ConsentServices services, Digest planDigest, CancellationToken cancellationToken)
    {
        if (services.HeadMemory is { } memory)
        {
            await memory.EnsureExtendsAsync(services.Ledger, cancellationToken).ConfigureAwait(false);
        }

        // The plan says of which bundle it is, under its own digest; anybody may have proposed that digest for another one.
        var unverified = ResharePlan.FromBytes(await services.Exchange.GetBlockAsync(planDigest, cancellationToken).ConfigureAwait(false));
        ReshareRecord record = await services.Ledger.GetReshareAsync(unverified.BundleId, planDigest, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, $"the ledger has no plan {planDigest} for the bundle {unverified.BundleId}, of which it is.");
        DealingRecord active = await services.Ledger.GetDealingAsync(record.BundleId, record.PreviousDealingDigest, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, $"the ledger has no dealing {record.PreviousDealingDigest}.");
        VerifiedDealing previous = await RequestDossier.LoadDealingAsync(services, record.PreviousDealingDigest, record.HeaderDigest, cancellationToken).ConfigureAwait(false);
        VerifiedResharePlan plan = unverified.Verify(previous);
        if (active.Policy.Digest != previous.Dealing.Policy.RulesDigest || record.BundleId != plan.Plan.BundleId || record.Epoch != (int)plan.Plan.Epoch
            || record.Policy.Digest != plan.Plan.Policy.RulesDigest || !IsSame(record.Policy, plan.Plan.Policy))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "the ledger's bundle, epoch or rules are not those of the plan and of the dealing that it would replace.");
        }

        return record.Policy.FindRelaxation(active.Policy) is { } relaxation
            ? throw new PhrDataException(Stage, PhrDataReason.OutOfRange, $"without the patient nothing may be relaxed. {relaxation}")
            : new ReshareDossier(record, plan);
    }

    /// <summary>The contributions that the ledger does not leave out and that hold what anyone can check, in the order of the active policy; and what is the matter with each other.</summary>
    public async Task<(IReadOnlyList<VerifiedReshareContribution> Good, IReadOnlyList<(TrusteeSeat Dealer, PhrDataException Fault)> Others)> LoadContributionsAsync(
        ConsentServices services, CancellationToken cancellationToken)
    {
        var good = new List<VerifiedReshareContribution>();
        var others = new List<(TrusteeSeat, PhrDataException)>();
        foreach (TrusteeSeat dealer in Record.Qualified())
        {
            try
            {
                Digest digest = Record.Contributions.First(c => c.Seat == dealer).ContributionDigest;
                VerifiedReshareContribution contribution = await LoadContributionAsync(services, Plan, digest, cancellationToken).ConfigureAwait(false);
                if (contribution.Contribution.Dealer != dealer.ToPolicySeat())
                {
                    throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the contribution that the ledger has for {dealer} is another dealer's.");
                }

                good.Add(contribution);
            }
            catch (PhrDataException e)
            {
                others.Add((dealer, e));
            }
        }

        return (good, others);
    }

    /// <summary>Who is at fault, by the evidence that the ledger names.</summary>
    public async Task<ComplaintVerdict> JudgeAsync(ConsentServices services, ReshareComplaintRecord complaint, CancellationToken cancellationToken)
    {
        Digest digest = Record.Contributions.First(c => c.Seat == complaint.Dealer).ContributionDigest;
        if (await FindBlockAsync(services, digest, cancellationToken).ConfigureAwait(false) is not { } bytes)
        {
            return ComplaintVerdict.Undecided;
        }

        VerifiedReshareContribution contribution;
        try
        {
            contribution = ReshareContribution.FromBytes(bytes).Verify(Plan);
        }
        catch (PhrDataException)
        {
            return ComplaintVerdict.DealerAtFault;
        }

        if (contribution.Contribution.Dealer != complaint.Dealer.ToPolicySeat())
        {
            return ComplaintVerdict.DealerAtFault;
        }

        if (await FindBlockAsync(services, complaint.EvidenceDigest, cancellationToken).ConfigureAwait(false) is not { } evidence
            || !ShareComplaint.TryFromBytes(evidence, out ShareComplaint? shown)
            || shown.Seat != complaint.Seat.ToPolicySeat())
        {
            return ComplaintVerdict.Undecided;
        }

        try
        {
            return shown.Judge(contribution, await FindBlockAsync(services, shown.EnvelopeDigest, cancellationToken).ConfigureAwait(false));
        }
        catch (PhrDataException)
        {
            // Of something else, or not signed by the trustee that it names: it shows nothing.
            return ComplaintVerdict.Undecided;
        }
    }

    private static async Task<byte[]?> FindBlockAsync(ConsentServices services, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            return await services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException)
        {
            return null;
        }
    }

    public static async Task<VerifiedReshareContribution> LoadContributionAsync(ConsentServices services, VerifiedResharePlan plan, Digest digest, CancellationToken cancellationToken) =>
        ReshareContribution.FromBytes(await services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false)).Verify(plan);

    // What the ledger counts by and what the shares are cut by must be one policy.
    private static bool IsSame(ConsentPolicy rules, TrusteePolicy policy) =>
        rules.GroupThreshold == policy.GroupThreshold
        && rules.CommitteeThreshold == policy.CommitteeThreshold
        && rules.CommitteeSize == policy.CommitteeSize
        && rules.Groups.Count == policy.Groups.Count
        && rules.Groups.Zip(policy.Groups).All(pair =>
            pair.First.Name == pair.Second.Name
            && pair.First.Threshold == pair.Second.Threshold
            && pair.First.Members.Select(m => (m.Identity, m.Organisation)).SequenceEqual(pair.Second.Members.Select(m => (m.Identity, m.Organisation))));
}
