using Phr.Crypto;

namespace Phr.Consent;

// Identities, roles, licences and ledger keys.
public sealed partial class ConsentState
{
    private const ActorRoles AdmittedRoles =
        ActorRoles.Doctor | ActorRoles.Hospital | ActorRoles.Agency | ActorRoles.Insurer | ActorRoles.Oracle | ActorRoles.Operator;

    private const ActorRoles PersonRoles = ActorRoles.Patient | ActorRoles.Doctor | ActorRoles.Guardian;

    private readonly Dictionary<ActorId, ActorRecord> _actors = [];

    /// <summary>Every address that serves or served an actor.</summary>
    private readonly Dictionary<ActorId, ActorId> _addresses = [];

    /// <summary>Every oracle ever admitted, at its number less one.</summary>
    private readonly List<ActorId> _oracles = [];

    /// <summary>An actor.</summary>
    /// <param name="actor">Its id.</param>
    /// <returns>The record, or null.</returns>
    public ActorRecord? GetActor(ActorId actor) => Find(actor);

    /// <summary>Every oracle that was admitted and not removed, in the order of the ids.</summary>
    /// <param name="asOf">The time for eligibility and reputation: the head's.</param>
    /// <returns>The records.</returns>
    public IReadOnlyList<OracleRecord> ListOracles(DateTimeOffset asOf) =>
    [
        .. _oracles.Order().Select(id => _actors[id]).Where(actor => actor.Status != ActorStatus.Removed).Select(actor => new OracleRecord
        {
            Id = actor.Id,
            Index = actor.OracleIndex,
            Unit = actor.Unit,
            Bond = actor.Bond,
            Operator = actor.Operator,
            Organisation = actor.Organisation,
            KeyRecordDigest = actor.KeyRecordDigest,
            ValidUntil = actor.ValidUntil,
            IsEligible = IsEligibleOracle(actor, asOf),
            Reputation = actor.Reputation!.At(asOf),
        }),
    ];

    private ActorRecord? Find(ActorId id) => _actors.GetValueOrDefault(id);

    /// <summary>Whether a snapshot lists an oracle. The registry keeps the end of its keys in whole hours; its operator's own state does not count: who suspends an operator suspends its oracles.</summary>
    private bool IsEligibleOracle(ActorRecord oracle, DateTimeOffset now) =>
        oracle.Status == ActorStatus.Active && oracle.Bond >= Parameters.MinBond && now.ToUnixTimeSeconds() < oracle.ValidUntil.ToUnixTimeSeconds() / 3600 * 3600;

    private void AddFoundingAgency()
    {
        ActorId agency = Parameters.FoundingAgency;
        _actors[agency] = new ActorRecord
        {
            Id = agency,
            LedgerAddress = agency,
            Roles = ActorRoles.Agency,
            Status = ActorStatus.Active,
            KeyRecordDigest = default,
            ValidUntil = DateTimeOffset.MaxValue,
            Organisation = default,
            Operator = default,
            RegisteredAt = DateTimeOffset.UnixEpoch,
        };
        _addresses[agency] = agency;
    }

    private static Refusal? FindInactivity(ActorRecord actor, DateTimeOffset now) =>
        actor.Status switch
        {
            ActorStatus.Pending => Refuse(LedgerError.NotAdmitted, "The actor waits for an agency's admission."),
            ActorStatus.Suspended => Refuse(LedgerError.Suspended, "The actor is suspended."),
            ActorStatus.Removed => Refuse(LedgerError.Removed, "The actor was removed."),
            _ => now < actor.ValidUntil ? null : Refuse(LedgerError.KeyExpired, "The actor's key record ended; replace it first."),
        };

    private Refusal? RequireRole(ActorId actor, ActorRoles role) =>
        (_actors[actor].Roles & role) != 0 ? null : Refuse(LedgerError.WrongRole, $"This needs the role {role}.");

