using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Fhir.Tests.Consents;

public class ConsentDirectiveTests
{
    [Fact]
    public void WriteConsent_SameDirective_GivesTheSameBytes()
    {
        byte[] json = FhirR4.WriteConsent(Scene.Directive);
        Assert.Equal(json, FhirR4.WriteConsent(FhirR4.ReadConsent(json)));
        Assert.Equal(2, JsonNode.Parse(json)!["provision"]!["provision"]!.AsArray().Count);
        Assert.StartsWith("""{"resourceType":"Consent","id":"consent-1","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:evm:11155111:00112233445566778899aabbccddeeff00112233:consent:aaaa""", Scene.Text(json), StringComparison.Ordinal);
        Assert.Contains("""{"type":"permit","period":{"start":"2027-01-15T08:00:00Z","end":"2027-01-15T16:00:00Z"},"actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"reference":"Practitioner/nandhini","type":"Practitioner"}}],"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}],"data":[{"meaning":"instance","reference":{"reference":"DocumentReference/1","type":"DocumentReference"}}]}""", Scene.Text(json), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadConsent_AnyDirective_IsWhatWasWritten() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(200), Prop.ForAll(Directives.ToArbitrary(), directive =>
        {
            byte[] json = FhirR4.WriteConsent(directive);
            return FhirR4.ReadConsent(json) == directive && FhirR4.FromResource(FhirR4.ToResource(directive)) == directive && FhirR4.WriteConsent(FhirR4.ReadConsent(json)).AsSpan().SequenceEqual(json);
        }));

    [Theory]
    [InlineData("phr-reference", "Consent.patient")]
    [InlineData("phr-purpose", "Consent.provision.provision[0].purpose[0]")]
    [InlineData("PVAL124", "Consent.dateTime")]
    [InlineData("phr-period", "Consent.provision.provision[0].period")]
    [InlineData("PVAL124", "Consent.id")]
    [InlineData("phr-modifier", "Consent.provision.provision[0].modifierExtension")]
    [InlineData("PVAL128", "Consent")]
    [InlineData("PVAL116", "Consent.status")]
    public void TryReadConsent_OneFault_IsNamedWithItsPlace(string rule, string path)
    {
        byte[] broken = Scene.Changed(FhirR4.WriteConsent(Scene.Directive), c =>
        {
            JsonNode first = c["provision"]!["provision"]![0]!;
            switch (path.Split('.')[^1])
            {
                case "patient": c["patient"] = JsonNode.Parse("""{"reference":"Practitioner/4"}"""); break;
                case "purpose[0]": first["purpose"]![0]!["system"] = "urn:x"; break;
                case "dateTime": c["dateTime"] = "2027-01-15T08:00:00"; break;
                case "period": first["period"]!["end"] = "2026"; break;
                case "id": c["id"] = new string('a', 65); break;
                case "modifierExtension": first["modifierExtension"] = JsonNode.Parse("""[{"url":"urn:x","valueBoolean":true}]"""); break;
                case "status": c["status"] = "agreed"; break;
                default: c["grantee"] = "x"; break;
            }
        });

        Assert.False(FhirR4.TryReadConsent(broken, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Contains(faults, f => f.Rule == rule && f.Path.StartsWith(path, StringComparison.Ordinal));
        var thrown = Assert.Throws<PhrDataException>(() => FhirR4.ReadConsent(broken));
        Assert.Contains(rule, thrown.Message, StringComparison.Ordinal);
        Assert.Null(thrown.InnerException);
    }

    [Fact]
    public void ReadConsent_SeveralFaults_AreAllTold()
    {
        byte[] broken = Scene.Changed(FhirR4.WriteConsent(Scene.Directive), c =>
        {
            c.AsObject().Remove("performer");
            c["patient"] = JsonNode.Parse("""{"reference":"Practitioner/4"}""");
            c["provision"]!["provision"]![1]!["purpose"]![0]!["code"] = "treat";
        });
        Assert.False(FhirR4.TryReadConsent(broken, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Equal(["pcf-performer", "phr-reference", "phr-purpose"], faults.Select(f => f.Rule));
    }

    [Fact]
    public void ReadConsent_Fault_RepeatsNothingOfTheResource()
    {
        byte[] broken = Scene.Changed(FhirR4.WriteConsent(Scene.Directive), c =>
        {
            c["dateTime"] = "kiruthika-secret";
            c["status"] = "kiruthika-secret";
            c["kiruthika-secret"] = "kiruthika-secret";
        });
        Assert.DoesNotContain("secret", Assert.Throws<PhrDataException>(() => FhirR4.ReadConsent(broken)).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void WriteConsent_DirectiveWithAFault_IsTheCallersMistake()
    {
        Assert.Contains("pcf-performer", Assert.Throws<ArgumentException>(() => FhirR4.WriteConsent(Scene.Directive with { Performers = [] })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => FhirR4.WriteConsent(Scene.Directive with { Patient = Scene.Doctor }));
        Assert.Throws<ArgumentException>(() => FhirR4.WriteConsent(Scene.Directive with { Source = null }));
        Assert.Throws<ArgumentException>(() => FhirR4.WriteConsent(Scene.Directive with { SourceAttachment = new FhirAttachment { MediaType = "a/b", Address = "urn:x" } }));
        Assert.Throws<ArgumentException>(() => FhirR4.WriteConsent(Scene.Directive with { Exceptions = [Scene.Permit(1) with { Data = [.. Scene.Permit(1).Data, .. Scene.Permit(2).Data] }] }));
        Assert.Throws<ArgumentException>(() => FhirR4.WriteConsent(Scene.Directive with { Patient = Scene.Patient with { Display = "two\u202eeno" } }));
    }

    [Fact]
    public void WriteConsent_AttachmentWithLengthAndDigest_IsR4AndReadBack()
    {
        ConsentDirective directive = Scene.Directive with
        {
            Source = null,
            SourceAttachment = new FhirAttachment { MediaType = "application/pdf", Address = "ipfs://bafkreigh2akiscaildc", Length = 70_000, Digest = Digest.Of([1]), Title = "Form" },
        };
        byte[] json = FhirR4.WriteConsent(directive);
        Assert.Contains("\"size\":70000", Scene.Text(json), StringComparison.Ordinal);
        Assert.Equal(directive, FhirR4.ReadConsent(json));
        byte[] shorter = Scene.Changed(json, c => c["sourceAttachment"]!["extension"]![0]!["valueBase64Binary"] = "AAAA");
        Assert.False(FhirR4.TryReadConsent(shorter, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Equal("phr-attachment", Assert.Single(faults).Rule);
    }

    private static Gen<DateTimeOffset> Times => Gen.Choose(0, int.MaxValue).Select(s => DateTimeOffset.FromUnixTimeSeconds(s).AddMilliseconds(s % 3 * 250));

    private static Gen<FhirReference> To(params string[] types) =>
        from type in Gen.Elements(types)
        from id in Gen.Choose(1, 9999)
        from form in Gen.Choose(0, 2)
        from display in Gen.Elements(null, "Größe", "名前 \uD83D\uDE00", "a \"quoted\" <b>")
        select new FhirReference
        {
            Type = type,
            Address = form == 1 ? null : $"{type}/{id}",
            Identifier = form == 0 ? null : new FhirIdentifier { System = id % 2 == 0 ? "urn:oid:1.2.3" : null, Value = $"v-{id}" },
            Display = display,
        };

    private static Gen<ConsentProvision> Provisions(bool several) =>
        from ruling in Gen.Elements(ConsentRuling.Deny, ConsentRuling.Permit)
        from grantees in Gen.ListOf(To("Practitioner", "Organization", "CareTeam", "RelatedPerson"), 2)
        from count in Gen.Choose(0, 2)
        from purposes in Gen.ListOf(Gen.Elements(PurposeOfUse.Known.AsEnumerable()), count)
        from begin in Times
        from bounded in Gen.Choose(0, 3)
        from meanings in Gen.SubListOf(ConsentDataMeaning.Instance, ConsentDataMeaning.Related, ConsentDataMeaning.AuthoredBy)
        from document in To("DocumentReference", "ImagingStudy")
        from encounter in To("Encounter", "CarePlan")
        from author in To("Practitioner")
        select new ConsentProvision
        {
            Ruling = ruling,
            Grantees = [.. grantees],
            Purposes = [.. purposes],
            From = bounded % 2 == 0 ? begin : null,
            Until = bounded > 1 ? begin.AddHours(3) : null,
            DataFrom = bounded == 3 ? begin : null,
            Data =
            [
                .. meanings.Concat(several ? meanings : []).Select(m => new ConsentData
                {
                    Meaning = m,
                    Reference = m == ConsentDataMeaning.Instance ? document : m == ConsentDataMeaning.Related ? encounter : author,
                }),
            ],
        };

    private static Gen<ConsentDirective> Directives =>
        from status in Gen.Elements(Enum.GetValues<ConsentDirectiveStatus>())
        from patient in To("Patient")
        from performer in To("Patient", "RelatedPerson", "Organization")
        from custodian in To("Organization")
        from source in To("DocumentReference", "Consent")
        from time in Times
        from root in Provisions(several: true)
        from count in Gen.Choose(0, 3)
        from exceptions in Gen.ListOf(Provisions(several: false), count)
        from named in Gen.Elements(true, false)
        select new ConsentDirective
        {
            Id = named ? "a-1.b" : null,
            Identifier = named ? FhirIdentifier.Of(LedgerUrn.ForActor(Scene.Embedded, Scene.PatientActor)) : null,
            Status = status,
            Patient = patient,
            Time = time,
            Performers = [performer],
            Custodians = [custodian],
            Source = source,
            Policies = ["urn:uuid:7a1f3a10-0000-4000-8000-000000000000"],
            Root = root,
            Exceptions = [.. exceptions],
        };
}
