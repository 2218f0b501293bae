using Phr.Crypto;

namespace Phr.Consent;

// The trustees deal their shares onward while the patient is away, from the proposal to the dealing that comes of it.
public sealed partial class ConsentState
{
    private readonly Dictionary<(BundleId Bundle, Digest Plan), ReshareRecord> _reshares = [];

    /// <summary>How many reshares of a bundle were proposed, and those whose plan was proposed again since.</summary>
    private readonly Dictionary<BundleId, int> _reshareRounds = [];
    private readonly List<ReshareRecord> _formerReshares = [];

    /// <summary>From when a trustee whose proposal ran out may propose again.</summary>
    private readonly Dictionary<(BundleId Bundle, ActorId Trustee), DateTimeOffset> _turns = [];

    /// <summary>A reshare of a bundle by its trustees.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="planDigest">SHA-256 of its plan's bytes.</param>
    /// <returns>The record, the latest where a plan was proposed again; or null.</returns>
    public ReshareRecord? GetReshare(BundleId bundle, Digest planDigest) => _reshares.GetValueOrDefault((bundle, planDigest));

    private Refusal? On(ProposeReshare c, Turn turn)
    {
        DateTimeOffset notBefore = turn.Now + Parameters.TrusteeChangeDelay;
        BundleRecord? bundle = GetBundle(c.BundleId);
        DealingRecord? active = FindActive(bundle, c.Policy.Emergency);
        Refusal? refusal =
            bundle is null ? Refuse(LedgerError.NotFound, "The bundle is not registered.")
            : bundle.IsRevoked || active is null ? Refuse(LedgerError.WrongState, "The bundle is closed, or has no active dealing.")
            : active.Policy.FindSeat(c.Actor) is null ? Refuse(LedgerError.NotATrustee, "Only a trustee of the active policy proposes.")
            : _actors[bundle.Patient].Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The patient was removed.")
            : bundle.PendingDealing is not null || bundle.PendingReshare is not null ? Refuse(LedgerError.AlreadyExists, "Another dealing or reshare is under way.")
            : c.HeaderDigest != active.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header is not that of the active dealing.")
            : c.PreviousDealingDigest != active.Digest ? Refuse(LedgerError.StaleDigest, "The dealing to be followed is not the active one.")
            : c.Epoch != bundle.LastEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "A dealing's epoch is one above the last one's.")
            : c.PlanDigest.IsZero ? Refuse(LedgerError.Malformed, "A plan has a digest.")
            : c.NotAfter <= notBefore ? Refuse(LedgerError.Expired, $"The reshare's time is over before it begins: nobody deals before {notBefore:u}.")
            : c.NotAfter > notBefore + Parameters.MaxRequestLifetime ? Refuse(LedgerError.Malformed, "The reshare would last longer than the ledger allows.")
            : _turns.TryGetValue((c.BundleId, c.Actor), out DateTimeOffset from) && turn.Now < from ? Refuse(LedgerError.CoolingDown, $"The trustee's last proposal came to nothing; until {from:u} it is the others' turn.")
            : c.Policy.FindFault() is { } fault ? Refuse(LedgerError.PolicyInvalid, fault)
            : c.Policy.FindRelaxation(active.Policy) is { } relaxation ? Refuse(LedgerError.PolicyRelaxed, relaxation)
            : FindTrusteeFault(bundle, c.Policy, turn.Now);
        if (refusal is null)
        {
            turn.Emit(new ReshareProposed
            {
                BundleId = c.BundleId,
                PlanDigest = c.PlanDigest,
                HeaderDigest = c.HeaderDigest,
                Epoch = c.Epoch,
                PreviousDealingDigest = c.PreviousDealingDigest,
                Policy = c.Policy,
                Proposer = c.Actor,
                NotBefore = notBefore,
                NotAfter = c.NotAfter,
            });
        }

