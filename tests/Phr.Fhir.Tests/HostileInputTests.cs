using System.Text;
using Phr.Crypto;
using Phr.Fhir.Tests.Observations;
using Phr.TestSupport;

namespace Phr.Fhir.Tests;

/// <summary>Texts that no honest system sends.</summary>
public class HostileInputTests
{
    public static TheoryData<string, string, PhrDataReason> Texts => new()
    {
        { "", "json-syntax", PhrDataReason.Malformed },
        { "null", "json-object", PhrDataReason.Malformed },
        { "[]", "json-object", PhrDataReason.Malformed },
        { "{}", "json-type", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Patient\"}", "json-type", PhrDataReason.Malformed },
        { "{\"resourceType\":7}", "json-type", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"resourceType\":\"Consent\"}", "json-duplicate", PhrDataReason.Duplicate },
        { "{\"resourceType\":\"Consent\",\"scope\":{\"text\":\"a\",\"text\":\"b\"}}", "json-duplicate", PhrDataReason.Duplicate },
        { "{\"resourceType\":\"Consent\",\"\\u0073tatus\":\"active\",\"status\":\"draft\"}", "json-duplicate", PhrDataReason.Duplicate },
        { "{\"resourceType\":\"Consent\",\"\":1}", "json-name", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"__status\":1}", "json-name", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"implicitRules\":\"urn:x\"}", "phr-modifier", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"id\":\"\\ud800\"}", "json-utf8", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"x\":1e999}", "json-number", PhrDataReason.OutOfRange },
        { "{\"resourceType\":\"Consent\",\"x\":1e-9999999999}", "json-number", PhrDataReason.OutOfRange },
        { "{\"resourceType\":\"Consent\",\"x\":" + new string('9', 40) + "}", "json-number", PhrDataReason.OutOfRange },
        { "{\"resourceType\":\"Consent\",\"x\":" + new string('[', 5000), "json-syntax", PhrDataReason.TooLarge },
        { "{\"resourceType\":\"Consent\",\"x\":" + string.Concat(Enumerable.Repeat("{\"extension\":[", 3000)), "json-syntax", PhrDataReason.TooLarge },
        { "{\"resourceType\":\"Consent\"} {}", "json-syntax", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",}", "json-syntax", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",/* c */\"status\":\"active\"}", "json-syntax", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"status\":[[\"active\"]]}", "", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"status\":{\"active\":true}}", "", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"patient\":\"Patient/3\"}", "", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"provision\":[{\"type\":\"deny\"}]}", "", PhrDataReason.Malformed },
        { "{\"resourceType\":\"Consent\",\"contained\":[{\"resourceType\":\"Nothing\"}]}", "", PhrDataReason.Malformed },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void ReadConsent_HostileText_IsRefusedByName(string text, string rule, PhrDataReason reason)
    {
        byte[] json = Encoding.UTF8.GetBytes(text);
        var thrown = Assert.Throws<PhrDataException>(() => FhirR4.ReadConsent(json));
        Assert.Equal(("FHIR Consent", reason), (thrown.Stage, thrown.Reason));
        Assert.False(FhirR4.TryReadConsent(json, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Contains(faults, f => f.Rule.StartsWith(rule, StringComparison.Ordinal));
        Assert.InRange(faults.Count, 1, 64);
    }

    [Fact]
    public void ReadConsent_TooLongOrNotUtf8_IsRefused()
    {
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => FhirR4.ReadConsent(new byte[FhirR4.MaxResourceLength + 1])).Reason);
        Assert.Contains("json-utf8", Assert.Throws<PhrDataException>(() => FhirR4.ReadConsent([.. "{\"resourceType\":\"Consent\",\"id\":\""u8, 0xff, .. "\"}"u8])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ThousandsOfFaults_TellsSomeAndNoMore()
    {
        string text = "{\"resourceType\":\"Consent\"," + string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"x{i}\":1")) + "}";
        Assert.False(FhirR4.TryReadConsent(Encoding.UTF8.GetBytes(text), out _, out IReadOnlyList<FhirFault> faults));
        Assert.InRange(faults.Count, 1, 64);
    }

    [Fact]
    public void Readers_MutatedTexts_GiveOnlyDataExceptions()
    {
        Mutations.Run("fhir consent", [FhirR4.WriteConsent(Scene.Directive)], json => FhirR4.ReadConsent(json) is not null, e => e is PhrDataException);
        Mutations.Run("fhir prescription", [FhirR4.WritePrescription(Scene.Prescription)], json => FhirR4.ReadPrescription(json) is not null, e => e is PhrDataException);
        Mutations.Run("fhir claim", [FhirR4.WriteClaim(InsuranceClaim.FromLedger(Scene.ClaimRecord, Scene.Names(Scene.Ethereum)))], json => FhirR4.ReadClaim(json) is not null, e => e is PhrDataException);
        Mutations.Run("fhir claim answer", [FhirR4.WriteClaimAnswer(ClaimAnswer.FromLedger(Scene.ClaimRecord, Scene.Names(Scene.Ethereum))[0])], json => FhirR4.ReadClaimAnswer(json) is not null, e => e is PhrDataException);
        Mutations.Run("fhir laboratory", [Encoding.UTF8.GetBytes(LaboratoryTests.Glucose), Encoding.UTF8.GetBytes(LaboratoryTests.Glucose + "\n" + LaboratoryTests.Glucose)], json => FhirR4.ReadLaboratory(json) is not null, e => e is PhrDataException);
    }

    [Fact]
    public async Task Readers_ManyAtOnce_GiveTheSame()
    {
        byte[] json = FhirR4.WriteConsent(Scene.Directive);
        ConsentDirective[] read = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => FhirR4.ReadConsent(json))));
        Assert.All(read, one => Assert.Equal(Scene.Directive, one));
    }
}
