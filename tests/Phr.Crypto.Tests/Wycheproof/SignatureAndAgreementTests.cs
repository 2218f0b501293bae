using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Phr.Crypto.Tests.Secp256k1;

namespace Phr.Crypto.Tests.Wycheproof;

/// <summary>ECDSA and key agreement. Phr reads no DER, so what takes signatures and keys out of DER, strictly, is here.</summary>
/// <remarks>
/// The rule for high s: Wycheproof calls (r, s) valid for s above n/2, and Phr refuses it by policy, in the reader of signatures. The test
/// demands the refusal, and then that (r, n - s) verifies, which shows that the arithmetic is right.
/// </remarks>
public class SignatureAndAgreementTests
{
    private static readonly BigInteger N = RandomNumbers.Hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

    [Fact]
    public void Verify_EcdsaP1363Cases_AcceptsExactlyTheValidOnesWithLowS() =>
        Assert.Equal(new Count(167, 85, 72, 0), RunEcdsa("ecdsa_secp256k1_sha256_p1363_test.json.gz", test => test.Bytes("sig")));

    [Fact]
    public void Verify_EcdsaDerCases_AcceptsExactlyTheValidOnesWithLowS() =>
        Assert.Equal(new Count(168, 308, 72, 234), RunEcdsa("ecdsa_secp256k1_sha256_test.json.gz", test => FromDer(test.Bytes("sig"))));

    [Fact]
    public void Multiply_EcdhCases_GivesTheSharedCoordinateOrRefusesTheKey()
    {
        int shared = 0, refusedPoint = 0, refusedWrapping = 0;
        foreach ((_, JsonElement test) in WycheproofFile.Cases("ecdh_secp256k1_test.json.gz"))
        {
            string result = test.Result();
            if (!TryReadSubjectPublicKeyInfo(test.Bytes("public"), out byte[]? encoded))
            {
                // Another curve, a curve by its parameters, or DER that is not canonical: acceptable at best.
                Assert.True(result != "valid", test.Name());
                Assert.True(test.HasFlag("InvalidAsn") || test.HasFlag("UnnamedCurve") || test.HasFlag("WrongCurve") || test.HasFlag("InvalidEncoding") || test.HasFlag("ModifiedGroup"), test.Name());
                refusedWrapping++;
                continue;
            }

            if (!PublicKey.TryImport(encoded, out PublicKey? key))
            {
                Assert.True(result == "invalid" || test.HasFlag("InvalidAsn"), test.Name());
                refusedPoint++;
                continue;
            }

            // The only acceptable case that is taken is a compressed point, which is what Phr writes itself.
            Assert.True(result == "valid" || (result == "acceptable" && test.HasFlag("CompressedPoint")), test.Name());
            byte[] number = [.. new byte[32], .. test.Bytes("private")];
            using var secret = SecretKey.FromBytes(number.AsSpan(number.Length - 32));
            Assert.Equal(test.Bytes("shared"), (key.Point * secret.Scalar).ToBytes()[1..]);
            shared++;
        }

        Assert.Equal((474, 28, 250), (shared, refusedPoint, refusedWrapping));
    }

    private static Count RunEcdsa(string file, Func<JsonElement, byte[]?> read)
    {
        var count = default(Count);
        foreach ((JsonElement group, JsonElement test) in WycheproofFile.Cases(file))
        {
            JsonElement publicKey = group.GetProperty("publicKey");
            Assert.True(PublicKey.TryImport(publicKey.Bytes("uncompressed"), out PublicKey? key));
            Assert.True(TryReadSubjectPublicKeyInfo(group.Bytes("publicKeyDer"), out byte[]? wrapped) && PublicKey.TryImport(wrapped, out PublicKey? again) && again == key);
            byte[] message = test.Bytes("msg");
            bool expected = test.Result() == "valid";
            byte[]? signature = read(test);
            if (signature is null)
            {
                Assert.False(expected, test.Name());
                count = count with { Invalid = count.Invalid + 1, NotRead = count.NotRead + 1 };
                continue;
            }

            if (expected && RandomNumbers.Read(signature.AsSpan(32)) is var s && s > N / 2)
            {
                Assert.False(Signature.TryFromBytes(signature, out _), test.Name());
                count = count with { High = count.High + 1 };
                signature = [.. signature[..32], .. RandomNumbers.ToBytes(N - s)];
            }

            Assert.True(Verifies(key, message, signature) == expected, test.Name());
            Assert.True(Recovers(key, message, signature) == expected, test.Name());
            count = expected ? count with { Valid = count.Valid + 1 } : count with { Invalid = count.Invalid + 1 };
        }

        return count;
    }

    private static bool Verifies(PublicKey key, byte[] message, byte[] bytes) =>
        Signature.TryFromBytes(bytes, out Signature? signature) && key.Verify(message, signature);

    // Whether one of the four recovery ids gives the key back.
    private static bool Recovers(PublicKey key, byte[] message, byte[] bytes)
    {
        byte[] digest = SHA256.HashData(message);
        return bytes.Length == Signature.Length && Enumerable.Range(0, 4).Any(id =>
            RecoverableSignature.TryFromBytes([.. bytes, (byte)id], out RecoverableSignature? signature)
            && signature.TryRecover(digest, out PublicKey? recovered) && recovered == key);
    }

    // r || s of a signature in DER, or null when it is not DER, or the numbers are negative or do not fit.
    private static byte[]? FromDer(byte[] der)
    {
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader inner = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            BigInteger r = inner.ReadInteger(), s = inner.ReadInteger();
            inner.ThrowIfNotEmpty();
            BigInteger limit = BigInteger.One << 256;
            return r.Sign < 0 || s.Sign < 0 || r >= limit || s >= limit ? null : [.. RandomNumbers.ToBytes(r), .. RandomNumbers.ToBytes(s)];
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    // The point of a SubjectPublicKeyInfo (RFC 5480) for the named curve secp256k1 and no other form.
    private static bool TryReadSubjectPublicKeyInfo(byte[] der, [NotNullWhen(true)] out byte[]? point)
    {
        point = null;
        try
        {
            var outer = new AsnReader(der, AsnEncodingRules.DER);
            AsnReader info = outer.ReadSequence();
            outer.ThrowIfNotEmpty();
            AsnReader algorithm = info.ReadSequence();
            bool named = algorithm.ReadObjectIdentifier() == "1.2.840.10045.2.1" && algorithm.ReadObjectIdentifier() == "1.3.132.0.10";
            algorithm.ThrowIfNotEmpty();
            byte[] bits = info.ReadBitString(out int unused);
            info.ThrowIfNotEmpty();
            if (!named || unused != 0)
            {
                return false;
            }

            point = bits;
            return true;
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    private readonly record struct Count(int Valid, int Invalid, int High, int NotRead);
}
