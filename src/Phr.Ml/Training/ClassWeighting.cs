namespace Phr.Ml;

/// <summary>How much a row of each class counts while a model learns. Calibration and metrics always count people as they are.</summary>
public enum ClassWeighting
{
    /// <summary>Every row counts one.</summary>
    None,

    /// <summary>Every class counts the same in all: a row of a rare class counts more.</summary>
    Balanced,
}
