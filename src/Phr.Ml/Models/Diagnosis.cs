using System.Globalization;

namespace Phr.Ml;

/// <summary>What a model says of one patient, and how far it is to be believed. Immutable.</summary>
/// <remarks>A probability is about patients like those of training. Look at <see cref="IsUnlikeTrainingData"/> before anything else.</remarks>
public sealed class Diagnosis
{
    private readonly double[] _probabilities;
    private readonly FeatureContribution[] _contributions;
    private readonly UnlikenessReason[] _reasons;

    internal Diagnosis(
        double[] probabilities,
        string className,
        double probability,
        string explainedClass,
        PredictionSet set,
        FeatureContribution[] contributions,
        ContributionMethod method,
        ContributionUnit unit,
        double baseValue,
        NearestCohort cohort,
        UnlikenessReason[] reasons)
    {
        _probabilities = probabilities;
        _contributions = contributions;
        _reasons = reasons;
        Class = className;
        Probability = probability;
        ExplainedClass = explainedClass;
        Set = set;
        Method = method;
        Unit = unit;
        BaseValue = baseValue;
        Cohort = cohort;
    }

    /// <summary>Of two classes, the calibrated probability of the disease, from 0 to 1; of more, that of <see cref="Class"/>.</summary>
    public double Probability { get; }

    /// <summary>The calibrated probability of each class in the schema's order; they sum to 1.</summary>
    public IReadOnlyList<double> Probabilities => _probabilities;

    /// <summary>The class that is called: of two, the disease from the model's threshold on; of more, the likeliest.</summary>
    public string Class { get; }

    /// <summary>The classes that cannot be ruled out at the level that was asked for.</summary>
    public PredictionSet Set { get; }

    /// <summary>The class that <see cref="Contributions"/> speak for or against: of two, the disease; of more, the likeliest.</summary>
    public string ExplainedClass { get; }

    /// <summary>What each feature contributed, the strongest first; empty where none were asked for.</summary>
    public IReadOnlyList<FeatureContribution> Contributions => _contributions;

    /// <summary>How the contributions were worked out.</summary>
    public ContributionMethod Method { get; }

    /// <summary>What the contributions are parts of.</summary>
    public ContributionUnit Unit { get; }

    /// <summary>What the average patient of training would get, in <see cref="Unit"/>. With the contributions it sums to what this patient gets.</summary>
    public double BaseValue { get; }

    /// <summary>The group of training patients that this one resembles most.</summary>
    public NearestCohort Cohort { get; }

    /// <summary>Whether this patient is unlike those of training, so that the probability should not be relied on.</summary>
    public bool IsUnlikeTrainingData => _reasons.Length > 0;

    /// <summary>Why the patient is unlike those of training; empty where it is like them.</summary>
    public IReadOnlyList<UnlikenessReason> Reasons => _reasons;

    /// <summary>The call in one line, without any of the patient's values.</summary>
    /// <returns>Such as <c>malignant, probability 0.971, {malignant} at 90 %</c>.</returns>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Class}, probability {Shown(Probability)}, {Set} at {Set.Level * 100:0.#} %{(IsUnlikeTrainingData ? ", unlike the training data" : "")}");

    // Never a certainty that no model has.
    private static string Shown(double p) => p switch
    {
        > 0.999 => "above 0.999",
        < 0.001 => "below 0.001",
        _ => p.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
