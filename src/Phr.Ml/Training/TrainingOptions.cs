namespace Phr.Ml;

/// <summary>What is trained, and how it is judged.</summary>
public sealed class TrainingOptions
{
    /// <summary>The kinds of models that compete; by default all. The prior always takes part.</summary>
    public IReadOnlyList<ModelFamily> Families { get; init; } = Array.AsReadOnly(Enum.GetValues<ModelFamily>());

    /// <summary>How many folds the rows are dealt to, 2 to 100; fewer are made where a class has fewer rows.</summary>
    public int Folds { get; init; } = 10;

    /// <summary>How many times the rows are dealt anew, 1 to 100.</summary>
    public int Repeats { get; init; } = 3;

    /// <summary>Folds to use instead of dealing the rows, such as those of a file; null to deal them from the seed.</summary>
    public FoldAssignment? FoldAssignment { get; init; }

    /// <summary>How many folds the training part of each fold is dealt to, for the choice of hyper-parameters and for calibration, 2 to 20.</summary>
    public int InnerFolds { get; init; } = 5;

    /// <summary>How scores become probabilities.</summary>
    public CalibrationMethod Calibration { get; init; } = CalibrationMethod.Platt;

    /// <summary>How many false alarms are as bad as one missed case, above 0. The threshold of the model follows from it. Two classes only.</summary>
    public double MissedCaseCost { get; init; } = 1;

    /// <summary>How much rows count while a model learns.</summary>
    public ClassWeighting Weighting { get; init; } = ClassWeighting.None;

    /// <summary>How often a stated range shall hold the true number, above 0 and below 1.</summary>
    public double ConfidenceLevel { get; init; } = 0.95;

    /// <summary>How many columns of the prepared records are kept at most, those that tell the classes apart best in the training rows of each fold; 0 for all. For thousands of genes.</summary>
    public int KeepBest { get; init; }

    /// <summary>How many folds are judged at the same time; 0 for as many as the machine has processors. Changes the time and nothing else.</summary>
    public int Parallelism { get; init; }

    /// <summary>What the model is for, as its card will say; empty for what the data state (<see cref="Dataset.Statement"/>).</summary>
    public string IntendedUse { get; init; } = "";

    /// <summary>Of whom the records are, as the model's card will say; empty for what the data state.</summary>
    public string Population { get; init; } = "";

    /// <summary>What the model cannot do, or must not be used for, one sentence each, as its card will say beside what the data state and what training found.</summary>
    public IReadOnlyList<string> Limits { get; init; } = [];
}
