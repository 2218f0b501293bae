using Phr.Crypto;

namespace Phr.Consent;

// Insurance claims, level by level: doctor, hospital, agency by amount, insurer.
public sealed partial class ConsentState
{
    private readonly Dictionary<Digest, ClaimRecord> _claims = [];
    private readonly List<Digest> _claimOrder = [];
    private readonly Dictionary<(ActorId Insurer, string Currency), ulong> _reviewThresholds = [];

    /// <summary>A claim.</summary>
    /// <param name="claim">Its id.</param>
    /// <returns>The record, or null.</returns>
    public ClaimRecord? GetClaim(Digest claim) => _claims.GetValueOrDefault(claim);

    /// <summary>The claims that fit a filter, in the order in which they were filed.</summary>
    /// <param name="filter">The filter.</param>
    /// <returns>The records.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="filter"/> is null.</exception>
    public IReadOnlyList<ClaimRecord> ListClaims(ClaimFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return [.. _claimOrder.Select(id => _claims[id]).Where(filter.Includes)];
    }

    /// <summary>From which amount on an agency looks at claims to an insurer, too.</summary>
    /// <param name="insurer">The insurer.</param>
    /// <param name="currency">The currency.</param>
    /// <returns>The least such amount in the currency's smallest units; 0, every claim, until the insurer sets another.</returns>
    public ulong GetReviewThreshold(ActorId insurer, string currency) => _reviewThresholds.GetValueOrDefault((insurer, currency));

    private Refusal? On(SetReviewThreshold c, Turn turn)
    {
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Insurer);
        if (refusal is null)
        {
            turn.Emit(new ReviewThresholdSet { Insurer = c.Actor, Currency = c.Currency, Threshold = c.Threshold });
        }

