using System.Diagnostics.CodeAnalysis;
using Phr.Ml.Training;

namespace Phr.Ml;

/// <summary>Trains diagnosis models of one schema, judges them on rows they have not seen, and says which is best and how sure that is.</summary>
/// <remarks>
/// <para>In every fold, imputation, scaling, the choice of hyper-parameters and calibration are learnt from the training rows alone. Rows of one person
/// never lie on both sides of a split, where the schema has a column of role <see cref="FeatureRole.Group"/>.</para>
/// <para>The same schema, data, options and seed give the same report, to the digit, on any number of processors. Immutable; safe to use from many threads.</para>
/// </remarks>
public sealed class DiagnosisTrainer
{
    /// <summary>Makes a trainer.</summary>
    /// <param name="schema">What the records look like.</param>
    /// <param name="seed">Decides every random choice. Use another one to see how much depends on chance.</param>
    public DiagnosisTrainer(FeatureSchema schema, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(schema);
        Schema = schema;
        Seed = seed;
    }

    /// <summary>What the records look like.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>What decides every random choice.</summary>
    public ulong Seed { get; }

    /// <summary>Trains and judges.</summary>
    /// <param name="data">Labelled records of <see cref="Schema"/>, at least two people of each class; with fewer than a hundred rows, expect wide ranges.</param>
    /// <param name="options">What is trained and how it is judged, or null.</param>
    /// <param name="progress">Hears how far the training is, from any thread; or null.</param>
    /// <param name="cancellationToken">Stops the training, at the latest when the fit of one model ends.</param>
    /// <exception cref="ArgumentException">The data are of another schema, lack labels or a class, or the folds do not fit them.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Task<TrainingReport> TrainAsync(Dataset data, TrainingOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var run = new TrainingRun(Schema, Seed, data, options ?? new TrainingOptions(), progress, cancellationToken);
        return Task.Run(run.Train, cancellationToken);
    }

    /// <summary>Trains and judges.</summary>
    /// <typeparam name="T">A record whose properties carry <see cref="FeatureAttribute"/>.</typeparam>
    /// <param name="records">Records, each with its class.</param>
    /// <param name="options">What is trained and how it is judged, or null.</param>
    /// <param name="progress">Hears how far the training is, from any thread; or null.</param>
    /// <param name="cancellationToken">Stops the training, at the latest when the fit of one model ends.</param>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the record and the column.</exception>
    /// <exception cref="ArgumentException">The type does not fit the schema, or the data lack a class.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Task<TrainingReport> TrainAsync<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(
        IEnumerable<T> records, TrainingOptions? options = null, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default) =>
        TrainAsync(Dataset.FromRecords(Schema, records, $"records of {typeof(T).Name}"), options, progress, cancellationToken);
}
