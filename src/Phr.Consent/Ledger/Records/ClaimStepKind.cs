namespace Phr.Consent;

/// <summary>What somebody did with a claim.</summary>
public enum ClaimStepKind
{
    /// <summary>Endorsed it at a level.</summary>
    Endorsed = 1,

    /// <summary>Rejected it at a level.</summary>
    Rejected,

    /// <summary>Approved an amount.</summary>
    Approved,

    /// <summary>Appealed.</summary>
    Appealed,

    /// <summary>Found for the patient: the insurer decides again.</summary>
    SentBack,

    /// <summary>Let the decision stand.</summary>
    Upheld,

    /// <summary>Withdrew it.</summary>
    Withdrawn,

    /// <summary>Said that its time is over.</summary>
    Expired,
}
