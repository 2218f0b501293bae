namespace Phr.Ml;

/// <summary>What the contributions of a <see cref="Diagnosis"/> are parts of.</summary>
public enum ContributionUnit
{
    /// <summary>The natural logarithm of the calibrated odds of the explained class: +0.69 doubles the odds.</summary>
    LogOdds,

    /// <summary>A probability, of trees before calibration: +0.1 is ten points of a hundred.</summary>
    Probability,

    /// <summary>The model's own score before calibration, such as the log-odds of a logistic regression that is then bent: signs and proportions mean something.</summary>
    Score,
}
