namespace Phr.Ml;

/// <summary>A picture of a training report.</summary>
public enum ReportChart
{
    /// <summary>The models beside each other, each ROC-AUC with its interval.</summary>
    Models,

    /// <summary>The ROC curve: the share of the diseased that is found against the share of the healthy that is alarmed.</summary>
    Roc,

    /// <summary>The precision-recall curve: the share of alarms that are right against the share of the diseased that is found.</summary>
    PrecisionRecall,

    /// <summary>What was promised against what came.</summary>
    Reliability,

    /// <summary>What the model relies on.</summary>
    Importance,

    /// <summary>True classes against given ones, counted.</summary>
    Confusion,

    /// <summary>The patients on the plane of the two leading principal components, by cohort and class.</summary>
    Cohorts,

    /// <summary>How quality grows with the number of patients.</summary>
    LearningCurve,
}
