namespace Phr.Fhir;

/// <summary>How far an encounter has come: R4's encounter status.</summary>
public enum EncounterState
{
    /// <summary><c>unknown</c>, or none that is known.</summary>
    Unknown = 0,

    /// <summary><c>planned</c>: has not begun.</summary>
    Planned,

    /// <summary><c>arrived</c>: the patient is there.</summary>
    Arrived,

    /// <summary><c>triaged</c>: somebody has looked how urgent it is.</summary>
    Triaged,

    /// <summary><c>in-progress</c>.</summary>
    InProgress,

    /// <summary><c>onleave</c>: begun, and the patient is away for a time.</summary>
    OnLeave,

    /// <summary><c>finished</c>.</summary>
    Finished,

    /// <summary><c>cancelled</c>: ended before it began.</summary>
    Cancelled,

    /// <summary><c>entered-in-error</c>: never true.</summary>
    EnteredInError,
}
