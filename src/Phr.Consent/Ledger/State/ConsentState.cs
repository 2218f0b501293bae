using System.Globalization;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The state of a ledger and the rules by which it changes: what every implementation computes, and what an auditor computes again.</summary>
/// <remarks>
/// <see cref="Decide"/> looks and changes nothing; <see cref="Evolve"/> changes and refuses nothing that <see cref="Decide"/> gave. The state is a function of the parameters and the events with
/// their blocks. Not thread safe: one writer at a time, and no reader while it writes.
/// </remarks>
public sealed partial class ConsentState
{
    private const string Stage = "ledger event";

    private readonly Dictionary<ActorId, ulong> _nonces = [];

    /// <summary>Creates the state of a ledger without entries.</summary>
    /// <param name="id">Which ledger it is.</param>
    /// <param name="parameters">Its rules.</param>
    /// <exception cref="ArgumentNullException"><paramref name="parameters"/> is null.</exception>
    /// <exception cref="ArgumentException">The parameters make no sense.</exception>
    public ConsentState(LedgerId id, LedgerParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.FindFault() is { } fault)
        {
            throw new ArgumentException(fault, nameof(parameters));
        }

        Id = id;
        Parameters = parameters;
        AddFoundingAgency();
    }

    // What the collections hold is never changed, but for lists, of which each state has its own.
    private ConsentState(ConsentState other)
    {
        (Id, Parameters) = (other.Id, other.Parameters);
        _nonces = new(other._nonces);
        _actors = new(other._actors);
        _addresses = new(other._addresses);
        _oracles = [.. other._oracles];
        _burned = new(other._burned);
        _bundles = new(other._bundles);
        _claims = new(other._claims);
        _claimOrder = [.. other._claimOrder];
        _reviewThresholds = new(other._reviewThresholds);
        _dealings = new(other._dealings);
        _envelopeKeys = new(other._envelopeKeys);
        _dealingPlaces = new(other._dealingPlaces);
        _activePlaces = new(other._activePlaces);
        _disputes = other._disputes.ToDictionary(of => of.Key, of => of.Value.ToList());
        _recoveries = new(other._recoveries);
        _requests = new(other._requests);
        _requestOrder = [.. other._requestOrder];
        _requestsOfBundle = other._requestsOfBundle.ToDictionary(of => of.Key, of => of.Value.ToList());
        _latest = new(other._latest);
        _formerServices = new(other._formerServices);
        _receivingKeys = [.. other._receivingKeys];
        _snapshots = new(other._snapshots);
        _snapshotNumbers = [.. other._snapshotNumbers];
        _reshares = new(other._reshares);
        _reshareRounds = new(other._reshareRounds);
        _formerReshares = [.. other._formerReshares];
        _turns = new(other._turns);
        _teams = new(other._teams);
        _teamVotes = new(other._teamVotes);
    }

    /// <summary>Which ledger it is.</summary>
    public LedgerId Id { get; }

    /// <summary>Its rules.</summary>
    public LedgerParameters Parameters { get; }

    /// <summary>An actor's next nonce.</summary>
    /// <param name="actor">The actor.</param>
    /// <returns>How many of its commands were accepted.</returns>
    public ulong GetNonce(ActorId actor) => _nonces.GetValueOrDefault(actor);

    /// <summary>Decides on a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="block">The block of the entry that is being made.</param>
    /// <param name="randomnessOf">The randomness of an earlier block, by its number; asked only for seed blocks, which lie before <paramref name="block"/>.</param>
    /// <returns>The events to pass to <see cref="Evolve"/> in order, or the refusal.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public LedgerDecision Decide(SignedCommand command, LedgerBlock block, Func<ulong, Digest> randomnessOf)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(randomnessOf);
        ActorId address = _actors.TryGetValue(command.Command.Actor, out ActorRecord? actor) ? actor.LedgerAddress : command.Command.Actor;
        try
        {
            if (command.RecoverSigner(Id) != address)
            {
                return LedgerDecision.Refuse(LedgerError.BadSignature, "The signature is not of the actor's ledger key for this ledger.");
            }
        }
        catch (ArgumentException e)
        {
            return LedgerDecision.Refuse(LedgerError.Malformed, e.Message);
        }

        return DecideVerified(command.Command, command.Nonce, block, randomnessOf);
    }

    /// <summary>Applies an event.</summary>
    /// <param name="ledgerEvent">The event.</param>
    /// <param name="block">The block of its entry.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="PhrDataException">The event speaks of something that the state does not have: these events never came from <see cref="Decide"/>.</exception>
    public void Evolve(LedgerEvent ledgerEvent, LedgerBlock block)
    {
        ArgumentNullException.ThrowIfNull(ledgerEvent);
        ArgumentNullException.ThrowIfNull(block);
        DateTimeOffset now = block.Time;
        switch (ledgerEvent)
        {
            case NonceUsed e: Apply(e, now); break;
            case ActorRegistered e: Apply(e, now); break;
            case ActorAdmitted e: Apply(e, now); break;
            case LicenceRecorded e: Apply(e, now); break;
            case LicenceWithdrawn e: Apply(e); break;
            case KeyReplaced e: Apply(e); break;
            case AdmissionAccepted e: Apply(e); break;
            case PresenceConfirmed e: See(e.Patient, now); break;
            case BondPosted e: Apply(e); break;
            case BondReleased e: Apply(e); break;
            case BondWithdrawn e: Apply(e); break;
            case BondSlashed e: Apply(e); break;
            case CreditWithdrawn e: Apply(e); break;
            case ActorSuspended e: SetStatus(e.Actor, ActorStatus.Suspended); break;
            case ActorReinstated e: Apply(e, now); break;
            case ActorRemoved e: SetStatus(e.Actor, ActorStatus.Removed); break;
            case BundleRegistered e: Apply(e, now); break;
            case BundleRevised e: Apply(e); break;
            case BundleRevoked e: Apply(e, now); break;
            case EnvelopeKeyPublished e: Apply(e); break;
            case DealingProposed e: Apply(e, now); break;
            case DealingCancelled e: Apply(e); break;
            case DealingAcknowledged e: Apply(e, now); break;
            case DealingComplained e: Apply(e, now); break;
            case DealingActivated e: Apply(e, now); break;
            case ReshareProposed e: Apply(e, now); break;
            case ReshareCancelled e: Apply(e); break;
            case ReshareContributed e: Apply(e, now); break;
            case ReshareComplained e: Apply(e, now); break;
            case ReshareConfirmed e: Apply(e, now); break;
            case ReshareCompleted e: Apply(e, now); break;
            case ReshareExpired e: Apply(e); break;
            case SnapshotTaken e: Apply(e, block.Number); break;
            case AccessRequested e: Apply(e, now); break;
            case CommitteeDrawn e: Change(e.RequestId, request => request with { Seed = e.Seed, Committee = e.Members, DrawnAt = now, Parties = [.. FindParties(request).Order()] }); break;
            case RequestApproved e: AddApproval(e.RequestId, e.Seat, e.Trustee, e.ApprovalDigest, now); break;
            case PatientConsented e: AddApproval(e.RequestId, TrusteeSeat.Patient, e.Patient, e.ApprovalDigest, now); break;
            case DenialRecorded e: Apply(e, now); break;
            case GrantIssued e: Apply(e, now); break;
            case EmergencyDeclared: break;
            case EmergencyReviewed e: Apply(e, now); break;
            case RequestDenied e: End(e.RequestId, RequestStatus.Denied, now); break;
            case RequestVetoed e: End(e.RequestId, RequestStatus.Vetoed, now); break;
            case RequestCancelled e: Apply(e, now); break;
            case RequestVoided e: Apply(e, now); break;
            case GrantRevoked e: Apply(e, now); break;
            case RequestExpired e: Apply(e, now); break;
            case GrantAttached e: Apply(e, now); break;
            case CommitteeRedrawn e: Apply(e); break;
            case DeliveryRecorded e: Apply(e, now); break;
            case DeliveryRefused e: Apply(e, now); break;
            case OpeningConfirmed e: Apply(e, now); break;
            case RequestSettled e: Apply(e, now); break;
            case OracleRated e: Apply(e, now); break;
            case UsedAgain e: Apply(e, now); break;
            case ReputationChanged e: SetReputation(e.Oracle, e.Reputation); break;
            case RecoveryProposed e: Apply(e, now); break;
            case RecoverySupported e: Apply(e, now); break;
            case RecoveryScheduled e: _recoveries[e.Patient] = Known(_recoveries, e.Patient) with { EffectiveAt = e.EffectiveAt }; break;
            case RecoveryCancelled e: _recoveries.Remove(e.Patient); break;
            case RecoveryCompleted e: _recoveries.Remove(e.Patient); break;
            case TeamRegistered e: Apply(e, now); break;
            case TeamChangeProposed e: Apply(e); break;
            case TeamChangeConfirmed e: Apply(e); break;
            case TeamChanged e: Apply(e, now); break;
            case ReviewThresholdSet e: _reviewThresholds[(e.Insurer, e.Currency)] = e.Threshold; break;
            case DeliveryDisputed e: Apply(e, now); break;
            case ClaimFiled e: Apply(e, now); break;
            case ClaimEndorsed e: Apply(e, now); break;
            case ClaimRejected e: Apply(e, now); break;
            case ClaimApproved e: Apply(e, now); break;
            case ClaimAppealed e: Apply(e, now); break;
            case AppealDecided e: Apply(e, now); break;
            case ClaimWithdrawn e: Apply(e, now); break;
            case ClaimExpired e: Apply(e, now); break;
            default: throw new PhrDataException(Stage, PhrDataReason.UnknownVersion, "the kind of event is not known to this version.");
        }
    }

    /// <summary>The same state for itself: what is applied to one does not show in the other.</summary>
    internal ConsentState Copy() => new(this);

    /// <summary>Everything but the signature: for <see cref="Decide"/>, and for simulations that need none.</summary>
    internal LedgerDecision DecideVerified(LedgerCommand command, ulong nonce, LedgerBlock block, Func<ulong, Digest> randomnessOf)
    {
        var turn = new Turn(block, randomnessOf);
        Refusal? refusal = Admit(command, nonce, turn);
        if (refusal is null)
        {
            turn.Emit(new NonceUsed { Actor = command.Actor, Nonce = nonce });
            refusal = DecideOn(command, turn);
        }

        return refusal is null ? LedgerDecision.Accept(turn.Events) : LedgerDecision.Refuse(refusal.Error, refusal.Message, refusal.Leaf);
    }

    /// <summary>The checks that every command passes before its own.</summary>
    private Refusal? Admit(LedgerCommand command, ulong nonce, Turn turn)
    {
        if (command.FindFault() is { } fault)
        {
            return Refuse(LedgerError.Malformed, fault);
        }

        if (nonce != GetNonce(command.Actor))
        {
            return Refuse(LedgerError.WrongNonce, string.Create(CultureInfo.InvariantCulture, $"The actor's next nonce is {GetNonce(command.Actor)}."));
        }

        if (command is RegisterActor)
        {
            return null;
        }

        return Find(command.Actor) is not { } actor ? Refuse(LedgerError.NotRegistered, "The actor is not registered.")
            : command.OutlastsRemoval ? null
            : actor.Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The actor was removed.")
            : command is AcceptAdmission && actor.Status == ActorStatus.Pending ? null
            : command.OnlyWithdraws || (command is ReplaceKey && actor.Status != ActorStatus.Suspended) ? null
            : FindInactivity(actor, turn.Now);
    }

    private Refusal? DecideOn(LedgerCommand command, Turn turn) => command switch
    {
        RegisterActor c => On(c, turn),
        AdmitActor c => On(c, turn),
        AcceptAdmission c => On(c, turn),
        ConfirmPresence c => On(c, turn),
        PostBond c => On(c, turn),
        ReleaseBond c => On(c, turn),
        WithdrawBond c => On(c, turn),
        WithdrawCredit c => On(c, turn),
        RecordLicence c => On(c, turn),
        WithdrawLicence c => On(c, turn),
        ReplaceKey c => On(c, turn),
        SuspendActor c => On(c, turn),
        ReinstateActor c => On(c, turn),
        RemoveActor c => On(c, turn),
        RegisterBundle c => On(c, turn),
        ReviseBundle c => On(c, turn),
        RevokeBundle c => On(c, turn),
        PublishEnvelopeKey c => On(c, turn),
        ProposeDealing c => On(c, turn),
        CancelDealing c => On(c, turn),
        AcknowledgeDealing c => On(c, turn),
        ComplainOfDealing c => On(c, turn),
        ActivateDealing c => On(c, turn),
        ProposeReshare c => On(c, turn),
        CancelReshare c => On(c, turn),
        ContributeToReshare c => On(c, turn),
        ComplainOfReshare c => On(c, turn),
        ConfirmReshare c => On(c, turn),
        ExpireReshare c => On(c, turn),
        TakeSnapshot => On(turn),
        RequestAccess c => On(c, turn),
        DrawCommittee c => On(c, turn),
        ApproveRequest c => On(c, turn),
        DenyRequest c => On(c, turn),
        ConsentToRequest c => On(c, turn),
        VetoRequest c => On(c, turn),
        CancelRequest c => On(c, turn),
        RevokeGrant c => On(c, turn),
        AttachToGrant c => On(c, turn),
        ExpireRequest c => On(c, turn),
        RedrawCommittee c => On(c, turn),
        RecordDelivery c => On(c, turn),
        RefuseDelivery c => On(c, turn),
        ConfirmOpened c => On(c, turn),
        SettleRequest c => On(c, turn),
        RateOracle c => On(c, turn),
        UseAgain c => On(c, turn),
        ProposeRecovery c => On(c, turn),
        SupportRecovery c => On(c, turn),
        CancelRecovery c => On(c, turn),
        CompleteRecovery c => On(c, turn),
        ReviewEmergency c => On(c, turn),
        RegisterTeam c => On(c, turn),
        ChangeTeam c => On(c, turn),
        ConfirmTeamChange c => On(c, turn),
        SetReviewThreshold c => On(c, turn),
        FileClaim c => On(c, turn),
        EndorseClaim c => On(c, turn),
        RejectClaim c => On(c, turn),
        ApproveClaim c => On(c, turn),
        AppealClaim c => On(c, turn),
        DecideAppeal c => On(c, turn),
        WithdrawClaim c => On(c, turn),
        ExpireClaim c => On(c, turn),
        DisputeDelivery c => On(c, turn),
        DisputeEquivocation c => On(c, turn),
        _ => Refuse(LedgerError.NotSupported, "This version does not know the command."),
    };

    private static Refusal Refuse(LedgerError error, string message, AccessRuleLeaf? leaf = null) => new(error, message, leaf);

    private static T Known<TKey, T>(Dictionary<TKey, T> items, TKey key)
        where TKey : notnull =>
        items.TryGetValue(key, out T? item)
            ? item
            : throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of something that no earlier event made.");

    private sealed record Refusal(LedgerError Error, string Message, AccessRuleLeaf? Leaf);

    /// <summary>One decision under way.</summary>
    private sealed class Turn(LedgerBlock block, Func<ulong, Digest> randomnessOf)
    {
        private readonly List<LedgerEvent> _events = [];

        public LedgerBlock Block => block;

        public DateTimeOffset Now => block.Time;

        public IReadOnlyList<LedgerEvent> Events => ValueList.Of(_events);

        public Digest RandomnessOf(ulong number) => randomnessOf(number);

        public void Emit(LedgerEvent ledgerEvent) => _events.Add(ledgerEvent);
    }
}
