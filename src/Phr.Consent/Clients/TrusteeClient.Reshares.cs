using System.Globalization;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

// The trustees share the keys anew while the patient is away: propose, deal, check, confirm; and leave an old epoch behind.
public sealed partial class TrusteeClient
{
    private const int ContributionPlace = 0;

    /// <summary>Proposes that the trustees share a bundle's keys anew without the patient: among themselves, a refresh, or among others.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="options">The new trustees and thresholds; null for a refresh.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The plan. From <see cref="ReshareRecord.NotBefore"/> on, dealers contribute; until then the patient can stop it before anything is dealt. A plan of this trustee that is under way is returned as it is.</returns>
    /// <exception cref="InvalidOperationException">The bundle has no active dealing, this actor is no trustee of it, or a new trustee has not offered an envelope key for the next epoch; the message names who.</exception>
    /// <exception cref="ArgumentException">The new policy relaxes something, or makes no sense.</exception>
    /// <exception cref="PhrDataException">The active dealing or a trustee's keys are missing or fail a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: another dealing or reshare is under way, or it is the others' turn to propose.</exception>
    public async Task<ResharePlan> ProposeReshareAsync(BundleId bundle, ReshareOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ReshareOptions();
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        if (record.PendingReshare is { } pending && await Services.Ledger.GetReshareAsync(bundle, pending, cancellationToken).ConfigureAwait(false) is { } under && under.ProposedBy == Id)
        {
            return (await ReshareDossier.LoadAsync(Services, pending, cancellationToken).ConfigureAwait(false)).Plan.Plan;
        }

        if (record.ActiveDealing is not { } digest || await Services.Ledger.GetDealingAsync(bundle, digest, cancellationToken).ConfigureAwait(false) is not { } active)
        {
            throw new InvalidOperationException("The bundle has no active dealing whose shares could be dealt onward.");
        }

        VerifiedDealing previous = await RequestDossier.LoadDealingAsync(Services, digest, active.HeaderDigest, cancellationToken).ConfigureAwait(false);
        RequireSeat(previous.Dealing);
        TrusteePolicy old = previous.Dealing.Policy;
        uint epoch = (uint)record.LastEpoch + 1;
        var offers = new List<EnvelopeKeyOffer>();
        var groups = new List<TrusteeGroup>();
        foreach (TrusteeGroupPlan group in options.Groups ?? [.. old.Groups.Select(g => new TrusteeGroupPlan(g.Name, g.Threshold, [.. g.Members.Select(m => m.Identity)]))])
        {
            var members = new List<TrusteeMember>();
            foreach (ActorId trustee in group.Members)
            {
                (TrusteeMember member, EnvelopeKeyOffer offer) = await LoadTrusteeAsync(trustee, bundle, epoch, cancellationToken).ConfigureAwait(false);
                members.Add(member);
                offers.Add(offer);
            }

            groups.Add(new TrusteeGroup(group.Name, group.Threshold, members));
        }

        ConsentPolicy rules = active.Policy with
        {
            GroupThreshold = options.GroupThreshold ?? old.GroupThreshold,
            Groups =
            [
                .. groups.Select(g => new PolicyGroup
                {
                    Name = g.Name,
                    Threshold = g.Threshold,
                    Members = [.. g.Members.Select(m => new PolicyMember { Identity = m.Identity, Organisation = m.Organisation })],
                }),
            ],
        };
        var policy = new TrusteePolicy(rules.GroupThreshold, groups, new TrusteePolicyOptions
        {
            CommitteeThreshold = old.CommitteeThreshold,
            CommitteeSize = old.CommitteeSize,
            SingleOracle = old.SingleOracle,
            LicenceAuthorities = old.LicenceAuthorities,
            OracleOperators = old.OracleOperators,
            RulesDigest = rules.Digest,
        });
        VerifiedResharePlan plan = ResharePlan.Create(previous, policy, offers, Identity);
        await Services.Exchange.PutBlockAsync(plan.Plan.ToBytes(), cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new ProposeReshare
            {
                Actor = Id,
                BundleId = bundle,
                HeaderDigest = previous.Dealing.HeaderDigest,
                Epoch = (int)epoch,
                PreviousDealingDigest = digest,
                PlanDigest = plan.Plan.Digest,
                Policy = rules,
                NotAfter = Now + Services.Ledger.Parameters.TrusteeChangeDelay + options.Duration,
            },
            cancellationToken).ConfigureAwait(false);
        return plan.Plan;
    }

