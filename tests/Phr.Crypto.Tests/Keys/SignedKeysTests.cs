using Phr.Crypto.Hashing;
using Phr.Shared;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Keys;

public class SignedKeysTests
{
    private static readonly IdentityKeys Actor = IdentityKeys.Generate();
    private static readonly IdentityKeys Authority = IdentityKeys.Generate();
    private static readonly LedgerId Ledger = new(31337, Authority.Id);
    private static readonly LedgerId OtherLedger = new(1, Authority.Id);
    private static readonly DateTimeOffset From = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Until = From.AddDays(30);
    private static readonly DateTimeOffset Now = From.AddDays(1);

    [Fact]
    public void KeyRecord_RoundTrip_KeepsEverything()
    {
        using var envelopeKey = SecretKey.Generate();
        IdentityPublicKeys published = Actor.PublicKeys.WithEnvelopeKey(envelopeKey.PublicKey);
        OperatorEndorsement endorsement = OperatorEndorsement.Create(Authority, Ledger, published, Until.AddMilliseconds(250));
        KeyRecord record = KeyRecord.Create(Actor, Ledger, new KeyRecordOptions
        {
            ValidFrom = From.AddMilliseconds(900).ToOffset(TimeSpan.FromHours(2)),
            ValidUntil = Until,
            Sequence = 4,
            EnvelopeKey = envelopeKey.PublicKey,
            Endorsement = endorsement,
        });
        KeyRecord read = KeyRecord.FromBytes(record.ToBytes());
        Assert.Equal(Ledger, read.Ledger);
        Assert.Equal(Actor.Id, read.ActorId);
        Assert.Equal(published, read.Keys);
        Assert.Equal((4u, From, Until), (read.Sequence, read.ValidFrom, read.ValidUntil));
        Assert.Equal(Authority.Id, read.Endorsement!.OperatorId);
        Assert.Equal(Authority.PublicKeys.ObjectKey, read.Endorsement.OperatorObjectKey);
        Assert.Equal(endorsement.Signature, read.Endorsement.Signature);
        Assert.Equal(record.Digest, read.Digest);
        Assert.Equal(Digest.Of(record.ToBytes()), read.Digest);
        Assert.True(read.TryVerify(Ledger, Actor.Id, Now));
        read.Verify(Ledger, Actor.Id, Now);
    }

    [Fact]
    public void KeyRecord_OtherLedgerOtherKeyOrOtherTime_DoesNotVerify()
    {
        KeyRecord record = Record();
        Refused(PhrDataReason.Mismatched, OtherLedger, Actor.Id, Now);
        Refused(PhrDataReason.Mismatched, Ledger, Authority.Id, Now);
        Refused(PhrDataReason.Expired, Ledger, Actor.Id, From.AddSeconds(-1));
        Refused(PhrDataReason.Expired, Ledger, Actor.Id, Until);
        Assert.True(record.TryVerify(Ledger, Actor.Id, From));
        Assert.True(record.TryVerify(Ledger, Actor.Id, Until.AddSeconds(-1)));

        void Refused(PhrDataReason reason, LedgerId ledger, ActorId address, DateTimeOffset now)
        {
            Assert.False(record.TryVerify(ledger, address, now));
            Assert.Equal(reason, Assert.Throws<PhrDataException>(() => record.Verify(ledger, address, now)).Reason);
        }
    }

    [Fact]
    public void KeyRecord_OfAReplacedLedgerKey_NeedsASequenceAndTheLedgersAddress()
    {
        using IdentityKeys renewed = Actor.Renew();
        Assert.Throws<ArgumentException>(() => KeyRecord.Create(renewed, Ledger, Validity(0)));
        KeyRecord record = KeyRecord.FromBytes(KeyRecord.Create(renewed, Ledger, Validity(1)).ToBytes());
        Assert.Equal(Actor.Id, record.ActorId);
        Assert.False(record.TryVerify(Ledger, Actor.Id, Now));
        Assert.True(record.TryVerify(Ledger, ActorId.FromPublicKey(renewed.PublicKeys.LedgerKey), Now));
    }