    private Refusal? CheckValidity(DateTimeOffset validUntil, ActorRoles roles, DateTimeOffset now) =>
        validUntil <= now ? Refuse(LedgerError.Expired, "The key record has ended already.")
        : (roles & ActorRoles.Oracle) != 0 && validUntil > now + Parameters.MaxOracleKeyLifetime ? Refuse(LedgerError.Malformed, "An oracle's keys last no longer than the ledger's limit.")
        : null;

    private Refusal? On(RegisterActor c, Turn turn)
    {
        bool roles = c.Roles != ActorRoles.None
            && (c.Roles & ~ActorRoles.All) == 0
            && (c.Roles is ActorRoles.Agency or ActorRoles.Oracle or ActorRoles.Operator || (c.Roles & (ActorRoles.Agency | ActorRoles.Oracle | ActorRoles.Operator)) == 0)
            && ((c.Roles & PersonRoles) == 0 || (c.Roles & ~PersonRoles) == 0);
        if (!roles)
        {
            return Refuse(LedgerError.WrongRole, "An agency, oracle or operator has no other role, and a person is no organisation.");
        }

        // A founding agency that was suspended or removed before it recorded its keys does not come back by recording them.
        bool founding = c.Actor == Parameters.FoundingAgency && c.Roles == ActorRoles.Agency && _actors[c.Actor] is { KeyRecordDigest.IsZero: true, Status: ActorStatus.Active };
        if (!founding && Find(c.Actor) is { } existing)
        {
            return existing.Status == ActorStatus.Removed
                ? Refuse(LedgerError.Removed, "The actor was removed.")
                : Refuse(LedgerError.AlreadyExists, "The actor is registered already.");
        }

        if (!founding && _addresses.ContainsKey(c.Actor))
        {
            return Refuse(LedgerError.AddressInUse, "The address serves, or served, another actor.");
        }

        if (c.KeyRecordDigest.IsZero)
        {
            return Refuse(LedgerError.Malformed, "A key record is needed.");
        }

        if ((c.Roles == ActorRoles.Oracle) == c.Operator.IsZero)
        {
            return Refuse(LedgerError.Malformed, "An oracle names its operator, and nobody else does.");
        }

        if (c.Roles == ActorRoles.Oracle)
        {
            if (Find(c.Operator) is not { } runner || (runner.Roles & ActorRoles.Operator) == 0)
            {
                return Refuse(LedgerError.NotFound, "The operator is not registered as one.");
            }

            if (FindInactivity(runner, turn.Now) is { } inactive)
            {
                return inactive;
            }

            if (!c.Organisation.IsZero && c.Organisation != runner.EffectiveOrganisation)
            {
                return Refuse(LedgerError.Malformed, "An oracle belongs to its operator's organisation.");
            }
        }

        if (CheckValidity(c.ValidUntil, c.Roles, turn.Now) is { } refusal)
        {
            return refusal;
        }

        turn.Emit(new ActorRegistered
        {
            Actor = c.Actor,
            Roles = c.Roles,
            Active = founding || (c.Roles & AdmittedRoles) == 0,
            KeyRecordDigest = c.KeyRecordDigest,
            ValidUntil = c.ValidUntil,
            Organisation = c.Organisation,
            Operator = c.Operator,
        });
        return null;
    }

