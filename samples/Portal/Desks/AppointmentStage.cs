namespace Phr.Samples.Portal;

/// <summary>Where an appointment stands for its doctor.</summary>
public enum AppointmentStage
{
    /// <summary>The patient's trustees have not checked their shares yet.</summary>
    Preparing = 0,

    /// <summary>The doctor can ask.</summary>
    CanAsk,

    /// <summary>The doctor has asked, and the ledger draws the committee; then it can be decided.</summary>
    Drawing,

    /// <summary>The patient or the trustees decide.</summary>
    Asked,

    /// <summary>It is granted, and oracles are at work.</summary>
    Delivering,

    /// <summary>The scan can be opened and a prescription given.</summary>
    CanOpen,

    /// <summary>It was refused, revoked, or its time is over.</summary>
    Over,
}