    /// <summary>Reads a plan to share the keys anew.</summary>
    /// <param name="planDigest">The plan: <see cref="BundleRecord.PendingReshare"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Who shall have shares, and what speaks against it. Whether they should, is for the trustee to decide.</returns>
    /// <exception cref="PhrDataException">Something that the plan pins is missing or fails a check.</exception>
    public Task<ReshareReview> ReviewReshareAsync(Digest planDigest, CancellationToken cancellationToken = default) => ReviewPlanAsync(planDigest, cancellationToken);

    /// <summary>Deals this trustee's shares onward to the trustees of a plan.</summary>
    /// <param name="planDigest">The plan, which the trustee has read and agrees with.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the contribution and the exchange its parts. To be repeated when it was interrupted: the same contribution goes out, never a second.</returns>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the active dealing, a check speaks against the plan, or the patient's time to stop it is not over by this machine's clock.</exception>
    /// <exception cref="PhrDataException">Something that the plan pins is missing or fails a check, or the trustee's share does not open.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: it is too early, too late, or the patient stopped it.</exception>
    /// <remarks>The sub-shares leave this device only once the ledger has taken the contribution, and so not before the patient's delay is over.</remarks>
    public async Task ContributeToReshareAsync(Digest planDigest, CancellationToken cancellationToken = default)
    {
        ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, planDigest, cancellationToken).ConfigureAwait(false);
        PolicySeat seat = RequireSeat(dossier.Previous.Dealing);
        if (!dossier.Record.Contributions.Any(c => c.Seat == seat.ToTrusteeSeat()))
        {
            IReadOnlyList<string> objections = await FindObjectionsAsync(dossier, cancellationToken).ConfigureAwait(false);
            if (objections.Count > 0)
            {
                throw new InvalidOperationException($"The plan cannot be followed. {string.Join(' ', objections)}");
            }

            if (Now < dossier.Record.NotBefore)
            {
                throw new InvalidOperationException($"Nothing is dealt before {dossier.Record.NotBefore:u}: until then the patient may stop it.");
            }

            await RequireNewEpochAsync(dossier.Previous.Dealing, emergency: false, cancellationToken).ConfigureAwait(false);
            await RequireSamePatientAsync(dossier.Previous.Dealing, cancellationToken).ConfigureAwait(false);
            Digest contribution = await GetOrCreateContributionAsync(dossier.Plan, seat, cancellationToken).ConfigureAwait(false);
            await SubmitAsync(
                new ContributeToReshare { Actor = Id, BundleId = dossier.Record.BundleId, PlanDigest = planDigest, Seat = seat.ToTrusteeSeat(), ContributionDigest = contribution },
                cancellationToken).ConfigureAwait(false);
        }

