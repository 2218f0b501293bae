using Phr.Crypto;

namespace Phr.Consent;

// Recovery of a patient's lost ledger key by the trustees of one of the bundles.
public sealed partial class ConsentState
{
    private readonly Dictionary<ActorId, RecoveryRecord> _recoveries = [];

    /// <summary>A patient's recovery that is proposed or scheduled.</summary>
    /// <param name="patient">The patient.</param>
    /// <returns>The record, or null.</returns>
    public RecoveryRecord? GetRecovery(ActorId patient) => _recoveries.GetValueOrDefault(patient);

    private Refusal? On(ProposeRecovery c, Turn turn)
    {
        if (Find(c.Patient) is not { } patient || GetBundle(c.BundleId) is not { } bundle)
        {
            return Refuse(LedgerError.NotFound, "The patient or the bundle is not registered.");
        }

        Refusal? refusal =
            patient.Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The patient was removed.")
            : bundle.Patient != c.Patient ? Refuse(LedgerError.NotYours, "The bundle belongs to another patient.")
            : bundle.IsRevoked || bundle.ActiveDealing is null ? Refuse(LedgerError.WrongState, "The bundle is closed, or has no active dealing.")
            : FindActive(bundle, emergency: false)!.Policy.FindSeat(c.Actor) is null ? Refuse(LedgerError.NotATrustee, "Only a trustee of the bundle proposes.")
            : _recoveries.TryGetValue(c.Patient, out RecoveryRecord? pending) && !HasLapsed(pending, turn.Now) ? Refuse(LedgerError.AlreadyExists, "Another recovery is under way.")
            : c.NewLedgerAddress.IsZero || _addresses.ContainsKey(c.NewLedgerAddress) ? Refuse(LedgerError.AddressInUse, "The address serves, or served, an actor.")
            : c.KeyRecordDigest.IsZero ? Refuse(LedgerError.Malformed, "A key record is needed.")
            : CheckValidity(c.ValidUntil, patient.Roles, turn.Now);
        if (refusal is null)
        {
            turn.Emit(new RecoveryProposed
            {
                Patient = c.Patient,
                Trustee = c.Actor,
                BundleId = c.BundleId,
                DealingDigest = bundle.ActiveDealing!.Value,
                NewLedgerAddress = c.NewLedgerAddress,
                KeyRecordDigest = c.KeyRecordDigest,
                KeyValidUntil = c.ValidUntil,
            });
        }

        return refusal;
    }

    /// <summary>A proposal lapses when it is not supported within the recovery delay, or when the dealing whose policy decides serves no more.</summary>
    private bool HasLapsed(RecoveryRecord recovery, DateTimeOffset now) =>
        (recovery.EffectiveAt is null && now >= recovery.ProposedAt + Parameters.RecoveryDelay) || !IsDecidedByActiveDealing(recovery);

    private bool IsDecidedByActiveDealing(RecoveryRecord recovery) =>
        _bundles[recovery.BundleId] is { IsRevoked: false } bundle && bundle.Epoch == recovery.Epoch;

    private Refusal? On(SupportRecovery c, Turn turn)
    {
        if (GetRecovery(c.Patient) is not { } recovery)
        {
            return Refuse(LedgerError.NotFound, "No recovery is proposed.");
        }

        ConsentPolicy policy = recovery.Policy;
        Refusal? refusal =
            recovery.EffectiveAt is not null ? Refuse(LedgerError.WrongState, "The recovery has its quorum.")
            : !IsDecidedByActiveDealing(recovery) ? Refuse(LedgerError.StaleEpoch, "The dealing whose policy decides serves no more.")
            : HasLapsed(recovery, turn.Now) ? Refuse(LedgerError.Expired, "The proposal lapsed.")
            : c.NewLedgerAddress != recovery.NewLedgerAddress ? Refuse(LedgerError.StaleDigest, "Another address is proposed.")
            : policy.FindMember(c.Seat)?.Identity != c.Actor ? Refuse(LedgerError.NotATrustee, "The seat is not the actor's.")
            : recovery.Supporters.Any(supporter => supporter.Seat == c.Seat) ? Refuse(LedgerError.AlreadyExists, "The trustee supports it already.")
            : null;
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new RecoverySupported { Patient = c.Patient, Seat = c.Seat, Trustee = c.Actor });
        if (policy.IsSatisfiedBy(recovery.Supporters.Where(supporter => _actors[supporter.Trustee].IsActiveAt(turn.Now)).Select(supporter => supporter.Seat).Append(c.Seat)))
        {
            turn.Emit(new RecoveryScheduled { Patient = c.Patient, EffectiveAt = turn.Now + Parameters.RecoveryDelay });
        }

        return null;
    }

    private Refusal? On(CancelRecovery c, Turn turn)
    {
        if (GetRecovery(c.Actor) is null)
        {
            return Refuse(LedgerError.NotFound, "No recovery is under way.");
        }

        turn.Emit(new RecoveryCancelled { Patient = c.Actor });
        return null;
    }

    private Refusal? On(CompleteRecovery c, Turn turn)
    {
        if (GetRecovery(c.Patient) is not { } recovery)
        {
            return Refuse(LedgerError.NotFound, "No recovery is under way.");
        }

        Refusal? refusal =
            recovery.EffectiveAt is not { } effective ? Refuse(LedgerError.BelowQuorum, "The recovery has no quorum.")
            : turn.Now < effective ? Refuse(LedgerError.NotYet, $"The patient may cancel until {effective:u}.")
            : !IsDecidedByActiveDealing(recovery) ? Refuse(LedgerError.StaleEpoch, "The dealing whose policy decided serves no more.")
            : _actors[c.Patient].Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The patient was removed.")
            : _addresses.ContainsKey(recovery.NewLedgerAddress) ? Refuse(LedgerError.AddressInUse, "The address serves, or served, an actor.")
            : CheckValidity(recovery.KeyValidUntil, ActorRoles.Patient, turn.Now);
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new KeyReplaced { Actor = c.Patient, NewLedgerAddress = recovery.NewLedgerAddress, KeyRecordDigest = recovery.KeyRecordDigest, ValidUntil = recovery.KeyValidUntil });
        turn.Emit(new RecoveryCompleted { Patient = c.Patient });
        return null;
    }

    private void Apply(RecoveryProposed e, DateTimeOffset now) => _recoveries[e.Patient] = new RecoveryRecord
    {
        Policy = Known(_dealings, (e.BundleId, false, e.DealingDigest)).Policy,
        Patient = e.Patient,
        ProposedBy = e.Trustee,
        BundleId = e.BundleId,
        DealingDigest = e.DealingDigest,
        Epoch = Known(_bundles, e.BundleId).Epoch,
        NewLedgerAddress = e.NewLedgerAddress,
        KeyRecordDigest = e.KeyRecordDigest,
        KeyValidUntil = e.KeyValidUntil,
        ProposedAt = now,
    };

    private void Apply(RecoverySupported e, DateTimeOffset now)
    {
        RecoveryRecord recovery = Known(_recoveries, e.Patient);
        _recoveries[e.Patient] = recovery with { Supporters = [.. recovery.Supporters, new AcknowledgementRecord { Seat = e.Seat, Trustee = e.Trustee, Time = now }] };
    }
}
