using System.Text;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Fhir.Tests;

/// <summary>What the tests write and read: a patient, a doctor, a consent, a prescription, a claim.</summary>
internal static class Scene
{
    public static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    public static readonly LedgerId Embedded = new(0, ActorId.Parse(new string('7', 40)));
    public static readonly LedgerId Ethereum = new(11155111, ActorId.Parse("00112233445566778899aabbccddeeff00112233"));

    public static readonly ActorId PatientActor = ActorId.Parse(new string('1', 40));
    public static readonly ActorId DoctorActor = ActorId.Parse(new string('2', 40));
    public static readonly ActorId HospitalActor = ActorId.Parse(new string('3', 40));
    public static readonly ActorId InsurerActor = ActorId.Parse(new string('4', 40));
    public static readonly ActorId AgencyActor = ActorId.Parse(new string('5', 40));

    public static readonly FhirReference Patient = new() { Type = "Patient", Address = "Patient/3", Display = "Kiruthika" };
    public static readonly FhirReference Doctor = new() { Type = "Practitioner", Address = "Practitioner/nandhini" };
    public static readonly FhirReference Custodian = new() { Type = "Organization", Address = "Organization/gh", Display = "GH" };

    public static LedgerNames Names(LedgerId ledger) => new() { Ledger = ledger, Custodian = Custodian, Actors = new Dictionary<ActorId, FhirReference> { [PatientActor] = Patient } };

    public static ConsentDirective Directive { get; } = new()
    {
        Id = "consent-1",
        Identifier = FhirIdentifier.Of(LedgerUrn.ForConsent(Ethereum, RequestId.Parse(new string('a', 64)))),
        Status = ConsentDirectiveStatus.Active,
        Patient = Patient,
        Time = Now,
        Performers = [Patient],
        Custodians = [Custodian],
        Source = new FhirReference { Type = "DocumentReference", Address = "DocumentReference/signed" },
        Policies = [LedgerUrn.ForPolicy(Ethereum, Digest.Parse(new string('b', 64))).ToString()],
        Root = new ConsentProvision { Ruling = ConsentRuling.Deny },
        Exceptions = [Permit(1), Permit(2)],
    };

    public static Prescription Prescription { get; } = new()
    {
        Identifier = new FhirIdentifier { System = "urn:ietf:rfc:3986", Value = "urn:uuid:6f1c9a4e-6d3f-4a52-93dd-0a2a9b3f5b10" },
        Status = PrescriptionStatus.Active,
        Medicine = new FhirConcept { Text = "Tamoxifen 20 mg tablets", System = "http://www.whocc.no/atc", Code = "L02BA01" },
        Patient = Patient,
        Prescriber = Doctor,
        WrittenAt = Now,
        Dosage = "Take the tablets regularly",
        Course = new FhirIdentifier { Value = "course-7" },
        Repeats = 2,
        SupplyDays = 30,
        ValidFrom = Now,
        ValidUntil = Now.AddDays(90),
        Reason = "Breast cancer",
        Note = "Ask about other medicines.",
    };

    public static ClaimRecord ClaimRecord { get; } = new()
    {
        Id = Digest.Parse(new string('c', 64)),
        Patient = PatientActor,
        Insurer = InsurerActor,
        Doctor = DoctorActor,
        Hospital = HospitalActor,
        Amount = 1_234_550,
        Currency = "INR",
        RelatedTo = Digest.Parse(new string('d', 64)),
        EvidenceCommitment = Digest.Parse(new string('e', 64)),
        EvidenceDigest = Digest.Parse(new string('f', 64)),
        NotAfter = Now.AddDays(90),
        Salt = Digest.Parse(new string('9', 64)),
        FiledAt = Now,
        AgencyReviews = true,
        Status = ClaimStatus.AwaitingDoctor,
    };

    public static ConsentProvision Permit(int document) => new()
    {
        Ruling = ConsentRuling.Permit,
        Grantees = [Doctor],
        Purposes = [PurposeOfUse.Treatment],
        From = Now,
        Until = Now.AddHours(8),
        Data = [new ConsentData { Reference = new FhirReference { Type = "DocumentReference", Address = $"DocumentReference/{document}" } }],
    };

    /// <summary>JSON that was changed in one place.</summary>
    public static byte[] Changed(byte[] json, Action<JsonNode> change)
    {
        JsonNode node = JsonNode.Parse(json)!;
        change(node);
        return Encoding.UTF8.GetBytes(node.ToJsonString());
    }

    public static string Text(byte[] json) => Encoding.UTF8.GetString(json);
}
