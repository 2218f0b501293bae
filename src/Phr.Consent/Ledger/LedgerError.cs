namespace Phr.Consent;

/// <summary>Why a ledger refused a command. The numbers never change.</summary>
public enum LedgerError
{
    /// <summary>No error; never in a refusal.</summary>
    None = 0,

    /// <summary>A field lies outside its bounds, or fields do not fit each other.</summary>
    Malformed = 1,

    /// <summary>The signature is not of the actor's ledger key for this ledger.</summary>
    BadSignature = 2,

    /// <summary>The nonce is not the actor's next one.</summary>
    WrongNonce = 3,

    /// <summary>This version does not do that yet.</summary>
    NotSupported = 4,

    /// <summary>The actor is not registered.</summary>
    NotRegistered = 10,

    /// <summary>The actor waits for an agency's admission.</summary>
    NotAdmitted = 11,

    /// <summary>The actor, or one it depends on, is suspended.</summary>
    Suspended = 12,

    /// <summary>The actor, or one it depends on, was removed.</summary>
    Removed = 13,

    /// <summary>The actor's key record ended: it must be replaced first.</summary>
    KeyExpired = 14,

    /// <summary>The actor does not have the role that the command needs, or the roles do not go together.</summary>
    WrongRole = 15,

    /// <summary>What the command is about belongs to another actor.</summary>
    NotYours = 16,

    /// <summary>The address serves, or served, another actor.</summary>
    AddressInUse = 17,

    /// <summary>No active agency would be left.</summary>
    LastAgency = 18,

    /// <summary>A new key's proof of possession does not verify.</summary>
    BadPossession = 19,

    /// <summary>It exists already, or was done already.</summary>
    AlreadyExists = 20,

    /// <summary>What the command names does not exist.</summary>
    NotFound = 21,

    /// <summary>The digest to be replaced or pinned is not the present one.</summary>
    StaleDigest = 22,

    /// <summary>The epoch is not the one that is due.</summary>
    StaleEpoch = 23,

    /// <summary>What the command is about is in a state that does not allow it.</summary>
    WrongState = 24,

    /// <summary>It is too early.</summary>
    NotYet = 25,

    /// <summary>It is too late.</summary>
    Expired = 26,

    /// <summary>There is no more room.</summary>
    TooMany = 27,

    /// <summary>The consent policy breaks a rule.</summary>
    PolicyInvalid = 30,

    /// <summary>The seat is not the actor's.</summary>
    NotATrustee = 32,

    /// <summary>The acknowledgements, or other contributions, do not meet the policy yet.</summary>
    BelowQuorum = 33,

    /// <summary>The trustees propose a policy that asks for less than the patient's.</summary>
    PolicyRelaxed = 34,

    /// <summary>The doctor has no recorded licence, or it was withdrawn.</summary>
    LicenceMissing = 40,

    /// <summary>The doctor's licence ended.</summary>
    LicenceExpired = 41,

    /// <summary>The policy's access rule does not permit this doctor; the refusal names the failing leaf.</summary>
    AccessDenied = 42,

    /// <summary>The doctor has an open request for this bundle already.</summary>
    OpenRequestExists = 44,

    /// <summary>The doctor abandoned requests and must wait.</summary>
    CoolingDown = 45,

    /// <summary>The present snapshot of the registry lists fewer oracles than the committee has seats, or there is none.</summary>
    NotEnoughOracles = 46,

    /// <summary>The actor does not sit in the committee at that index.</summary>
    NotInCommittee = 47,

    /// <summary>The policy does not permit this kind of receiver.</summary>
    ReceiverNotPermitted = 48,

    /// <summary>The oracle's bond is smaller than what is asked of it.</summary>
    BondTooSmall = 49,

    /// <summary>The evidence is not well formed, or not about a delivery that the oracle signed.</summary>
    BadEvidence = 70,

    /// <summary>What the evidence was to show broken holds.</summary>
    DeliveryHolds = 71,

    /// <summary>Earlier emergencies of the doctor wait for their review.</summary>
    ReviewDue = 80,

    /// <summary>The actor is no member of the team.</summary>
    NotAMember = 90,
}
