using System.IO.Compression;
using System.Text;
using Phr.Ml;
using Phr.Ml.Evaluation;
using Phr.Ml.Learners;
using Phr.Ml.Models;
using Phr.Ml.Numerics;
using Phr.Ml.Training;

namespace Phr.Fuzz;

/// <summary>The readers of Phr.Ml: models from strangers, descriptions of records, and files of records. They promise <see cref="InvalidDataException"/>.</summary>
internal static class FuzzTargetsOfMl
{
    // Of every kind of column, with a code, and few of each: a model's file begins with it.
    private static readonly FeatureSchema Schema = FeatureSchema.Create("fuzz", 1,
    [
        new FeatureDefinition { Name = "id", Kind = FeatureKind.Identifier, Role = FeatureRole.Group },
        new FeatureDefinition { Name = "x", Unit = "mg/dL", Minimum = -9, Maximum = 9.5, Missing = MissingValues.Allowed, Codes = [new FeatureCode { Code = "718-7" }, new FeatureCode { Code = "718-7", Unit = "g/L", Factor = 0.1 }] },
        new FeatureDefinition { Name = "n", Kind = FeatureKind.WholeNumber, Minimum = 0 },
        new FeatureDefinition { Name = "c", Kind = FeatureKind.Category, Levels = ["a", "b", "c, d"], Missing = MissingValues.Allowed, ReportBy = SubgroupReport.ByLevel, Description = "A word." },
        new FeatureDefinition { Name = "y", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"], LevelNames = ["well", "ill"] },
    ]);

    private static readonly Lazy<byte[][]> Bodies = new(() =>
    [
        .. new ILearner[]
        {
            new PriorLearner(), new SvmLearner(), new SvmLearner { Kernel = SvmKernel.Linear, C = 1 }, new ForestLearner { Trees = 2, MaxDepth = 3 }, new MlpLearner { Hidden = [2] },
            new BlendLearner([new LogisticLearner(), new ForestLearner { Trees = 1, MaxDepth = 1 }]),
        }.Select(Body),
    ]);

    private static readonly byte[][] JsonWords =
    [
        .. new[]
        {
            "{}", "[]", ",", ":", "null", "true", "1e999", "-0", "1E308", "0.1", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "\"name\"", "\"version\":2", "\"columns\"", "\"kind\":\"category\"", "\"kind\":\"wholeNumber\"",
            "\"role\":\"label\"", "\"role\":\"future\"", "\"unit\"", "\"minimum\"", "\"maximum\"", "\"missing\":\"allowed\"", "\"levels\":[\"a\",\"b\"]", "\"levelNames\"", "\"description\"", "\"reportBy\":\"byLevel\"",
            "\"codes\":[{\"system\":\"http://loinc.org\",\"code\":\"1\"}]", "\"factor\":2", "\"trainedOn\":\"2026-02-29\"", "\"seed\":\"18446744073709551616\"", "\"threshold\"", "\"rows\":-1",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public static FuzzTarget[] All { get; } =
    [
        new("model-file", [typeof(DiagnosisModel), typeof(ContentDigest)], () => [.. Bodies.Value.Select(b => ModelFile.Write(b, ModelFile.DigestOf(b), null)), Signed()], Refusing(ReadFile)) { MaxLength = 16_384 },
        // With a digest that fits whatever was changed: what a hostile trainer could send.
        new("model-body", [typeof(DiagnosisModel)], () => Bodies.Value, Refusing(ReadBody)) { IsCbor = true, MaxLength = 16_384 },
        new("model-schema", [typeof(FeatureSchema)], () => [Schema.ToJson(), KnownSchemas.Diabetes.SchemaOf([]).ToJson()], Refusing(ReadSchema)) { MaxLength = 4096, Dictionary = JsonWords },
        new("model-card", [typeof(ModelCard)], () => [Card(Records(20), "SVM").ToJson(), (Card(Records(20), "") with { TrainedOn = new DateOnly(2026, 11, 23), IntendedUse = "\u00e9\ud83d\ude00" }).ToJson()], Refusing(ReadCard))
        {
            MaxLength = 4096, Dictionary = JsonWords,
        },
        new("records-csv", [typeof(Dataset)], () => [Csv(Records(4)), Gzip(Csv(Records(4))), "\uFEFFy,x,n,c,id\r\n1,,3,\"c, d\",\"p \"\"1\"\"\"\r\n\r\n"u8.ToArray()[..^2]], Refusing(ReadRecords))
        {
            MaxLength = 1024, Dictionary = [.. new[] { ",", "\n", "\r\n", "\"", "\"\"", "1e308", "-0", "NaN", "c, d", "id", "x" }.Select(Encoding.UTF8.GetBytes)],
        },
        new("folds-csv", [typeof(FoldAssignment)], () => ["rep1,rep2\n0,1\n1,0\n2,2\n"u8.ToArray(), Gzip("rep1\n0\n1\n"u8.ToArray())], Refusing(ReadFolds))
        {
            MaxLength = 512, Dictionary = [.. new[] { "rep1", ",rep2", "\n", "999", "1000", "+1" }.Select(Encoding.UTF8.GetBytes)],
        },
    ];

    private static Func<byte[], bool> Refusing(Func<byte[], bool> read) => bytes =>
    {
        try
        {
            return read(bytes);
        }
        catch (InvalidDataException)
        {
            return false;
        }
    };

    private static bool ReadFile(byte[] bytes) =>
        DiagnosisModel.FromBytes(bytes).ToBytes().AsSpan().SequenceEqual(bytes) ? true : throw new FuzzFaultException("what was read is written in another form.");

    // A model that is accepted answers, or says of the row that it cannot.
    private static bool ReadBody(byte[] body)
    {
        DiagnosisModel model = DiagnosisModel.FromBytes(ModelFile.Write(body, ModelFile.DigestOf(body), null));
        double[] row = new double[model.Schema.Features.Count];
        foreach (double value in (double[])[0, 1, double.NaN])
        {
            Array.Fill(row, value);
            try
            {
                Diagnosis answer = model.PredictValues(row);
                if (!(answer.Probability >= 0 && answer.Probability <= 1) || answer.Contributions.Count > row.Length || answer.Probabilities.Any(p => !double.IsFinite(p)))
                {
                    throw new FuzzFaultException("the model states a probability that is none.");
                }

                _ = model.PredictProbability(row);
                _ = answer.ToString() + string.Join('\n', answer.Reasons);
            }
            catch (InvalidDataException)
            {
            }
        }

        return model.Card.ToMarkdown().Length > 0;
    }

    private static bool ReadSchema(byte[] bytes)
    {
        var schema = FeatureSchema.FromJson(bytes);
        if (FeatureSchema.FromJson(schema.ToJson()).Digest != schema.Digest)
        {
            throw new FuzzFaultException("a schema does not come back from its own description.");
        }

        CodedValue[] values = [.. schema.Features.SelectMany(f => f.Codes).Select(c => new CodedValue { System = c.System, Code = c.Code, Unit = c.Unit, Number = 1 })];
        return values.Length == 0 || ReadRow(schema, values);
    }

    private static bool ReadRow(FeatureSchema schema, CodedValue[] values)
    {
        double[] row = new double[schema.Features.Count];
        try
        {
            schema.ReadCoded(values, row);
            schema.Check(row);
        }
        catch (InvalidDataException)
        {
        }

        return true;
    }

    private static bool ReadCard(byte[] bytes)
    {
        var card = ModelCard.FromJson(bytes);
        byte[] written = card.ToJson();
        return ModelCard.FromJson(written).ToJson().AsSpan().SequenceEqual(written) && card.ToMarkdown().Length > 0
            ? true
            : throw new FuzzFaultException("a card does not come back from what it wrote.");
    }

    private static bool ReadRecords(byte[] bytes)
    {
        var options = new CsvReadOptions { Purpose = CsvPurpose.Prediction, MaximumRows = 1000 };
        if (!Dataset.TryReadCsv(new MemoryStream(bytes, writable: false), Schema, options, out Dataset? data, out IReadOnlyList<DataFault> faults))
        {
            return faults.Count > 0 ? false : throw new FuzzFaultException("a file is refused and nothing said.");
        }

        byte[] written = Csv(data);
        Dataset again = Dataset.ReadCsv(new MemoryStream(written, writable: false), Schema, options);
        return Csv(again).AsSpan().SequenceEqual(written) && again.Count == data.Count ? true : throw new FuzzFaultException("records do not come back from what they wrote.");
    }

    private static bool ReadFolds(byte[] bytes)
    {
        byte[] written = Csv(FoldAssignment.ReadCsv(new MemoryStream(bytes, writable: false)));
        return Csv(FoldAssignment.ReadCsv(new MemoryStream(written, writable: false))).AsSpan().SequenceEqual(written) ? true : throw new FuzzFaultException("folds do not come back from what they wrote.");
    }

    private static byte[] Csv(Dataset data)
    {
        using var stream = new MemoryStream();
        data.WriteCsv(stream);
        return stream.ToArray();
    }

    private static byte[] Csv(FoldAssignment folds)
    {
        using var stream = new MemoryStream();
        folds.WriteCsv(stream);
        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal))
        {
            gzip.Write(bytes);
        }

        return packed.ToArray();
    }

    private static Dataset Records(int rows)
    {
        var text = new StringBuilder("id,x,n,c,y\n");
        for (int i = 0; i < rows; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"p{i},{(i % 5 == 4 ? "" : $"{(i % 7) - 3}.5")},{i % 4},{(i % 3 == 0 ? "" : i % 3 == 1 ? "b" : "\"c, d\"")},{(i % 7 > 2 ? 1 : 0)}\n");
        }

