using System.Security.Cryptography;
using System.Text;
using Phr.Crypto.Hashing;

namespace Phr.Crypto.Tests.Hashing;

public class SignedObjectTests
{
    private const string Tag = "phr/test/v1";
    private static readonly byte[] Payload = Encoding.UTF8.GetBytes("payload of a test");

    [Fact]
    public void Message_TagAndPayload_AreJoinedByAZero() =>
        Assert.Equal("phr/test/v1\0payload of a test"u8.ToArray(), SignedObject.Message(Tag, Payload));

    [Fact]
    public void Parse_OfASignedObject_GivesItsParts()
    {
        using var signer = new Signer(SecretKey.Generate());
        byte[] bytes = SignedObject.Sign(Tag, Payload, signer);
        SignedObject.Parts parts = SignedObject.Parse("test", Tag, bytes, SignedObject.MaxBlockLength);
        Assert.Equal(Payload, parts.Payload);
        Assert.True(parts.Verify(signer.VerifyingKey));
        Assert.Empty(parts.Extra);
        Assert.Equal(bytes, SignedObject.Encode(Tag, Payload, parts.Signature));
    }

    [Fact]
    public void Parse_WithExtraItems_GivesThemEncoded()
    {
        using var key = SecretKey.Generate();
        byte[] bytes = SignedObject.Sign(Tag, Payload, key, [0x05], [0x82, 0x01, 0x02]);
        SignedObject.Parts parts = SignedObject.Parse("test", Tag, bytes, SignedObject.MaxBlockLength, extraCount: 2);
        Assert.Equal([0x05], parts.Extra[0].ToArray());
        Assert.Equal([0x82, 0x01, 0x02], parts.Extra[1].ToArray());
        Assert.True(parts.Verify(key.PublicKey));
        Assert.Equal(PhrDataReason.Malformed, Assert.Throws<PhrDataException>(() => SignedObject.Parse("test", Tag, bytes, SignedObject.MaxBlockLength)).Reason);
    }

    [Fact]
    public void Sign_WithASecretKey_IsDeterministicAndVerifiesLikeASignersSignature()
    {
        using var key = SecretKey.Generate();
        byte[] bytes = SignedObject.Sign(Tag, Payload, key);
        Assert.Equal(bytes, SignedObject.Sign(Tag, Payload, key));
        Assert.True(key.PublicKey.VerifyDigest(SHA256.HashData(SignedObject.Message(Tag, Payload)), SignedObject.Parse("test", Tag, bytes, 1000).Signature));
    }

    [Fact]
    public void Verify_OtherTagPayloadOrKey_ReturnsFalse()
    {
        using var signer = new Signer(SecretKey.Generate());
        using var other = SecretKey.Generate();
        Signature signature = SignedObject.Parse("test", Tag, SignedObject.Sign(Tag, Payload, signer), 1000).Signature;
        Assert.True(SignedObject.Verify(Tag, Payload, signer.VerifyingKey, signature));
        Assert.False(SignedObject.Verify("phr/test/v2", Payload, signer.VerifyingKey, signature));
        Assert.False(SignedObject.Verify(Tag, Payload.AsSpan(1), signer.VerifyingKey, signature));
        Assert.False(SignedObject.Verify(Tag, Payload, other.PublicKey, signature));
    }

    [Fact]
    public void Parse_AnotherTag_SaysUnknownVersion()
    {
        using var key = SecretKey.Generate();
        byte[] bytes = SignedObject.Sign("phr/test/v2", Payload, key);
        var fault = Assert.Throws<PhrDataException>(() => SignedObject.Parse("test", Tag, bytes, 1000));
        Assert.Equal((PhrDataReason.UnknownVersion, "test"), (fault.Reason, fault.Stage));
    }

    [Fact]
    public void Parse_EveryDeviationFromTheOneForm_IsRefused()
    {
        using var key = SecretKey.Generate();
        byte[] good = SignedObject.Sign(Tag, Payload, key);
        byte[] body = good[1..];

        // a byte after the end; an indefinite array; a length in a longer form than needed; one item too few; nothing; every truncation
        Refused([.. good, 0x00]);
        Refused([0x9F, .. body, 0xFF]);
        Refused([0x98, 0x03, .. body]);
        Refused([0x82, .. body]);
        for (int length = 0; length < good.Length; length++)
        {
            Refused(good[..length]);
        }

        // high s in the signature
        byte[] high = (byte[])good.Clone();
        high.AsSpan(high.Length - 32).Fill(0xF0);
        Refused(high);
        Assert.Equal(
            PhrDataReason.TooLarge,
            Assert.Throws<PhrDataException>(() => SignedObject.Parse("test", Tag, good, good.Length - 1)).Reason);

        static void Refused(byte[] bytes) => Assert.Throws<PhrDataException>(() => SignedObject.Parse("test", Tag, bytes, 1000));
    }
}
