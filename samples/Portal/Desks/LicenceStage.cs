namespace Phr.Samples.Portal;

/// <summary>How a doctor's licence stands.</summary>
public enum LicenceStage
{
    /// <summary>The doctor has not made keys yet, and a licence names keys.</summary>
    WithoutKeys,

    /// <summary>An agency has to look at it.</summary>
    Waiting,

    /// <summary>An agency refused it, and the doctor has not asked again.</summary>
    Refused,

    /// <summary>It is recorded and holds.</summary>
    Valid,

    /// <summary>It was recorded, and its time is over.</summary>
    Expired,

    /// <summary>An agency suspended the doctor.</summary>
    Suspended,

    /// <summary>An agency removed the doctor for good.</summary>
    Removed,
}
