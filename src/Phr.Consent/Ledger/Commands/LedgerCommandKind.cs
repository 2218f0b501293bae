namespace Phr.Consent;

/// <summary>Numbers the commands in their encoding.</summary>
/// <remarks>
/// The numbers are part of the format and never change. Reserved for what later versions add: 60–69 commands on insurance claims, level by level; 70–79 disputes;
/// 80–89 break-glass and its review; 90–99 teams as receivers; 101–109 further grant attachments; 116–119 further dealing states. A reader refuses a number that it does not know.
/// </remarks>
public enum LedgerCommandKind
{
    /// <summary>No command.</summary>
    None = 0,

    /// <summary>Registers the signer: a new identity whose id is the address of the ledger key that signs.</summary>
    RegisterActor = 1,

    /// <summary>Admits a pending actor. By an agency; an agency so admitted accepts after a delay.</summary>
    AdmitActor = 2,

    /// <summary>Records or renews a doctor's licence. By an agency.</summary>
    RecordLicence = 3,

    /// <summary>Replaces the signer's ledger key, its key record, or both. The actor's id stays.</summary>
    ReplaceKey = 4,

    /// <summary>Suspends an actor, or an agency whose admission runs: until it is reinstated only what withdraws something is accepted from it, its approvals do not count, and it is not listed for draws. By an agency.</summary>
    SuspendActor = 5,

    /// <summary>Ends a suspension; the trustee's approvals count again. By an agency.</summary>
    ReinstateActor = 6,

    /// <summary>Removes an actor for good. By an agency, or by the actor itself.</summary>
    RemoveActor = 7,

    /// <summary>Withdraws a doctor's licence at once. By an agency.</summary>
    WithdrawLicence = 8,

    /// <summary>Begins the work of an admitted agency, when the delay is over. By the new agency.</summary>
    AcceptAdmission = 9,

    /// <summary>Registers a bundle. By its patient.</summary>
    RegisterBundle = 10,

    /// <summary>Records a new header of a bundle. By its patient.</summary>
    ReviseBundle = 11,

    /// <summary>Closes a bundle for good: every open request is voided, every grant revoked. By its patient.</summary>
    RevokeBundle = 12,

    /// <summary>Publishes the key to which this trustee's share of the next epoch is to be sealed. By the trustee, once for each bundle and epoch.</summary>
    PublishEnvelopeKey = 15,

    /// <summary>Proposes a dealing: new shares, with the policy that they serve. By the bundle's patient.</summary>
    ProposeDealing = 16,

    /// <summary>Cancels a dealing that is not active yet. By the bundle's patient.</summary>
    CancelDealing = 17,

    /// <summary>Says that this trustee opened its share and found it true to the commitments. By that trustee.</summary>
    AcknowledgeDealing = 18,

    /// <summary>Says that this trustee's share is missing or false. By that trustee, instead of an acknowledgement.</summary>
    ComplainOfDealing = 19,

    /// <summary>Makes a dealing the active one; requests of the earlier one that are not granted are voided.</summary>
    ActivateDealing = 20,

    /// <summary>Asks for documents of a bundle. By a doctor.</summary>
    RequestAccess = 30,

    /// <summary>Draws the committee from the randomness of the request's seed block. By anybody, after that block and within the window; later it voids the request.</summary>
    DrawCommittee = 31,

    /// <summary>Approves a request. By a trustee of the pinned policy, after the draw.</summary>
    ApproveRequest = 32,

    /// <summary>Denies a request. By a trustee of the pinned policy.</summary>
    DenyRequest = 33,

    /// <summary>Grants a request at once, without a veto window. By the bundle's patient, after the draw.</summary>
    ConsentToRequest = 34,

    /// <summary>Ends a request before its grant is final. By the bundle's patient.</summary>
    VetoRequest = 35,

    /// <summary>Withdraws a request, or gives up a grant that is not settled; an undecided one counts as abandoned. By the doctor who made it.</summary>
    CancelRequest = 36,

    /// <summary>Ends a grant: no honest oracle serves it any more. By the bundle's patient.</summary>
    RevokeGrant = 37,

    /// <summary>Records that a request's time is over. By anybody.</summary>
    ExpireRequest = 38,

    /// <summary>Asks for a second committee, once, when fewer than m oracles served in time; approvals are void. By the doctor or the patient.</summary>
    RedrawCommittee = 39,

    /// <summary>Records that an oracle delivered. By the committee's oracle of that index, once.</summary>
    RecordDelivery = 40,

    /// <summary>Records that an oracle cannot serve, before the deadline; it loses nothing. By the committee's oracle of that index.</summary>
    RefuseDelivery = 41,

