using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Asn1.X9;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.EC;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;
using Org.BouncyCastle.Utilities;

namespace Phr.Crypto.Tests.Secp256k1;

public class EcdsaTests
{
    // RFC 6979 nonces over secp256k1 with SHA-256 and low s: the vectors that Bitcoin implementations share (python-ecdsa, trezor).
    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001", "Satoshi Nakamoto",
        "934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140", "Satoshi Nakamoto",
        "fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5")]
    public void SignDigest_PublishedVector_IsEqual(string key, string message, string expected)
    {
        using var secret = SecretKey.FromBytes(Convert.FromHexString(key));
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(message));
        RecoverableSignature signature = secret.SignDigest(digest);
        Assert.Equal(expected, Convert.ToHexStringLower(signature.Signature.ToBytes()));
        Assert.True(signature.TryRecover(digest, out PublicKey? recovered));
        Assert.Equal(secret.PublicKey, recovered);
    }

    [Fact]
    public void SignDigest_RandomKeysAndDigests_AgreesWithBouncyCastle()
    {
        X9ECParameters curve = CustomNamedCurves.GetByName("secp256k1");
        var domain = new ECDomainParameters(curve);
        var half = curve.N.ShiftRight(1);
        for (int i = 0; i < 200; i++)
        {
            using var secret = SecretKey.Generate();
            byte[] digest = RandomNumberGenerator.GetBytes(32);
            byte[] ours = secret.SignDigest(digest).Signature.ToBytes();
            var signer = new ECDsaSigner(new HMacDsaKCalculator(new Sha256Digest()));
            signer.Init(true, new ECPrivateKeyParameters(new Org.BouncyCastle.Math.BigInteger(1, secret.Scalar.ToBytes()), domain));
            Org.BouncyCastle.Math.BigInteger[] theirs = signer.GenerateSignature(digest);
            Org.BouncyCastle.Math.BigInteger low = theirs[1].CompareTo(half) > 0 ? curve.N.Subtract(theirs[1]) : theirs[1];
            Assert.Equal([.. BigIntegers.AsUnsignedByteArray(32, theirs[0]), .. BigIntegers.AsUnsignedByteArray(32, low)], ours);
        }
    }

    // r is x less n here, which no honest signature will ever have: the recovery ids 2 and 3.
    [Fact]
    public void TryRecover_CoordinateAboveTheOrder_NeedsTheHigherRecoveryIds()
    {
        // The least r for which r + n is the x of a point is found by trying; s = 1 and any digest then make a signature of some key.
        byte[] digest = SHA256.HashData("r + n"u8);
        for (byte r = 1; ; r++)
        {
            byte[] bytes = new byte[65];
            (bytes[31], bytes[63], bytes[64]) = (r, 1, 2);
            if (!RecoverableSignature.FromBytes(bytes).TryRecover(digest, out PublicKey? key))
            {
                Assert.True(r < 20);
                continue;
            }

            Assert.True(key.VerifyDigest(digest, Signature.FromBytes(bytes.AsSpan(0, 64))));
            bytes[64] = 3;
            Assert.True(RecoverableSignature.FromBytes(bytes).TryRecover(digest, out PublicKey? mirrored));
            Assert.True(mirrored.VerifyDigest(digest, Signature.FromBytes(bytes.AsSpan(0, 64))));
            Assert.NotEqual(key, mirrored);
            return;
        }
    }

    // r + n does not fit below p: no recovery id 2 or 3 for such an r.
    [Fact]
    public void TryRecover_LargeRAndHigherRecoveryId_IsRefused()
    {
        byte[] bytes = new byte[65];
        bytes.AsSpan(0, 17).Fill(0xFF);
        bytes[0] = 0x7F;
        (bytes[63], bytes[64]) = (1, 2);
        Assert.False(RecoverableSignature.TryFromBytes(bytes, out RecoverableSignature? signature) && signature.TryRecover(new byte[32], out _));
    }

    [Fact]
    public void TryRecover_RandomKeysAndDigests_GivesTheSigner()
    {
        for (int i = 0; i < 50; i++)
        {
            using var secret = SecretKey.Generate();
            byte[] digest = RandomNumberGenerator.GetBytes(32);
            RecoverableSignature signature = secret.SignDigest(digest);
            Assert.True(secret.PublicKey.VerifyDigest(digest, signature.Signature));
            Assert.True(RecoverableSignature.FromBytes(signature.ToBytes()).TryRecover(digest, out PublicKey? recovered));
            Assert.Equal(secret.PublicKey, recovered);
            digest[0] ^= 1;
            Assert.False(secret.PublicKey.VerifyDigest(digest, signature.Signature));
        }
    }

    [Fact]
    public void ActorId_OfKeyOne_IsTheKnownEthereumAddress()
    {
        byte[] one = new byte[32];
        one[31] = 1;
        using var secret = SecretKey.FromBytes(one);
        Assert.Equal("7e5f4552091a69125d5dfcb7b8c2659029395bdf", ActorId.FromPublicKey(secret.PublicKey).ToString());
    }

    [Fact]
    public void Keccak256_EmptyInput_IsTheKnownDigest() =>
        Assert.Equal("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", Convert.ToHexStringLower(Keccak256.HashData([])));
}