    private Refusal? On(AdmitActor c, Turn turn)
    {
        // A hospital answers for its own teams; for everybody else an agency does.
        bool ownTeam = Find(c.Subject) is { } known && (known.Roles & ActorRoles.Team) != 0 && known.Organisation == c.Actor;
        if (RequireRole(c.Actor, ownTeam ? ActorRoles.Hospital : ActorRoles.Agency) is { } refusal)
        {
            return refusal;
        }

        if (Find(c.Subject) is not { } subject)
        {
            return Refuse(LedgerError.NotFound, "The subject is not registered.");
        }

        if (subject.Status != ActorStatus.Pending || subject.AcceptableFrom is not null)
        {
            return Refuse(LedgerError.WrongState, "The subject does not wait for admission.");
        }

        bool oracle = subject.Roles == ActorRoles.Oracle;
        if (oracle && _oracles.Count >= LedgerLimits.Oracles)
        {
            return Refuse(LedgerError.TooMany, "The registry of oracles is full.");
        }

        if (oracle && FindInactivity(_actors[subject.Operator], turn.Now) is { } inactive)
        {
            return inactive;
        }

        turn.Emit(new ActorAdmitted
        {
            Actor = c.Subject,
            Agency = c.Actor,
            EffectiveAt = subject.Roles == ActorRoles.Agency ? turn.Now + Parameters.AgencyDelay : turn.Now,
            OracleIndex = oracle ? _oracles.Count + 1 : 0,
        });
        return null;
    }

    private Refusal? On(AcceptAdmission c, Turn turn)
    {
        ActorRecord agency = _actors[c.Actor];
        Refusal? refusal = agency.Status != ActorStatus.Pending ? Refuse(LedgerError.WrongState, "The actor is active already.")
            : agency.AcceptableFrom is not { } from ? Refuse(LedgerError.NotAdmitted, "No agency admitted the actor.")
            : turn.Now < from ? Refuse(LedgerError.NotYet, "The delay after the admission is not over.")
            : turn.Now >= agency.ValidUntil ? Refuse(LedgerError.KeyExpired, "The actor's key record ended; replace it first.")
            : null;
        if (refusal is null)
        {
            turn.Emit(new AdmissionAccepted { Actor = c.Actor });
        }

        return refusal;
    }

    private Refusal? On(ConfirmPresence c, Turn turn)
    {
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Patient);
        if (refusal is null)
        {
            turn.Emit(new PresenceConfirmed { Patient = c.Actor });
        }

