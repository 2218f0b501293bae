namespace Phr.Consent.Fields;

/// <summary>An empty command of each kind, to read into: the one list that a new command must join.</summary>
internal static class CommandKinds
{
    private static readonly Dictionary<LedgerCommandKind, LedgerCommand> All = new LedgerCommand[]
    {
        FieldReader.Blank<RegisterActor>(),
        FieldReader.Blank<AdmitActor>(),
        FieldReader.Blank<RecordLicence>(),
        FieldReader.Blank<ReplaceKey>(),
        FieldReader.Blank<SuspendActor>(),
        FieldReader.Blank<ReinstateActor>(),
        FieldReader.Blank<RemoveActor>(),
        FieldReader.Blank<WithdrawLicence>(),
        FieldReader.Blank<RegisterBundle>(),
        FieldReader.Blank<ReviseBundle>(),
        FieldReader.Blank<RevokeBundle>(),
        FieldReader.Blank<PublishEnvelopeKey>(),
        FieldReader.Blank<ProposeDealing>(),
        FieldReader.Blank<CancelDealing>(),
        FieldReader.Blank<AcknowledgeDealing>(),
        FieldReader.Blank<ComplainOfDealing>(),
        FieldReader.Blank<ActivateDealing>(),
        FieldReader.Blank<TakeSnapshot>(),
        FieldReader.Blank<RequestAccess>(),
        FieldReader.Blank<DrawCommittee>(),
        FieldReader.Blank<ApproveRequest>(),
        FieldReader.Blank<DenyRequest>(),
        FieldReader.Blank<ConsentToRequest>(),
        FieldReader.Blank<VetoRequest>(),
        FieldReader.Blank<CancelRequest>(),
        FieldReader.Blank<RevokeGrant>(),
        FieldReader.Blank<ExpireRequest>(),
        FieldReader.Blank<RedrawCommittee>(),
        FieldReader.Blank<RecordDelivery>(),
        FieldReader.Blank<RefuseDelivery>(),
        FieldReader.Blank<ConfirmOpened>(),
        FieldReader.Blank<SettleRequest>(),
        FieldReader.Blank<RateOracle>(),
        FieldReader.Blank<ProposeRecovery>(),
        FieldReader.Blank<SupportRecovery>(),
        FieldReader.Blank<CancelRecovery>(),
        FieldReader.Blank<CompleteRecovery>(),
        FieldReader.Blank<RegisterTeam>(),
        FieldReader.Blank<ChangeTeam>(),
        FieldReader.Blank<ConfirmTeamChange>(),
        FieldReader.Blank<ProposeReshare>(),
        FieldReader.Blank<CancelReshare>(),
        FieldReader.Blank<ContributeToReshare>(),
        FieldReader.Blank<ComplainOfReshare>(),
        FieldReader.Blank<ConfirmReshare>(),
        FieldReader.Blank<ExpireReshare>(),
        FieldReader.Blank<AttachToGrant>(),
        FieldReader.Blank<SetReviewThreshold>(),
        FieldReader.Blank<FileClaim>(),
        FieldReader.Blank<EndorseClaim>(),
        FieldReader.Blank<RejectClaim>(),
        FieldReader.Blank<ApproveClaim>(),
        FieldReader.Blank<AppealClaim>(),
        FieldReader.Blank<DecideAppeal>(),
        FieldReader.Blank<WithdrawClaim>(),
        FieldReader.Blank<ExpireClaim>(),
    }.ToDictionary(blank => blank.Kind);

    public static IReadOnlyCollection<LedgerCommand> Blanks => All.Values;

    public static LedgerCommand? Find(LedgerCommandKind kind) => All.GetValueOrDefault(kind);
}
