namespace Phr.Ml;

/// <summary>How good a model is for one part of the people. Immutable.</summary>
/// <remarks>A number that needs a class which no row of the part has is NaN. Few rows give wide ranges: look at <see cref="DiagnosisMetrics.Rows"/> first.</remarks>
public sealed class SubgroupEvaluation
{
    internal SubgroupEvaluation(string feature, string level, DiagnosisMetrics metrics, MetricInterval rocAuc, MetricInterval sensitivity, MetricInterval specificity)
    {
        Feature = feature;
        Level = level;
        Metrics = metrics;
        RocAuc = rocAuc;
        Sensitivity = sensitivity;
        Specificity = specificity;
    }

    /// <summary>By what the people are told apart.</summary>
    public string Feature { get; }

    /// <summary>Which part, by its readable name; <c>missing</c> where the value is not known.</summary>
    public string Level { get; }

    /// <summary>All metrics over the held-out rows of the part, each row once for each repeat.</summary>
    public DiagnosisMetrics Metrics { get; }

    /// <summary>The area under the ROC curve, with its bootstrap range over people.</summary>
    public MetricInterval RocAuc { get; }

    /// <summary>The share of the diseased that is found, with its bootstrap range over people.</summary>
    public MetricInterval Sensitivity { get; }

    /// <summary>The share of the healthy that is called healthy, with its bootstrap range over people.</summary>
    public MetricInterval Specificity { get; }
}
