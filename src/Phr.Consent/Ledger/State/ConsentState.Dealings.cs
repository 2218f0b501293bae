using Phr.Crypto;

namespace Phr.Consent;

// Envelope keys of trustees, and dealings from proposal to succession.
public sealed partial class ConsentState
{
    private const ActorRoles TrusteeRoles = PersonRoles | ActorRoles.Hospital | ActorRoles.Agency | ActorRoles.Insurer;

    private readonly Dictionary<Digest, DealingRecord> _dealings = [];
    private readonly Dictionary<(ActorId Trustee, BundleId Bundle, int Epoch), EnvelopeKeyRecord> _envelopeKeys = [];

    /// <summary>A dealing.</summary>
    /// <param name="dealingDigest">SHA-256 of its bytes.</param>
    /// <returns>The record, or null.</returns>
    public DealingRecord? GetDealing(Digest dealingDigest) => _dealings.GetValueOrDefault(dealingDigest);

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
            : c.Epoch != bundle.Epoch + 1 ? Refuse(LedgerError.StaleEpoch, "Envelope keys are published for the epoch after the active one.")
            : _envelopeKeys.ContainsKey((c.Actor, c.BundleId, c.Epoch)) ? Refuse(LedgerError.AlreadyExists, "The trustee published its key for this epoch already.")
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
            ?? (bundle.PendingDealing is { } pending && !_dealings[pending].IsReshared ? Refuse(LedgerError.AlreadyExists, "Another dealing is proposed; cancel it first.")
            : c.HeaderDigest != bundle.HeaderDigest ? Refuse(LedgerError.StaleDigest, "The header is not the present one.")
            : c.PreviousDealingDigest != (bundle.ActiveDealing ?? default) ? Refuse(LedgerError.StaleDigest, "The dealing to be followed is not the active one.")
            : c.Epoch != bundle.Epoch + 1 ? Refuse(LedgerError.StaleEpoch, "A dealing's epoch is one above the active one's.")
            : c.DealingDigest.IsZero ? Refuse(LedgerError.Malformed, "A dealing has a digest.")
            : _dealings.ContainsKey(c.DealingDigest) ? Refuse(LedgerError.AlreadyExists, "This dealing was proposed before.")
            : c.Policy.FindFault() is { } fault ? Refuse(LedgerError.PolicyInvalid, fault)
            : FindTrusteeFault(bundle, c.Policy, turn.Now));
        if (refusal is not null)
        {
            return refusal;
        }

        // What the trustees made while the patient was away gives way to the patient's own dealing.
        EndWaiting(bundle, turn);
        bool waits = bundle.ActiveDealing is { } active && _dealings[active].PolicyDigest != c.Policy.Digest;
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

    /// <summary>Cancels the dealing that waits, or the reshare that is under way.</summary>
    private static void EndWaiting(BundleRecord bundle, Turn turn)
    {
        if (bundle.PendingDealing is { } dealing)
        {
            turn.Emit(new DealingCancelled { BundleId = bundle.Id, DealingDigest = dealing });
        }
        else if (bundle.PendingReshare is { } plan)
        {
            turn.Emit(new ReshareCancelled { BundleId = bundle.Id, PlanDigest = plan });
        }
    }

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

            if (!member.Organisation.IsZero && !trustee.EffectiveOrganisation.IsZero && member.Organisation != trustee.EffectiveOrganisation)
            {
                return Refuse(LedgerError.PolicyInvalid, $"The trustee in seat {seat} belongs to another organisation on the ledger.");
            }

