using Phr.Ml.Learners;
using Phr.Ml.Learners.MicrosoftMl;

namespace Phr.Ml.Training;

/// <summary>The hyper-parameters that each kind of model may choose from; the first are those to stay with unless others are clearly better.</summary>
internal static class Catalogue
{
    /// <summary>Above this number of rows, an exact kernel takes too long.</summary>
    public const int KernelRows = 20_000;

    /// <summary>Why a kind cannot take part, or null.</summary>
    public static string? ReasonAgainst(ModelFamily family, int rows) => family switch
    {
        ModelFamily.KernelSvm or ModelFamily.Blend when rows > KernelRows => $"an exact kernel over {rows} rows takes too long; the limit is {KernelRows}",
        ModelFamily.LightGbm when !LightGbm.Value => "LightGBM's native library does not load on this machine; it needs libgomp on 64-bit Linux, or Windows or macOS",
        _ => null,
    };

    // A share of the rows for each tree, so that the others judge and calibrate it.
    private static ForestLearner Extra => new() { Kind = ForestKind.ExtraTrees, RowShare = 0.8 };

    public static Candidate[] Of(ModelFamily family, TrainingOptions options)
    {
        var plain = new PreprocessorOptions { KeepBest = options.KeepBest };
        return family switch
        {
            ModelFamily.Prior => [new Candidate(new PriorLearner(), plain)],
            ModelFamily.LogisticRegression =>
                [.. from c in (double[])[1, 0.1, 0.3] select new Candidate(new LogisticLearner { C = c }, plain), new Candidate(new LbfgsLearner { L1 = 1 }, plain)],
            ModelFamily.LinearSvm => [.. from c in (double[])[0.05, 0.005, 0.5] select new Candidate(new SvmLearner { Kernel = SvmKernel.Linear, C = c }, plain),
                .. options.Weighting == ClassWeighting.None ? [new Candidate(new PegasosLearner(), plain)] : Array.Empty<Candidate>()],
            ModelFamily.KernelSvm => [.. from c in (double[])[10, 1] from gamma in (double[])[0.01, 0.003, 0.03] select new Candidate(new SvmLearner { C = c, Gamma = gamma }, plain)],
            ModelFamily.ApproximateKernelSvm => [.. from c in (double[])[10, 1] select new Candidate(new FourierLearner { C = c, Gamma = 0.01 }, plain)],
            ModelFamily.RandomForest => [.. from leaf in (int[])[1, 5] select new Candidate(new ForestLearner { MinLeaf = leaf }, plain)],
            ModelFamily.ExtraTrees =>
            [
                new Candidate(Extra with { MaxFeatures = 3 }, plain), new Candidate(Extra with { MinLeaf = 8 }, plain), new Candidate(Extra with { MinLeaf = 3 }, plain),
            ],
            ModelFamily.FastForest => [new Candidate(new FastForestLearner(), plain)],
            ModelFamily.BoostedTrees => [new Candidate(new FastTreeLearner { Leaves = 8, LearningRate = 0.1 }, plain)],
            ModelFamily.LightGbm => [new Candidate(new LightGbmLearner { Leaves = 4, LearningRate = 0.05 }, plain), new Candidate(new LightGbmLearner(), plain)],
            ModelFamily.NeuralNetwork => [new Candidate(new MlpLearner(), plain), new Candidate(new MlpLearner { Hidden = [4], Decay = 10 }, plain)],
            ModelFamily.Blend => [new Candidate(new BlendLearner([new SvmLearner(), new LogisticLearner { C = 0.1 }, Extra with { MinLeaf = 3 }]), plain)],
            _ => throw new ArgumentOutOfRangeException(nameof(family)),
        };
    }

    private static readonly Lazy<bool> LightGbm = new(() =>
    {
        try
        {
            var x = new Numerics.Matrix(40, 1);
            int[] y = new int[40];
            for (int i = 0; i < 40; i++)
            {
                x[i, 0] = i;
                y[i] = i / 20;
            }

            new LightGbmLearner { Trees = 1, Leaves = 2, MinLeaf = 1 }.Fit(x, y, 2, default, 1, CancellationToken.None);
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException or TypeInitializationException)
        {
            return false;
        }
    });
}
