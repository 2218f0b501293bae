using System.Globalization;
using System.Text;
using Phr.Ml;
using Phr.Samples.Diagnosis;

namespace Phr.Fhir.Tests.Observations;

/// <summary>From a laboratory's FHIR observations to a model's answer, through the few lines of samples/Diagnosis that lie between the two libraries.</summary>
public class FindingsTests
{
    private static readonly FeatureSchema _kidney = KnownSchemas.KidneyDisease.SchemaOf([]);

    [Fact]
    public void Findings_OfABundle_FillTheRowInItsUnits()
    {
        double[] row = new double[_kidney.Features.Count];
        IReadOnlyList<CodedValue?> used = _kidney.ReadCoded(
            Findings(
                Observation("14682-9", 442, "umol/L", "2026-11-20T08:00:00Z"),
                Observation("2160-0", 1.1m, "mg/dL", "2024-01-01T08:00:00Z"),
                Observation("718-7", 96, "g/L", "2026-11-20"),
                Observation("718-7", 9.9m, "g/dL", "2026-11-21T08:00:00Z", status: "preliminary"),
                Observation("718-7", 3, "g/dL", "2026-11-21T08:00:00Z", status: "entered-in-error"),
                Observation("6690-2", 7.8m, "10*3/uL", "2026-11-20T08:00:00+05:30"),
                Observation("2951-2", 138, "mmol/L", "2026-11-20T08:00:00Z"),
                Observation("2093-3", 200, "mg/dL", "2026-11-20T08:00:00Z")),
            row);

        Assert.Equal(442 * 0.01131, row[_kidney.IndexOf("sc")], 1e-9);
        Assert.Equal(9.6, row[_kidney.IndexOf("hemo")], 1e-9);
        Assert.Equal(7800, row[_kidney.IndexOf("wbcc")], 1e-9);
        Assert.Equal(138, row[_kidney.IndexOf("sod")]);
        Assert.Equal(4, row.Count(v => !double.IsNaN(v)));
        Assert.Equal("14682-9", used[_kidney.IndexOf("sc")]!.Code);
    }

    [Fact]
    public void Findings_BoundsUnitsAndOtherPatients_AreRefusedWhereTheyMatter()
    {
        double[] row = new double[_kidney.Features.Count];
        _kidney.ReadCoded(Findings(Observation("2093-3", 1, "mg/dL", "2026-11-20", comparator: "<")), row);

        Assert.Contains("\"sc\"", Assert.Throws<InvalidDataException>(() => _kidney.ReadCoded(Findings(Observation("2160-0", 0.2m, "mg/dL", "2026-11-20", comparator: "<")), row)).Message, StringComparison.Ordinal);
        Assert.Contains("\"sc\"", Assert.Throws<InvalidDataException>(() => _kidney.ReadCoded(Findings(Observation("2160-0", 442, "umol/L", "2026-11-20")), row)).Message, StringComparison.Ordinal);
        Assert.Contains("one patient", Assert.Throws<InvalidDataException>(() => Findings(Observation("2160-0", 1, "mg/dL", "2026-11-20"), Observation("718-7", 9, "g/dL", "2026-11-20", patient: "Patient/2"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PredictCoded_LaboratoryObservations_IsTheRowsAnswer()
    {
        FeatureSchema schema = FeatureSchema.Create("made up", 1,
        [
            new FeatureDefinition { Name = "creatinine", Unit = "mg/dL", Minimum = 0, Maximum = 20, Codes = [new FeatureCode { Code = "2160-0" }, new FeatureCode { Code = "14682-9", Unit = "umol/L", Factor = 0.01131 }] },
            new FeatureDefinition { Name = "haemoglobin", Unit = "g/dL", Minimum = 3, Maximum = 20, Codes = [new FeatureCode { Code = "718-7" }] },
            new FeatureDefinition { Name = "label", Kind = FeatureKind.Category, Role = FeatureRole.Label, Levels = ["0", "1"], LevelNames = ["well", "ill"] },
        ]);
        var csv = new StringBuilder("creatinine,haemoglobin,label\n");
        for (int i = 0; i < 60; i++)
        {
            csv.Append(CultureInfo.InvariantCulture, $"{(i % 2 == 0 ? 0.8 : 2.5) + (i % 7 * 0.3):F1},{(i % 2 == 0 ? 14 : 11) - (i % 5 * 0.7):F1},{i % 2}\n");
        }

        var options = new TrainingOptions { Folds = 3, Repeats = 1, Families = [ModelFamily.LogisticRegression] };
        TrainingReport report = await new DiagnosisTrainer(schema, seed: 7).TrainAsync(Dataset.ReadCsv(new MemoryStream(Encoding.UTF8.GetBytes(csv.ToString())), schema), options);
        Ml.Diagnosis answer = report.Winner.PredictCoded(Findings(Observation("14682-9", 300, "umol/L", "2026-11-20"), Observation("718-7", 10, "g/dL", "2026-11-20")));

        Assert.Equal(report.Winner.PredictValues([300 * 0.01131, 10]).Probability, answer.Probability);
        Assert.True(answer.Probability > 0.5);
    }

    private static IReadOnlyList<CodedValue> Findings(params string[] observations) =>
        Laboratory.Findings(FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(string.Join('\n', observations) + "\n")).Observations);

    private static string Observation(string loinc, decimal value, string unit, string time, string status = "final", string? comparator = null, string patient = "Patient/1")
    {
        string bound = comparator is null ? "" : $"\"comparator\":\"{comparator}\",";
        return string.Create(CultureInfo.InvariantCulture, $$$"""
            {"resourceType":"Observation","status":"{{{status}}}","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"{{{loinc}}}"}]},"subject":{"reference":"{{{patient}}}"},"effectiveDateTime":"{{{time}}}","valueQuantity":{{{{bound}}}"value":{{{value}}},"unit":"{{{unit}}}","system":"http://unitsofmeasure.org","code":"{{{unit}}}"}}
            """);
    }
}