        return refusal;
    }

    private Refusal? On(FileClaim c, Turn turn)
    {
        Digest id = c.ComputeId(Id);
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Patient)
            ?? (c.Insurer == c.Actor || c.Doctor == c.Actor || c.Hospital == c.Actor ? Refuse(LedgerError.WrongRole, "Nobody decides on a claim of their own.") : null)
            ?? FindParty(c.Insurer, ActorRoles.Insurer)
            ?? FindInactivity(_actors[c.Insurer], turn.Now)
            ?? FindParty(c.Doctor, ActorRoles.Doctor)
            ?? FindParty(c.Hospital, ActorRoles.Hospital)
            ?? (c.NotAfter <= turn.Now ? Refuse(LedgerError.Expired, "The claim's time would be over already.")
            : c.NotAfter > turn.Now + LedgerLimits.ClaimLifetime ? Refuse(LedgerError.Malformed, "The claim would last longer than the ledger allows.")
            : _claims.ContainsKey(id) ? Refuse(LedgerError.AlreadyExists, "The claim was filed before.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimFiled
            {
                ClaimId = id,
                Patient = c.Actor,
                Insurer = c.Insurer,
                Doctor = c.Doctor,
                Hospital = c.Hospital,
                Amount = c.Amount,
                Currency = c.Currency,
                RelatedTo = c.RelatedTo,
                EvidenceCommitment = c.EvidenceCommitment,
                EvidenceDigest = c.EvidenceDigest,
                NotAfter = c.NotAfter,
                Salt = c.Salt,
                AgencyReviews = c.Amount >= GetReviewThreshold(c.Insurer, c.Currency),
            });
        }

        return refusal;
    }

    private Refusal? FindParty(ActorId party, ActorRoles role) =>
        Find(party) is not { } actor ? Refuse(LedgerError.NotFound, "A party of the claim is not registered.")
        : (actor.Roles & role) == 0 ? Refuse(LedgerError.WrongRole, $"A party of the claim has not the role {role}.")
        : null;

    private Refusal? On(EndorseClaim c, Turn turn)
    {
        Refusal? refusal = FindTurn(c.ClaimId, c.Actor, turn.Now, out ClaimRecord claim)
            ?? (claim.Status == ClaimStatus.AwaitingInsurer ? Refuse(LedgerError.WrongState, "The insurer approves or rejects.") : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimEndorsed { ClaimId = claim.Id, By = c.Actor, Level = claim.Level, OpinionDigest = c.OpinionDigest });
        }

        return refusal;
    }

    private Refusal? On(RejectClaim c, Turn turn)
    {
        Refusal? refusal = FindTurn(c.ClaimId, c.Actor, turn.Now, out ClaimRecord claim)
            ?? (claim.ApprovedAmount > 0 ? Refuse(LedgerError.WrongState, "An appeal takes nothing away: the insurer approves what it approved before, or more.") : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimRejected { ClaimId = claim.Id, By = c.Actor, Level = claim.Level, ReasonCode = c.ReasonCode, OpinionDigest = c.OpinionDigest });
        }

        return refusal;
    }

    private Refusal? On(ApproveClaim c, Turn turn)
    {
        Refusal? refusal = FindTurn(c.ClaimId, c.Actor, turn.Now, out ClaimRecord claim)
            ?? (claim.Status != ClaimStatus.AwaitingInsurer ? Refuse(LedgerError.WrongState, "It is not the insurer's turn.")
            : c.Amount == 0 || c.Amount > claim.Amount || c.Amount < claim.ApprovedAmount ? Refuse(LedgerError.Malformed, "An insurer approves from 1, or what it approved before, up to what is claimed.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimApproved { ClaimId = claim.Id, Insurer = c.Actor, Amount = c.Amount, OpinionDigest = c.OpinionDigest });
        }

        return refusal;
    }

    private Refusal? On(AppealClaim c, Turn turn)
    {
        Refusal? refusal = FindClaim(c.ClaimId, out ClaimRecord claim)
            ?? (claim.Patient != c.Actor ? Refuse(LedgerError.NotYours, "Only the patient appeals.")
            : claim.IsAppealed ? Refuse(LedgerError.AlreadyExists, "There is one appeal.")
            : !claim.MayAppeal ? Refuse(LedgerError.WrongState, "There is nothing to appeal against.")
            : turn.Now >= claim.NotAfter ? Refuse(LedgerError.Expired, "The claim's time is over.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimAppealed { ClaimId = claim.Id, GroundsDigest = c.GroundsDigest });
        }

        return refusal;
    }

    private Refusal? On(DecideAppeal c, Turn turn)
    {
        Refusal? refusal = FindClaim(c.ClaimId, out ClaimRecord claim)
            ?? (claim.Status != ClaimStatus.AwaitingAppeal ? Refuse(LedgerError.WrongState, "There is no appeal to decide.")
            : turn.Now >= claim.NotAfter ? Refuse(LedgerError.Expired, "The claim's time is over.")
            : RequireRole(c.Actor, ActorRoles.Agency));
        if (refusal is null)
        {
            turn.Emit(new AppealDecided { ClaimId = claim.Id, Agency = c.Actor, SentBack = c.SendBack, FindingDigest = c.FindingDigest });
        }

        return refusal;
    }

    private Refusal? On(WithdrawClaim c, Turn turn)
    {
        Refusal? refusal = FindClaim(c.ClaimId, out ClaimRecord claim)
            ?? (claim.Patient != c.Actor ? Refuse(LedgerError.NotYours, "Only the patient withdraws a claim.")
            : !claim.IsOpen ? Refuse(LedgerError.WrongState, "The claim is decided.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimWithdrawn { ClaimId = claim.Id });
        }

        return refusal;
    }

    private Refusal? On(ExpireClaim c, Turn turn)
    {
        Refusal? refusal = FindClaim(c.ClaimId, out ClaimRecord claim)
            ?? (!claim.IsOpen ? Refuse(LedgerError.WrongState, "The claim is decided.")
            : turn.Now < claim.NotAfter ? Refuse(LedgerError.NotYet, "The claim's time is not over.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ClaimExpired { ClaimId = claim.Id });
        }

        return refusal;
    }

    private Refusal? FindClaim(Digest id, out ClaimRecord claim)
    {
        claim = _claims.GetValueOrDefault(id)!;
        return claim is null ? Refuse(LedgerError.NotFound, "There is no such claim.") : null;
    }

    /// <summary>Whether it is the actor's turn to decide on a claim, and the actor is fit to.</summary>
    private Refusal? FindTurn(Digest id, ActorId actor, DateTimeOffset now, out ClaimRecord claim) =>
        FindClaim(id, out claim)
        ?? (claim.Level == 0 ? Refuse(LedgerError.WrongState, "Nobody's endorsement or decision is due.")
        : now >= claim.NotAfter ? Refuse(LedgerError.Expired, "The claim's time is over.")
        : claim.Status switch
        {
            ClaimStatus.AwaitingDoctor => claim.Doctor != actor ? Refuse(LedgerError.NotYours, "It is the doctor's turn.") : FindLicenceFault(actor, now),
            ClaimStatus.AwaitingHospital => claim.Hospital != actor ? Refuse(LedgerError.NotYours, "It is the hospital's turn.") : null,
            ClaimStatus.AwaitingAgency => RequireRole(actor, ActorRoles.Agency),
            _ => claim.Insurer != actor ? Refuse(LedgerError.NotYours, "It is the insurer's turn.") : null,
        });

    private void Apply(ClaimFiled e, DateTimeOffset now)
    {
        _claims[e.ClaimId] = new ClaimRecord
        {
            Id = e.ClaimId,
            Patient = e.Patient,
            Insurer = e.Insurer,
            Doctor = e.Doctor,
            Hospital = e.Hospital,
            Amount = e.Amount,
            Currency = e.Currency,
            RelatedTo = e.RelatedTo,
            EvidenceCommitment = e.EvidenceCommitment,
            EvidenceDigest = e.EvidenceDigest,
            NotAfter = e.NotAfter,
            Salt = e.Salt,
            FiledAt = now,
            AgencyReviews = e.AgencyReviews,
            Status = ClaimStatus.AwaitingDoctor,
        };
        _claimOrder.Add(e.ClaimId);
    }

    private void Apply(ClaimEndorsed e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = ClaimStepKind.Endorsed, Actor = e.By, Level = e.Level, PaperDigest = e.OpinionDigest, Time = now },
        claim => claim with
        {
            Status = claim.Status == ClaimStatus.AwaitingDoctor ? ClaimStatus.AwaitingHospital
                : claim.Status == ClaimStatus.AwaitingHospital && claim.AgencyReviews ? ClaimStatus.AwaitingAgency
                : ClaimStatus.AwaitingInsurer,
        });

    private void Apply(ClaimRejected e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = ClaimStepKind.Rejected, Actor = e.By, Level = e.Level, ReasonCode = e.ReasonCode, PaperDigest = e.OpinionDigest, Time = now },
        claim => claim with { Status = ClaimStatus.Rejected });

    private void Apply(ClaimApproved e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = ClaimStepKind.Approved, Actor = e.Insurer, Level = 4, Amount = e.Amount, PaperDigest = e.OpinionDigest, Time = now },
        claim => claim with { Status = ClaimStatus.Approved, ApprovedAmount = e.Amount });

    private void Apply(ClaimAppealed e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = ClaimStepKind.Appealed, Actor = Known(_claims, e.ClaimId).Patient, PaperDigest = e.GroundsDigest, Time = now },
        claim => claim with { Status = ClaimStatus.AwaitingAppeal, IsAppealed = true });

    private void Apply(AppealDecided e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = e.SentBack ? ClaimStepKind.SentBack : ClaimStepKind.Upheld, Actor = e.Agency, PaperDigest = e.FindingDigest, Time = now },
        claim => claim with { Status = e.SentBack ? ClaimStatus.AwaitingInsurer : claim.ApprovedAmount > 0 ? ClaimStatus.Approved : ClaimStatus.Rejected });

    private void Apply(ClaimWithdrawn e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = ClaimStepKind.Withdrawn, Actor = Known(_claims, e.ClaimId).Patient, Time = now },
        claim => claim with { Status = ClaimStatus.Withdrawn });

    private void Apply(ClaimExpired e, DateTimeOffset now) => Step(
        e.ClaimId,
        new ClaimStep { Kind = ClaimStepKind.Expired, Actor = default, Time = now },
        claim => claim with { Status = claim.ApprovedAmount > 0 ? ClaimStatus.Approved : ClaimStatus.Expired });

    private void Step(Digest id, ClaimStep step, Func<ClaimRecord, ClaimRecord> change)
    {
        ClaimRecord claim = Known(_claims, id);
        _claims[id] = change(claim) with { Steps = [.. claim.Steps, step] };
    }
}
