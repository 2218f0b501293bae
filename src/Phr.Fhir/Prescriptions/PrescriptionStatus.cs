namespace Phr.Fhir;

/// <summary>Where a prescription stands: R4's medicationrequest status.</summary>
public enum PrescriptionStatus
{
    /// <summary><c>draft</c>: being written.</summary>
    Draft = 0,

    /// <summary><c>active</c>: to be dispensed and taken.</summary>
    Active,

    /// <summary><c>on-hold</c>: paused.</summary>
    OnHold,

    /// <summary><c>completed</c>: all of it was dispensed.</summary>
    Completed,

    /// <summary><c>cancelled</c>: withdrawn before anything was dispensed.</summary>
    Cancelled,

    /// <summary><c>stopped</c>: ended before its end.</summary>
    Stopped,

    /// <summary><c>entered-in-error</c>: never true.</summary>
    EnteredInError,
}
