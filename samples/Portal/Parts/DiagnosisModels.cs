using Phr.Ml;

namespace Phr.Samples.Portal;

/// <summary>The model that doctors can ask: a file of the operator's choice, or one that the demonstration trains from a published set.</summary>
/// <remarks>Thread safe. It is read or trained when it is first asked for, and kept.</remarks>
public sealed class DiagnosisModels(PortalOptions options) : IDisposable
{
    private const ulong Seed = 7;

    private readonly SemaphoreSlim _turn = new(1);
    private DiagnosisModel? _model;

    /// <summary>Whether there is a model to ask.</summary>
    public bool HasModel => options.Model is not null || options.Demo;

    /// <summary>The model; null where the portal has none.</summary>
    /// <exception cref="DeskException">The file of the settings cannot be read.</exception>
    public async Task<DiagnosisModel?> FindAsync(CancellationToken cancellationToken = default)
    {
        if (!HasModel)
        {
            return null;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            return _model ??= options.Model is { } path ? Load(path) : await TrainAsync();
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private static DiagnosisModel Load(string path)
    {
        try
        {
            return DiagnosisModel.Load(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new DeskException("The portal's model cannot be read. The operator has to look at the setting Portal:Model.", e);
        }
    }

    // Somebody's impatience does not end a training that others wait for.
    private static async Task<DiagnosisModel> TrainAsync()
    {
        KnownSet set = KnownSchemas.BreastMass;
        await using Stream csv = typeof(DiagnosisModels).Assembly.GetManifestResourceStream($"demo/{set.FileName}")!;
        Dataset rows = Dataset.ReadCsv(csv, set.SchemaOf([]), new CsvReadOptions { Origin = $"{set.Citation} ({set.FileName})", Statement = set.Statement });
        var training = new TrainingOptions
        {
            Families = [ModelFamily.LogisticRegression],
            Folds = 5,
            Repeats = 1,
            Parallelism = 1,
            IntendedUse = "To show how a suggestion comes with what it rests on. Not for patients.",
            Population = "569 needle samples of breast masses, University of Wisconsin, before 1993",
        };
        return (await new DiagnosisTrainer(rows.Schema, Seed).TrainAsync(rows, training)).Winner;
    }
}
