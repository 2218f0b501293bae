namespace Phr.Samples.Portal;

/// <summary>How far a prescription's course has come.</summary>
public enum PrescriptionLevel
{
    /// <summary>The doctor signed it.</summary>
    Issued = 0,

    /// <summary>The doctor sent it to the patient.</summary>
    Sent,

    /// <summary>The patient said that they read it.</summary>
    Read,

    /// <summary>It was dispensed, once or more often.</summary>
    Dispensed,

    /// <summary>Another one took its place.</summary>
    Renewed,

    /// <summary>The time in which it may be dispensed is over.</summary>
    Expired,

    /// <summary>The doctor took it back.</summary>
    Withdrawn,
}
