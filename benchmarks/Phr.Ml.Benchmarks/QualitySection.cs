using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Benchmarks;

/// <summary>How good the models are on the folds on which scikit-learn's are judged.</summary>
internal static class QualitySection
{
    public const string File = "quality.json";
    private const int FoldSeed = 20250101;

    private static readonly ILearner _svm = new SvmLearner { C = 10, Gamma = 0.01 };

    // What is compared, and what is ours alone (no peer).
    private static readonly Model[] _models =
    [
        new("SVM (RBF, C = 10, γ = .01), Platt", "svm", _svm, CalibrationMethod.Platt, Everywhere: true, Aimed: true),
        new("logistic regression, C = 1", "logistic", new LogisticLearner { C = 1 }, CalibrationMethod.None, Everywhere: true),
        new("random forest, 500 trees, as it is", "random-forest", new ForestLearner(), CalibrationMethod.None, Everywhere: true),
        new("random forest, 500 trees, calibrated", "random-forest-calibrated", new ForestLearner(), CalibrationMethod.Platt, Everywhere: false),
        new("extra-trees, 500 trees, as it is", "extra-trees", new ForestLearner { Kind = ForestKind.ExtraTrees }, CalibrationMethod.None, Everywhere: true),
        new("extra-trees, 500 trees, calibrated; ours: of 0.8 of the rows, 3 features a node", "extra-trees-calibrated", new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MaxFeatures = 3 }, CalibrationMethod.Platt, Everywhere: false, Aimed: true),
        new("extra-trees of 0.8 of the rows, 3 features a node, at least 3 rows a leaf, calibrated", null, new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MinLeaf = 3, MaxFeatures = 3 }, CalibrationMethod.Platt, Everywhere: true),
        new("extra-trees of 0.8 of the rows, 8 features a node, calibrated", null, new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MaxFeatures = 8 }, CalibrationMethod.Platt, Everywhere: true, Aimed: true),
        new(
            "blend of SVM, logistic regression (C = .1), extra-trees (at least 3 rows a leaf)",
            null,
            new BlendLearner([_svm, new LogisticLearner { C = 0.1 }, new ForestLearner { Kind = ForestKind.ExtraTrees, RowShare = 0.8, MinLeaf = 3 }]),
            CalibrationMethod.None,
            Everywhere: true,
            Aimed: true),
        new("prior", null, new PriorLearner(), CalibrationMethod.None, Everywhere: true),
    ];

    public static void Measure(Run run)
    {
        var rows = new List<Row>();
        int repeats = run.Effort == Effort.Full ? 3 : 1;
        // Of some sets only: what an earlier run of as many repeats found for the others stays.
        Table? earlier = run.Sets.Count > 0 && run.Load<Table>(File) is { } table && table.Repeats == repeats ? table : null;
        foreach ((MeasuredSet set, string folds) in Sets(run).Where(s => run.Sets.Count == 0 || run.Sets.Contains(s.Set.Name)))
        {
            (Matrix x, int[] y) = set.Read();
            int[][] every = MeasuredSet.Folds(folds);
            int[][] assignment = every[..repeats];
            foreach (Model model in _models.Where(m => (m.Everywhere || set.Name == "wdbc") && (run.Effort != Effort.Smoke || m.Name == "prior")))
            {
                Scores ours = Judge(model, x, y, assignment, set.Categories);
                Scores? theirs = null;
                // Aims are about all folds, also where the comparison is about some.
                Scores overall = model.Aimed && run.Effort == Effort.Quick ? Judge(model, x, y, every, set.Categories) : ours;
                bool slow = model.Peer?.EndsWith("calibrated", StringComparison.Ordinal) ?? false;
                if (model.Peer is { } name && run.Peer is { } peer && (!slow || run.Effort == Effort.Full))
                {
                    JsonNode answer = peer.Ask("quality", new JsonObject
                    {
                        ["data"] = set.Path,
                        ["skip"] = Texts(set.Skip),
                        ["categories"] = Numbers(set.Categories),
                        ["folds"] = folds,
                        ["repeats"] = repeats,
                        ["model"] = name,
                    });
                    theirs = answer.Deserialize<Scores>();
                }

                rows.Add(new Row(set.Name, model.Name, ours, theirs, overall));
                Run.Progress($"{set.Name}: {model.Name}: AUC {ours.RocAuc:F4}{(theirs is null ? "" : $" beside {theirs.RocAuc:F4}")}");
            }
        }

        string[] measured = [.. rows.Select(r => r.Set).Distinct()];
        rows.InsertRange(0, earlier?.Rows.Where(r => !measured.Contains(r.Set)) ?? []);
        run.Save(File, new Table(repeats, rows, run.Sets.Count == 0 ? Golub(run) : earlier?.Golub));
    }

    private static IEnumerable<(MeasuredSet Set, string Folds)> Sets(Run run)
    {
        string sample = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "samples", "Diagnosis", "data"));
        yield return (new MeasuredSet("wdbc", Path.Combine(sample, "wdbc.csv"), [], []), Path.Combine(sample, "folds", "wdbc_10x3.csv"));
        if (run.Data is null || run.Effort == Effort.Smoke)
        {
            yield break;
        }

        foreach ((string name, string[] skip, int[] categories) in ((string, string[], int[])[])[("heart_cleveland", ["severity"], [2, 6, 10, 12]), ("pima", [], []), ("ckd", [], [5, 6, 7, 8, 18, 19, 20, 21, 22, 23])])
        {
            yield return (new MeasuredSet(name, Path.Combine(run.Data, name + ".csv"), skip, categories), Path.Combine(run.Data, "folds", name + "_10x3.csv"));
        }

        // No fold file exists for this one: scikit-learn makes it from a stated seed, and both read it.
        var dermatology = new MeasuredSet("dermatology", Path.Combine(run.Data, "dermatology.csv"), [], []);
        string folds = run.RawFile("dermatology_10x3.csv");
        run.Peer?.Ask("make_folds", new JsonObject { ["data"] = dermatology.Path, ["skip"] = new JsonArray(), ["folds"] = folds, ["seed"] = FoldSeed });
        if (System.IO.File.Exists(folds))
        {
            yield return (dermatology, folds);
        }
    }

    private static Scores Judge(Model model, Matrix x, int[] y, int[][] folds, int[] categories)
    {
        int classes = y.Max() + 1;
        var each = new List<DiagnosisMetrics>();
        var all = new List<double>();
        var truth = new List<int>();
        ulong part = 0;
        foreach (int[] fold in folds)
        {
            foreach (int f in fold.Distinct().Order())
            {
                int[] train = [.. Enumerable.Range(0, x.Rows).Where(i => fold[i] != f)];
                int[] test = [.. Enumerable.Range(0, x.Rows).Where(i => fold[i] == f)];
                (Matrix a, Matrix b) = MeasuredSet.Prepare(x.Select(train), x.Select(test), categories);
                int[] trainY = [.. train.Select(i => y[i])];
                ulong seed = RandomStream.DeriveSeed(7, part++);
                IScorer scorer;
                ICalibrator calibrator;
                if (model.Calibration == CalibrationMethod.None)
                {
                    scorer = model.Learner.Fit(a, trainY, classes, default, seed, CancellationToken.None);
                    calibrator = new IdentityCalibrator(scorer.Scores);
                }
                else
                {
                    Matrix held = Calibration.HeldOutScores(model.Learner, a, trainY, classes, default, default, 5, seed, CancellationToken.None);
                    scorer = model.Learner.Fit(a, trainY, classes, default, seed, CancellationToken.None);
                    calibrator = Calibration.Fit(model.Calibration, held, scorer.AreProbabilities, trainY, default);
                }

                var p = new Matrix(test.Length, scorer.Scores);
                for (int i = 0; i < test.Length; i++)
                {
                    scorer.Score(b.Row(i), p.Row(i));
                    calibrator.Apply(p.Row(i), p.Row(i));
                }

                int[] testY = [.. test.Select(i => y[i])];
                each.Add(DiagnosisMetrics.Compute(p, testY));
                all.AddRange(p.Values);
                truth.AddRange(testY);
            }
        }

        var pooled = DiagnosisMetrics.Compute(new Matrix(truth.Count, all.Count / truth.Count, [.. all]), [.. truth]);
        return new Scores(each.Average(m => m.RocAuc), each.Average(m => m.LogLoss), each.Average(m => m.Brier), pooled.CalibrationError, each.Average(m => m.Accuracy));
    }

    private static Holdout? Golub(Run run)
    {
        if (run.Data is null || run.Effort == Effort.Smoke)
        {
            return null;
        }

        string training = Path.Combine(run.Data, "golub_leukemia.csv.gz");
        string test = Path.Combine(run.Data, "golub_leukemia_test34.csv.gz");
        (Matrix x, int[] y) = MeasuredSet.Read(training, []);
        (Matrix unseen, int[] truth) = MeasuredSet.Read(test, []);
        (Matrix a, Matrix b) = MeasuredSet.Prepare(x, unseen, []);
        IScorer scorer = new SvmLearner { Kernel = SvmKernel.Linear, C = 0.05 }.Fit(a, y, 2, default, 1, CancellationToken.None);
        double[] score = new double[1];
        int right = 0;
        for (int i = 0; i < truth.Length; i++)
        {
            scorer.Score(b.Row(i), score);
            right += score[0] > 0 == (truth[i] == 1) ? 1 : 0;
        }

        JsonNode? theirs = run.Peer?.Ask("holdout", new JsonObject
        {
            ["data"] = training,
            ["test"] = test,
            ["skip"] = new JsonArray(),
            ["categories"] = new JsonArray(),
            ["model"] = "linear-svm",
        });
        return new Holdout(right, theirs?["Right"]!.GetValue<int>(), truth.Length);
    }

    private static JsonArray Texts(string[] texts) => [.. texts.Select(t => (JsonNode)t)];

    private static JsonArray Numbers(int[] numbers) => [.. numbers.Select(n => (JsonNode)n)];

    internal sealed record Scores(double RocAuc, double LogLoss, double Brier, double CalibrationError, double Accuracy);

    internal sealed record Row(string Set, string Model, Scores Ours, Scores? Theirs, Scores Overall);

    internal sealed record Holdout(int Ours, int? Theirs, int Rows);

    internal sealed record Table(int Repeats, IReadOnlyList<Row> Rows, Holdout? Golub);

    private sealed record Model(string Name, string? Peer, ILearner Learner, CalibrationMethod Calibration, bool Everywhere, bool Aimed = false);
}
