using System.Text;
using Phr.Fhir;

namespace Phr.Fuzz;

/// <summary>The readers of Phr.Fhir. They stand apart from <see cref="FuzzTargets"/> so that the tests of Phr.Crypto need no FHIR.</summary>
internal static class FhirFuzzTargets
{
    private const string Consent = """{"resourceType":"Consent","id":"c","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:phr:7777777777777777777777777777777777777777:consent:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}],"status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/3","display":"K"},"dateTime":"2027-01-15T08:00:00Z","performer":[{"reference":"Patient/3"}],"organization":[{"reference":"Organization/gh"}],"sourceAttachment":{"extension":[{"url":"urn:phr:fhir:attachment-sha256","valueBase64Binary":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}],"contentType":"application/pdf","url":"ipfs://a","size":7},"policy":[{"uri":"urn:x:y"}],"provision":{"type":"deny","provision":[{"type":"permit","period":{"start":"2027","end":"2027-02"},"actor":[{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"type":"CareTeam","identifier":{"value":"t"}}}],"purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"TREAT"}],"data":[{"meaning":"related","reference":{"reference":"Encounter/1"}}]}]}}""";
    private const string Prescription = """{"resourceType":"MedicationRequest","identifier":[{"value":"1"}],"status":"active","intent":"order","medicationCodeableConcept":{"coding":[{"system":"urn:x","code":"c"}],"text":"m"},"subject":{"reference":"Patient/3"},"authoredOn":"2027-01-15","requester":{"reference":"Practitioner/1"},"reasonCode":[{"text":"r"}],"note":[{"text":"n"}],"groupIdentifier":{"value":"g"},"priorPrescription":{"type":"MedicationRequest","identifier":{"value":"0"}},"dosageInstruction":[{"text":"daily"}],"dispenseRequest":{"validityPeriod":{"start":"2027-01-15"},"numberOfRepeatsAllowed":2,"expectedSupplyDuration":{"value":30,"unit":"days","system":"http://unitsofmeasure.org","code":"d"}}}""";
    private const string Claim = """{"resourceType":"Claim","identifier":[{"value":"1"}],"status":"active","type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/claim-type","code":"professional"}]},"use":"preauthorization","patient":{"reference":"Patient/3"},"created":"2027-01-15T08:00:00Z","insurer":{"reference":"Organization/i"},"provider":{"reference":"Practitioner/1"},"priority":{"coding":[{"code":"normal"}]},"related":[{"reference":{"system":"urn:ietf:rfc:3986","value":"ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"}}],"careTeam":[{"sequence":1,"provider":{"reference":"Organization/h"}}],"supportingInfo":[{"sequence":1,"category":{"text":"a"},"valueReference":{"type":"DocumentReference","identifier":{"system":"urn:ietf:rfc:3986","value":"ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk"}}}],"insurance":[{"sequence":1,"focal":true,"coverage":{"display":"c"}}],"total":{"value":12345.50,"currency":"INR"}}""";
    private const string Answer = """{"resourceType":"ClaimResponse","extension":[{"url":"urn:phr:fhir:claim-level","valuePositiveInt":4},{"url":"urn:phr:fhir:claim-decider","valueReference":{"reference":"Organization/i"}},{"url":"urn:phr:fhir:claim-reason","valuePositiveInt":7}],"identifier":[{"value":"1#4"}],"status":"active","type":{"text":"p"},"use":"preauthorization","patient":{"reference":"Patient/3"},"created":"2027-01-15","insurer":{"reference":"Organization/i"},"request":{"type":"Claim","identifier":{"value":"1"}},"outcome":"complete","disposition":"Approved.","preAuthRef":"1","total":[{"category":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/adjudication","code":"benefit"}]},"amount":{"value":1,"currency":"JPY"}}]}""";
    private const string Observation = """{"resourceType":"Observation","id":"g","status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"2345-7"}],"text":"Glucose"},"subject":{"reference":"Patient/3"},"effectiveDateTime":"2026-11-20T08:30:00.123456789+05:30","valueQuantity":{"value":5.40,"comparator":"<","system":"http://unitsofmeasure.org","code":"mmol/L"},"referenceRange":[{"low":{"value":3.9,"code":"mmol/L"},"high":{"value":5.6,"code":"mmol/L"}}]}""";

    private const string Document = """{"resourceType":"DocumentReference","identifier":[{"value":"1"}],"status":"superseded","subject":{"reference":"Patient/3"},"date":"2027-01-15T08:00:00Z","custodian":{"reference":"Organization/gh"},"content":[{"attachment":{"contentType":"application/octet-stream","url":"ipfs://bafkreiaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":7},"format":{"system":"urn:phr:fhir:format","code":"sealed-document-1"}}]}""";

    private static readonly byte[][] Words =
    [
        .. new[] { "null", "[]", "{}", "true", "-1", "1e5", "\"\"", "\"extension\":[{\"url\":\"urn:x\",\"valueString\":\"y\"}],", "\"modifierExtension\":[{\"url\":\"urn:x\"}],", "\"_status\":{\"id\":\"a\"},", "\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\"}],",
            "\"reference\":\"#p\"", "\\ud83d\\ude00", "\\u202e", "2027", "23:59:60Z", "+14:00", "permit", "deny", "\n" }.Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>The targets, in the order of a campaign.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        Target("fhir-consent", [Consent], b =>
        {
            ConsentDirective read = FhirR4.ReadConsent(b);
            return Same(read, FhirR4.ReadConsent(FhirR4.WriteConsent(read)));
        }),
        Target("fhir-prescription", [Prescription], b =>
        {
            Prescription read = FhirR4.ReadPrescription(b);
            return Same(read, FhirR4.ReadPrescription(FhirR4.WritePrescription(read)));
        }),
        Target("fhir-claim", [Claim], b =>
        {
            InsuranceClaim read = FhirR4.ReadClaim(b);
            return Same(read, FhirR4.ReadClaim(FhirR4.WriteClaim(read)));
        }),
        Target("fhir-claim-answer", [Answer], b =>
        {
            ClaimAnswer read = FhirR4.ReadClaimAnswer(b);
            return Same(read, FhirR4.ReadClaimAnswer(FhirR4.WriteClaimAnswer(read)));
        }),
        Target("fhir-document", [Document], b =>
        {
            SealedDocument read = FhirR4.ReadDocument(b);
            return Same(read, FhirR4.ReadDocument(FhirR4.WriteDocument(read)));
        }),
        Target("fhir-laboratory", [Observation, Observation + "\n" + Observation, $$"""{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:x","resource":{{Observation}}}]}"""], b =>
        {
            LaboratoryReading read = FhirR4.ReadLaboratory(b);
            return read.RefusedCount == 0 == (read.Faults.Count == 0) ? true : throw new FuzzFaultException("what was left out is not told.");
        }),
    ];

    /// <summary>The target of a name, or null.</summary>
    public static FuzzTarget? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    private static FuzzTarget Target(string name, string[] seeds, Func<byte[], bool> read) =>
        new(name, [typeof(FhirR4)], () => [.. seeds.Select(Encoding.UTF8.GetBytes)], read) { Dictionary = Words };

    private static bool Same<T>(T read, T again) => Equals(read, again) ? true : throw new FuzzFaultException("what was read is written as something else.");
}
