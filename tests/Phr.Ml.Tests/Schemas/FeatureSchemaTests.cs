using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Schemas;

public sealed class FeatureSchemaTests
{
    private static readonly FeatureDefinition _label = new() { Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"] };
    private static readonly FeatureDefinition _age = new() { Name = "age", Unit = "a", Minimum = 0, Maximum = 120 };

    public static TheoryData<string, FeatureDefinition> Contradictions => new()
    {
        { "no name", new FeatureDefinition { Name = "" } },
        { "space at an end", new FeatureDefinition { Name = " age" } },
        { "control character", new FeatureDefinition { Name = "a\nge" } },
        { "half a surrogate", new FeatureDefinition { Name = "a\ud800" } },
        { "a name twice", new FeatureDefinition { Name = "label" } },
        { "one level", new FeatureDefinition { Name = "x", Kind = FeatureKind.Category, Levels = ["a"] } },
        { "a level twice", new FeatureDefinition { Name = "x", Kind = FeatureKind.Category, Levels = ["a", "a"] } },
        { "an empty level", new FeatureDefinition { Name = "x", Kind = FeatureKind.Category, Levels = ["a", ""] } },
        { "names for some levels", new FeatureDefinition { Name = "x", Kind = FeatureKind.Category, Levels = ["a", "b"], LevelNames = ["c"] } },
        { "levels of a number", new FeatureDefinition { Name = "x", Levels = ["1", "2"] } },
        { "a unit of a category", new FeatureDefinition { Name = "x", Kind = FeatureKind.Category, Levels = ["a", "b"], Unit = "mg" } },
        { "an empty range", new FeatureDefinition { Name = "x", Minimum = 2, Maximum = 1 } },
        { "a range of NaN", new FeatureDefinition { Name = "x", Minimum = double.NaN } },
        { "an identifier as feature", new FeatureDefinition { Name = "x", Kind = FeatureKind.Identifier } },
        { "a second label", _label with { Name = "other" } },
        { "a subgroup that is a number", new FeatureDefinition { Name = "x", Role = FeatureRole.Subgroup } },
        { "a report by a number", new FeatureDefinition { Name = "x", ReportBy = SubgroupReport.ByLevel } },
        { "an unknown kind", new FeatureDefinition { Name = "x", Kind = (FeatureKind)17 } },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Create_Contradiction_IsRefused(string what, FeatureDefinition definition)
    {
        Assert.NotEmpty(what);
        Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, [_age, definition, _label]));
    }

