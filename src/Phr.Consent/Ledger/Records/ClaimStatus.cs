namespace Phr.Consent;

/// <summary>Where an insurance claim stands. The numbers are those that a contract stores.</summary>
public enum ClaimStatus
{
    /// <summary>No claim.</summary>
    None = 0,

    /// <summary>Level 1: the doctor endorses or rejects.</summary>
    AwaitingDoctor = 1,

    /// <summary>Level 2: the hospital endorses or rejects.</summary>
    AwaitingHospital = 2,

    /// <summary>Level 3, where the amount asks for it: an agency endorses or rejects.</summary>
    AwaitingAgency = 3,

    /// <summary>Level 4: the insurer approves or rejects.</summary>
    AwaitingInsurer = 4,

    /// <summary>The patient appealed: an agency decides whether the insurer must look again.</summary>
    AwaitingAppeal = 5,

    /// <summary>Approved, in whole or in part.</summary>
    Approved = 6,

    /// <summary>Rejected.</summary>
    Rejected = 7,

    /// <summary>Withdrawn by the patient.</summary>
    Withdrawn = 8,

    /// <summary>Its time passed before it was decided.</summary>
    Expired = 9,
}
