using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;

namespace Phr.Fhir.Tests.Prescriptions;

public class PrescriptionTests
{
    public static TheoryData<string, string> Faults => new()
    {
        { "phr-intent", """{"intent":"proposal"}""" },
        { "phr-do-not-perform", """{"doNotPerform":true}""" },
        { "phr-status", """{"status":"unknown"}""" },
        { "phr-medication", """{"medicationCodeableConcept":null,"medicationReference":{"reference":"Medication/1"}}""" },
        { "phr-dosage", """{"dosageInstruction":null}""" },
        { "phr-dosage", """{"dosageInstruction":[{"text":"a"},{"text":"b"}]}""" },
        { "phr-missing", """{"dosageInstruction":[{"sequence":1}]}""" },
        { "phr-text", """{"dosageInstruction":[{"text":"one\u202etwo"}]}""" },
        { "phr-text", """{"dosageInstruction":[{"text":"one \u200dtwo"}]}""" },
        { "phr-text", """{"medicationCodeableConcept":{"text":"\u200c"}}""" },
        { "phr-missing", """{"identifier":null}""" },
        { "phr-missing", """{"requester":null}""" },
        { "phr-time", """{"authoredOn":null}""" },
        { "phr-reference", """{"subject":{"reference":"Group/1"}}""" },
        { "phr-reference", """{"subject":{"reference":"#p"}}""" },
        { "phr-reference", """{"subject":{"display":"Kiruthika"}}""" },
        { "phr-reference", """{"subject":{"reference":"Patient/3","type":"Practitioner"}}""" },
        { "phr-repeats", """{"dispenseRequest":{"numberOfRepeatsAllowed":256}}""" },
        { "PVAL126", """{"dispenseRequest":{"numberOfRepeatsAllowed":-1}}""" },
        { "phr-supply", """{"dispenseRequest":{"expectedSupplyDuration":{"value":2,"system":"http://unitsofmeasure.org","code":"wk"}}}""" },
        { "phr-supply", """{"dispenseRequest":{"expectedSupplyDuration":{"value":2.5,"system":"http://unitsofmeasure.org","code":"d"}}}""" },
        { "phr-once", """{"note":[{"text":"a"},{"text":"b"}]}""" },
        { "phr-coding", """{"medicationCodeableConcept":{"coding":[{"code":"L02BA01"}]}}""" },
        { "PVAL105", """{"status":null}""" },
    };

    [Fact]
    public void ReadPrescription_WordsWrittenWithJoiners_AreKept()
    {
        const string Name = "अनुष्का\u200cदेवी", Words = "ක්\u200dෂණික, می\u200cخواهم";
        Prescription read = FhirR4.ReadPrescription(FhirR4.WritePrescription(Scene.Prescription with { Dosage = Words, Patient = Scene.Prescription.Patient with { Display = Name } }));
        Assert.Equal(Words, read.Dosage);
        Assert.Equal(Name, read.Patient.Display);
    }

    [Fact]
    public void WritePrescription_OfTheScene_IsAnOrder()
    {
        byte[] json = FhirR4.WritePrescription(Scene.Prescription);
        JsonNode read = JsonNode.Parse(json)!;
        Assert.Equal("order", (string)read["intent"]!);
        Assert.Equal("Take the tablets regularly", (string)read["dosageInstruction"]![0]!["text"]!);
        Assert.Equal(Scene.Prescription, FhirR4.ReadPrescription(json));
        Assert.Equal(json, FhirR4.WritePrescription(FhirR4.ReadPrescription(json)));
    }

    [Fact]
    public void ReadPrescription_AnyPrescription_IsWhatWasWritten()
    {
        Gen<Prescription> gen =
            from status in Gen.Elements(Enum.GetValues<PrescriptionStatus>())
            from repeats in Gen.Choose(0, Prescription.MaxRepeats)
            from days in Gen.Choose(0, Prescription.MaxSupplyDays)
            from text in Gen.Elements("one tablet", "eine Tablette täglich\nnach dem Essen", "\uD83D\uDC8A at night")
            from bits in Gen.Choose(0, 63)
            select new Prescription
            {
                Id = (bits & 1) != 0 ? "rx-1" : null,
                Identifier = new FhirIdentifier { System = "urn:x:rx", Value = $"{repeats}" },
                Status = status,
                Medicine = (bits & 2) != 0 ? new FhirConcept { Text = text } : new FhirConcept { System = "urn:x", Code = "c", Display = text },
                Patient = Scene.Patient,
                Prescriber = Scene.Doctor,
                WrittenAt = Scene.Now.AddSeconds(days),
                Dosage = text,
                Course = (bits & 4) != 0 ? new FhirIdentifier { Value = "course" } : null,
                Renews = (bits & 8) != 0 ? new FhirIdentifier { System = "urn:x:rx", Value = "0" } : null,
                Repeats = repeats,
                SupplyDays = days == 0 ? null : days,
                ValidFrom = (bits & 16) != 0 ? Scene.Now : null,
                ValidUntil = (bits & 32) != 0 ? Scene.Now.AddDays(3) : null,
                Reason = (bits & 1) != 0 ? text : null,
                Note = (bits & 2) != 0 ? text : null,
            };
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(gen.ToArbitrary(), one =>
            FhirR4.ReadPrescription(FhirR4.WritePrescription(one)) == one && FhirR4.FromResource(FhirR4.ToResource(one)) == one));
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void TryReadPrescription_Fault_IsNamed(string rule, string change)
    {
        byte[] broken = Scene.Changed(FhirR4.WritePrescription(Scene.Prescription), request =>
        {
            foreach ((string name, JsonNode? value) in JsonNode.Parse(change)!.AsObject())
            {
                request.AsObject().Remove(name);
                if (value is not null)
                {
                    request[name] = value.DeepClone();
                }
            }
        });
        Assert.False(FhirR4.TryReadPrescription(broken, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Contains(faults, f => f.Rule == rule);
        Assert.All(faults, f => Assert.StartsWith("MedicationRequest", f.Path, StringComparison.Ordinal));
        Assert.Throws<PhrDataException>(() => FhirR4.ReadPrescription(broken));
    }

    [Fact]
    public void WritePrescription_WithAFault_IsTheCallersMistake()
    {
        Assert.Throws<ArgumentException>(() => FhirR4.WritePrescription(Scene.Prescription with { Dosage = "" }));
        Assert.Throws<ArgumentException>(() => FhirR4.WritePrescription(Scene.Prescription with { Repeats = 256 }));
        Assert.Throws<ArgumentException>(() => FhirR4.WritePrescription(Scene.Prescription with { SupplyDays = 0 }));
        Assert.Throws<ArgumentException>(() => FhirR4.WritePrescription(Scene.Prescription with { ValidUntil = Scene.Now.AddDays(-1) }));
        Assert.Throws<ArgumentException>(() => FhirR4.WritePrescription(Scene.Prescription with { Note = "half \uD83D" }));
    }
}