        await HandOutContributionAsync(dossier.Record.BundleId, planDigest, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Checks, as a trustee of the new policy, every dealer's contribution and the sub-shares in it, and complains of each dealer at fault, who is then left out.</summary>
    /// <param name="planDigest">The plan.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Who dealt well, who did not, and whose part is not there yet; in the second half of the time for it, what is missing is complained of too.</returns>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the new policy.</exception>
    /// <exception cref="PhrDataException">Something that the plan pins is missing or fails a check, or the trustee's own envelope key for the new epoch is not here.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused a complaint.</exception>
    /// <remarks>A complaint shows how that one envelope opens, so that anyone can judge it: see <see cref="ShareComplaint"/>.</remarks>
    public async Task<ReshareCheck> CheckReshareAsync(Digest planDigest, CancellationToken cancellationToken = default)
    {
        ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, planDigest, cancellationToken).ConfigureAwait(false);
        PolicySeat seat = RequireSeat(dossier.Plan.Plan.Policy);
        using SecretKey key = await FindEpochKeyAsync(dossier.Record.BundleId, dossier.Plan.Plan.Epoch, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<VerifiedReshareContribution> contributions, IReadOnlyList<(TrusteeSeat Dealer, PhrDataException Fault)> others) =
            await dossier.LoadContributionsAsync(Services, cancellationToken).ConfigureAwait(false);
        bool late = Now >= dossier.Record.NotBefore + ((dossier.Record.NotAfter - dossier.Record.NotBefore) / 2);
        var good = new List<TrusteeSeat>();
        var missing = new List<TrusteeSeat>();
        var faulty = new List<(TrusteeSeat Dealer, Digest Evidence)>();
        foreach ((TrusteeSeat dealer, PhrDataException fault) in others)
        {
            if (IsMissing(fault) && !late)
            {
                missing.Add(dealer);
            }
            else
            {
                // Everybody sees what is wrong with it, or that it is not there: the contribution is its own evidence.
                faulty.Add((dealer, dossier.Record.Contributions.First(c => c.Seat == dealer).ContributionDigest));
            }
        }

        foreach (VerifiedReshareContribution contribution in contributions)
        {
            TrusteeSeat dealer = contribution.Contribution.Dealer.ToTrusteeSeat();
            byte[]? envelope = await FindEnvelopeAsync(contribution, seat, cancellationToken).ConfigureAwait(false);
            if (envelope is null && !late)
            {
                missing.Add(dealer);
            }
            else if (envelope is null || !IsGood(contribution, seat, key, envelope))
            {
                ShareComplaint complaint = ShareComplaint.Create(contribution, seat, Identity, key, envelope);
                await Services.Exchange.PutBlockAsync(complaint.ToBytes(), cancellationToken).ConfigureAwait(false);
                faulty.Add((dealer, complaint.Digest));
            }
            else
            {
                good.Add(dealer);
            }
        }

        foreach ((TrusteeSeat dealer, Digest evidence) in faulty)
        {
            await SubmitAsync(
                new ComplainOfReshare { Actor = Id, BundleId = dossier.Record.BundleId, PlanDigest = planDigest, Seat = seat.ToTrusteeSeat(), Dealer = dealer, EvidenceDigest = evidence },
                cancellationToken).ConfigureAwait(false);
        }

        return new ReshareCheck { Good = good, Faulty = [.. faulty.Select(f => f.Dealer)], Missing = missing };
    }

    /// <summary>Adds up, as a dealer, the contributions that hold into the new dealing, and confirms it. When every dealer used has confirmed, it waits for the new trustees' acknowledgements.</summary>
    /// <param name="planDigest">The plan. New trustees should have had time for <see cref="CheckReshareAsync"/> before: a dealer who is found out later stops the whole dealing.</param>
    /// <param name="without">Dealers to do without though nobody complained of them, because they contributed and do not confirm; all must leave out the same. Null for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The dealing. Of those who contributed, the first that meet the policy are used; when this trustee is not among them, there is nothing for it to confirm.</returns>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the active dealing.</exception>
    /// <exception cref="PhrDataException">The dealers that are left do not meet the policy, or something that the plan pins is missing or fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: the time is over, or the patient stopped it.</exception>
    public async Task<Dealing> ConfirmReshareAsync(Digest planDigest, IReadOnlyList<TrusteeSeat>? without = null, CancellationToken cancellationToken = default)
    {
        ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, planDigest, cancellationToken).ConfigureAwait(false);
        PolicySeat seat = RequireSeat(dossier.Previous.Dealing);
        if (dossier.Record.DealingDigest is { } made)
        {
            return Dealing.FromBytes(await Services.Exchange.GetBlockAsync(made, cancellationToken).ConfigureAwait(false));
        }

