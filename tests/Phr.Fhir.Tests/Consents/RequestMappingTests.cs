using Phr.Consent;
using Phr.Crypto;

namespace Phr.Fhir.Tests.Consents;

/// <summary>From a request on a ledger, with a body that a doctor really signed, to a consent that PCF accepts.</summary>
public class RequestMappingTests
{
    private static readonly DateTimeOffset Now = Scene.Now;

    [Fact]
    public async Task FromRequest_EveryStatus_IsAConsentOfPcf()
    {
        (RequestRecord request, RequestBody body) = await MakeAsync(PurposeOfUse.Treatment, documents: 2);
        var grant = new GrantRecord { IssuedAt = Now.AddMinutes(5), VetoUntil = Now.AddMinutes(10), ByPatient = true, Attachments = [] };
        (RequestRecord Record, ConsentDirectiveStatus Status)[] cases =
        [
            (request, ConsentDirectiveStatus.Proposed),
            (request with { Grant = grant, AsOf = Now.AddMinutes(6) }, ConsentDirectiveStatus.Proposed),
            (request with { Grant = grant, AsOf = Now.AddMinutes(11) }, ConsentDirectiveStatus.Active),
            (request with { Grant = grant, AsOf = Now.AddMinutes(11), SettledAt = Now.AddMinutes(11) }, ConsentDirectiveStatus.Active),
            (request with { Grant = grant, AsOf = Now.AddHours(2), SettledAt = Now.AddMinutes(11) }, ConsentDirectiveStatus.Inactive),
            (request with { Grant = grant, AsOf = Now.AddHours(2) }, ConsentDirectiveStatus.Inactive),
            (request with { Ended = RequestStatus.Denied }, ConsentDirectiveStatus.Rejected),
            (request with { Grant = grant, Ended = RequestStatus.Vetoed }, ConsentDirectiveStatus.Inactive),
            (request with { Grant = grant, Ended = RequestStatus.Revoked }, ConsentDirectiveStatus.Inactive),
            (request with { Ended = RequestStatus.Cancelled }, ConsentDirectiveStatus.Inactive),
            (request with { Ended = RequestStatus.Voided }, ConsentDirectiveStatus.Inactive),
            (request with { Ended = RequestStatus.Superseded }, ConsentDirectiveStatus.Inactive),
        ];
        foreach ((RequestRecord record, ConsentDirectiveStatus status) in cases)
        {
            ConsentDirective directive = ConsentDirective.FromRequest(record, body, Scene.Names(Scene.Embedded));
            Assert.Equal(status, directive.Status);
            byte[] json = FhirR4.WriteConsent(directive);
            Assert.Empty(FhirConsentRules.Check(json, PcfProfile.Intermediate));
            Assert.Equal(directive, FhirR4.ReadConsent(json));
        }
    }

    [Fact]
    public async Task FromRequest_Grant_SaysWhoForWhatWhichAndUntilWhen()
    {
        (RequestRecord request, RequestBody body) = await MakeAsync(PurposeOfUse.Treatment, documents: 2);
        ConsentDirective directive = ConsentDirective.FromRequest(request, body, Scene.Names(Scene.Embedded));

        Assert.True(directive.Identifier!.TryGetLedgerUrn(out LedgerUrn urn) && urn.TryGetRequest(out RequestId id) && id == request.Id && urn.Ledger == Scene.Embedded);
        Assert.True(LedgerUrn.Parse(Assert.Single(directive.Policies)).TryGetPolicy(out Digest policy) && policy == request.PolicyDigest);
        Assert.True(directive.Source!.Identifier!.TryGetDigest(out Digest source) && source == request.BodyDigest);
        Assert.Equal(Scene.Patient, directive.Patient);
        Assert.Equal(ConsentRuling.Deny, directive.Root.Ruling);
        Assert.Equal(2, directive.Exceptions.Count);
        Assert.All(directive.Exceptions.Zip(body.Documents), pair =>
        {
            (ConsentProvision permit, DocumentId document) = pair;
            Assert.Equal((ConsentRuling.Permit, request.NotAfter), (permit.Ruling, permit.Until));
            Assert.Equal([PurposeOfUse.Treatment], permit.Purposes);
            Assert.Equal(FhirReference.ToActor("Practitioner", Scene.Embedded, request.Doctor), Assert.Single(permit.Grantees));
            Assert.Equal(FhirReference.ToDocument(Scene.Embedded, request.BundleId, document), Assert.Single(permit.Data).Reference);
        });
    }

    [Fact]
    public async Task FromRequest_SomeDocumentsGranted_PermitsThoseOnly()
    {
        (RequestRecord request, RequestBody body) = await MakeAsync(PurposeOfUse.Treatment, documents: 3);
        ConsentDirective directive = ConsentDirective.FromRequest(request, body, Scene.Names(Scene.Embedded), [body.Documents[1]]);
        ConsentProvision permit = Assert.Single(directive.Exceptions);
        Assert.Equal(FhirReference.ToDocument(Scene.Embedded, request.BundleId, body.Documents[1]), Assert.Single(permit.Data).Reference);
        Assert.Empty(ConsentDirective.FromRequest(request, body, Scene.Names(Scene.Embedded), []).Exceptions);
        (_, RequestBody other) = await MakeAsync(PurposeOfUse.Treatment, documents: 1);
        Assert.Throws<ArgumentException>("granted", () => ConsentDirective.FromRequest(request, body, Scene.Names(Scene.Embedded), other.Documents));
    }

