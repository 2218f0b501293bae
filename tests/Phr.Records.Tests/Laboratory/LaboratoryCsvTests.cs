using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Records.Tests.Laboratory;

public sealed class LaboratoryCsvTests
{
    internal const string Sample =
        "time,analyte,value,unit,reference_low,reference_high\r\n"
        + "2026-03-01T08:30+01:00,Potassium,4.1,mmol/L,3.5,5.1\r\n"
        + "2026-04-01T08:30:15Z,\"Vitamin B12, total\",<150,pmol/L,150,\r\n"
        + "2026-02-01 07:00:00-05:00,Potassium,5.9,mmol/L,3.5,5.1\r\n";

    private const string Head = "time,analyte,value,unit,reference_low,reference_high\n";

    [Fact]
    public void Read_Table_GivesResultsInTheOrderOfTheFile()
    {
        IReadOnlyList<LaboratoryResult> results = LaboratoryCsv.Read(Encoding.UTF8.GetBytes("\uFEFF" + Sample));

        Assert.Equal(["Potassium", "Vitamin B12, total", "Potassium"], results.Select(r => r.Analyte));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 8, 30, 0, TimeSpan.FromHours(1)), results[0].Time);
        Assert.Equal((LaboratoryComparator.Less, 150m, "<150"), (results[1].Comparator, results[1].Value, results[1].FormatValue()));
        Assert.Equal([RangePosition.Within, RangePosition.Below, RangePosition.Above], results.Select(r => r.Position));
        Assert.DoesNotContain("Potassium", results[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-01T08:30,K,4.1,u,,\n", "line 2, column time: a time with its zone")]
    [InlineData("01.03.2026,K,4.1,u,,\n", "line 2, column time")]
    [InlineData("2026-02-30T08:30Z,K,4.1,u,,\n", "line 2, column time")]
    [InlineData("2026-03-01T08:30Z,,4.1,u,,\n", "line 2, column analyte")]
    [InlineData("2026-03-01T08:30Z,K,\"4,1\",u,,\n", "line 2, column value")]
    [InlineData("2026-03-01T08:30Z,K,1e5,u,,\n", "line 2, column value")]
    [InlineData("2026-03-01T08:30Z,K,.5,u,,\n", "line 2, column value")]
    [InlineData("2026-03-01T08:30Z,K,99999999999999999,u,,\n", "line 2, column value")]
    [InlineData("2026-03-01T08:30Z,K,=1+1,u,,\n", "line 2, column value")]
    [InlineData("2026-03-01T08:30Z,K,4.1,u,x,\n", "line 2, column reference_low")]
    [InlineData("2026-03-01T08:30Z,K,4.1,u,5,4\n", "line 2, column reference_high: the reference range ends before it begins")]
    [InlineData("2026-03-01T08:30Z,K,4.1,u\n", "line 2: there are 4 values where the table has 6 columns")]
    [InlineData("\n2026-03-01T08:30Z,\"a\nb\",4.1,u,,\n", "line 3, column analyte")]
    [InlineData("2026-03-01T08:30Z,\"K,4.1,u,,\n", "line 2: a value in quotation marks has no end")]
    [InlineData("2026-03-01T08:30Z,\"K\"x,4.1,u,,\n", "line 2: something follows a value in quotation marks")]
    [InlineData("2026-03-01T08:30Z,K\"x\",4.1,u,,\n", "line 2: a quotation mark stands within a value")]
    public void Read_Fault_IsNamedWithLineAndColumn(string rows, string message)
    {
        var refusal = Assert.Throws<PhrDataException>(() => LaboratoryCsv.Read(Encoding.UTF8.GetBytes(Head + rows)));

        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(PhrDataReason.Malformed, refusal.Reason);
    }

    [Theory]
    [InlineData("", "the table is empty")]
    [InlineData("time,analyte,value\n", "line 1, column unit: the column is missing")]
    [InlineData("time,analyte,value,unit,note\n", "line 1, column 5: this is no column")]
    [InlineData("time,analyte,value,unit,Unit\n", "line 1, column unit: the column is there twice")]
    public void Read_FaultInTheHeader_IsNamed(string text, string message) =>
        Assert.Contains(message, Assert.Throws<PhrDataException>(() => LaboratoryCsv.Read(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void ReadAll_SeveralFaults_AreAllListedAndTheRestIsRead()
    {
        LaboratoryTable table = LaboratoryCsv.ReadAll(Encoding.UTF8.GetBytes(Head + "x,,y,u,,\n2026-03-01T08:30Z,K,4.1,u,,\n2026-03-01T08:30Z,K,no,u,,\n"));

        Assert.Equal([(2L, "time"), (2L, "analyte"), (2L, "value"), (4L, "value")], table.Faults.Select(f => (f.Line, f.Column)));
        Assert.Equal(4.1m, Assert.Single(table.Results).Value);
    }

    [Fact]
    public void ReadAll_BytesThatAreNoText_AreRefused()
    {
        Assert.Throws<PhrDataException>(() => LaboratoryCsv.ReadAll([0xC3, 0x28]));
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => LaboratoryCsv.ReadAll(new byte[LaboratoryCsv.MaxLength + 1])).Reason);
    }

    [Theory]
    [InlineData("=HYPERLINK(\"x\")")]
    [InlineData("+1")]
    [InlineData("-1")]
    [InlineData("@SUM(A1)")]
    public void Write_TextThatWouldRunAsAFormula_IsMadeText(string analyte)
    {
        string csv = LaboratoryCsv.Write([Result(analyte, -1.5m)]);

        Assert.Contains(",'" + analyte[..1], csv.Replace("\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains(",-1.5,", csv, StringComparison.Ordinal);
        Assert.Equal("'" + analyte, LaboratoryCsv.Read(Encoding.UTF8.GetBytes(csv))[0].Analyte);
    }

    [Fact]
    public void Write_AnyResults_AreReadBackTheSame()
    {
        Gen<LaboratoryResult> results = from analyte in Gen.Elements("K", "a \"quoted\" one", "with, comma", "Käse", "x'y")
                                        from value in Gen.Choose(-1_000_000, 1_000_000)
                                        from places in Gen.Choose(0, 6)
                                        from comparator in Gen.Elements(Enum.GetValues<LaboratoryComparator>())
                                        from minutes in Gen.Choose(0, 50_000_000)
                                        from zone in Gen.Choose(-14, 14)
                                        from low in Gen.Elements<decimal?>(null, -3.25m, 0m)
                                        from high in Gen.Elements<decimal?>(null, 5m)
                                        select new LaboratoryResult
                                        {
                                            Analyte = analyte,
                                            Value = value / (decimal)Math.Pow(10, places),
                                            Comparator = comparator,
                                            Unit = "µmol/L",
                                            Time = new DateTimeOffset(1950, 1, 1, 0, 0, 7, TimeSpan.FromHours(zone)).AddMinutes(minutes),
                                            Range = low is null && high is null ? null : new ReferenceRange { Low = low, High = high },
                                        };
        Prop.ForAll(results.ListOf().ToArbitrary(), list => Assert.Equal(list, LaboratoryCsv.Read(Encoding.UTF8.GetBytes(LaboratoryCsv.Write(list))))).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ReadAll_DamagedInputs_AreReadOrRefused() =>
        Mutations.Run("laboratory table", [Encoding.UTF8.GetBytes(Sample)], bytes => LaboratoryCsv.ReadAll(bytes).Faults.Count == 0, e => e is PhrDataException);

    [Fact]
    public void TrackRecord_Results_GiveSeriesRowsFilterChartAndCsv()
    {
        IReadOnlyList<LaboratoryResult> results = LaboratoryCsv.Read(Encoding.UTF8.GetBytes(Sample));
        TrackRecord track = TrackRecord.Create([.. results, .. results, Result("potassium", 4.4m), Result("Potassium", 160m, "mg/L")]);

        Assert.Equal([("Potassium", "mg/L", 1), ("Potassium", "mmol/L", 3), ("Vitamin B12, total", "pmol/L", 1)], track.Series.Select(s => (s.Analyte, s.Unit, s.Results.Count)).OrderBy(s => s.Analyte).ThenBy(s => s.Unit));
        Assert.Equal([.. track.Rows.OrderBy(r => r.Time)], track.Rows);
        TrackSeries potassium = track.Series.Single(s => s.Unit == "mmol/L");
        Assert.Equal(4.4m, potassium.Latest.Value);
        Assert.Equal(5.1m, potassium.Range!.High);
        Assert.Contains("1 outside of the reference range", potassium.ToChart("k", TimeZoneInfo.Utc).ToSvg(), StringComparison.Ordinal);

        TrackRecord unusual = track.Filter(new TrackFilter { Analyte = " POTAS", Positions = [RangePosition.Above], From = results[2].Time, Until = results[0].Time });
        Assert.Equal(5.9m, Assert.Single(unusual.Rows).Value);
        Assert.Equal(unusual.Rows, LaboratoryCsv.Read(Encoding.UTF8.GetBytes(unusual.ToCsv())));
        Assert.Empty(track.Filter(new TrackFilter { From = DateTimeOffset.MaxValue }).Series);
    }

    private static LaboratoryResult Result(string analyte, decimal value, string unit = "mmol/L") =>
        new() { Time = new DateTimeOffset(2026, 9, 1, 8, 0, 0, TimeSpan.Zero), Analyte = analyte, Value = value, Unit = unit };
}
