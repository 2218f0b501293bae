using System.Text;
using System.Text.Json.Nodes;

namespace Phr.Fhir.Tests.Consents;

/// <summary>Every rule broken once, alone, and named with its place.</summary>
public class FhirConsentRulesTests
{
    private const string Scope = "http://terminology.hl7.org/CodeSystem/consentscope";

    private static readonly Dictionary<string, (string Path, PcfProfile Profile, Action<JsonNode> Break)> Breaks = new(StringComparer.Ordinal)
    {
        ["ppc-1"] = ("Consent.policy", PcfProfile.Intermediate, c => Remove(c, "policy")),
        ["ppc-2"] = ("Consent.patient", PcfProfile.Intermediate, c => Remove(c, "patient")),
        ["ppc-3"] = ("Consent.patient", PcfProfile.Intermediate, c => Rescope(c, "research")),
        ["ppc-4"] = ("Consent.patient", PcfProfile.Intermediate, c => Rescope(c, "adr")),
        ["ppc-5"] = ("Consent.patient", PcfProfile.Intermediate, c => Rescope(c, "treatment")),
        ["pcf-scope"] = ("Consent.scope", PcfProfile.Intermediate, c => c["scope"]!["coding"]![0]!["code"] = "treatment"),
        ["pcf-patient"] = ("Consent.patient", PcfProfile.Intermediate, c => Remove(c, "patient")),
        ["pcf-date-time"] = ("Consent.dateTime", PcfProfile.Intermediate, c => Remove(c, "dateTime")),
        ["pcf-performer"] = ("Consent.performer", PcfProfile.Intermediate, c => Remove(c, "performer")),
        ["pcf-organization"] = ("Consent.organization", PcfProfile.Intermediate, c => Remove(c, "organization")),
        ["pcf-source"] = ("Consent.source", PcfProfile.Intermediate, c => Remove(c, "sourceReference")),
        ["pcf-policy-uri"] = ("Consent.policy", PcfProfile.Intermediate, c => c["policy"]!.AsArray().Add(JsonNode.Parse("""{"authority":"urn:x:y"}"""))),
        ["pcf-verification"] = ("Consent.verification", PcfProfile.Intermediate, c => c["verification"] = JsonNode.Parse("""[{"verified":true}]""")),
        ["pcf-provision"] = ("Consent.provision", PcfProfile.Intermediate, c => Remove(c, "provision")),
        ["pcf-provision-type"] = ("Consent.provision.provision[1].type", PcfProfile.Intermediate, c => Remove(Exception(c, 1), "type")),
        ["pcf-action"] = ("Consent.provision.action", PcfProfile.Intermediate, c => c["provision"]!["action"] = JsonNode.Parse("""[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"access"}]}]""")),
        ["pcf-class"] = ("Consent.provision.provision[0].class", PcfProfile.Intermediate, c => Exception(c, 0)["class"] = JsonNode.Parse("""[{"system":"http://hl7.org/fhir/resource-types","code":"DocumentReference"}]""")),
        ["pcf-code"] = ("Consent.provision.provision[0].code", PcfProfile.Intermediate, c => Exception(c, 0)["code"] = JsonNode.Parse("""[{"text":"any"}]""")),
        ["pcf-security-label"] = ("Consent.provision.securityLabel", PcfProfile.Intermediate, c => c["provision"]!["securityLabel"] = JsonNode.Parse("""[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]""")),
        ["pcf-basic-data"] = ("Consent.provision.data", PcfProfile.Basic, c => c["provision"]!["data"] = Exception(c, 0)["data"]!.DeepClone()),
        ["pcf-basic-data-period"] = ("Consent.provision.dataPeriod", PcfProfile.Basic, c => c["provision"]!["dataPeriod"] = JsonNode.Parse("""{"start":"2020-01-01"}""")),
        ["pcf-basic-nested"] = ("Consent.provision.provision", PcfProfile.Basic, _ => { }),
        ["pcf-nesting"] = ("Consent.provision.provision[0].provision", PcfProfile.Intermediate, c => Exception(c, 0)["provision"] = JsonNode.Parse("""[{"type":"deny"}]""")),
        ["pcf-data-once"] = ("Consent.provision.provision[0].data", PcfProfile.Intermediate, c => Exception(c, 0)["data"]!.AsArray().Add(Exception(c, 1)["data"]![0]!.DeepClone())),
        ["pcf-actor-role"] = ("Consent.provision.provision[1].actor[0].role", PcfProfile.Intermediate, c => Exception(c, 1)["actor"]![0]!["role"]!["coding"]![0]!["code"] = "CST"),
        ["pcf-data-meaning"] = ("Consent.provision.provision[0].data[0].meaning", PcfProfile.Intermediate, c => Exception(c, 0)["data"]![0]!["meaning"] = "dependents"),
    };

