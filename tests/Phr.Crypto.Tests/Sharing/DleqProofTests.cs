using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using static Phr.Crypto.Tests.Sharing.SecretSharingTests;

namespace Phr.Crypto.Tests.Sharing;

public class DleqProofTests
{
    private static readonly Scalar X = SecretKey.Generate().Scalar;
    private static readonly Point A = Point.Generator * X;
    private static readonly Point C = Point.U * X;

    [Fact]
    public void Verify_AnHonestProof_HoldsAlsoAfterWriting()
    {
        DleqProof proof = Create("context");
        Assert.True(proof.Verify(Point.Generator, Point.U, A, C, "context"u8));
        DleqProof read = DleqProof.FromBytes(proof.ToBytes());
        Assert.Equal(proof, read);
        Assert.True(read.Verify(Point.Generator, Point.U, A, C, "context"u8));
        Assert.NotEqual(proof, Create("context"));
        Assert.True(DleqProof.Create(X, Point.Generator, Point.U, [], RandomSource.System).Verify(Point.Generator, Point.U, A, C, []));
    }

    [Fact]
    public void Verify_AnythingChanged_Fails()
    {
        DleqProof proof = Create("context");
        Assert.False(proof.Verify(Point.Generator, Point.U, A, C, "contexT"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, A, C, "context\0"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, A, C, []));
        Assert.False(proof.Verify(Point.U, Point.Generator, A, C, "context"u8));
        Assert.False(proof.Verify(Point.U, Point.Generator, C, A, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, C, A, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, A, C + Point.U, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, A + Point.Generator, C, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, -A, -C, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.Generator, A, A, "context"u8));
    }

    [Fact]
    public void Verify_TheIdentityAnywhere_Fails()
    {
        DleqProof proof = Create("context");
        Assert.False(proof.Verify(Point.Identity, Point.U, A, C, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.Identity, A, C, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, Point.Identity, C, "context"u8));
        Assert.False(proof.Verify(Point.Generator, Point.U, A, Point.Identity, "context"u8));

        // Nonce points that come out as the identity: c = 1, z = x.
        DleqProof zero = DleqProof.FromBytes([.. Scalar.One.ToBytes(), .. X.ToBytes()]);
        Assert.False(zero.Verify(Point.Generator, Point.U, A, C, "context"u8));
    }

    [Fact]
    public void Verify_EveryBitFlipped_Fails()
    {
        byte[] good = Create("context").ToBytes();
        for (int bit = 0; bit < DleqProof.Length * 8; bit++)
        {
            byte[] bad = [.. good];
            bad[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(DleqProof.TryFromBytes(bad, out DleqProof? proof) && proof.Verify(Point.Generator, Point.U, A, C, "context"u8));
        }
    }

    [Fact]
    public void Verify_PointsOfTwoSecrets_NoProofOfEitherHolds()
    {
        Scalar y = SecretKey.Generate().Scalar;
        Point other = Point.U * y;
        Assert.False(Create("context").Verify(Point.Generator, Point.U, A, other, "context"u8));
        Assert.False(DleqProof.Create(y, Point.Generator, Point.U, "context"u8, RandomSource.System).Verify(Point.Generator, Point.U, A, other, "context"u8));
    }

    [Fact]
    public void Create_ZeroSecretOrBase_Throws()
    {
        Assert.Throws<ArgumentException>(() => DleqProof.Create(Scalar.Zero, Point.Generator, Point.U, [], RandomSource.System));
        Assert.Throws<ArgumentException>(() => DleqProof.Create(X, Point.Identity, Point.U, [], RandomSource.System));
        Assert.Throws<ArgumentException>(() => DleqProof.Create(X, Point.Generator, Point.Identity, [], RandomSource.System));
    }

    [Fact]
    public void FromBytes_BadBytes_AreRefused()
    {
        byte[] one = Scalar.One.ToBytes(), zero = new byte[32], order = Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");
        Assert.True(DleqProof.TryFromBytes([.. one, .. one], out _));
        AssertRefused(PhrDataReason.WrongLength, () => DleqProof.FromBytes(one));
        AssertRefused(PhrDataReason.WrongLength, () => DleqProof.FromBytes([.. one, .. one, 0]));
        AssertRefused(PhrDataReason.InvalidScalar, () => DleqProof.FromBytes([.. zero, .. one]));
        AssertRefused(PhrDataReason.InvalidScalar, () => DleqProof.FromBytes([.. one, .. zero]));
        AssertRefused(PhrDataReason.InvalidScalar, () => DleqProof.FromBytes([.. order, .. one]));
        AssertRefused(PhrDataReason.InvalidScalar, () => DleqProof.FromBytes([.. one, .. order]));
    }

    private static DleqProof Create(string context) =>
        DleqProof.Create(X, Point.Generator, Point.U, System.Text.Encoding.UTF8.GetBytes(context), RandomSource.System);
}
