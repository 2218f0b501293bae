using System.Security.Cryptography;
using System.Text;

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