    // These two the SDK finds before the rule is asked, since R4 itself requires them.
    private static readonly Dictionary<string, string> OfTheSdk = new(StringComparer.Ordinal) { ["pcf-status"] = "status", ["pcf-category"] = "category" };

    public static TheoryData<string> Rules => [.. FhirConsentRules.Rules];

    [Theory]
    [MemberData(nameof(Rules))]
    public void Check_RuleBroken_IsNamedWithItsPlace(string rule)
    {
        byte[] json = FhirR4.WriteConsent(Scene.Directive);
        if (OfTheSdk.TryGetValue(rule, out string? element))
        {
            byte[] without = Scene.Changed(json, c => Remove(c, element));
            Assert.Contains(FhirConsentRules.Check(without, PcfProfile.Intermediate), f => f.Rule is "PVAL102" or "PVAL105" && f.Path.StartsWith("Consent", StringComparison.Ordinal));
            Hl7.Fhir.Model.Consent resource = FhirR4.ToResource(Scene.Directive);
            resource.Status = element == "status" ? null : resource.Status;
            resource.Category = element == "category" ? [] : resource.Category;
            Assert.Contains(FhirConsentRules.Check(resource, PcfProfile.Intermediate), f => f.Rule == rule && f.Path == "Consent." + element);
            return;
        }

        (string path, PcfProfile profile, Action<JsonNode> change) = Breaks[rule];
        byte[] broken = Scene.Changed(json, change);
        IReadOnlyList<FhirFault> faults = FhirConsentRules.Check(broken, profile);

        Assert.Contains(faults, f => f.Rule == rule && f.Path == path);
        if (profile == PcfProfile.Intermediate)
        {
            Assert.False(FhirR4.TryReadConsent(broken, out _, out IReadOnlyList<FhirFault> read));
            Assert.Contains(read, f => f.Rule == rule && f.Path == path);
        }
    }

    [Fact]
    public void Check_WhatIsWritten_HasNoFault() => Assert.Empty(FhirConsentRules.Check(FhirR4.WriteConsent(Scene.Directive), PcfProfile.Intermediate));

    [Fact]
    public void Check_BasicConsent_HasNoFaultAtBothLevels()
    {
        byte[] json = Encoding.UTF8.GetBytes(Basic);
        Assert.Empty(FhirConsentRules.Check(json, PcfProfile.Basic));
        Assert.Empty(FhirConsentRules.Check(json, PcfProfile.Intermediate));
        ConsentDirective read = FhirR4.ReadConsent(json);
        Assert.Equal(ConsentRuling.Permit, read.Root.Ruling);
        Assert.Equal(["TREAT", "HPAYMT", "HOPERAT"], read.Root.Purposes.Select(p => p.Code));
        Assert.Equal(new DateTimeOffset(2023, 1, 1, 0, 0, 0, TimeSpan.Zero), read.Root.Until);
        Assert.Equal("application/pdf", read.SourceAttachment!.MediaType);
        Assert.Null(read.Source);
        Assert.Empty(read.Exceptions);
    }

    // What tutorials show, and PCF refuses.
    [Fact]
    public void Check_ActionAndClass_AreRefused()
    {
        byte[] naive = Encoding.UTF8.GetBytes("""
            {"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
             "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/3"},"dateTime":"2026-11-23",
             "policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"OPTIN"}]},
             "provision":{"type":"permit","action":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentaction","code":"access"}]}],
              "class":[{"system":"http://hl7.org/fhir/resource-types","code":"DocumentReference"}]}}
            """);
        string[] rules = [.. FhirConsentRules.Check(naive, PcfProfile.Basic).Select(f => f.Rule)];
        Assert.Equal(["pcf-performer", "pcf-organization", "pcf-source", "pcf-policy-uri", "pcf-action", "pcf-class"], rules);
        Assert.False(FhirR4.TryReadConsent(naive, out _, out _));
    }

    private const string Basic = """
        {"resourceType":"Consent","status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},
         "category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/3"},"dateTime":"2022-06-13",
         "performer":[{"reference":"Patient/3"}],"organization":[{"reference":"Organization/gh"}],
         "sourceAttachment":{"contentType":"application/pdf","url":"https://gh.example/consents/3.pdf","size":70000,"title":"Signed form"},
         "policy":[{"uri":"https://gh.example/policies/privacy-1"}],
         "provision":{"type":"permit","period":{"end":"2022-12-31"},"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"},
          {"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HPAYMT"},{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"HOPERAT"}]}}
        """;

    private static JsonNode Exception(JsonNode consent, int i) => consent["provision"]!["provision"]![i]!;

    private static void Remove(JsonNode node, string name) => Assert.True(node.AsObject().Remove(name), name);

    private static void Rescope(JsonNode consent, string code)
    {
        Remove(consent, "patient");
        consent["scope"]!["coding"]!.AsArray().Add(JsonNode.Parse($$"""{"system":"{{Scope}}","code":"{{code}}"}"""));
    }
}
