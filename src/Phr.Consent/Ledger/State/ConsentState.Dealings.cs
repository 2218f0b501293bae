using Phr.Crypto;

namespace Phr.Consent;

// Envelope keys of trustees, and dealings from proposal to succession.
public sealed partial class ConsentState
{
    private const ActorRoles TrusteeRoles = PersonRoles | ActorRoles.Hospital | ActorRoles.Agency | ActorRoles.Insurer;

    private readonly Dictionary<(BundleId Bundle, bool Emergency, Digest Digest), DealingRecord> _dealings = [];

    private readonly Dictionary<(ActorId Trustee, BundleId Bundle, int Epoch), EnvelopeKeyRecord> _envelopeKeys = [];

    /// <summary>A contract keeps two dealings of each track, the active one and the last other one: which lies where, and which place is the active one's.</summary>
    private readonly Dictionary<(BundleId Bundle, bool Emergency, int Place), Digest> _dealingPlaces = [];
    private readonly Dictionary<(BundleId Bundle, bool Emergency), int> _activePlaces = [];

    /// <summary>A dealing of a bundle.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="dealingDigest">SHA-256 of its bytes.</param>
    /// <returns>The record, the normal track's before the emergency track's; or null.</returns>
    public DealingRecord? GetDealing(BundleId bundle, Digest dealingDigest) =>
        _dealings.GetValueOrDefault((bundle, false, dealingDigest)) ?? _dealings.GetValueOrDefault((bundle, true, dealingDigest));

    /// <summary>The active dealing of a bundle's track.</summary>
    private DealingRecord? FindActive(BundleRecord? bundle, bool emergency) =>
        (emergency ? bundle?.ActiveEmergencyDealing : bundle?.ActiveDealing) is { } digest ? _dealings[(bundle!.Id, emergency, digest)] : null;

    /// <summary>The dealing of a bundle that waits to become active.</summary>
    private DealingRecord? FindPending(BundleRecord bundle) =>
        bundle.PendingDealing is not { } digest ? null
        : _dealings.TryGetValue((bundle.Id, false, digest), out DealingRecord? normal) && normal.IsPending ? normal
        : _dealings[(bundle.Id, true, digest)];

    /// <summary>A dealing of a bundle that waits to become active, or is active on its track.</summary>
    private DealingRecord? FindServing(BundleId id, Digest digest) =>
        GetBundle(id) is not { } bundle ? null
        : bundle.PendingDealing == digest ? FindPending(bundle)
        : bundle.ActiveDealing == digest ? FindActive(bundle, emergency: false)
        : bundle.ActiveEmergencyDealing == digest ? FindActive(bundle, emergency: true)
        : null;

    /// <summary>The envelope key that a trustee published.</summary>
    /// <param name="trustee">The trustee.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch.</param>
    /// <returns>The record, or null.</returns>
    public EnvelopeKeyRecord? GetEnvelopeKey(ActorId trustee, BundleId bundle, int epoch) => _envelopeKeys.GetValueOrDefault((trustee, bundle, epoch));

    private Refusal? On(PublishEnvelopeKey c, Turn turn)
    {
        Refusal? refusal = RequireRole(c.Actor, TrusteeRoles)
            ?? (GetBundle(c.BundleId) is not { } bundle ? Refuse(LedgerError.NotFound, "The bundle is not registered.")
            : bundle.IsRevoked ? Refuse(LedgerError.WrongState, "The bundle was closed.")
            : c.Epoch != bundle.LastEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "Envelope keys are published for the epoch after the last one.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new EnvelopeKeyPublished { Trustee = c.Actor, BundleId = c.BundleId, Epoch = c.Epoch, EnvelopeKey = c.EnvelopeKey, OfferDigest = c.OfferDigest });
        }

        return refusal;
    }

