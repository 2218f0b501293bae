namespace Phr.Samples.Portal;

/// <summary>What somebody does with a prescription.</summary>
public enum PrescriptionStepKind
{
    /// <summary>The doctor sends it.</summary>
    Sent = 1,

    /// <summary>The patient says that they read it.</summary>
    Read,

    /// <summary>The patient or the doctor says that it was dispensed.</summary>
    Dispensed,

    /// <summary>The doctor puts another one in its place.</summary>
    Renewed,

    /// <summary>The doctor takes it back.</summary>
    Withdrawn,
}
