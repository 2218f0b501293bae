using FsCheck;
using FsCheck.Fluent;
using Phr.Ml.Tests.Models;

namespace Phr.Ml.Tests.Schemas;

/// <summary>Rows filled from coded findings, as laboratories and FHIR servers give them.</summary>
public sealed class CodedValueTests
{
    private static readonly DateTimeOffset _monday = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);

    private static readonly FeatureDefinition _label = new() { Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"] };

    private static readonly FeatureDefinition _glucose = new()
    {
        Name = "glucose", Unit = "mg/dL", Minimum = 10, Maximum = 1000,
        Codes = [new FeatureCode { Code = "2345-7" }, new FeatureCode { Code = "14749-6", Unit = "mmol/L", Factor = 18.016 }, new FeatureCode { Code = "2345-7", Unit = "g/L", Factor = 100 }],
    };

    private static readonly FeatureDefinition _smoker = new()
    {
        Name = "smoker", Kind = FeatureKind.Category, Levels = ["0", "1"], LevelNames = ["never", "ever"], Missing = MissingValues.Allowed, Codes = [new FeatureCode { Code = "72166-2" }],
    };

    private static readonly FeatureDefinition _visits = new() { Name = "visits", Kind = FeatureKind.WholeNumber, Missing = MissingValues.Allowed, Codes = [new FeatureCode { System = "urn:example:codes", Code = "visits" }] };

    private static readonly FeatureSchema _schema = FeatureSchema.Create("coded", 1, [_glucose, _smoker, _visits, new FeatureDefinition { Name = "other", Missing = MissingValues.Allowed }, _label]);

    public static TheoryData<string, FeatureDefinition> Contradictions => new()
    {
        { "a code of a label", _label with { Codes = [new FeatureCode { Code = "x" }] } },
        { "a code of an identifier", new FeatureDefinition { Name = "x", Kind = FeatureKind.Identifier, Role = FeatureRole.Ignored, Codes = [new FeatureCode { Code = "x" }] } },
        { "no code", _glucose with { Codes = [new FeatureCode { Code = "" }] } },
        { "null", _glucose with { Codes = [null!] } },
        { "a system that is no URI", _glucose with { Codes = [new FeatureCode { System = "LOINC", Code = "2345-7" }] } },
        { "a factor of 0", _glucose with { Codes = [new FeatureCode { Code = "2345-7", Factor = 0 }] } },
        { "a factor below 0", _glucose with { Codes = [new FeatureCode { Code = "2345-7", Factor = -1 }] } },
        { "a factor of NaN", _glucose with { Codes = [new FeatureCode { Code = "2345-7", Factor = double.NaN }] } },
        { "a factor without end", _glucose with { Codes = [new FeatureCode { Code = "2345-7", Factor = double.PositiveInfinity }] } },
        { "a unit of words", _smoker with { Codes = [new FeatureCode { Code = "72166-2", Unit = "mg" }] } },
        { "a factor of words", _smoker with { Codes = [new FeatureCode { Code = "72166-2", Factor = 2 }] } },
        { "a code twice", _glucose with { Codes = [new FeatureCode { Code = "2345-7" }, new FeatureCode { Code = "2345-7" }] } },
        { "more codes than anything has", _glucose with { Codes = [.. Enumerable.Range(0, 101).Select(i => new FeatureCode { Code = $"c{i}" })] } },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Create_CodeThatContradicts_IsRefused(string what, FeatureDefinition column)
    {
        Assert.NotEmpty(what);
        Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, column.Role == FeatureRole.Label ? [_glucose, column] : [column, new FeatureDefinition { Name = "more" }, _label]));
    }

    [Fact]
    public void Create_CodeThatLeadsToTwoFeatures_IsRefused() =>
        Assert.Contains("another", Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, [_glucose, _glucose with { Name = "again" }, _label])).Message, StringComparison.Ordinal);

    [Fact]
    public void Json_Codes_ComeBackAndCountInTheDigest()
    {
        FeatureSchema read = FeatureSchema.FromJson(_schema.ToJson());

        Assert.Equal(_schema.Digest, read.Digest);
        Assert.Equal(_glucose.Codes, read.Features[0].Codes);
        Assert.NotEqual(_schema.Digest, FeatureSchema.Create("coded", 1, [_glucose with { Codes = [] }, _smoker, _visits, _label]).Digest);
    }

    [Theory]
    [InlineData("""{ "system": "http://loinc.org", "code": "2345-7", "codes": "x" }""")]
    [InlineData("""{ "system": "http://loinc.org" }""")]
    [InlineData("""{ "code": "2345-7" }""")]
    [InlineData("""{ "system": "http://loinc.org", "code": "2345-7", "factor": "2" }""")]
    [InlineData("""{ "system": "http://loinc.org", "code": "2345-7", "factor": 1e999 }""")]
    [InlineData("""{ "system": "http://loinc.org", "code": "2345-7", "code": "2345-7" }""")]
    [InlineData("7")]
    public void FromJson_WrongCode_IsRefused(string code)
    {
        string json = $$"""{ "name": "x", "version": 1, "columns": [{ "name": "g", "codes": [{{code}}] }, { "name": "label", "kind": "category", "role": "label", "levels": ["0", "1"] }] }""";

        Assert.Throws<InvalidDataException>(() => FeatureSchema.FromJson(System.Text.Encoding.UTF8.GetBytes(json)));
    }

    [Fact]
    public void For_Loinc_BecomesCodes() =>
        Assert.Equal(["2160-0", "38483-4"], FeatureSchema.For<Kidney>(1).Features[0].Codes.Select(c => c.Code));

    [Fact]
    public void ReadCoded_UnitsAndSystems_AreConvertedAndToldApart()
    {
        double[] row = new double[4];
        IReadOnlyList<CodedValue?> used = _schema.ReadCoded(
            [
                new CodedValue { Code = "14749-6", Number = 5, Unit = "mmol/L" },
                new CodedValue { Code = "72166-2", Text = "ever" },
                new CodedValue { System = "urn:example:codes", Code = "visits", Number = 3, Unit = "1" },
                new CodedValue { System = "urn:example:other", Code = "2345-7", Number = 900, Unit = "mg/dL" },
                new CodedValue { Code = "718-7", Number = 14, Unit = "g/dL" },
            ],
            row);

        Assert.Equal(90.08, row[0], 1e-9);
        Assert.Equal([1, 3, double.NaN], row[1..]);
        Assert.Equal(["14749-6", "72166-2", "visits", null], used.Select(u => u?.Code));
        Assert.Equal(2, Filled(new CodedValue { Code = "2345-7", Number = 0.02, Unit = "g/L" })[0]);
        Assert.Equal([0, 1], new[] { "0", "1" }.Select(t => Filled(Glucose(90), new CodedValue { Code = "72166-2", Text = t })[1]));

        double[] Filled(params CodedValue[] values)
        {
            FeatureSchema wide = FeatureSchema.Create("wide", 1, [_glucose with { Minimum = 0 }, _smoker, _visits, _label]);
            double[] filled = new double[3];
            wide.ReadCoded(values, filled);
            return filled;
        }
    }

    [Fact]
    public void ReadCoded_SeveralOfOneFeature_TakesTheLatest()
    {
        double[] row = new double[4];
        _schema.ReadCoded([Glucose(90, hours: 1), Glucose(140, hours: 3), Glucose(100, hours: 2), Glucose(5000, hours: -9), Glucose(7)], row);
        Assert.Equal(140, row[0]);

        // The same finding under two codes, rounded in each, is one finding.
        _schema.ReadCoded([Glucose(97, hours: 1), new CodedValue { Code = "14749-6", Number = 5.4, Unit = "mmol/L", Time = _monday.AddHours(1) }, Glucose(97, hours: 1)], row);
        Assert.Equal(97, row[0]);
    }

    [Fact]
    public void ReadCoded_WhatDoesNotFit_IsRefusedByNameAndNeverByValue()
    {
        (string Why, CodedValue[] Values)[] cases =
        [
            ("no value", []),
            ("two values", [Glucose(97, hours: 1), Glucose(98, hours: 1)]),
            ("two values", [Glucose(97), Glucose(131)]),
            ("mg/dL, mmol/L, g/L", [new CodedValue { Code = "2345-7", Number = 73, Unit = "mmol/L" }]),
            ("mg/dL, mmol/L, g/L", [new CodedValue { Code = "2345-7", Number = 73 }]),
            ("mg/dL, mmol/L, g/L", [new CodedValue { Code = "14749-6", Number = 73, Unit = "mg/dL" }]),
            ("above", [new CodedValue { Code = "14749-6", Number = 73, Unit = "mmol/L" }]),
            ("not a number", [new CodedValue { Code = "2345-7", Text = "73", Unit = "mg/dL" }]),
            ("not a number", [Glucose(double.NaN)]),
            ("not a number", [Glucose(double.PositiveInfinity)]),
            ("words", [Glucose(90), new CodedValue { Code = "72166-2", Number = 73 }]),
            ("none of", [Glucose(90), new CodedValue { Code = "72166-2", Text = "73" }]),
            ("none of", [Glucose(90), new CodedValue { Code = "72166-2" }]),
            ("whole", [Glucose(90), new CodedValue { System = "urn:example:codes", Code = "visits", Number = 7.3 }]),
        ];

        foreach ((string why, CodedValue[] values) in cases)
        {
            string message = Assert.Throws<InvalidDataException>(() => _schema.ReadCoded(values, new double[4])).Message;
            Assert.Contains(why, message, StringComparison.Ordinal);
            Assert.DoesNotContain("73", message, StringComparison.Ordinal);
            Assert.DoesNotContain("131", message, StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => _schema.ReadCoded([], new double[3]));
        Assert.Throws<ArgumentNullException>(() => _schema.ReadCoded(null!, new double[4]));
        Assert.Throws<ArgumentNullException>(() => _schema.ReadCoded([null!], new double[4]));
    }

    [Fact]
    public void ReadCoded_AnyOrder_IsTheSameRow() =>
        Prop.ForAll(Gen.Shuffle(Enumerable.Range(0, 12).ToArray()).ToArbitrary(), order =>
        {
            double[] row = new double[4];
            _schema.ReadCoded(order.Select(i => i < 6 ? Glucose(90 + i, hours: i) : i < 9 ? new CodedValue { Code = "72166-2", Text = i % 2 == 0 ? "ever" : "never", Time = _monday.AddDays(i) } : new CodedValue { Code = $"no-{i}", Number = i }), row);
            return row[0] == 95 && row[1] == 1;
        }).QuickCheckThrowOnFailure();

    // Every code of the ready-made schemas takes a value of its unit, and a value of the CSV means the same.
    [Fact]
    public void KnownSchemas_EveryCode_FillsItsFeature()
    {
        int codes = 0;
        foreach (KnownSet set in KnownSchemas.All.Where(s => s.Name != "leukaemia"))
        {
            FeatureSchema schema = set.SchemaOf([]);
            FeatureSchema lenient = FeatureSchema.Create("lenient", 1, schema.Columns.Select(c => c.Role == FeatureRole.Feature ? c with { Missing = MissingValues.Allowed } : c));
            for (int i = 0; i < lenient.Features.Count; i++)
            {
                FeatureDefinition feature = lenient.Features[i];
                foreach (FeatureCode code in feature.Codes)
                {
                    double[] row = new double[lenient.Features.Count];
                    double wanted = feature.Minimum == feature.Maximum ? feature.Minimum : Math.Ceiling((feature.Minimum + feature.Maximum) / 2);
                    wanted = Math.Min(wanted, feature.Maximum);
                    lenient.ReadCoded([new CodedValue { Code = code.Code, Number = wanted / code.Factor, Unit = code.Unit.Length == 0 ? feature.Unit : code.Unit }], row);
                    Assert.Equal(wanted, row[i], 1e-9 * wanted);
                    Assert.Equal(1, row.Count(v => !double.IsNaN(v)));
                    codes++;
                }
            }
        }

        Assert.True(codes >= 25, $"{codes} codes");
    }

    [Fact]
    public void PredictCoded_Model_AnswersAsForTheRow()
    {
        FeatureSchema schema = FeatureSchema.Create("coded masses", 1, TrainedModels.Masses.Schema.Columns.Select((c, i) => c.Role == FeatureRole.Feature ? c with { Codes = [new FeatureCode { System = "urn:example:wdbc", Code = $"f{i}" }] } : c));
        using var csv = new MemoryStream();
        TrainedModels.Masses.WriteCsv(csv);
        Dataset data = Dataset.ReadCsv(new MemoryStream(csv.ToArray()), schema);
        DiagnosisModel model = TrainedModels.Train(data, TrainedModels.Learner("logistic"));
        CodedValue[] values = [.. schema.Columns.Select((c, i) => (c, i)).Where(p => p.c.Role == FeatureRole.Feature).Select(p => new CodedValue
        {
            System = "urn:example:wdbc", Code = $"f{p.i}", Number = data.Row(19)[schema.IndexOf(p.c.Name)], Unit = p.c.Unit,
        })];

        Assert.Equal(model.PredictValues(data.Row(19)).Probability, model.PredictCoded(values).Probability);
        Assert.Contains("\"mean_radius\"", Assert.Throws<InvalidDataException>(() => model.PredictCoded([])).Message, StringComparison.Ordinal);
    }

    private static CodedValue Glucose(double value, int? hours = null) => new() { Code = "2345-7", Number = value, Unit = "mg/dL", Time = hours is { } h ? _monday.AddHours(h) : null };

    private sealed class Kidney
    {
        [Feature(Unit = "mg/dL", Loinc = "2160-0|38483-4")]
        public double Creatinine { get; init; }

        [Feature(Role = FeatureRole.Label)]
        public bool Ill { get; init; }
    }
}
