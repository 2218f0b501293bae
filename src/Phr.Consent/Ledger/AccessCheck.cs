namespace Phr.Consent;

/// <summary>One of the questions on which access depends.</summary>
public enum AccessCheck
{
    /// <summary>Is there such a request?</summary>
    Request = 0,

    /// <summary>Has nothing ended the request: no denial, veto, revocation, other request, new dealing or new key?</summary>
    NotEnded = 1,

    /// <summary>Is the bundle open?</summary>
    Bundle = 2,

    /// <summary>Is the request's time not over?</summary>
    Time = 3,

    /// <summary>Is the doctor active?</summary>
    Doctor = 4,

    /// <summary>Has the doctor a licence that holds?</summary>
    Licence = 5,

    /// <summary>Is the committee of oracles drawn?</summary>
    Committee = 6,

    /// <summary>Did the patient consent, or enough trustees approve?</summary>
    Consent = 7,

    /// <summary>Is the veto window over?</summary>
    Veto = 8,

    /// <summary>Did enough oracles deliver?</summary>
    Delivery = 9,
}