    /// <summary>Confirms that the documents opened. By the doctor.</summary>
    ConfirmOpened = 42,

    /// <summary>Turns the facts of a request into reputation, once.</summary>
    SettleRequest = 43,

    /// <summary>Rates an oracle that delivered. By the doctor of the grant, once for each oracle.</summary>
    RateOracle = 44,

    /// <summary>Opens the next delivery window of a request that asked for several uses. By the doctor, when the former one is settled.</summary>
    UseAgain = 46,

    /// <summary>Lists the oracles that may be drawn now; requests pin the list. By anybody, once in so many blocks.</summary>
    TakeSnapshot = 48,

    /// <summary>Proposes a new ledger key for a patient who lost the old one. By a trustee of the named bundle's active policy.</summary>
    ProposeRecovery = 50,

    /// <summary>Supports a proposed recovery. By a trustee of the policy that decides.</summary>
    SupportRecovery = 51,

    /// <summary>Cancels a recovery of the signer's own key. By the patient.</summary>
    CancelRecovery = 52,

    /// <summary>Puts the new key in place when the delay is over. By anybody.</summary>
    CompleteRecovery = 53,

    /// <summary>Adds to an oracle's bond. By anybody.</summary>
    PostBond = 54,

    /// <summary>Asks back a part of the own bond. By an oracle.</summary>
    ReleaseBond = 55,

    /// <summary>Takes out what was asked back, when the delay is over. By that oracle.</summary>
    WithdrawBond = 56,

    /// <summary>Shows that the patient is there. By a patient.</summary>
    ConfirmPresence = 57,

    /// <summary>Takes out what was earned by showing that an oracle cheated. By that actor.</summary>
    WithdrawCredit = 58,

    /// <summary>Registers a team that its members founded; it waits for admission. By a member.</summary>
    RegisterTeam = 90,

    /// <summary>Proposes a team's next charter: members who join or leave, another threshold, a new key. By a member.</summary>
    ChangeTeam = 91,

    /// <summary>Confirms a proposed charter; with the threshold it holds, and with a new key undecided requests to the old one are voided. By a member.</summary>
    ConfirmTeamChange = 92,

    /// <summary>Proposes that the trustees deal their shares onward without the patient. By a trustee of the active policy.</summary>
    ProposeReshare = 110,

    /// <summary>Cancels a reshare that has not led to a dealing yet. By the bundle's patient.</summary>
    CancelReshare = 111,

    /// <summary>Records that a trustee dealt its share onward. By a trustee of the active policy, once, when the patient's delay is over.</summary>
    ContributeToReshare = 112,

    /// <summary>Says that a dealer's contribution is false; the dealer is left out. By a trustee of the new policy.</summary>
    ComplainOfReshare = 113,

    /// <summary>Says which dealers' contributions make which dealing; when all of them say the same, it is proposed. By one of those dealers.</summary>
    ConfirmReshare = 114,

    /// <summary>Ends a reshare whose time is over. By anybody.</summary>
    ExpireReshare = 115,

    /// <summary>Attaches search tokens to a final grant. By the bundle's patient.</summary>
    AttachToGrant = 100,

    /// <summary>Reviews an emergency that trustees granted. By the bundle's patient or an agency.</summary>
    ReviewEmergency = 80,

    /// <summary>Sets from which amount on an agency looks at claims, too. By an insurer.</summary>
    SetReviewThreshold = 60,

    /// <summary>Files an insurance claim. By a patient.</summary>
    FileClaim = 61,

    /// <summary>Endorses a claim at the level that is due. By its doctor, its hospital or an agency.</summary>
    EndorseClaim = 62,

    /// <summary>Rejects a claim at the level that is due. By its doctor, its hospital, an agency or its insurer.</summary>
    RejectClaim = 63,

    /// <summary>Approves a claim. By its insurer.</summary>
    ApproveClaim = 64,

    /// <summary>Appeals against a decision on a claim. By its patient, once.</summary>
    AppealClaim = 65,

    /// <summary>Decides on an appeal. By an agency.</summary>
    DecideAppeal = 66,

    /// <summary>Withdraws a claim. By its patient.</summary>
    WithdrawClaim = 67,

    /// <summary>Ends a claim whose time is over. By anybody.</summary>
    ExpireClaim = 68,

    /// <summary>Shows that a signed delivery is false: its oracle is slashed. By anybody.</summary>
    DisputeDelivery = 70,

    /// <summary>Shows that an oracle signed two deliveries for one job: it is slashed. By anybody.</summary>
    DisputeEquivocation = 71,
}