        (IReadOnlyList<VerifiedReshareContribution> contributions, _) = await dossier.LoadContributionsAsync(Services, cancellationToken).ConfigureAwait(false);
        VerifiedReshareContribution[] used = [.. contributions.Where(c => without?.Contains(c.Contribution.Dealer.ToTrusteeSeat()) != true)];
        Dealing dealing = Dealing.FromReshare(dossier.Plan, used);
        TrusteeSeat[] dealers = [.. dealing.Dealers.Select(d => d.Seat.ToTrusteeSeat())];
        if (!dealers.Contains(seat.ToTrusteeSeat()))
        {
            return dealing;
        }

        await Services.Exchange.PutBlockAsync(dealing.ToBytes(), cancellationToken).ConfigureAwait(false);
        ReshareConfirmation confirmation = ReshareConfirmation.Create(dossier.Plan, used, Identity);
        if (dossier.Record.Confirmations.Any(c => c.Seat == seat.ToTrusteeSeat() && c.DealingDigest == dealing.Digest && c.ConfirmationDigest == confirmation.Digest))
        {
            return dealing;
        }

        await Services.Exchange.PutBlockAsync(confirmation.ToBytes(), cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new ConfirmReshare
            {
                Actor = Id,
                BundleId = dossier.Record.BundleId,
                PlanDigest = planDigest,
                Seat = seat.ToTrusteeSeat(),
                DealingDigest = dealing.Digest,
                Dealers = dealers,
                ConfirmationDigest = confirmation.Digest,
            },
            cancellationToken).ConfigureAwait(false);
        return dealing;
    }

    /// <summary>Makes a dealing active that all trustees acknowledged or, of a reshare, enough of them with nobody complaining.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dealing"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: acknowledgements are lacking, somebody complained, or it is too early.</exception>
    public Task ActivateAsync(Dealing dealing, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        return SubmitAsync(new ActivateDealing { Actor = Id, BundleId = dealing.BundleId, DealingDigest = dealing.Digest }, cancellationToken);
    }

    /// <summary>Ends a reshare whose time ran out, so that another one can be proposed.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="planDigest">The plan: <see cref="BundleRecord.PendingReshare"/>. Its bytes need not be there.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: the bundle has no such reshare under way, or its time is not over.</exception>
    public Task ExpireReshareAsync(BundleId bundle, Digest planDigest, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ExpireReshare { Actor = Id, BundleId = bundle, PlanDigest = planDigest }, cancellationToken);

    /// <summary>
    /// Follows a bundle to its active dealing: opens and checks the share under it, remembers its epoch, and erases the secrets of every older one, so that who takes this device later cannot open old
    /// envelopes. A trustee who is not in the active dealing any more erases them too. Unfinished contributions to reshares that are over are forgotten.
    /// </summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The epoch of the active dealing; 0 when there is none. To be called from time to time; it can be repeated without harm.</returns>
    /// <exception cref="PhrDataException">The active dealing is missing or fails a check, or its share does not open: then nothing is erased. Or it is of an older epoch than one followed before.</exception>
    public async Task<uint> FollowDealingAsync(BundleId bundle, CancellationToken cancellationToken = default)
    {
        if (Services.HeadMemory is { } memory)
        {
            await memory.EnsureExtendsAsync(Services.Ledger, cancellationToken).ConfigureAwait(false);
        }

        await DiscardContributionsAsync(cancellationToken).ConfigureAwait(false);
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        if (record.ActiveDealing is not { } digest || await Services.Ledger.GetDealingAsync(bundle, digest, cancellationToken).ConfigureAwait(false) is not { } active)
        {
            return 0;
        }

        VerifiedDealing dealing = await RequestDossier.LoadDealingAsync(Services, digest, active.HeaderDigest, cancellationToken).ConfigureAwait(false);
        if (dealing.Dealing.BundleId != bundle)
        {
            throw new PhrDataException("dealing", PhrDataReason.Mismatched, "the ledger names a dealing of another bundle.");
        }

        await RequireNewEpochAsync(dealing.Dealing, emergency: false, cancellationToken).ConfigureAwait(false);
        await RequireSamePatientAsync(dealing.Dealing, cancellationToken).ConfigureAwait(false);
        if (dealing.Dealing.Policy.FindIndices(Id) is var (group, member))
        {
            using TrusteeShares shares = await OpenSharesAsync(dealing, group, member, cancellationToken).ConfigureAwait(false);
        }

        await RememberEpochAsync(dealing.Dealing, emergency: false, cancellationToken).ConfigureAwait(false);
        return dealing.Dealing.Epoch;
    }

    private PolicySeat RequireSeat(Dealing dealing) => RequireSeat(dealing.Policy);

    private PolicySeat RequireSeat(TrusteePolicy policy) =>
        policy.FindIndices(Id) is var (group, member) ? new PolicySeat(group, member) : throw new InvalidOperationException("This actor is no trustee of that policy.");

    // The dealers signed it; whoever takes a share of it still works it out itself.
    private async Task RequireWorkedOutAsync(Dealing dealing, CancellationToken cancellationToken)
    {
        ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, dealing.PlanDigest, cancellationToken).ConfigureAwait(false);
        var contributions = new List<VerifiedReshareContribution>();
        foreach (ResharingDealer dealer in dealing.Dealers)
        {
            contributions.Add(await ReshareDossier.LoadContributionAsync(Services, dossier.Plan, dealer.ContributionDigest, cancellationToken).ConfigureAwait(false));
        }

        if (Dealing.FromReshare(dossier.Plan, contributions).Digest != dealing.Digest)
        {
            throw new PhrDataException("dealing", PhrDataReason.Mismatched, "it is not what its dealers' contributions add up to.");
        }
    }

    /// <summary>Keeps a signed complaint; of a reshared dealing it shows how the bad envelope opens.</summary>
    /// <returns>The complaint's digest; the dealing's own when no envelope by itself is to blame, or another trustee complained already.</returns>
    private async Task<Digest> StoreEvidenceAsync(VerifiedDealing dealing, DealingRecord record, PolicySeat seat, CancellationToken cancellationToken)
    {
        // One complaint stops the dealing. The openings of many would show what nobody should put together.
        if (dealing.Dealing.IsReshared && record.Complaints.Count > 0)
        {
            return dealing.Dealing.Digest;
        }

        using SecretKey key = await FindEpochKeyAsync(dealing.Dealing.BundleId, dealing.Dealing.Epoch, cancellationToken).ConfigureAwait(false);
        ShareComplaint? complaint = null;
        if (dealing.Dealing.IsReshared)
        {
            ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, dealing.Dealing.PlanDigest, cancellationToken).ConfigureAwait(false);
            foreach (ResharingDealer dealer in dealing.Dealing.Dealers)
            {
                VerifiedReshareContribution contribution = await ReshareDossier.LoadContributionAsync(Services, dossier.Plan, dealer.ContributionDigest, cancellationToken).ConfigureAwait(false);
                byte[]? envelope = await FindEnvelopeAsync(contribution, seat, cancellationToken).ConfigureAwait(false);
                if (envelope is null || !IsGood(contribution, seat, key, envelope))
                {
                    complaint = ShareComplaint.Create(contribution, seat, Identity, key, envelope);
                    break;
                }
            }
        }
        else
        {
            complaint = ShareComplaint.Create(
                dealing, seat, Identity, key, await Services.Exchange.GetBlockAsync(dealing.Dealing.EnvelopesOf(seat)[0], cancellationToken).ConfigureAwait(false));
        }

        if (complaint is null)
        {
            return dealing.Dealing.Digest;
        }

        await Services.Exchange.PutBlockAsync(complaint.ToBytes(), cancellationToken).ConfigureAwait(false);
        return complaint.Digest;
    }

    private async Task<byte[]?> FindEnvelopeAsync(VerifiedReshareContribution contribution, PolicySeat seat, CancellationToken cancellationToken)
    {
        int place = contribution.Plan.Plan.Policy.Seats.TakeWhile(s => s != seat).Count();
        try
        {
            return await Services.Exchange.GetBlockAsync(contribution.Contribution.EnvelopeDigests[place], cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException e) when (IsMissing(e))
        {
            return null;
        }
    }

    private static bool IsGood(VerifiedReshareContribution contribution, PolicySeat seat, SecretKey key, byte[] envelope)
    {
        try
        {
            contribution.VerifyEnvelope(seat, key, envelope);
            return true;
        }
        catch (PhrDataException)
        {
            return false;
        }
    }

    // What a store does not have, or has damaged.
    private static bool IsMissing(PhrDataException e) => e.Reason is PhrDataReason.NotFound or PhrDataReason.DigestMismatch;

    private static bool IsDealersFault(PhrDataException e) =>
        e.Reason is PhrDataReason.CommitmentMismatch or PhrDataReason.InvalidScalar or PhrDataReason.AuthenticationFailed or PhrDataReason.WrongLength;

    // The polynomials are fresh each time; a contribution is kept before it is handed in, so that a crash in between hands in the same one.
    private async Task<Digest> GetOrCreateContributionAsync(VerifiedResharePlan plan, PolicySeat seat, CancellationToken cancellationToken)
    {
        (BundleId bundle, Digest planDigest) = (plan.Plan.BundleId, plan.Plan.Digest);
        using SecretValue? stored = await Secrets.GetAsync(ContributionName(bundle, planDigest, ContributionPlace), cancellationToken).ConfigureAwait(false);
        if (stored is not null)
        {
            return Digest.Of(stored.Bytes);
        }

        using TrusteeShares shares = await OpenSharesAsync(plan.Previous, seat.Group, seat.Member, cancellationToken).ConfigureAwait(false);
        ReshareContributionResult result = ReshareContribution.Create(plan, shares, Identity);
        for (int i = 0; i < result.Envelopes.Count; i++)
        {
            await Secrets.PutAsync(ContributionName(bundle, planDigest, i + 1), result.Envelopes[i].Bytes, cancellationToken).ConfigureAwait(false);
        }

        // Last, so that a stored contribution always has its envelopes.
        ReshareContribution contribution = result.Contribution.Contribution;
        await Secrets.PutAsync(ContributionName(bundle, planDigest, ContributionPlace), contribution.ToBytes(), cancellationToken).ConfigureAwait(false);
        return contribution.Digest;
    }

    private async Task HandOutContributionAsync(BundleId bundle, Digest plan, CancellationToken cancellationToken)
    {
        for (int place = TrusteePolicy.MaxTrustees; place >= ContributionPlace; place--)
        {
            using SecretValue? part = await Secrets.GetAsync(ContributionName(bundle, plan, place), cancellationToken).ConfigureAwait(false);
            if (part is not null)
            {
                await Services.Exchange.PutBlockAsync(part.Bytes.ToArray(), cancellationToken).ConfigureAwait(false);
            }
        }

        await DiscardContributionAsync(bundle, plan, cancellationToken).ConfigureAwait(false);
    }

    private async Task DiscardContributionAsync(BundleId bundle, Digest plan, CancellationToken cancellationToken)
    {
        for (int place = TrusteePolicy.MaxTrustees; place >= ContributionPlace; place--)
        {
            await Secrets.DeleteAsync(ContributionName(bundle, plan, place), cancellationToken).ConfigureAwait(false);
        }
    }

    // Those that were never handed in, of plans that came to an end.
    private async Task DiscardContributionsAsync(CancellationToken cancellationToken)
    {
        foreach (string name in await Secrets.ListAsync("reshare/", cancellationToken).ConfigureAwait(false))
        {
            string[] parts = name.Split('/');
            if (parts.Length == 4 && BundleId.TryParse(parts[1], out BundleId bundle) && Digest.TryParse(parts[2], out Digest plan)
                && await Services.Ledger.GetReshareAsync(bundle, plan, cancellationToken).ConfigureAwait(false) is { State: ReshareState.Cancelled or ReshareState.Expired })
            {
                await Secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static string ContributionName(BundleId bundle, Digest plan, int place) => string.Create(CultureInfo.InvariantCulture, $"reshare/{bundle}/{plan}/{place}");
}