    private Refusal? On(ProposeDealing c, Turn turn)
    {
        Refusal? refusal = FindOwn(c.BundleId, c.Actor, out BundleRecord bundle)
            ?? (bundle.PendingDealing is not null && bundle.PendingReshare is null ? Refuse(LedgerError.AlreadyExists, "Another dealing is proposed; cancel it first.")
            : c.HeaderDigest != bundle.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header is not the present one.")
            : c.PreviousDealingDigest != (FindActive(bundle, c.Policy.Emergency)?.Digest ?? default) ? Refuse(LedgerError.StaleDigest, "The dealing to be followed is not the active one of its track.")
            : c.Epoch != bundle.LastEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "A dealing's epoch is one above the last one's.")
            : c.DealingDigest.IsZero ? Refuse(LedgerError.Malformed, "A dealing has a digest.")
            : c.DealingDigest == c.PreviousDealingDigest ? Refuse(LedgerError.AlreadyExists, "This dealing is the active one.")
            : c.Policy.FindFault() is { } fault ? Refuse(LedgerError.PolicyInvalid, fault)
            : FindTrusteeFault(bundle, c.Policy, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        // What the trustees made while the patient was away gives way to the patient's own dealing.
        bool waits = FindActive(bundle, c.Policy.Emergency) is { } active && active.PolicyDigest != c.Policy.Digest;
        turn.Emit(new DealingProposed
        {
            BundleId = c.BundleId,
            DealingDigest = c.DealingDigest,
            HeaderDigest = c.HeaderDigest,
            Epoch = c.Epoch,
            PreviousDealingDigest = c.PreviousDealingDigest,
            Policy = c.Policy,
            NotBefore = waits ? turn.Now + Parameters.TrusteeChangeDelay : turn.Now,
        });
        return null;
    }

    /// <summary>The dealing that waits is cancelled, or the reshare that is under way: what follows from a patient's own dealing and from a closed bundle.</summary>
    private void EndWaiting(BundleRecord bundle)
    {
        if (FindPending(bundle) is { } dealing)
        {
            Keep(dealing with { State = DealingState.Cancelled });
        }
        else if (bundle.PendingReshare is { } plan)
        {
            Change(bundle.Id, plan, reshare => reshare with { State = ReshareState.Cancelled });
        }

        _bundles[bundle.Id] = bundle with { PendingDealing = null, PendingReshare = null };
    }

    /// <summary>Notes that a proposal takes the place beside its track's active dealing.</summary>
    private void Place(BundleId bundle, ConsentPolicy policy, Digest digest) =>
        _dealingPlaces[(bundle, policy.Emergency, _activePlaces.GetValueOrDefault((bundle, policy.Emergency)) ^ 1)] = digest;

    private void Keep(DealingRecord dealing) => _dealings[(dealing.BundleId, dealing.Policy.Emergency, dealing.Digest)] = dealing;

    /// <summary>Whether every trustee of a policy proposed for a bundle's next epoch is fit to be one.</summary>
    private Refusal? FindTrusteeFault(BundleRecord bundle, ConsentPolicy policy, DateTimeOffset now)
    {
        foreach (TrusteeSeat seat in policy.Seats())
        {
            PolicyMember member = policy.FindMember(seat)!;
            if (Find(member.Identity) is not { } trustee)
            {
                return Refuse(LedgerError.NotRegistered, $"The trustee in seat {seat} is not registered.");
            }

            if (FindInactivity(trustee, now) is { } inactive)
            {
                return Refuse(inactive.Error, $"The trustee in seat {seat} is not active.");
            }

            if ((trustee.Roles & TrusteeRoles) == 0 || trustee.Id == bundle.Patient)
            {
                return Refuse(LedgerError.WrongRole, $"The actor in seat {seat} cannot be a trustee of this bundle.");
            }

            // So whoever reads the policy alone knows which trustees are one will.
            if (!trustee.EffectiveOrganisation.IsZero && member.Organisation != trustee.EffectiveOrganisation)
            {
                return Refuse(LedgerError.PolicyInvalid, $"The policy does not name the organisation to which the trustee in seat {seat} belongs on the ledger.");
            }
        }

        return null;
    }

    private Refusal? On(CancelDealing c, Turn turn)
    {
        Refusal? refusal = FindOwn(c.BundleId, c.Actor, out BundleRecord bundle)
            ?? (bundle.PendingDealing != c.DealingDigest ? Refuse(LedgerError.WrongState, "The dealing does not wait to become active.") : null);
        if (refusal is null)
        {
            turn.Emit(new DealingCancelled { BundleId = c.BundleId, DealingDigest = c.DealingDigest });
        }

        return refusal;
    }

    private Refusal? On(AcknowledgeDealing c, Turn turn)
    {
        Refusal? refusal = FindSeat(c.BundleId, c.DealingDigest, c.Seat, c.Actor);
        if (refusal is null)
        {
            turn.Emit(new DealingAcknowledged { BundleId = c.BundleId, DealingDigest = c.DealingDigest, Seat = c.Seat, Trustee = c.Actor });
        }

        return refusal;
    }

    private Refusal? On(ComplainOfDealing c, Turn turn)
    {
        Refusal? refusal = FindSeat(c.BundleId, c.DealingDigest, c.Seat, c.Actor);
        if (refusal is null)
        {
            turn.Emit(new DealingComplained { BundleId = c.BundleId, DealingDigest = c.DealingDigest, Seat = c.Seat, Trustee = c.Actor, EvidenceDigest = c.EvidenceDigest });
        }

        return refusal;
    }

    /// <summary>Whether the actor may speak, once, for a seat of a dealing that still counts.</summary>
    private Refusal? FindSeat(BundleId bundle, Digest digest, TrusteeSeat seat, ActorId actor) =>
        FindServing(bundle, digest) is not { } dealing ? Refuse(LedgerError.NotFound, "The bundle has no such dealing that waits or serves.")
        : dealing.Policy.FindMember(seat)?.Identity != actor ? Refuse(LedgerError.NotATrustee, "The seat is not the actor's.")
        : dealing.HasAcknowledged(seat) || dealing.Complaints.Any(complaint => complaint.Seat == seat) ? Refuse(LedgerError.AlreadyExists, "The trustee spoke on this dealing already.")
        : null;

    private Refusal? On(ActivateDealing c, Turn turn)
    {
        if (FindServing(c.BundleId, c.DealingDigest) is not { } dealing)
        {
            return Refuse(LedgerError.NotFound, "The bundle has no such dealing that waits or serves.");
        }

        if (!dealing.IsPending)
        {
            return Refuse(LedgerError.WrongState, "The dealing does not wait to become active.");
        }

        if (turn.Now < dealing.NotBefore)
        {
            return Refuse(LedgerError.NotYet, $"A changed policy becomes active no earlier than {dealing.NotBefore:u}.");
        }

        TrusteeSeat[] missing = [.. dealing.Outstanding()];
        bool suffices = missing.Length == 0
            || (dealing.HasQuorum() && c.Actor == dealing.Patient && missing.All(c.Without.Contains))
            || (dealing.HasQuorum() && dealing.IsReshared && dealing.Complaints.Count == 0);
        if (!suffices)
        {
            return Refuse(LedgerError.BelowQuorum, dealing.IsReshared
                ? "Enough trustees for the policy must have acknowledged and none complained; else the patient alone may activate it, naming the seats to do without."
                : "All trustees must have acknowledged; or enough for the policy, and then the patient alone may activate it, naming the seats to do without.");
        }

        turn.Emit(new DealingActivated { BundleId = c.BundleId, DealingDigest = c.DealingDigest, Epoch = dealing.Epoch, Missing = missing });
        return null;
    }

    private void Apply(EnvelopeKeyPublished e) => _envelopeKeys[(e.Trustee, e.BundleId, e.Epoch)] = new EnvelopeKeyRecord
    {
        Trustee = e.Trustee,
        BundleId = e.BundleId,
        Epoch = e.Epoch,
        EnvelopeKey = e.EnvelopeKey,
        OfferDigest = e.OfferDigest,
    };

    private void Apply(DealingProposed e, DateTimeOffset now)
    {
        EndWaiting(Known(_bundles, e.BundleId));
        _bundles[e.BundleId] = _bundles[e.BundleId] with { PendingDealing = e.DealingDigest };
        Place(e.BundleId, e.Policy, e.DealingDigest);
        Keep(new DealingRecord
        {
            Digest = e.DealingDigest,
            BundleId = e.BundleId,
            Patient = _bundles[e.BundleId].Patient,
            HeaderDigest = e.HeaderDigest,
            Epoch = e.Epoch,
            PreviousDealingDigest = e.PreviousDealingDigest,
            Policy = e.Policy,
            PolicyDigest = e.Policy.Digest,
            State = DealingState.Registered,
            ProposedAt = now,
            NotBefore = e.NotBefore,
        });
    }

    private void Apply(DealingCancelled e)
    {
        Keep(KnownServing(e.BundleId, e.DealingDigest) with { State = DealingState.Cancelled });
        _bundles[e.BundleId] = Known(_bundles, e.BundleId) with { PendingDealing = null, PendingReshare = null };
    }

    private void Apply(DealingAcknowledged e, DateTimeOffset now)
    {
        DealingRecord dealing = KnownServing(e.BundleId, e.DealingDigest);
        dealing = dealing with { Acknowledgements = [.. dealing.Acknowledgements, new AcknowledgementRecord { Seat = e.Seat, Trustee = e.Trustee, Time = now }] };
        Keep(dealing.State == DealingState.Registered && !dealing.Outstanding().Any() ? dealing with { State = DealingState.Acknowledged } : dealing);
    }

    private void Apply(DealingComplained e, DateTimeOffset now)
    {
        DealingRecord dealing = KnownServing(e.BundleId, e.DealingDigest);
        var complaint = new ComplaintRecord { Seat = e.Seat, Trustee = e.Trustee, EvidenceDigest = e.EvidenceDigest, Time = now };
        Keep(dealing with { Complaints = [.. dealing.Complaints, complaint] });
    }

    private void Apply(DealingActivated e, DateTimeOffset now)
    {
        DealingRecord dealing = KnownServing(e.BundleId, e.DealingDigest);
        bool emergency = dealing.Policy.Emergency;
        BundleRecord bundle = Known(_bundles, e.BundleId);
        if (FindActive(bundle, emergency) is { } old)
        {
            Keep(old with { State = DealingState.Superseded });
        }

        Keep(dealing with { State = DealingState.Active, ActivatedAt = now, Missing = e.Missing });
        _activePlaces[(e.BundleId, emergency)] = _activePlaces.GetValueOrDefault((e.BundleId, emergency)) ^ 1;
        bundle = bundle with { LastEpoch = e.Epoch, PendingDealing = null, PendingReshare = null };
        _bundles[e.BundleId] = emergency
            ? bundle with { ActiveEmergencyDealing = e.DealingDigest, EmergencyEpoch = e.Epoch }
            : bundle with { ActiveDealing = e.DealingDigest, Epoch = e.Epoch, RefreshDue = false };
        VoidUndecided(RequestsOf(e.BundleId).Where(request => request.Policy.Emergency == emergency && request.Epoch != e.Epoch), VoidCause.NewDealing, now);
    }

    private DealingRecord KnownServing(BundleId bundle, Digest digest) =>
        FindServing(bundle, digest) ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of something that no earlier event made.");
}