    [Fact]
    public void KeyRecord_SignedByAnotherKey_IsRefused()
    {
        SignedObject.Parts parts = SignedObject.Parse("key record", "phr/key-record/v1", Record().ToBytes(), KeyRecord.MaxLength);
        byte[] forged = SignedObject.Sign("phr/key-record/v1", parts.Payload, Authority.LedgerKey);
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => KeyRecord.FromBytes(forged)).Reason);
        Assert.False(KeyRecord.TryFromBytes(forged, out _));

        // The object key signs other things, not records.
        byte[] byObjectKey = SignedObject.Sign("phr/key-record/v1", parts.Payload, Actor.ObjectSigner);
        Assert.False(KeyRecord.TryFromBytes(byObjectKey, out _));
    }

    [Fact]
    public void KeyRecord_WhoseActorIsSomeoneElse_IsRefused()
    {
        byte[] forged = Forge(Authority.Id, 0, Actor.PublicKeys, From, Until);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => KeyRecord.FromBytes(forged)).Reason);
    }

    [Fact]
    public void KeyRecord_WithOneKeyForTwoPurposes_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => KeyRecord.Create(Actor, Ledger, new KeyRecordOptions
        {
            ValidFrom = From,
            ValidUntil = Until,
            EnvelopeKey = Actor.PublicKeys.ReceivingKey,
        }));
        byte[] forged = Forge(Actor.Id, 0, Actor.PublicKeys.WithEnvelopeKey(Actor.PublicKeys.ObjectKey), From, Until);
        Assert.Equal(PhrDataReason.Duplicate, Assert.Throws<PhrDataException>(() => KeyRecord.FromBytes(forged)).Reason);
    }

    [Fact]
    public void KeyRecord_EmptyValidity_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => KeyRecord.Create(Actor, Ledger, new KeyRecordOptions { ValidFrom = From, ValidUntil = From.AddMilliseconds(400) }));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => KeyRecord.Create(Actor, Ledger, new KeyRecordOptions { ValidFrom = DateTimeOffset.UnixEpoch.AddSeconds(-1), ValidUntil = Until }));
        byte[] forged = Forge(Actor.Id, 0, Actor.PublicKeys, Until, From);
        Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => KeyRecord.FromBytes(forged)).Reason);
    }

    [Fact]
    public void KeyRecord_WithAnEndorsementOfOtherKeysOrAnotherTime_IsRefused()
    {
        using var envelopeKey = SecretKey.Generate();
        OperatorEndorsement[] endorsements =
        [
            OperatorEndorsement.Create(Authority, Ledger, Actor.PublicKeys.WithEnvelopeKey(envelopeKey.PublicKey), Until),
            OperatorEndorsement.Create(Authority, Ledger, Actor.PublicKeys, Until.AddDays(1)),
            OperatorEndorsement.Create(Authority, OtherLedger, Actor.PublicKeys, Until),
            OperatorEndorsement.Create(Authority, Ledger, Authority.PublicKeys, Until),
        ];
        foreach (OperatorEndorsement endorsement in endorsements)
        {
            Assert.Throws<ArgumentException>(() => KeyRecord.Create(Actor, Ledger, new KeyRecordOptions { ValidFrom = From, ValidUntil = Until, Endorsement = endorsement }));
            byte[] forged = Forge(Actor.Id, 0, Actor.PublicKeys, From, Until, endorsement);
            Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => KeyRecord.FromBytes(forged)).Reason);
        }
    }

    [Fact]
    public void LicenceCredential_RoundTrip_KeepsEverything()
    {
        LicenceCredential credential = Licence();
        LicenceCredential read = LicenceCredential.FromBytes(credential.ToBytes());
        Assert.Equal((Ledger, Authority.Id, Actor.Id), (read.Ledger, read.Authority, read.Doctor));
        Assert.Equal(Actor.PublicKeys.ObjectKey, read.DoctorObjectKey);
        Assert.Equal(("LR 4711/äé", "cardiology"), (read.LicenceNumber, read.Speciality));
        Assert.Equal((default(ActorId), From, Until), (read.Organisation, read.ValidFrom, read.NotAfter));
        Assert.Equal(Digest.Of(credential.ToBytes()), read.Digest);
        read.Verify(Ledger, Authority.PublicKeys.ObjectKey, Now);
        Assert.True(read.TryVerify(Ledger, Authority.PublicKeys.ObjectKey, Now));
    }

    [Fact]
    public void LicenceCredential_OtherAuthorityLedgerOrTime_DoesNotVerify()
    {
        LicenceCredential credential = Licence();
        Refused(PhrDataReason.InvalidSignature, Ledger, Actor.PublicKeys.ObjectKey, Now);
        Refused(PhrDataReason.InvalidSignature, Ledger, Authority.PublicKeys.LedgerKey, Now);
        Refused(PhrDataReason.Mismatched, OtherLedger, Authority.PublicKeys.ObjectKey, Now);
        Refused(PhrDataReason.Expired, Ledger, Authority.PublicKeys.ObjectKey, From.AddSeconds(-1));
        Refused(PhrDataReason.Expired, Ledger, Authority.PublicKeys.ObjectKey, Until);

        void Refused(PhrDataReason reason, LedgerId ledger, PublicKey key, DateTimeOffset now)
        {
            Assert.False(credential.TryVerify(ledger, key, now));
            Assert.Equal(reason, Assert.Throws<PhrDataException>(() => credential.Verify(ledger, key, now)).Reason);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\nb")]
    [InlineData("12345678901234567890123456789012345678901234567890123456789012345")]
    public void LicenceCredential_TextThatIsNoText_IsRefused(string text)
    {
        Assert.Throws<ArgumentException>(() => Licence(number: text));
        Assert.Throws<ArgumentException>(() => Licence(speciality: text));
    }

    [Fact]
    public void LicenceCredential_LoneSurrogate_IsRefused() =>
        Assert.Throws<ArgumentException>(() => Licence(number: "a" + (char)0xD800));

    [Fact]
    public void LicenceCredential_ForgedWithAControlCharacter_IsRefused()
    {
        byte[] payload = new CanonicalCborWriter().Array(9)
            .Id(Ledger).Id(Authority.Id).Id(Actor.Id).Key(Actor.PublicKeys.ObjectKey).Text("a\u0007").Text("b").Id(default(ActorId)).Time(From).Time(Until).EndArray().ToBytes();
        byte[] bytes = SignedObject.Sign("phr/licence/v1", payload, Authority.ObjectSigner);
        Assert.Equal(PhrDataReason.OutOfRange, Assert.Throws<PhrDataException>(() => LicenceCredential.FromBytes(bytes)).Reason);
    }

    [Fact]
    public void EnvelopeKeyOffer_RoundTrip_VerifiesForItsUseAlone()
    {
        using var key = SecretKey.Generate();
        BundleId bundle = BundleId.Random();
        EnvelopeKeyOffer offer = EnvelopeKeyOffer.Create(Actor, Ledger, bundle, 3, key.PublicKey);
        EnvelopeKeyOffer read = EnvelopeKeyOffer.FromBytes(offer.ToBytes());
        Assert.Equal((Ledger, Actor.Id, bundle, 3u, key.PublicKey), (read.Ledger, read.Trustee, read.Bundle, read.Epoch, read.EnvelopeKey));
        Assert.Equal(Digest.Of(offer.ToBytes()), read.Digest);
        read.Verify(Ledger, Actor.PublicKeys, bundle, 3);
        Assert.True(read.TryVerify(Ledger, Actor.PublicKeys, bundle, 3));
        Assert.False(read.TryVerify(OtherLedger, Actor.PublicKeys, bundle, 3));
        Assert.False(read.TryVerify(Ledger, Authority.PublicKeys, bundle, 3));
        Assert.False(read.TryVerify(Ledger, Actor.PublicKeys, BundleId.Random(), 3));
        Assert.False(read.TryVerify(Ledger, Actor.PublicKeys, bundle, 4));
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => read.Verify(Ledger, Actor.PublicKeys, bundle, 4)).Reason);
        byte[] payload = SignedObject.Parse("offer", "phr/envelope-key/v1", offer.ToBytes(), 512).Payload;
        var forged = EnvelopeKeyOffer.FromBytes(SignedObject.Sign("phr/envelope-key/v1", payload, Authority.ObjectSigner));
        Assert.Equal(PhrDataReason.InvalidSignature, Assert.Throws<PhrDataException>(() => forged.Verify(Ledger, Actor.PublicKeys, bundle, 3)).Reason);
        Assert.Throws<ArgumentOutOfRangeException>(() => EnvelopeKeyOffer.Create(Actor, Ledger, bundle, 0, key.PublicKey));
    }

    [Fact]
    public void ReceivingKeyProof_RoundTrip_VerifiesForItsRequestAlone()
    {
        using var key = SecretKey.Generate();
        RequestId request = RequestId.FromBytes(Digest.Of("request"u8).ToBytes());
        RequestId otherRequest = RequestId.FromBytes(Digest.Of("other"u8).ToBytes());
        ReceivingKeyProof proof = ReceivingKeyProof.FromBytes(ReceivingKeyProof.Create(Actor, Ledger, request, key).ToBytes());
        Assert.Equal((Ledger, Actor.Id, request, key.PublicKey), (proof.Ledger, proof.Doctor, proof.Request, proof.ReceivingKey));
        proof.Verify(Ledger, Actor.PublicKeys, request);
        Assert.True(proof.TryVerify(Ledger, Actor.PublicKeys, request));
        Assert.False(proof.TryVerify(OtherLedger, Actor.PublicKeys, request));
        Assert.False(proof.TryVerify(Ledger, Authority.PublicKeys, request));
        Assert.False(proof.TryVerify(Ledger, Actor.PublicKeys, otherRequest));
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => proof.Verify(Ledger, Actor.PublicKeys, otherRequest)).Reason);
        Assert.True(ReceivingKeyProof.VerifyPossession(key.PublicKey, request, proof.Possession));
        Assert.False(ReceivingKeyProof.VerifyPossession(key.PublicKey, otherRequest, proof.Possession));
        Assert.False(ReceivingKeyProof.VerifyPossession(Actor.PublicKeys.ReceivingKey, request, proof.Possession));
    }

    [Fact]
    public void SignPossession_ByTheProtocolsText_IsOverTheTagAZeroAndTheRequest()
    {
        using var key = SecretKey.Generate();
        RequestId request = RequestId.FromBytes(Digest.Of("request"u8).ToBytes());
        byte[] digest = Digest.Of([.. "phr/possession/v1\0"u8, .. request.ToBytes()]).ToBytes();
        Assert.Equal(key.SignDigest(digest).Signature, ReceivingKeyProof.SignPossession(key, request));
    }

    [Fact]
    public void ReceivingKeyProof_OfAKeyThatTheDoctorDoesNotHold_IsRefused()
    {
        using var key = SecretKey.Generate();
        using var stolen = SecretKey.Generate();
        RequestId request = RequestId.FromBytes(Digest.Of("request"u8).ToBytes());
        byte[] payload = new CanonicalCborWriter().Array(5)
            .Id(Ledger).Id(Actor.Id).Id(request).Key(stolen.PublicKey).Bytes(ReceivingKeyProof.SignPossession(key, request).ToBytes()).EndArray().ToBytes();
        byte[] bytes = SignedObject.Sign("phr/receiving-key/v1", payload, Actor.ObjectSigner);
        Assert.Equal(PhrDataReason.InvalidProof, Assert.Throws<PhrDataException>(() => ReceivingKeyProof.FromBytes(bytes)).Reason);
    }

    [Fact]
    public void FromBytes_AnotherKindOfObject_IsRefused()
    {
        using var key = SecretKey.Generate();
        byte[][] objects =
        [
            Record().ToBytes(),
            Licence().ToBytes(),
            EnvelopeKeyOffer.Create(Actor, Ledger, BundleId.Random(), 1, key.PublicKey).ToBytes(),
            ReceivingKeyProof.Create(Actor, Ledger, default, key).ToBytes(),
        ];
        for (int i = 0; i < objects.Length; i++)
        {
            Assert.Equal(i == 0, KeyRecord.TryFromBytes(objects[i], out _));
            Assert.Equal(i == 1, LicenceCredential.TryFromBytes(objects[i], out _));
            Assert.Equal(i == 2, EnvelopeKeyOffer.TryFromBytes(objects[i], out _));
            Assert.Equal(i == 3, ReceivingKeyProof.TryFromBytes(objects[i], out _));
        }
    }

    [Fact]
    public void FromBytes_MutatedRecords_ThrowOnlyPhrDataException()
    {
        OperatorEndorsement endorsement = OperatorEndorsement.Create(Authority, Ledger, Actor.PublicKeys, Until);
        KeyRecord endorsed = KeyRecord.Create(Actor, Ledger, new KeyRecordOptions { ValidFrom = From, ValidUntil = Until, Endorsement = endorsement });
        Fuzz("key record", [Record().ToBytes(), endorsed.ToBytes()], bytes => KeyRecord.FromBytes(bytes).ToBytes());
    }

    [Fact]
    public void FromBytes_MutatedCredentials_ThrowOnlyPhrDataException() =>
        Fuzz("licence credential", [Licence().ToBytes()], bytes => LicenceCredential.FromBytes(bytes).ToBytes());

    [Fact]
    public void FromBytes_MutatedOffers_ThrowOnlyPhrDataException()
    {
        using var key = SecretKey.Generate();
        byte[] offer = EnvelopeKeyOffer.Create(Actor, Ledger, BundleId.Random(), 1, key.PublicKey).ToBytes();
        Fuzz("envelope key offer", [offer], bytes => EnvelopeKeyOffer.FromBytes(bytes).ToBytes());
    }

    [Fact]
    public void FromBytes_MutatedProofs_ThrowOnlyPhrDataException()
    {
        using var key = SecretKey.Generate();
        byte[] proof = ReceivingKeyProof.Create(Actor, Ledger, default, key).ToBytes();
        Fuzz("receiving key proof", [proof], bytes => ReceivingKeyProof.FromBytes(bytes).ToBytes());
    }

    private static void Fuzz(string name, byte[][] samples, Func<byte[], byte[]> readAndWrite) => Mutations.Run(
        name,
        samples,
        bytes =>
        {
            Assert.Equal(bytes, readAndWrite(bytes));
            return true;
        },
        e => e is PhrDataException);

    private static KeyRecordOptions Validity(uint sequence) => new() { ValidFrom = From, ValidUntil = Until, Sequence = sequence };

    private static KeyRecord Record() => KeyRecord.Create(Actor, Ledger, Validity(0));

    private static LicenceCredential Licence(string number = "LR 4711/äé", string speciality = "cardiology") => LicenceCredential.Create(Authority, Ledger, new LicenceTerms
    {
        Doctor = Actor.Id,
        DoctorObjectKey = Actor.PublicKeys.ObjectKey,
        LicenceNumber = number,
        Speciality = speciality,
        Organisation = default,
        ValidFrom = From,
        NotAfter = Until,
    });

    private static byte[] Forge(
        ActorId actor, uint sequence, IdentityPublicKeys keys, DateTimeOffset from, DateTimeOffset until, OperatorEndorsement? endorsement = null)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(11)
            .Id(Ledger).Id(actor).UInt64(sequence)
            .Key(keys.LedgerKey).Key(keys.SignerKey).Key(keys.ObjectKey).Key(keys.EnvelopeKey).Key(keys.ReceivingKey)
            .Time(from).Time(until).Array(endorsement is null ? 0 : 3);
        if (endorsement is not null)
        {
            writer.Id(endorsement.OperatorId).Key(endorsement.OperatorObjectKey).Bytes(endorsement.Signature.ToBytes());
        }

        return SignedObject.Sign("phr/key-record/v1", writer.EndArray().EndArray().ToBytes(), Actor.LedgerKey);
    }
}
