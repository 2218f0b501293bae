using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Clients;

public class RequestBodyTests
{
    private static readonly LedgerId Ledger = new(0, ActorId.Parse(new string('7', 40)));
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public async Task Seal_EachRecipient_ReadsWhatTheDoctorAskedAndNobodyElseDoes()
    {
        using IdentityKeys doctor = IdentityKeys.Generate(), trustee = IdentityKeys.Generate(), patient = IdentityKeys.Generate(), stranger = IdentityKeys.Generate();
        RequestBody body = await CreateAsync(doctor, "a reason\nin two lines");
        var salt = Digest.Random();
        byte[] package = SealedRequestBody.Seal(
            body, salt, doctor, [(trustee.Id, trustee.PublicKeys.EnvelopeKey), (patient.Id, patient.PublicKeys.EnvelopeKey)]);
        RequestRecord record = RecordOf(body, salt, package);
        foreach (IdentityKeys reader in new[] { trustee, patient })
        {
            RequestBody read = SealedRequestBody.Open(package, record, Ledger, reader.Id, reader.EnvelopeKey);
            Assert.Equal(body.ToBytes(), read.ToBytes());
            Assert.Equal("a reason\nin two lines", read.Reason);
        }

        Assert.Equal(PhrDataReason.NotFound, Assert.Throws<PhrDataException>(() => SealedRequestBody.Open(package, record, Ledger, stranger.Id, stranger.EnvelopeKey)).Reason);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() => SealedRequestBody.Open(package, record, Ledger, trustee.Id, stranger.EnvelopeKey)).Reason);
        RequestRecord[] others =
        [
            record with { PurposeDigest = Digest.Random() },
            record with { DocumentsCommitment = Digest.Random() },
            record with { BodyCommitment = Digest.Random() },
            record with { NotAfter = record.NotAfter.AddSeconds(1) },
            record with { HeaderDigest = Digest.Random() },
            record with { DocumentCount = 2 },
        ];
        Assert.All(others, other => Assert.Equal(
            PhrDataReason.CommitmentMismatch, Assert.Throws<PhrDataException>(() => SealedRequestBody.Open(package, other, Ledger, trustee.Id, trustee.EnvelopeKey)).Reason));
    }

    [Theory]
    [InlineData("one\u202etwo")]
    [InlineData("one\u0007two")]
    [InlineData("\u200dtwo")]
    [InlineData("one \u200ctwo")]
    [InlineData("one\u200d\u200dtwo")]
    [InlineData("one\u200btwo")]
    public async Task FromBytes_ReasonThatDisplaysAsSomethingElse_IsRefused(string reason)
    {
        using IdentityKeys doctor = IdentityKeys.Generate();
        Assert.Equal(PhrDataReason.OutOfRange, (await Assert.ThrowsAsync<PhrDataException>(() => CreateAsync(doctor, reason))).Reason);
    }

    [Theory]
    [InlineData("क्\u200dष और क्\u200cष")]
    [InlineData("ක්\u200dෂණික")]
    [InlineData("അവൻ\u200d")]
    [InlineData("می\u200cخواهم")]
    public async Task FromBytes_ReasonWrittenWithJoiners_IsRead(string reason)
    {
        using IdentityKeys doctor = IdentityKeys.Generate();
        RequestBody body = await CreateAsync(doctor, reason);
        Assert.Equal(reason, RequestBody.FromBytes(body.ToBytes()).Reason);
    }

    [Fact]
    public async Task Readers_MutatedBytes_GiveOnlyDataExceptions()
    {
        using IdentityKeys doctor = IdentityKeys.Generate(), trustee = IdentityKeys.Generate();
        RequestBody body = await CreateAsync(doctor, "a reason");
        var salt = Digest.Random();
        byte[] package = SealedRequestBody.Seal(body, salt, doctor, [(trustee.Id, trustee.PublicKeys.EnvelopeKey)]);
        RequestRecord record = RecordOf(body, salt, package);
        Mutations.Run("request body", [body.ToBytes()], bytes => RequestBody.TryFromBytes(bytes, out _), e => e is PhrDataException);
        Mutations.Run(
            "sealed request body",
            [package],
            bytes => SealedRequestBody.Open(bytes, record, Ledger, trustee.Id, trustee.EnvelopeKey) is not null,
            e => e is PhrDataException);
    }

    [Fact]
    public async Task FromBytes_TeamClaim_IsReadAndItsDamageRefused()
    {
        using IdentityKeys doctor = IdentityKeys.Generate();
        using SecretKey team = SecretKey.Generate(), part = SecretKey.Generate();
        ActorId id = ActorId.FromPublicKey(team.PublicKey);
        RequestBody body = RequestBody.FromBytes((await CreateAsync(doctor, "a reason", (id, 3, part))).ToBytes());
        Assert.Equal((id, 3), (body.Team!.Team, body.Team.KeyEpoch));
        Assert.True(TeamRequestKey.VerifyPossession(team.PublicKey, TeamRequestKey.Combine(team.PublicKey, part.PublicKey), body.Nonce, body.Team.Possession));
        Assert.False(TeamRequestKey.VerifyPossession(team.PublicKey, body.ReceivingKey, body.Nonce, body.Team.Possession));
        Assert.Null((await CreateAsync(doctor, "a reason")).Team);
        Assert.Equal(PhrDataReason.OutOfRange, (await Assert.ThrowsAsync<PhrDataException>(() => CreateAsync(doctor, "a reason", (default, 3, part)))).Reason);
        Assert.Equal(PhrDataReason.OutOfRange, (await Assert.ThrowsAsync<PhrDataException>(() => CreateAsync(doctor, "a reason", (id, 0, part)))).Reason);
        Mutations.Run("request body for a team", [body.ToBytes()], bytes => RequestBody.TryFromBytes(bytes, out _), e => e is PhrDataException);
        Mutations.Run("team claim", [body.Team.ToBytes()], bytes => TeamClaim.Read("team claim", bytes) is not null, e => e is PhrDataException);
    }

    private static async Task<RequestBody> CreateAsync(IdentityKeys doctor, string reason, (ActorId Team, int KeyEpoch, SecretKey RequestKey)? team = null)
    {
        using var patient = PatientKeys.Generate();
        using IdentityKeys authority = IdentityKeys.Generate();
        using var file = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(file, patient, Ledger);
        using var content = new MemoryStream("content"u8.ToArray());
        DocumentId document = await writer.AddAsync(content, new DocumentInfo("title", "text/plain"));
        BundleHeader header = await writer.CompleteAsync();
        using SecretKey receiving = SecretKey.Generate();
        var record = KeyRecord.Create(doctor, Ledger, new KeyRecordOptions { ValidFrom = Now, ValidUntil = Now.AddDays(1) });
        LicenceCredential licence = LicenceCredential.Create(authority, Ledger, new LicenceTerms
        {
            Doctor = doctor.Id,
            DoctorObjectKey = doctor.PublicKeys.ObjectKey,
            LicenceNumber = "1",
            Speciality = "oncology",
            Organisation = default,
            ValidFrom = Now,
            NotAfter = Now.AddDays(1),
        });
        return RequestBody.Create(doctor, header, Digest.Random(), receiving.PublicKey, Now.AddHours(1), PurposeOfUse.Treatment, reason, [document], record, licence, team);
    }

    private static RequestRecord RecordOf(RequestBody body, Digest salt, byte[] package)
    {
        var policy = new ConsentPolicy { GroupThreshold = 1, Groups = [], VetoWindow = TimeSpan.Zero };
        return new RequestRecord
        {
            Id = RequestId.Parse(new string('1', 64)),
            Doctor = body.Doctor,
            Patient = default,
            BundleId = body.Bundle,
            HeaderDigest = body.HeaderDigest,
            DealingDigest = body.DealingDigest,
            Epoch = 1,
            Policy = policy,
            PolicyDigest = policy.Digest,
            DocumentsCommitment = body.DocumentsCommitment,
            DocumentCount = body.Documents.Count,
            BodyCommitment = body.CommitmentWith(salt),
            BodyDigest = Digest.Of(package),
            PurposeDigest = body.PurposeDigest,
            ReceivingKey = body.ReceivingKey,
            Receiver = RequestReceiver.Person(body.Doctor),
            RequestedAt = Now,
            NotAfter = body.NotAfter,
            Nonce = body.Nonce,
            Snapshot = 1,
            DrawSnapshot = 1,
            Uses = 1,
            EmergencyReason = 0,
            EvidenceRoot = default,
            Possession = SecretKey.Generate().SignDigest(new byte[32]).Signature,
            SeedBlock = 1,
            AsOf = Now,
        };
    }
}
