using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

// Not Phr.Crypto.Tests.Umbral: inside it the name Umbral would mean the namespace and not the class.
namespace Phr.Crypto.Tests.Reencryption;

public class CapsuleTests
{
    [Fact]
    public void Decapsulate_DelegatingKey_GivesTheEncapsulatedKey()
    {
        using var delegating = SecretKey.Generate();
        (Capsule capsule, CapsuleKey key) = Umbral.Encapsulate(delegating.PublicKey);
        using CapsuleKey again = Umbral.Decapsulate(delegating, Capsule.FromBytes(capsule.ToBytes()));
        Assert.True(key.FixedTimeEquals(again));

        using var stranger = SecretKey.Generate();
        using CapsuleKey other = Umbral.Decapsulate(stranger, capsule);
        Assert.False(key.FixedTimeEquals(other));
        key.Dispose();
        Assert.Throws<ObjectDisposedException>(() => key.ExportTo(new byte[CapsuleKey.Length]));
    }

    [Fact]
    public void EncapsulateShared_Recipient_OpensTheSamePoint()
    {
        using var recipient = SecretKey.Generate();
        (Capsule capsule, SecretBytes shared) = Umbral.EncapsulateShared(recipient.PublicKey, RandomSource.System);
        using SecretBytes opened = Umbral.DecapsulateShared(recipient, capsule);
        Assert.Equal(33, shared.Length);
        Assert.True(shared.FixedTimeEquals(opened));
    }

    [Fact]
    public void FromSimpleBytes_ToSimpleBytes_IsTheSameCapsule()
    {
        using var delegating = SecretKey.Generate();
        (Capsule capsule, CapsuleKey key) = Umbral.Encapsulate(delegating.PublicKey);
        key.Dispose();
        byte[] simple = capsule.ToSimpleBytes();
        Assert.Equal(Capsule.Length, simple.Length);
        Assert.Equal(Capsule.SerializedLength, capsule.ToBytes().Length);
        Assert.Equal(capsule, Capsule.FromSimpleBytes(simple));
        Assert.Equal(Digest.Of(simple), capsule.Digest);
        Assert.False(Capsule.TryFromBytes(simple, out _));
        Assert.False(Capsule.TryFromSimpleBytes(capsule.ToBytes(), out _));
    }

    [Fact]
    public void TryFromSimpleBytes_AnyByteChanged_ReturnsFalse()
    {
        using var delegating = SecretKey.Generate();
        (Capsule capsule, CapsuleKey key) = Umbral.Encapsulate(delegating.PublicKey);
        key.Dispose();
        byte[] simple = capsule.ToSimpleBytes();
        for (int i = 0; i < simple.Length; i++)
        {
            simple[i] ^= 1;
            Assert.False(Capsule.TryFromSimpleBytes(simple, out _));
            simple[i] ^= 1;
        }
    }

    [Fact]
    public void FromSimpleBytes_PointsCancel_NamesTheInvalidPoint()
    {
        // V = -E with the proof computed honestly: the self-check holds, the key would be that of the identity.
        Scalar r = Scalar.FromUInt32(777);
        Point e = Point.MultiplyBase(r), v = -e;
        Scalar s = -r + (r * UmbralHash.CapsulePoints(e, v));
        byte[] simple = [.. e.ToBytes(), .. v.ToBytes(), .. s.ToBytes()];
        var refused = Assert.Throws<PhrDataException>(() => Capsule.FromSimpleBytes(simple));
        Assert.Equal(PhrDataReason.InvalidPoint, refused.Reason);
    }

    [Fact]
    public void FromBytes_BrokenProof_NamesTheInvalidProof()
    {
        using var delegating = SecretKey.Generate();
        (Capsule capsule, CapsuleKey key) = Umbral.Encapsulate(delegating.PublicKey);
        key.Dispose();
        byte[] bytes = capsule.ToBytes();
        bytes[^1] ^= 1;
        Assert.Equal(PhrDataReason.InvalidProof, Assert.Throws<PhrDataException>(() => Capsule.FromBytes(bytes)).Reason);
        Assert.Equal(PhrDataReason.WrongLength, Assert.Throws<PhrDataException>(() => Capsule.FromBytes(bytes.AsSpan(1))).Reason);
        bytes[0] = 0x94;
        Assert.Equal(PhrDataReason.NonCanonical, Assert.Throws<PhrDataException>(() => Capsule.FromBytes(bytes)).Reason);
    }

    [Fact]
    public void MakeKey_OtherLabelOrFactory_GivesOtherKeys()
    {
        using var factory = SecretKeyFactory.FromSeed(RandomNumberGenerator.GetBytes(32));
        using SecretKey one = factory.MakeKey("one"u8), again = factory.MakeKey("one"u8), two = factory.MakeKey("two"u8);
        using SecretKeyFactory child = factory.MakeFactory("one"u8);
        using SecretKey inner = child.MakeKey("one"u8);
        Assert.True(one.FixedTimeEquals(again));
        Assert.False(one.FixedTimeEquals(two));
        Assert.False(one.FixedTimeEquals(inner));
        Assert.Throws<ArgumentException>(() => SecretKeyFactory.FromSeed(new byte[31]));
    }
}