    [Fact]
    public void Create_LabelOrFeatureAbsent_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, [_age]));
        Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, [_label]));
        Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, [_age, _label with { Kind = FeatureKind.WholeNumber, Levels = [] }]));
        Assert.Throws<ArgumentException>(() => FeatureSchema.Create("test", 1, [_age, _label with { Missing = MissingValues.Allowed }]));
        Assert.Throws<ArgumentOutOfRangeException>(() => FeatureSchema.Create("test", 0, [_age, _label]));
    }

    // A model that learnt from the severity of a disease would tell the disease from itself.
    [Fact]
    public void Features_FutureGroupAndSubgroup_AreNotAmongThem()
    {
        FeatureSchema schema = FeatureSchema.Create("test", 1,
        [
            new FeatureDefinition { Name = "person", Kind = FeatureKind.Identifier, Role = FeatureRole.Group },
            new FeatureDefinition { Name = "site", Kind = FeatureKind.Category, Role = FeatureRole.Subgroup, Levels = ["north", "south"] },
            new FeatureDefinition { Name = "severity", Kind = FeatureKind.WholeNumber, Role = FeatureRole.Future },
            new FeatureDefinition { Name = "note", Kind = FeatureKind.Identifier, Role = FeatureRole.Ignored },
            new FeatureDefinition { Name = "sex", Kind = FeatureKind.Category, Levels = ["f", "m"], ReportBy = SubgroupReport.ByLevel },
            _age, _label,
        ]);

        Assert.Equal(["sex", "age"], schema.Features.Select(f => f.Name));
        Assert.Equal(["site", "sex"], schema.Subgroups.Select(f => f.Name));
        Assert.Equal("person", schema.Group!.Name);
        Assert.Equal(-1, schema.IndexOf("severity"));
        Assert.Equal(1, schema.IndexOf("age"));
        Assert.DoesNotContain("severity", KnownSchemas.HeartDisease.SchemaOf([]).Features.Select(f => f.Name));
        double[] row = new double[2];
        schema.ReadRow(new Dictionary<string, string?> { ["age"] = "50", ["sex"] = "m", ["severity"] = "4" }, row);
        Assert.Equal([1, 50], row);
    }

    [Fact]
    public void ToJson_ReadBack_IsTheSameSchema()
    {
        foreach (KnownSet set in KnownSchemas.All.Where(s => s != KnownSchemas.Leukaemia))
        {
            FeatureSchema schema = set.SchemaOf([]);
            FeatureSchema again = FeatureSchema.FromJson(schema.ToJson());

            Assert.Equal(schema.Digest, again.Digest);
            Assert.Equal(schema.ToJson(), again.ToJson());
            Assert.Equal(schema.Features.Select(f => (f.Name, f.Unit, f.Minimum, f.Maximum, f.Missing)), again.Features.Select(f => (f.Name, f.Unit, f.Minimum, f.Maximum, f.Missing)));
        }
    }

    [Fact]
    public void Digest_AnyChange_IsAnother()
    {
        FeatureSchema schema = FeatureSchema.Create("test", 1, [_age, _label]);
        FeatureSchema[] others =
        [
            FeatureSchema.Create("test", 2, [_age, _label]), FeatureSchema.Create("tests", 1, [_age, _label]), FeatureSchema.Create("test", 1, [_age with { Unit = "mo" }, _label]),
            FeatureSchema.Create("test", 1, [_age with { Maximum = 121 }, _label]), FeatureSchema.Create("test", 1, [_age, _label with { Levels = ["1", "0"] }]),
            FeatureSchema.Create("test", 1, [_age with { Missing = MissingValues.Allowed }, _label]), FeatureSchema.Create("test", 1, [_label, _age]),
        ];

        Assert.Distinct(others.Append(schema).Select(s => s.Digest));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"columns\":[]}")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"columns\":[{\"name\":\"a\"},{\"name\":\"b\",\"kind\":\"category\",\"role\":\"label\",\"levels\":[\"0\",\"1\"],\"unknown\":1}]}")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"columns\":[{\"name\":\"a\",\"name\":\"c\"},{\"name\":\"b\",\"kind\":\"category\",\"role\":\"label\",\"levels\":[\"0\",\"1\"]}]}")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"columns\":[{\"name\":\"a\",\"kind\":\"Number\"},{\"name\":\"b\",\"kind\":\"category\",\"role\":\"label\",\"levels\":[\"0\",\"1\"]}]}")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"columns\":[{\"name\":\"a\"},{\"name\":\"b\",\"kind\":\"category\",\"role\":\"label\",\"levels\":[0,1]}]}")]
    [InlineData("{\"name\":\"x\",\"version\":0,\"columns\":[{\"name\":\"a\"},{\"name\":\"b\",\"kind\":\"category\",\"role\":\"label\",\"levels\":[\"0\",\"1\"]}]}")]
    [InlineData("{\"name\":\"x\",\"version\":1,\"columns\":[{\"name\":\"a\"},{\"name\":\"b\",\"kind\":\"category\",\"role\":\"label\",\"levels\":[\"0\",\"1\"]}]} 1")]
    public void FromJson_NoSchema_IsRefused(string json)
    {
        Assert.Throws<InvalidDataException>(() => FeatureSchema.FromJson(Encoding.UTF8.GetBytes(json)));
        Assert.False(FeatureSchema.TryFromJson(Encoding.UTF8.GetBytes(json), out FeatureSchema? schema));
        Assert.Null(schema);
    }

    [Fact]
    public void FromJson_DamagedDescriptions_AreRefusedOrValid() =>
        Mutations.Run("feature schema", [KnownSchemas.Diabetes.SchemaOf([]).ToJson(), KnownSchemas.HeartDisease.SchemaOf([]).ToJson()],
            bytes => FeatureSchema.TryFromJson(bytes, out _), _ => false);

    [Fact]
    public void ReadRow_OutOfSchema_NamesTheFeatureAndNotTheValue()
    {
        FeatureSchema schema = FeatureSchema.Create("test", 1, [_age, new FeatureDefinition { Name = "thal", Kind = FeatureKind.Category, Levels = ["3", "6"], Missing = MissingValues.Allowed }, _label]);
        (string Feature, Dictionary<string, string?> Record)[] bad =
        [
            ("age", new() { ["thal"] = "3" }), ("age", new() { ["age"] = "" }), ("age", new() { ["age"] = "4711" }), ("age", new() { ["age"] = "-4711" }), ("age", new() { ["age"] = "4711 years" }),
            ("age", new() { ["age"] = "NaN" }), ("age", new() { ["age"] = "Infinity" }), ("age", new() { ["age"] = "1e999" }), ("age", new() { ["age"] = "1,5" }), ("age", new() { ["age"] = " 50" }),
            ("thal", new() { ["age"] = "50", ["thal"] = "4711" }), ("Age", new() { ["Age"] = "50" }),
        ];

        Assert.All(bad, b =>
        {
            InvalidDataException e = Assert.Throws<InvalidDataException>(() => schema.ReadRow(b.Record, new double[2]));
            Assert.Contains($"\"{b.Feature}\"", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("4711", e.Message, StringComparison.Ordinal);
        });
        double[] row = new double[2];
        schema.ReadRow(new Dictionary<string, string?> { ["age"] = "50.5" }, row);
        Assert.Equal([50.5, double.NaN], row);
        Assert.Throws<InvalidDataException>(() => schema.Check([50, 2]));
        Assert.Throws<InvalidDataException>(() => schema.Check([double.PositiveInfinity, 1]));
        Assert.Throws<ArgumentException>(() => schema.Check([50]));
        schema.Check(row);
    }

    [Fact]
    public void For_Record_DescribesItsProperties()
    {
        FeatureSchema schema = FeatureSchema.For<HeartRecord>(3);

        Assert.Equal("heart record", schema.Name);
        Assert.Equal(3, schema.Version);
        Assert.Equal(["age", "is_smoker", "ldl_cholesterol", "pain", "vessels", "narrowed", "person"], schema.Columns.Select(c => c.Name));
        Assert.Equal([FeatureKind.WholeNumber, FeatureKind.Category, FeatureKind.Number, FeatureKind.Category, FeatureKind.Category, FeatureKind.Category, FeatureKind.Identifier], schema.Columns.Select(c => c.Kind));
        Assert.Equal(["typical", "not_typical"], schema.Columns[3].Levels);
        Assert.Equal(["clear", "narrowed"], schema.Classes);
        Assert.Equal(MissingValues.Allowed, schema.Columns[2].Missing);
        Assert.Equal(MissingValues.Refused, schema.Columns[0].Missing);
        Assert.Equal("mmol/L", schema.Columns[2].Unit);

        double[] row = new double[5];
        schema.ReadRecord(new HeartRecord { Age = 50, IsSmoker = true, LdlCholesterol = null, Pain = Pain.NotTypical, Vessels = 2 }, row);
        Assert.Equal([50, 1, double.NaN, 1, 2], row);
        Assert.Contains("\"age\"", Assert.Throws<InvalidDataException>(() => schema.ReadRecord(new HeartRecord { Age = 500 }, row)).Message, StringComparison.Ordinal);
        Assert.Contains("\"ldl_cholesterol\"", Assert.Throws<InvalidDataException>(() => schema.ReadRecord(new HeartRecord { LdlCholesterol = double.NaN }, row)).Message, StringComparison.Ordinal);
        Assert.Contains("\"pain\"", Assert.Throws<InvalidDataException>(() => schema.ReadRecord(new HeartRecord { Pain = (Pain)9 }, row)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => KnownSchemas.Diabetes.SchemaOf([]).ReadRecord(new HeartRecord(), new double[8]));
    }

    [Fact]
    public void FromRecords_Records_AreTheRowsOfTheirCsv()
    {
        FeatureSchema schema = FeatureSchema.For<HeartRecord>(1);
        HeartRecord[] records =
        [
            new() { Age = 50, IsSmoker = true, LdlCholesterol = 3.5, Pain = Pain.Typical, Vessels = 0, Narrowed = true, Person = "a, \"b\"" },
            new() { Age = 60, Pain = Pain.NotTypical, Vessels = 3, Person = "c" },
        ];
        Dataset data = Dataset.FromRecords(schema, records, "a test");
        using var csv = new MemoryStream();
        data.WriteCsv(csv);
        csv.Position = 0;
        Dataset again = Dataset.ReadCsv(csv, schema);

        Assert.Equal("age,is_smoker,ldl_cholesterol,pain,vessels,narrowed,person\n50,true,3.5,typical,0,true,\"a, \"\"b\"\"\"\n60,false,,not_typical,3,false,c\n", Encoding.UTF8.GetString(csv.ToArray()));
        Assert.Equal(ContentDigest.OfData(csv.ToArray()), data.Digest);
        Assert.Equal(data.Digest, again.Digest);
        Assert.Equal(data.Values, again.Values);
        Assert.Equal([1, 0], data.Labels.ToArray());
        Assert.Equal([0, 1], data.Groups);
        Assert.Throws<ArgumentException>(() => Dataset.FromRecords<HeartRecord>(schema, [], "none"));
        Assert.Throws<InvalidDataException>(() => Dataset.FromRecords<HeartRecord>(schema, [new() { Age = -1 }], "bad"));
    }

    [Fact]
    public void ReadRow_AnyText_IsAValueOrAFault()
    {
        FeatureSchema schema = FeatureSchema.Create("test", 1, [_age, _label]);
        Check.QuickThrowOnFailure(Prop.ForAll<string?>(text =>
        {
            double[] row = new double[1];
            try
            {
                schema.ReadRow(new Dictionary<string, string?> { ["age"] = text }, row);
                return row[0] is >= 0 and <= 120;
            }
            catch (InvalidDataException)
            {
                return true;
            }
        }));
    }

    internal enum Pain
    {
        Typical,
        NotTypical,
    }

    internal sealed record HeartRecord
    {
        [Feature(Unit = "a", Minimum = 0, Maximum = 120)]
        public int Age { get; init; } = 40;

        [Feature]
        public bool IsSmoker { get; init; }

        [Feature(Unit = "mmol/L", Minimum = 0, Description = "Low-density lipoprotein.")]
        public double? LdlCholesterol { get; init; }

        [Feature]
        public Pain Pain { get; init; }

        [Feature(Levels = "0|1|2|3")]
        public int Vessels { get; init; }

        [Feature(Role = FeatureRole.Label, LevelNames = "clear|narrowed")]
        public bool Narrowed { get; init; }

        [Feature(Role = FeatureRole.Group)]
        public string Person { get; init; } = "x";

        public string Remark { get; init; } = "not part of it";
    }
}
