using Phr.Crypto;

namespace Phr.Consent;

// The trustees deal their shares onward while the patient is away, from the proposal to the dealing that comes of it.
public sealed partial class ConsentState
{
    private readonly Dictionary<Digest, ReshareRecord> _reshares = [];
    private readonly Dictionary<BundleId, List<Digest>> _resharesOfBundle = [];

    /// <summary>A reshare by the trustees.</summary>
    /// <param name="planDigest">SHA-256 of its plan's bytes.</param>
    /// <returns>The record, or null.</returns>
    public ReshareRecord? GetReshare(Digest planDigest) => _reshares.GetValueOrDefault(planDigest);

    private Refusal? On(ProposeReshare c, Turn turn)
    {
        DateTimeOffset notBefore = turn.Now + Parameters.TrusteeChangeDelay;
        BundleRecord? bundle = GetBundle(c.BundleId);
        DealingRecord? active = bundle?.ActiveDealing is { } digest ? _dealings[digest] : null;
        Refusal? refusal =
            bundle is null ? Refuse(LedgerError.NotFound, "The bundle is not registered.")
            : bundle.IsRevoked || active is null ? Refuse(LedgerError.WrongState, "The bundle is closed, or has no active dealing.")
            : active.Policy.FindSeat(c.Actor) is null ? Refuse(LedgerError.NotATrustee, "Only a trustee of the active policy proposes.")
            : _actors[bundle.Patient].Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The patient was removed.")
            : bundle.PendingDealing is not null || bundle.PendingReshare is not null ? Refuse(LedgerError.AlreadyExists, "Another dealing or reshare is under way.")
            : c.HeaderDigest != active.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header is not that of the active dealing.")
            : c.PreviousDealingDigest != active.Digest ? Refuse(LedgerError.StaleDigest, "The dealing to be followed is not the active one.")
            : c.Epoch != bundle.Epoch + 1 ? Refuse(LedgerError.StaleEpoch, "A dealing's epoch is one above the active one's.")
            : c.PlanDigest.IsZero ? Refuse(LedgerError.Malformed, "A plan has a digest.")
            : _reshares.ContainsKey(c.PlanDigest) ? Refuse(LedgerError.AlreadyExists, "This plan was proposed before.")
            : c.NotAfter <= notBefore ? Refuse(LedgerError.Expired, $"The reshare's time is over before it begins: nobody deals before {notBefore:u}.")
            : c.NotAfter > notBefore + Parameters.MaxRequestLifetime ? Refuse(LedgerError.Malformed, "The reshare would last longer than the ledger allows.")
            : FindTurn(c.BundleId, c.Actor) is { } from && turn.Now < from ? Refuse(LedgerError.CoolingDown, $"The trustee's last proposal came to nothing; until {from:u} it is the others' turn.")
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

    /// <summary>From when a trustee whose last proposal ran out may propose again: it leaves the others as much time as it took, so that nobody keeps them from it for good.</summary>
    private DateTimeOffset? FindTurn(BundleId bundle, ActorId trustee)
    {
        ReshareRecord? last = _resharesOfBundle.GetValueOrDefault(bundle)?.Select(plan => _reshares[plan]).LastOrDefault(reshare => reshare.ProposedBy == trustee);
        return last is { State: ReshareState.Expired } ? EndOf(last) + (last.NotAfter - last.ProposedAt) : null;
    }

    /// <summary>When a reshare is over that nobody brought to an end.</summary>
    private DateTimeOffset EndOf(ReshareRecord reshare) =>
        reshare.DealingDigest is { } dealing ? _dealings[dealing].NotBefore + (reshare.NotAfter - reshare.ProposedAt) : reshare.NotAfter;

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
            ?? (_dealings[reshare.PreviousDealingDigest].Policy.FindMember(c.Seat)?.Identity != c.Actor ? Refuse(LedgerError.NotATrustee, "The seat of the active policy is not the actor's.")
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
        ConsentPolicy active = _dealings[reshare.PreviousDealingDigest].Policy;
        Refusal? refusal =
            active.FindMember(c.Seat)?.Identity != c.Actor ? Refuse(LedgerError.NotATrustee, "The seat of the active policy is not the actor's.")
            : !c.Dealers.SequenceEqual(c.Dealers.Distinct().OrderBy(seat => seat.Group).ThenBy(seat => seat.Member)) || !c.Dealers.Contains(c.Seat) ? Refuse(LedgerError.Malformed, "The dealers are distinct, in order, and the signer is one of them.")
            : !c.Dealers.All(reshare.IsQualified) ? Refuse(LedgerError.WrongState, "One of the dealers has not contributed, or is left out.")
            : !active.IsSatisfiedBy(c.Dealers) ? Refuse(LedgerError.BelowQuorum, "The dealers do not meet the active policy.")
            : c.DealingDigest.IsZero || c.ConfirmationDigest.IsZero ? Refuse(LedgerError.Malformed, "A dealing and a confirmation have a digest.")
            : _dealings.ContainsKey(c.DealingDigest) ? Refuse(LedgerError.AlreadyExists, "This dealing was proposed before.")
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
            turn.Emit(new DealingProposed
            {
                BundleId = c.BundleId,
                DealingDigest = c.DealingDigest,
                HeaderDigest = reshare.HeaderDigest,
                Epoch = reshare.Epoch,
                PreviousDealingDigest = reshare.PreviousDealingDigest,
                Policy = reshare.Policy,
                NotBefore = turn.Now,
            });
            turn.Emit(new ReshareCompleted { BundleId = c.BundleId, PlanDigest = c.PlanDigest, DealingDigest = c.DealingDigest, Dealers = c.Dealers });
        }

        return null;
    }