        return refusal;
    }

    /// <summary>When a reshare is over that nobody brought to an end.</summary>
    private DateTimeOffset EndOf(ReshareRecord reshare) =>
        reshare.DealingDigest is { } dealing ? _dealings[(reshare.BundleId, reshare.Policy.Emergency, dealing)].NotBefore + (reshare.NotAfter - reshare.ProposedAt) : reshare.NotAfter;

    private Refusal? On(CancelReshare c, Turn turn)
    {
        Refusal? refusal = FindOwn(c.BundleId, c.Actor, out BundleRecord bundle)
            ?? (bundle.PendingReshare != c.PlanDigest || bundle.PendingDealing is not null ? Refuse(LedgerError.WrongState, "The reshare is not under way, or its dealing is to be cancelled.") : null);
        if (refusal is null)
        {
            turn.Emit(new ReshareCancelled { BundleId = c.BundleId, PlanDigest = c.PlanDigest });
        }

        return refusal;
    }

    private Refusal? On(ContributeToReshare c, Turn turn)
    {
        Refusal? refusal = FindOpen(c.BundleId, c.PlanDigest, turn.Now, out ReshareRecord reshare)
            ?? (reshare.DecidingPolicy.FindMember(c.Seat)?.Identity != c.Actor ? Refuse(LedgerError.NotATrustee, "The seat of the active policy is not the actor's.")
            : turn.Now < reshare.NotBefore ? Refuse(LedgerError.NotYet, $"Nothing is dealt before {reshare.NotBefore:u}: until then the patient may stop it.")
            : reshare.Contributions.Any(contribution => contribution.Seat == c.Seat) ? Refuse(LedgerError.AlreadyExists, "The trustee contributed already.")
            : c.ContributionDigest.IsZero ? Refuse(LedgerError.Malformed, "A contribution has a digest.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ReshareContributed { BundleId = c.BundleId, PlanDigest = c.PlanDigest, Seat = c.Seat, Trustee = c.Actor, ContributionDigest = c.ContributionDigest });
        }

        return refusal;
    }

    private Refusal? On(ComplainOfReshare c, Turn turn)
    {
        Refusal? refusal = FindOpen(c.BundleId, c.PlanDigest, turn.Now, out ReshareRecord reshare)
            ?? (reshare.Policy.FindMember(c.Seat)?.Identity != c.Actor ? Refuse(LedgerError.NotATrustee, "The seat of the new policy is not the actor's.")
            : !reshare.Contributions.Any(contribution => contribution.Seat == c.Dealer) ? Refuse(LedgerError.NotFound, "That dealer has not contributed.")
            : reshare.Complaints.Any(complaint => complaint.Seat == c.Seat && complaint.Dealer == c.Dealer) ? Refuse(LedgerError.AlreadyExists, "The trustee complained of this dealer already.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ReshareComplained { BundleId = c.BundleId, PlanDigest = c.PlanDigest, Seat = c.Seat, Trustee = c.Actor, Dealer = c.Dealer, EvidenceDigest = c.EvidenceDigest });
        }

        return refusal;
    }

    private Refusal? On(ConfirmReshare c, Turn turn)
    {
        if (FindOpen(c.BundleId, c.PlanDigest, turn.Now, out ReshareRecord reshare) is { } closed)
        {
            return closed;
        }

        BundleRecord bundle = _bundles[c.BundleId];
        ConsentPolicy active = reshare.DecidingPolicy;
        Refusal? refusal =
            active.FindMember(c.Seat)?.Identity != c.Actor ? Refuse(LedgerError.NotATrustee, "The seat of the active policy is not the actor's.")
            : !c.Dealers.SequenceEqual(c.Dealers.Distinct().OrderBy(seat => seat.Group).ThenBy(seat => seat.Member)) || !c.Dealers.Contains(c.Seat) ? Refuse(LedgerError.Malformed, "The dealers are distinct, in order, and the signer is one of them.")
            : !c.Dealers.All(reshare.IsQualified) ? Refuse(LedgerError.WrongState, "One of the dealers has not contributed, or is left out.")
            : !active.IsSatisfiedBy(c.Dealers) ? Refuse(LedgerError.BelowQuorum, "The dealers do not meet the active policy.")
            : c.DealingDigest.IsZero || c.ConfirmationDigest.IsZero ? Refuse(LedgerError.Malformed, "A dealing and a confirmation have a digest.")
            : c.DealingDigest == reshare.PreviousDealingDigest ? Refuse(LedgerError.AlreadyExists, "This dealing is the active one.")
            : FindTrusteeFault(bundle, reshare.Policy, turn.Now);
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new ReshareConfirmed { BundleId = c.BundleId, PlanDigest = c.PlanDigest, Seat = c.Seat, Trustee = c.Actor, DealingDigest = c.DealingDigest, Dealers = c.Dealers, ConfirmationDigest = c.ConfirmationDigest });
        TrusteeSeat[] agreed =
        [
            c.Seat,
            .. reshare.Confirmations
                .Where(confirmation => confirmation.DealingDigest == c.DealingDigest && confirmation.Dealers.SequenceEqual(c.Dealers) && _actors[confirmation.Trustee].IsActiveAt(turn.Now))
                .Select(confirmation => confirmation.Seat),
        ];
        if (c.Dealers.All(agreed.Contains))
        {
            turn.Emit(new ReshareCompleted { BundleId = c.BundleId, PlanDigest = c.PlanDigest, DealingDigest = c.DealingDigest, Dealers = c.Dealers });
        }

        return null;
    }

    private Refusal? On(ExpireReshare c, Turn turn)
    {
        if (FindUnderWay(c.BundleId, c.PlanDigest) is not { } reshare)
        {
            return Refuse(LedgerError.NotFound, "The bundle has no such reshare under way.");
        }

        if (turn.Now < EndOf(reshare))
        {
            return Refuse(LedgerError.NotYet, $"The reshare's time is not over before {EndOf(reshare):u}.");
        }

        turn.Emit(new ReshareExpired { BundleId = c.BundleId, PlanDigest = c.PlanDigest });
        return null;
    }

    /// <summary>A reshare that takes contributions, complaints and confirmations.</summary>
    private Refusal? FindOpen(BundleId bundle, Digest plan, DateTimeOffset now, out ReshareRecord reshare)
    {
        reshare = FindUnderWay(bundle, plan)!;
        return reshare is null ? Refuse(LedgerError.NotFound, "The bundle has no such reshare under way.")
            : reshare.State != ReshareState.Open ? Refuse(LedgerError.WrongState, "The reshare is complete.")
            : now >= reshare.NotAfter ? Refuse(LedgerError.Expired, "The reshare's time is over.")
            : null;
    }

    /// <summary>A reshare whose dealing did not become active yet, and that nothing ended.</summary>
    private ReshareRecord? FindUnderWay(BundleId bundle, Digest plan) => GetBundle(bundle)?.PendingReshare == plan ? _reshares[(bundle, plan)] : null;

    private void Change(BundleId bundle, Digest plan, Func<ReshareRecord, ReshareRecord> change) => _reshares[(bundle, plan)] = change(Known(_reshares, (bundle, plan)));

    private void Apply(ReshareCancelled e)
    {
        Change(e.BundleId, e.PlanDigest, reshare => reshare with { State = ReshareState.Cancelled });
        _bundles[e.BundleId] = Known(_bundles, e.BundleId) with { PendingReshare = null };
    }

    private void Apply(ReshareExpired e)
    {
        ReshareRecord reshare = Known(_reshares, (e.BundleId, e.PlanDigest));

        // It leaves the others as much time as it took, so that nobody keeps them from it for good.
        _turns[(e.BundleId, reshare.ProposedBy)] = EndOf(reshare) + (reshare.NotAfter - reshare.ProposedAt);
        if (FindPending(Known(_bundles, e.BundleId)) is { } dealing)
        {
            Keep(dealing with { State = DealingState.Cancelled });
        }

        Change(e.BundleId, e.PlanDigest, expired => expired with { State = ReshareState.Expired });
        _bundles[e.BundleId] = _bundles[e.BundleId] with { PendingDealing = null, PendingReshare = null };
    }

    private void Apply(ReshareProposed e, DateTimeOffset now)
    {
        BundleRecord bundle = Known(_bundles, e.BundleId);
        _bundles[e.BundleId] = bundle with { PendingReshare = e.PlanDigest };
        DealingRecord previous = Known(_dealings, (e.BundleId, e.Policy.Emergency, e.PreviousDealingDigest));
        if (_reshares.TryGetValue((e.BundleId, e.PlanDigest), out ReshareRecord? former))
        {
            _formerReshares.Add(former);
        }

        int round = _reshareRounds[e.BundleId] = _reshareRounds.GetValueOrDefault(e.BundleId) + 1;
        _reshares[(e.BundleId, e.PlanDigest)] = new ReshareRecord
        {
            PlanDigest = e.PlanDigest,
            BundleId = e.BundleId,
            Patient = bundle.Patient,
            HeaderDigest = e.HeaderDigest,
            Epoch = e.Epoch,
            PreviousDealingDigest = previous.Digest,
            Policy = e.Policy,
            DecidingPolicy = previous.Policy,
            Round = round,
            ProposedBy = e.Proposer,
            ProposedAt = now,
            NotBefore = e.NotBefore,
            NotAfter = e.NotAfter,
            State = ReshareState.Open,
        };
    }

    private void Apply(ReshareContributed e, DateTimeOffset now) => Change(e.BundleId, e.PlanDigest, reshare => reshare with
    {
        Contributions = [.. reshare.Contributions, new ReshareContributionRecord { Seat = e.Seat, Trustee = e.Trustee, ContributionDigest = e.ContributionDigest, Time = now }],
    });

    private void Apply(ReshareComplained e, DateTimeOffset now) => Change(e.BundleId, e.PlanDigest, reshare => reshare with
    {
        Complaints = [.. reshare.Complaints, new ReshareComplaintRecord { Seat = e.Seat, Trustee = e.Trustee, Dealer = e.Dealer, EvidenceDigest = e.EvidenceDigest, Time = now }],
    });

    private void Apply(ReshareConfirmed e, DateTimeOffset now) => Change(e.BundleId, e.PlanDigest, reshare =>
    {
        var confirmation = new ReshareConfirmationRecord { Seat = e.Seat, Trustee = e.Trustee, DealingDigest = e.DealingDigest, Dealers = e.Dealers, ConfirmationDigest = e.ConfirmationDigest, Time = now };
        return reshare with
        {
            Confirmations = reshare.Confirmations.Any(earlier => earlier.Seat == e.Seat)
                ? [.. reshare.Confirmations.Select(earlier => earlier.Seat == e.Seat ? confirmation : earlier)]
                : [.. reshare.Confirmations, confirmation],
        };
    });

    private void Apply(ReshareCompleted e, DateTimeOffset now)
    {
        Change(e.BundleId, e.PlanDigest, reshare => reshare with { State = ReshareState.Completed, DealingDigest = e.DealingDigest, Dealers = e.Dealers });
        ReshareRecord completed = _reshares[(e.BundleId, e.PlanDigest)];
        Place(e.BundleId, completed.Policy, e.DealingDigest);
        Keep(new DealingRecord
        {
            Digest = e.DealingDigest,
            BundleId = e.BundleId,
            Patient = completed.Patient,
            HeaderDigest = completed.HeaderDigest,
            Epoch = completed.Epoch,
            PreviousDealingDigest = completed.PreviousDealingDigest,
            Policy = completed.Policy,
            PolicyDigest = completed.Policy.Digest,
            State = DealingState.Registered,
            PlanDigest = e.PlanDigest,
            ProposedAt = now,
            NotBefore = now,
        });
        _bundles[e.BundleId] = Known(_bundles, e.BundleId) with { PendingDealing = e.DealingDigest };
    }
}