        return Dataset.ReadCsv(new MemoryStream(Encoding.UTF8.GetBytes(text.ToString())), Schema);
    }

    private static ModelCard Card(Dataset data, string algorithm) => new()
    {
        Title = "Fuzz",
        IntendedUse = "None.",
        Limits = ["All."],
        Schema = data.Schema.ToString(),
        SchemaDigest = data.Schema.Digest,
        DataDigest = data.Digest,
        Classes = [new CardClass("well", 10), new CardClass("ill", 10)],
        Algorithm = algorithm,
        Metrics = [new CardMetric { Name = "ROC-AUC", Value = new MetricInterval { Value = 0.5, Lower = 0, Upper = double.NaN, Level = 0.95 }, Rows = 20 }],
        Importance = [new FeatureImportance("x", new MetricInterval { Value = 0.01, Lower = 0, Upper = 0.02, Level = 0.95 })],
        Seed = ulong.MaxValue,
        Packages = [new CardPackage("Phr.Ml", "0.1.0")],
    };

    private static byte[] Body(ILearner learner)
    {
        Dataset data = Records(20);
        int[] all = [.. Enumerable.Range(0, data.Count)];
        Preprocessor preprocessor = Preprocessor.Fit(data, all, new PreprocessorOptions());
        Matrix x = preprocessor.Transform(data, all);
        IScorer scorer = learner.Fit(x, data.Labels, 2, default, 7, CancellationToken.None);
        var scores = new Matrix(x.Rows, scorer.Scores);
        for (int i = 0; i < x.Rows; i++)
        {
            scorer.Score(x.Row(i), scores.Row(i));
        }

        ICalibrator calibrator = learner is PriorLearner ? new IdentityCalibrator(1) : Calibration.Fit(CalibrationMethod.Platt, scores, scorer.AreProbabilities, data.Labels.Span, default);
        for (int i = 0; i < x.Rows; i++)
        {
            calibrator.Apply(scores.Row(i), scores.Row(i));
        }

        return ModelFile.WriteBody(ModelAssembler.Assemble(Schema, preprocessor, scorer, calibrator, data, scores, Card(data, learner.Name), 7, CancellationToken.None).Parts);
    }

    private static byte[] Signed()
    {
        byte[] body = Bodies.Value[0];
        return ModelFile.Write(body, ModelFile.DigestOf(body), new ModelSignature("none", new byte[1], new byte[1]));
    }
}
