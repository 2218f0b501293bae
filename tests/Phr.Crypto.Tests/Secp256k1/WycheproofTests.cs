using System.IO.Compression;
using System.Numerics;
using System.Text.Json;
using Phr.Crypto.Secp256k1;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Secp256k1;

/// <summary>Project Wycheproof's cases; <c>tests/vectors/wycheproof/README.md</c> says where they come from.</summary>
public class WycheproofTests
{
    private static readonly BigInteger _order = BigInteger.Parse(
        "0fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public void Verify_EcdsaCases_AcceptsExactlyTheValidOnesWithLowS()
    {
        int valid = 0, invalid = 0, high = 0;
        foreach ((JsonElement group, JsonElement test) in Cases("ecdsa_secp256k1_sha256_p1363_test.json.gz"))
        {
            Assert.True(PublicKey.TryImport(Bytes(group.GetProperty("publicKey"), "uncompressed"), out PublicKey? key));
            byte[] message = Bytes(test, "msg"), signature = Bytes(test, "sig");
            bool expected = test.GetProperty("result").GetString() == "valid";
            if (expected && new BigInteger(signature.AsSpan(32), true, true) is var s && s > _order / 2)
            {
                high++;
                Assert.False(Verifies(key, message, signature), Name(test));
                byte[] low = (_order - s).ToByteArray(true, true);
                signature = [.. signature[..32], .. new byte[32 - low.Length], .. low];
            }

            Assert.True(Verifies(key, message, signature) == expected, Name(test));
            _ = expected ? valid++ : invalid++;
        }

        Assert.Equal((167, 85, 72), (valid, invalid, high));
    }

    [Fact]
    public void Multiply_EcdhCases_GivesTheSharedCoordinateOrRefusesTheKey()
    {
        // SubjectPublicKeyInfo of a secp256k1 key up to the point, uncompressed and compressed.
        byte[] uncompressed = Convert.FromHexString("3056301006072a8648ce3d020106052b8104000a034200"), compressed = Convert.FromHexString("3036301006072a8648ce3d020106052b8104000a032200");
        int shared = 0, refused = 0, wrapping = 0;
        foreach ((_, JsonElement test) in Cases("ecdh_secp256k1_test.json.gz"))
        {
            byte[] encoded = Bytes(test, "public");
            byte[]? prefix = encoded.AsSpan().StartsWith(uncompressed) ? uncompressed : encoded.AsSpan().StartsWith(compressed) ? compressed : null;
            if (prefix is null)
            {
                Assert.NotEqual("valid", test.GetProperty("result").GetString());
                wrapping++;
                continue;
            }

            if (!PublicKey.TryImport(encoded.AsSpan(prefix.Length), out PublicKey? key))
            {
                Assert.True(test.GetProperty("result").GetString() != "valid", Name(test));
                refused++;
                continue;
            }

            Assert.True(test.GetProperty("result").GetString() != "invalid", Name(test));
            byte[] number = [.. new byte[32], .. Bytes(test, "private")];
            using var secret = SecretKey.FromBytes(number.AsSpan(number.Length - 32));
            Assert.Equal(Bytes(test, "shared"), (key.Point * secret.Scalar).ToBytes()[1..]);
            shared++;
        }

        // The 473 valid cases and the compressed key, which other readers may refuse; points off the curve; DER that is not the ordinary wrapping.
        Assert.Equal((474, 23, 255), (shared, refused, wrapping));
    }

    private static bool Verifies(PublicKey key, byte[] message, byte[] bytes) =>
        Signature.TryFromBytes(bytes, out Signature? signature) && key.Verify(message, signature);

    private static IEnumerable<(JsonElement Group, JsonElement Test)> Cases(string file)
    {
        using var stream = new GZipStream(File.OpenRead(RepositoryRoot.Combine("tests", "vectors", "wycheproof", file)), CompressionMode.Decompress);
        JsonElement root = JsonDocument.Parse(stream).RootElement;
        return [.. root.GetProperty("testGroups").EnumerateArray().SelectMany(g => g.GetProperty("tests").EnumerateArray().Select(t => (g, t)))];
    }

    private static byte[] Bytes(JsonElement element, string name) => Convert.FromHexString(element.GetProperty(name).GetString()!);

    private static string Name(JsonElement test) => $"case {test.GetProperty("tcId")}: {test.GetProperty("comment").GetString()}";
}