    private Refusal? On(ExpireReshare c, Turn turn)
    {
        if (GetReshare(c.PlanDigest) is not { } reshare || reshare.BundleId != c.BundleId)
        {
            return Refuse(LedgerError.NotFound, "The bundle has no such reshare.");
        }

        BundleRecord bundle = _bundles[c.BundleId];
        if (bundle.PendingReshare != c.PlanDigest)
        {
            return Refuse(LedgerError.WrongState, "The reshare is not under way.");
        }

        if (turn.Now < EndOf(reshare))
        {
            return Refuse(LedgerError.NotYet, $"The reshare's time is not over before {EndOf(reshare):u}.");
        }

        if (bundle.PendingDealing is { } dealing)
        {
            turn.Emit(new DealingCancelled { BundleId = c.BundleId, DealingDigest = dealing });
        }

        turn.Emit(new ReshareExpired { BundleId = c.BundleId, PlanDigest = c.PlanDigest });
        return null;
    }

    /// <summary>A reshare that takes contributions, complaints and confirmations.</summary>
    private Refusal? FindOpen(BundleId bundle, Digest plan, DateTimeOffset now, out ReshareRecord reshare)
    {
        reshare = GetReshare(plan)!;
        return reshare is null || reshare.BundleId != bundle ? Refuse(LedgerError.NotFound, "The bundle has no such reshare.")
            : reshare.State != ReshareState.Open ? Refuse(LedgerError.WrongState, "The reshare is complete, or was ended.")
            : now >= reshare.NotAfter ? Refuse(LedgerError.Expired, "The reshare's time is over.")
            : null;
    }

    private void Change(Digest plan, Func<ReshareRecord, ReshareRecord> change) => _reshares[plan] = change(Known(_reshares, plan));

    private void End(BundleId bundle, Digest plan, ReshareState state)
    {
        Change(plan, reshare => reshare with { State = state });
        _bundles[bundle] = Known(_bundles, bundle) with { PendingReshare = null };
    }

    private void Apply(ReshareProposed e, DateTimeOffset now)
    {
        BundleRecord bundle = Known(_bundles, e.BundleId);
        _bundles[e.BundleId] = bundle with { PendingReshare = e.PlanDigest };
        _reshares[e.PlanDigest] = new ReshareRecord
        {
            PlanDigest = e.PlanDigest,
            BundleId = e.BundleId,
            Patient = bundle.Patient,
            HeaderDigest = e.HeaderDigest,
            Epoch = e.Epoch,
            PreviousDealingDigest = Known(_dealings, e.PreviousDealingDigest).Digest,
            Policy = e.Policy,
            ProposedBy = e.Proposer,
            ProposedAt = now,
            NotBefore = e.NotBefore,
            NotAfter = e.NotAfter,
            State = ReshareState.Open,
        };
        if (!_resharesOfBundle.TryGetValue(e.BundleId, out List<Digest>? ofBundle))
        {
            _resharesOfBundle[e.BundleId] = ofBundle = [];
        }

        ofBundle.Add(e.PlanDigest);
    }

    private void Apply(ReshareContributed e, DateTimeOffset now) => Change(e.PlanDigest, reshare => reshare with
    {
        Contributions = [.. reshare.Contributions, new ReshareContributionRecord { Seat = e.Seat, Trustee = e.Trustee, ContributionDigest = e.ContributionDigest, Time = now }],
    });

    private void Apply(ReshareComplained e, DateTimeOffset now) => Change(e.PlanDigest, reshare => reshare with
    {
        Complaints = [.. reshare.Complaints, new ReshareComplaintRecord { Seat = e.Seat, Trustee = e.Trustee, Dealer = e.Dealer, EvidenceDigest = e.EvidenceDigest, Time = now }],
    });

    private void Apply(ReshareConfirmed e, DateTimeOffset now) => Change(e.PlanDigest, reshare =>
    {
        var confirmation = new ReshareConfirmationRecord { Seat = e.Seat, Trustee = e.Trustee, DealingDigest = e.DealingDigest, Dealers = e.Dealers, ConfirmationDigest = e.ConfirmationDigest, Time = now };
        return reshare with
        {
            Confirmations = reshare.Confirmations.Any(earlier => earlier.Seat == e.Seat)
                ? [.. reshare.Confirmations.Select(earlier => earlier.Seat == e.Seat ? confirmation : earlier)]
                : [.. reshare.Confirmations, confirmation],
        };
    });

    private void Apply(ReshareCompleted e)
    {
        Change(e.PlanDigest, reshare => reshare with { State = ReshareState.Completed, DealingDigest = e.DealingDigest, Dealers = e.Dealers });
        _dealings[e.DealingDigest] = Known(_dealings, e.DealingDigest) with { PlanDigest = e.PlanDigest };
    }
}