        return refusal;
    }

    private Refusal? On(RecordLicence c, Turn turn)
    {
        if (RequireRole(c.Actor, ActorRoles.Agency) is { } refusal)
        {
            return refusal;
        }

        if (Find(c.Doctor) is not { } doctor)
        {
            return Refuse(LedgerError.NotFound, "The doctor is not registered.");
        }

        if ((doctor.Roles & ActorRoles.Doctor) == 0)
        {
            return Refuse(LedgerError.WrongRole, "The subject is no doctor.");
        }

        if (doctor.Status == ActorStatus.Removed)
        {
            return Refuse(LedgerError.Removed, "The doctor was removed.");
        }

        if (c.NotAfter <= turn.Now)
        {
            return Refuse(LedgerError.Expired, "The licence has ended already.");
        }

        turn.Emit(new LicenceRecorded
        {
            Doctor = c.Doctor,
            Agency = c.Actor,
            CredentialDigest = c.CredentialDigest,
            Speciality = c.Speciality,
            Organisation = c.Organisation,
            NotAfter = c.NotAfter,
        });
        return null;
    }

    private Refusal? On(WithdrawLicence c, Turn turn)
    {
        if (RequireRole(c.Actor, ActorRoles.Agency) is { } refusal)
        {
            return refusal;
        }

        if (Find(c.Doctor)?.Licence is null)
        {
            return Refuse(LedgerError.LicenceMissing, "There is no licence to withdraw.");
        }

        turn.Emit(new LicenceWithdrawn { Doctor = c.Doctor, Agency = c.Actor, ReasonCode = c.ReasonCode });
        return null;
    }

    private Refusal? On(ReplaceKey c, Turn turn)
    {
        ActorRecord actor = _actors[c.Actor];
        if ((actor.Roles & ActorRoles.Team) != 0)
        {
            return Refuse(LedgerError.WrongRole, "A team signs nothing; its members change its charter.");
        }

        if (c.KeyRecordDigest.IsZero)
        {
            return Refuse(LedgerError.Malformed, "A key record is needed.");
        }

        if (c.NewLedgerAddress != actor.LedgerAddress)
        {
            if (c.NewLedgerAddress.IsZero || _addresses.ContainsKey(c.NewLedgerAddress))
            {
                return Refuse(LedgerError.AddressInUse, "The address serves, or served, an actor.");
            }

            Digest digest = LedgerPossession.KeyDigest(Id, c.Actor, c.NewLedgerAddress);
            if (c.Possession is null || !c.Possession.TryRecover(digest.ToBytes(), out PublicKey? key) || ActorId.FromPublicKey(key) != c.NewLedgerAddress)
            {
                return Refuse(LedgerError.BadPossession, "The new ledger key did not sign.");
            }
        }

        if (CheckValidity(c.ValidUntil, actor.Roles, turn.Now) is { } refusal)
        {
            return refusal;
        }

        turn.Emit(new KeyReplaced { Actor = c.Actor, NewLedgerAddress = c.NewLedgerAddress, KeyRecordDigest = c.KeyRecordDigest, ValidUntil = c.ValidUntil });
        return null;
    }

    private Refusal? On(SuspendActor c, Turn turn)
    {
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Agency)
            ?? (Find(c.Subject) is not { } subject ? Refuse(LedgerError.NotFound, "The subject is not registered.")
            : subject.Status != ActorStatus.Active && (subject.Status != ActorStatus.Pending || subject.AcceptableFrom is null) ? Refuse(LedgerError.WrongState, "Only an active actor, or an agency that was admitted, is suspended.")
            : FindLastAgency(subject));
        if (refusal is null)
        {
            turn.Emit(new ActorSuspended { Actor = c.Subject, Agency = c.Actor, ReasonCode = c.ReasonCode });
        }

        return refusal;
    }

    private Refusal? On(ReinstateActor c, Turn turn)
    {
        Refusal? refusal = RequireRole(c.Actor, ActorRoles.Agency)
            ?? (Find(c.Subject) is not { } subject ? Refuse(LedgerError.NotFound, "The subject is not registered.")
            : subject.Status != ActorStatus.Suspended ? Refuse(LedgerError.WrongState, "The subject is not suspended.")
            : null);
        if (refusal is null)
        {
            turn.Emit(new ActorReinstated { Actor = c.Subject, Agency = c.Actor, ReasonCode = c.ReasonCode });
        }

        return refusal;
    }

    private Refusal? On(RemoveActor c, Turn turn)
    {
        Refusal? refusal = (c.Subject == c.Actor ? null : RequireRole(c.Actor, ActorRoles.Agency))
            ?? (Find(c.Subject) is not { } subject ? Refuse(LedgerError.NotFound, "The subject is not registered.")
            : subject.Status == ActorStatus.Removed ? Refuse(LedgerError.WrongState, "The subject was removed already.")
            : FindLastAgency(subject));
        if (refusal is null)
        {
            turn.Emit(new ActorRemoved { Actor = c.Subject, By = c.Actor, ReasonCode = c.ReasonCode });
        }

        return refusal;
    }

    private Refusal? FindLastAgency(ActorRecord subject) =>
        subject.Roles == ActorRoles.Agency && subject.Status == ActorStatus.Active
        && !_actors.Values.Any(actor => actor.Roles == ActorRoles.Agency && actor.Status == ActorStatus.Active && actor.Id != subject.Id)
            ? Refuse(LedgerError.LastAgency, "No active agency would be left.")
            : null;

    private void Apply(ActorRegistered e, DateTimeOffset now)
    {
        _actors[e.Actor] = new ActorRecord
        {
            Id = e.Actor,
            LedgerAddress = e.Actor,
            Roles = e.Roles,
            Status = e.Active ? ActorStatus.Active : ActorStatus.Pending,
            KeyRecordDigest = e.KeyRecordDigest,
            ValidUntil = e.ValidUntil,
            Organisation = e.Organisation,
            Operator = e.Operator,
            RegisteredAt = now,
            LastSeen = (e.Roles & ActorRoles.Patient) != 0 ? EndOfDay(now) : default,
            Credit = Find(e.Actor)?.Credit ?? 0, // the founding agency's, who may earn before it registers
        };
        _addresses[e.Actor] = e.Actor;
    }

    private void Apply(ActorAdmitted e, DateTimeOffset now)
    {
        ActorRecord actor = Known(_actors, e.Actor);
        if (actor.Roles == ActorRoles.Agency)
        {
            _actors[e.Actor] = actor with { AcceptableFrom = e.EffectiveAt };
            return;
        }

        if (actor.Roles != ActorRoles.Oracle)
        {
            _actors[e.Actor] = actor with { Status = ActorStatus.Active };
            return;
        }

        if (e.OracleIndex != _oracles.Count + 1)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "oracles are numbered in the order of admission.");
        }

        _oracles.Add(e.Actor);
        _actors[e.Actor] = actor with
        {
            Status = ActorStatus.Active,
            OracleIndex = e.OracleIndex,
            Unit = Known(_actors, actor.Operator).EffectiveOrganisation,
            Reputation = Reputation.Newcomer(now),
        };
    }

    private void Apply(AdmissionAccepted e) => _actors[e.Actor] = Known(_actors, e.Actor) with { Status = ActorStatus.Active, AcceptableFrom = null };

    /// <summary>Who is reinstated is active; an agency that had not accepted its admission waits for the whole delay again.</summary>
    private void Apply(ActorReinstated e, DateTimeOffset now)
    {
        if (Known(_actors, e.Actor) is { AcceptableFrom: not null } candidate)
        {
            _actors[e.Actor] = candidate with { Status = ActorStatus.Pending, AcceptableFrom = now + Parameters.AgencyDelay };
        }
        else
        {
            SetStatus(e.Actor, ActorStatus.Active);
        }
    }

    private void Apply(NonceUsed e, DateTimeOffset now)
    {
        _nonces[e.Actor] = unchecked(e.Nonce + 1);
        See(e.Actor, now);
    }

    /// <summary>Notes that a patient is there: until the end of that day, in UTC.</summary>
    private void See(ActorId actor, DateTimeOffset now)
    {
        if (Find(actor) is { } seen && (seen.Roles & ActorRoles.Patient) != 0)
        {
            _actors[actor] = seen with { LastSeen = EndOfDay(now) };
        }
    }

    private static DateTimeOffset EndOfDay(DateTimeOffset now)
    {
        DateTime day = now.UtcDateTime.Date;
        return day == DateTime.MaxValue.Date ? DateTimeOffset.MaxValue : new DateTimeOffset(day.AddDays(1), TimeSpan.Zero);
    }

    private void Apply(LicenceRecorded e, DateTimeOffset now) => _actors[e.Doctor] = Known(_actors, e.Doctor) with
    {
        Licence = new LicenceRecord
        {
            CredentialDigest = e.CredentialDigest,
            Speciality = e.Speciality,
            Organisation = e.Organisation,
            NotAfter = e.NotAfter,
            Agency = e.Agency,
            RecordedAt = now,
        },
    };

    private void Apply(LicenceWithdrawn e) => _actors[e.Doctor] = Known(_actors, e.Doctor) with { Licence = null };

    private void Apply(KeyReplaced e)
    {
        _actors[e.Actor] = Known(_actors, e.Actor) with { LedgerAddress = e.NewLedgerAddress, KeyRecordDigest = e.KeyRecordDigest, ValidUntil = e.ValidUntil };
        _addresses[e.NewLedgerAddress] = e.Actor;
    }

    private void SetStatus(ActorId id, ActorStatus status) => _actors[id] = Known(_actors, id) with { Status = status };
}
