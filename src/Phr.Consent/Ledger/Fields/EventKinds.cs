namespace Phr.Consent.Fields;

/// <summary>An empty event of each kind, to read into: the one list that a new event must join.</summary>
internal static class EventKinds
{
    private static readonly Dictionary<LedgerEventKind, LedgerEvent> All = new LedgerEvent[]
    {
        FieldReader.Blank<NonceUsed>(),
        FieldReader.Blank<ActorRegistered>(),
        FieldReader.Blank<ActorAdmitted>(),
        FieldReader.Blank<LicenceRecorded>(),
        FieldReader.Blank<LicenceWithdrawn>(),
        FieldReader.Blank<KeyReplaced>(),
        FieldReader.Blank<ActorSuspended>(),
        FieldReader.Blank<ActorReinstated>(),
        FieldReader.Blank<ActorRemoved>(),
        FieldReader.Blank<BundleRegistered>(),
        FieldReader.Blank<BundleRevised>(),
        FieldReader.Blank<BundleRevoked>(),
        FieldReader.Blank<RefreshDue>(),
        FieldReader.Blank<EnvelopeKeyPublished>(),
        FieldReader.Blank<DealingProposed>(),
        FieldReader.Blank<DealingCancelled>(),
        FieldReader.Blank<DealingAcknowledged>(),
        FieldReader.Blank<DealingComplained>(),
        FieldReader.Blank<DealingActivated>(),
        FieldReader.Blank<AccessRequested>(),
        FieldReader.Blank<CommitteeDrawn>(),
        FieldReader.Blank<RequestApproved>(),
        FieldReader.Blank<DenialRecorded>(),
        FieldReader.Blank<RequestDenied>(),
        FieldReader.Blank<PatientConsented>(),
        FieldReader.Blank<GrantIssued>(),
        FieldReader.Blank<RequestVetoed>(),
        FieldReader.Blank<RequestCancelled>(),
        FieldReader.Blank<RequestVoided>(),
        FieldReader.Blank<GrantRevoked>(),
        FieldReader.Blank<RequestExpired>(),
        FieldReader.Blank<CommitteeRedrawn>(),
        FieldReader.Blank<DeliveryRecorded>(),
        FieldReader.Blank<DeliveryRefused>(),
        FieldReader.Blank<OpeningConfirmed>(),
        FieldReader.Blank<RequestSettled>(),
        FieldReader.Blank<OracleRated>(),
        FieldReader.Blank<ReputationChanged>(),
        FieldReader.Blank<RecoveryProposed>(),
        FieldReader.Blank<RecoverySupported>(),
        FieldReader.Blank<RecoveryScheduled>(),
        FieldReader.Blank<RecoveryCancelled>(),
        FieldReader.Blank<RecoveryCompleted>(),
        FieldReader.Blank<TeamRegistered>(),
        FieldReader.Blank<TeamChangeProposed>(),
        FieldReader.Blank<TeamChangeConfirmed>(),
        FieldReader.Blank<TeamChanged>(),
        FieldReader.Blank<ReshareProposed>(),
        FieldReader.Blank<ReshareCancelled>(),
        FieldReader.Blank<ReshareContributed>(),
        FieldReader.Blank<ReshareComplained>(),
        FieldReader.Blank<ReshareConfirmed>(),
        FieldReader.Blank<ReshareCompleted>(),
        FieldReader.Blank<ReshareExpired>(),
        FieldReader.Blank<GrantAttached>(),
    }.ToDictionary(blank => blank.Kind);

    public static IReadOnlyCollection<LedgerEvent> Blanks => All.Values;

    public static LedgerEvent? Find(LedgerEventKind kind) => All.GetValueOrDefault(kind);
}