    [Theory]
    [InlineData("TREAT", "TREAT,ETREAT")]
    [InlineData("ETREAT", "ETREAT")]
    [InlineData("BTG", "BTG")]
    public async Task FromRequest_Emergency_HasItsPurpose(string asked, string written)
    {
        (RequestRecord request, RequestBody body) = await MakeAsync(PurposeOfUse.Parse(asked), documents: 1);
        ConsentDirective directive = ConsentDirective.FromRequest(request with { EmergencyReason = 3 }, body, Scene.Names(Scene.Ethereum with { ChainId = 0, Contract = Scene.Embedded.Contract }));
        Assert.Equal(written, string.Join(',', directive.Exceptions[0].Purposes));
    }

    [Fact]
    public async Task FromRequest_ByTrusteesToATeam_NamesTrusteesAndTeam()
    {
        (RequestRecord request, RequestBody body) = await MakeAsync(PurposeOfUse.Treatment, documents: 1);
        var policy = new ConsentPolicy
        {
            GroupThreshold = 2,
            Groups =
            [
                new PolicyGroup { Name = "guardians", Threshold = 1, Members = [new PolicyMember { Identity = Scene.DoctorActor }] },
                new PolicyGroup { Name = "hospital", Threshold = 1, Members = [new PolicyMember { Identity = Scene.HospitalActor, Organisation = Scene.HospitalActor }] },
            ],
            VetoWindow = TimeSpan.Zero,
        };
        ApprovalRecord Approval(int group, ActorId actor) => new() { Seat = new TrusteeSeat(group, 1), Actor = actor, ApprovalDigest = default, Time = Now };
        ConsentDirective directive = ConsentDirective.FromRequest(
            request with
            {
                Policy = policy,
                Receiver = RequestReceiver.Team(Scene.AgencyActor, 1),
                Approvals = [Approval(1, Scene.DoctorActor), Approval(2, Scene.HospitalActor)],
                Grant = new GrantRecord { IssuedAt = Now, VetoUntil = Now, ByPatient = false, Attachments = [] },
            },
            body,
            Scene.Names(Scene.Embedded));
        Assert.Equal(["RelatedPerson", "Organization"], directive.Performers.Select(p => p.Type));
        Assert.Equal("CareTeam", directive.Exceptions[0].Grantees[0].Type);
        Assert.Empty(FhirConsentRules.Check(FhirR4.WriteConsent(directive), PcfProfile.Intermediate));
    }

    [Fact]
    public async Task FromRequest_BodyOfAnotherRequest_IsRefused()
    {
        (RequestRecord request, RequestBody body) = await MakeAsync(PurposeOfUse.Treatment, documents: 1);
        RequestRecord[] others = [request with { PurposeDigest = Digest.Random() }, request with { DocumentsCommitment = Digest.Random() }, request with { Nonce = Digest.Random() }, request with { Doctor = Scene.DoctorActor }];
        Assert.All(others, other => Assert.Throws<ArgumentException>(() => ConsentDirective.FromRequest(other, body, Scene.Names(Scene.Embedded))));
        Assert.Throws<ArgumentException>(() => ConsentDirective.FromRequest(request, body, Scene.Names(Scene.Ethereum)));
    }

    private static async Task<(RequestRecord, RequestBody)> MakeAsync(PurposeOfUse purpose, int documents)
    {
        using IdentityKeys doctor = IdentityKeys.Generate(), authority = IdentityKeys.Generate();
        using var patient = PatientKeys.Generate();
        using var file = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(file, patient, Scene.Embedded);
        var ids = new List<DocumentId>();
        for (int i = 0; i < documents; i++)
        {
            using var content = new MemoryStream([1, 2, 3]);
            ids.Add(await writer.AddAsync(content, new DocumentInfo($"scan {i}", "text/plain")));
        }

        BundleHeader header = await writer.CompleteAsync();
        using SecretKey receiving = SecretKey.Generate();
        var record = KeyRecord.Create(doctor, Scene.Embedded, new KeyRecordOptions { ValidFrom = Now, ValidUntil = Now.AddDays(1) });
        var licence = LicenceCredential.Create(authority, Scene.Embedded, new LicenceTerms
        {
            Doctor = doctor.Id,
            DoctorObjectKey = doctor.PublicKeys.ObjectKey,
            LicenceNumber = "1",
            Speciality = "oncology",
            Organisation = default,
            ValidFrom = Now,
            NotAfter = Now.AddDays(1),
        });
        var body = RequestBody.Create(doctor, header, Digest.Random(), receiving.PublicKey, Now.AddHours(1), purpose, "a reason", ids, record, licence);
        var policy = new ConsentPolicy { GroupThreshold = 1, Groups = [], VetoWindow = TimeSpan.Zero };
        return (new RequestRecord
        {
            Id = RequestId.Parse(new string('1', 64)),
            Doctor = body.Doctor,
            Patient = Scene.PatientActor,
            BundleId = body.Bundle,
            HeaderDigest = body.HeaderDigest,
            DealingDigest = body.DealingDigest,
            Epoch = 1,
            Policy = policy,
            PolicyDigest = policy.Digest,
            DocumentsCommitment = body.DocumentsCommitment,
            DocumentCount = body.Documents.Count,
            BodyCommitment = body.CommitmentWith(Digest.Random()),
            BodyDigest = Digest.Random(),
            PurposeDigest = body.PurposeDigest,
            ReceivingKey = body.ReceivingKey,
            Receiver = RequestReceiver.Person(body.Doctor),
            RequestedAt = Now,
            NotAfter = body.NotAfter,
            Nonce = body.Nonce,
            Uses = 1,
            EmergencyReason = 0,
            EvidenceRoot = default,
            Possession = receiving.SignDigest(new byte[32]).Signature,
            Snapshot = 1,
            DrawSnapshot = 1,
            SeedBlock = 1,
            AsOf = Now,
        }, body);
    }
}