            if (!_envelopeKeys.ContainsKey((trustee.Id, bundle.Id, bundle.Epoch + 1)))
            {
                return Refuse(LedgerError.EnvelopeKeyMissing, $"The trustee in seat {seat} has not published its envelope key for this epoch.");
            }
        }

        return policy.FindOrganisationFault(OrganisationOf) is { } fault ? Refuse(LedgerError.PolicyInvalid, fault) : null;
    }

    private ActorId OrganisationOf(PolicyMember member) =>
        !member.Organisation.IsZero ? member.Organisation : Find(member.Identity)?.EffectiveOrganisation ?? default;

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
        GetDealing(digest) is not { } dealing || dealing.BundleId != bundle ? Refuse(LedgerError.NotFound, "The bundle has no such dealing.")
        : !dealing.IsPending && dealing.State != DealingState.Active ? Refuse(LedgerError.WrongState, "The dealing serves no more.")
        : dealing.Policy.FindMember(seat)?.Identity != actor ? Refuse(LedgerError.NotATrustee, "The seat is not the actor's.")
        : dealing.HasAcknowledged(seat) || dealing.Complaints.Any(complaint => complaint.Seat == seat) ? Refuse(LedgerError.AlreadyExists, "The trustee spoke on this dealing already.")
        : null;

    private Refusal? On(ActivateDealing c, Turn turn)
    {
        if (GetDealing(c.DealingDigest) is not { } dealing || dealing.BundleId != c.BundleId)
        {
            return Refuse(LedgerError.NotFound, "The bundle has no such dealing.");
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

        if (_bundles[c.BundleId].ActiveDealing is { } old)
        {
            turn.Emit(new DealingSuperseded { BundleId = c.BundleId, DealingDigest = old });
        }

        turn.Emit(new DealingActivated { BundleId = c.BundleId, DealingDigest = c.DealingDigest, Epoch = dealing.Epoch, Missing = missing });
        foreach (RequestRecord request in RequestsOf(c.BundleId).Where(request => request.IsUndecided(turn.Now)))
        {
            turn.Emit(new RequestVoided { RequestId = request.Id, Cause = VoidCause.NewDealing });
        }

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
        BundleRecord bundle = Known(_bundles, e.BundleId);
        _bundles[e.BundleId] = bundle with { PendingDealing = e.DealingDigest };
        _dealings[e.DealingDigest] = new DealingRecord
        {
            Digest = e.DealingDigest,
            BundleId = e.BundleId,
            Patient = bundle.Patient,
            HeaderDigest = e.HeaderDigest,
            Epoch = e.Epoch,
            PreviousDealingDigest = e.PreviousDealingDigest,
            Policy = e.Policy,
            PolicyDigest = e.Policy.Digest,
            State = DealingState.Registered,
            ProposedAt = now,
            NotBefore = e.NotBefore,
        };
    }

    private void Apply(DealingCancelled e)
    {
        _dealings[e.DealingDigest] = Known(_dealings, e.DealingDigest) with { State = DealingState.Cancelled };
        _bundles[e.BundleId] = Known(_bundles, e.BundleId) with { PendingDealing = null, PendingReshare = null };
    }

    private void Apply(DealingAcknowledged e, DateTimeOffset now)
    {
        DealingRecord dealing = Known(_dealings, e.DealingDigest);
        dealing = dealing with { Acknowledgements = [.. dealing.Acknowledgements, new AcknowledgementRecord { Seat = e.Seat, Trustee = e.Trustee, Time = now }] };
        _dealings[e.DealingDigest] = dealing.State == DealingState.Registered && !dealing.Outstanding().Any() ? dealing with { State = DealingState.Acknowledged } : dealing;
    }

    private void Apply(DealingComplained e, DateTimeOffset now)
    {
        DealingRecord dealing = Known(_dealings, e.DealingDigest);
        var complaint = new ComplaintRecord { Seat = e.Seat, Trustee = e.Trustee, EvidenceDigest = e.EvidenceDigest, Time = now };
        _dealings[e.DealingDigest] = dealing with { Complaints = [.. dealing.Complaints, complaint] };
    }

    private void Apply(DealingActivated e, DateTimeOffset now)
    {
        _dealings[e.DealingDigest] = Known(_dealings, e.DealingDigest) with { State = DealingState.Active, ActivatedAt = now, Missing = e.Missing };
        _bundles[e.BundleId] = Known(_bundles, e.BundleId) with { ActiveDealing = e.DealingDigest, PendingDealing = null, PendingReshare = null, Epoch = e.Epoch, RefreshDue = false };
    }

    private void Apply(DealingSuperseded e) => _dealings[e.DealingDigest] = Known(_dealings, e.DealingDigest) with { State = DealingState.Superseded };
}
