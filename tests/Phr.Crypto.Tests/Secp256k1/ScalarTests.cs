using System.Numerics;
using System.Security.Cryptography;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Secp256k1;

public class ScalarTests
{
    private static readonly BigInteger N = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", System.Globalization.NumberStyles.HexNumber);

    public static TheoryData<string> Edges => new(
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000001",
        "000000000000000000000000000000000000000000000000ffffffffffffffff",
        "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0",
        "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1",
        "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
        "ffffffffffffffffffffffffffffffff00000000000000000000000000000000");

    [Fact]
    public void Arithmetic_RandomAndEdgeValues_AgreesWithBigInteger()
    {
        List<byte[]> values = [.. Edges.Select(e => Convert.FromHexString(e.Data)).Where(b => Big(b) < N)];
        for (int i = 0; i < 2000; i++)
        {
            values.Add(RandomBelowOrder());
        }

        for (int i = 0; i < 20_000; i++)
        {
            byte[] a = values[RandomNumberGenerator.GetInt32(values.Count)], b = values[RandomNumberGenerator.GetInt32(values.Count)];
            Assert.True(Scalar.TryFromBytes(a, out Scalar x) & Scalar.TryFromBytes(b, out Scalar y));
            Assert.Equal((Big(a) + Big(b)) % N, Big((x + y).ToBytes()));
            Assert.Equal((Big(a) - Big(b) + N) % N, Big((x - y).ToBytes()));
            Assert.Equal(Big(a) * Big(b) % N, Big((x * y).ToBytes()));
            Assert.Equal(Big(a) > N / 2, x.IsHigh);
        }
    }

    [Fact]
    public void Multiply_AllEdgePairs_AgreesWithBigInteger()
    {
        List<byte[]> edges = [.. Edges.Select(e => Convert.FromHexString(e.Data)).Where(b => Big(b) < N)];
        foreach (byte[] a in edges)
        {
            foreach (byte[] b in edges)
            {
                Assert.True(Scalar.TryFromBytes(a, out Scalar x) & Scalar.TryFromBytes(b, out Scalar y));
                Assert.Equal(Big(a) * Big(b) % N, Big((x * y).ToBytes()));
                Assert.Equal((Big(a) + Big(b)) % N, Big((x + y).ToBytes()));
                Assert.Equal((Big(a) - Big(b) + N) % N, Big((x - y).ToBytes()));
            }
        }
    }

    [Fact]
    public void Invert_RandomValues_GivesOneWhenMultiplied()
    {
        for (int i = 0; i < 200; i++)
        {
            var x = Scalar.Random(RandomSource.System);
            Assert.Equal(Scalar.One, x * x.Invert());
        }

        Assert.True(Scalar.Zero.Invert().IsZero);
    }

    [Theory]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "00")]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364142", "01")]
    public void TryFromBytes_OrderOrAbove_IsRefusedAndReductionWraps(string hex, string reduced)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.False(Scalar.TryFromBytes(bytes, out _));
        Assert.Equal(Convert.FromHexString(reduced)[0], Scalar.FromBytesReduced(bytes).ToBytes()[31]);
    }

    private static BigInteger Big(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] RandomBelowOrder()
    {
        byte[] bytes;
        do
        {
            bytes = RandomNumberGenerator.GetBytes(32);
        }
        while (Big(bytes) >= N);
        return bytes;
    }
}
