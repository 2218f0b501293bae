using System.Text;
using Phr.Crypto;

namespace Phr.Fhir.Tests.Observations;

public class LaboratoryTests
{
    internal const string Glucose = """{"resourceType":"Observation","id":"g1","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2345-7","display":"Glucose"}]},"subject":{"reference":"Patient/3"},"effectiveDateTime":"2026-11-20T08:30:00+05:30","valueQuantity":{"value":5.40,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"referenceRange":[{"low":{"value":3.9,"code":"mmol/L"},"high":{"value":5.6,"code":"mmol/L"}}]}""";

    private static string Bundle(params string[] resources) =>
        $$"""{"resourceType":"Bundle","type":"collection","entry":[{{string.Join(',', resources.Select(r => $$"""{"fullUrl":"urn:uuid:1","resource":{{r}}}"""))}}]}""";

    [Fact]
    public void ReadLaboratory_OneObservation_HasCodeValueUnitAndTime()
    {
        LaboratoryReading reading = FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(Glucose));
        LaboratoryObservation one = Assert.Single(reading.Observations);
        Assert.Equal(("2345-7", "Glucose", 5.4m, "mmol/L", "g1"), (one.Loinc, one.Name, one.Value, one.Unit, one.Id));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 3, 0, 0, TimeSpan.Zero), one.EffectiveAt);
        Assert.Equal((3.9m, 5.6m, ObservationState.Final, false), (one.ReferenceLow, one.ReferenceHigh, one.Status, one.IsDateOnly));
        Assert.Equal("Patient/3", one.Patient!.Address);
        Assert.Empty(reading.Faults);
    }

    [Fact]
    public void ReadLaboratory_BundleWithBadOnes_KeepsTheOthersAndSaysWhy()
    {
        string bundle = Bundle(
            Glucose,
            """{"resourceType":"Patient","id":"3"}""",
            Glucose.Replace("2345-7", "2345-8", StringComparison.Ordinal),
            Glucose.Replace("laboratory", "vital-signs", StringComparison.Ordinal),
            Glucose.Replace("2026-11-20T08:30:00+05:30", "2026-13-20", StringComparison.Ordinal),
            Glucose.Replace("5.40", "\"5.40\"", StringComparison.Ordinal),
            Glucose.Replace("\"code\":\"mmol/L\"},\"ref", "\"code\":\"m mol\"},\"ref", StringComparison.Ordinal),
            Glucose.Replace("\"value\":5.40", "\"comparator\":\"<\",\"value\":0.10", StringComparison.Ordinal));
        LaboratoryReading reading = FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(bundle));
        Assert.Equal([5.4m, 0.1m], reading.Observations.Select(o => o.Value));
        Assert.Equal(ObservationComparator.Less, reading.Observations[1].Comparator);
        Assert.Equal((2, 4), (reading.OtherCount, reading.RefusedCount));
        Assert.Contains(reading.Faults, f => f is { Rule: "phr-loinc", Path: "Bundle.entry[2].resource.code" });
        Assert.Contains(reading.Faults, f => f.Path.StartsWith("Bundle.entry[4].resource.effective", StringComparison.Ordinal));
        Assert.Contains(reading.Faults, f => f.Path.StartsWith("Bundle.entry[5].resource.value", StringComparison.Ordinal));
        Assert.Contains(reading.Faults, f => f is { Rule: "phr-unit", Path: "Bundle.entry[6].resource.valueQuantity.code" });
    }

    [Fact]
    public void ReadLaboratory_Encounters_AreReadBesideTheValues()
    {
        const string Visit = """{"resourceType":"Encounter","id":"v1","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"AMB"},"type":[{"text":"Check up"}],"serviceProvider":{"display":"GH"},"period":{"start":"2026-03-02T09:00:00+05:30","end":"2026-03-02T09:40:00+05:30"}}""";
        string bundle = Bundle(
            Visit,
            Glucose,
            Visit.Replace("finished", "planned", StringComparison.Ordinal).Replace("\"2026-03-02T09:40:00+05:30\"", "\"2026-03\"", StringComparison.Ordinal).Replace("\"serviceProvider\":{\"display\":\"GH\"},", "\"participant\":[{\"individual\":{\"display\":\"Nandhini\"}}],", StringComparison.Ordinal),
            Visit.Replace(",\"period\":{\"start\":\"2026-03-02T09:00:00+05:30\",\"end\":\"2026-03-02T09:40:00+05:30\"}", string.Empty, StringComparison.Ordinal),
            Visit.Replace("T09:40:00", "T08:40:00", StringComparison.Ordinal),
            Visit.Replace("Check up", "Check \\u202e up", StringComparison.Ordinal),
            Visit.Replace("finished", "no such status", StringComparison.Ordinal));
        LaboratoryReading reading = FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(bundle));
        var begin = new DateTimeOffset(2026, 3, 2, 3, 30, 0, TimeSpan.Zero);
        Assert.Equal(
            [
                new PatientEncounter { Id = "v1", Status = EncounterState.Finished, BeginsAt = begin, EndsAt = begin.AddMinutes(40), Setting = "AMB", Kind = "Check up", Provider = "GH" },
                new PatientEncounter { Id = "v1", Status = EncounterState.Planned, BeginsAt = begin, EndsAt = new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), Setting = "AMB", Kind = "Check up", Provider = "Nandhini" },
            ],
            reading.Encounters);
        Assert.Equal((6, 4, 0, 1), (reading.OtherCount, reading.RefusedEncounterCount, reading.RefusedCount, reading.Observations.Count));
        Assert.Empty(reading.Faults);
    }

    [Fact]
    public void ReadLaboratory_Ndjson_IsReadLineByLine()
    {
        string text = Glucose + "\r\n\n" + "{\"resourceType\":\"Patient\"}\n" + "{broken\n" + Glucose + "\n";
        LaboratoryReading reading = FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(text));
        Assert.Equal((2, 1, 1), (reading.Observations.Count, reading.OtherCount, reading.RefusedCount));
        Assert.Equal("line[4]", Assert.Single(reading.Faults).Path[..7]);
    }

    [Fact]
    public void ReadLaboratory_IndentedBundle_IsOneDocument()
    {
        string indented = System.Text.Json.Nodes.JsonNode.Parse(Bundle(Glucose, Glucose))!.ToJsonString(new System.Text.Json.JsonSerializerOptions { WriteIndented = true });
        Assert.Equal(2, FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(indented)).Observations.Count);
    }

    [Fact]
    public void ReadLaboratory_ADateAlone_SaysSo()
    {
        LaboratoryObservation one = FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(Glucose.Replace("2026-11-20T08:30:00+05:30", "2026-11-20", StringComparison.Ordinal))).Observations[0];
        Assert.True(one.IsDateOnly);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 0, 0, 0, TimeSpan.Zero), one.EffectiveAt);
        Assert.Equal(1, FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(Glucose.Replace("2026-11-20T08:30:00+05:30", "2026-11", StringComparison.Ordinal))).RefusedCount);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"resourceType\":\"Bundle\",\"entry\":{}}")]
    [InlineData("{\"resourceType\":\"Bundle\",\"entry\":[1]}")]
    [InlineData("{\"resourceType\":\"Bundle\",\"entry\":[],\"entry\":[]}")]
    [InlineData("{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{},\"resource\":{}}]}")]
    [InlineData("{\"resourceType\":\"Bundle\",\"entry\":[")]
    [InlineData("{\"resourceType\":\"Bundle\"} {}")]
    public void ReadLaboratory_NoListAtAll_IsRefused(string text)
    {
        Assert.False(FhirR4.TryReadLaboratory(Encoding.UTF8.GetBytes(text), out _, out IReadOnlyList<FhirFault> faults));
        Assert.NotEmpty(faults);
        Assert.Throws<PhrDataException>(() => FhirR4.ReadLaboratory(Encoding.UTF8.GetBytes(text)));
    }
}
