using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;

namespace Phr.Crypto.Tests.Sharing;

public class SecretSharingTests
{
    private static readonly BigInteger N = BigInteger.Parse(
        "0FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", System.Globalization.NumberStyles.HexNumber);

    [Fact]
    public void Recombine_AnySubsetOfAnySharing_GivesTheKeyIfAndOnlyIfItHasEnough()
    {
        Gen<(int Threshold, int Shares, int Seed)> sharings =
            from shares in Gen.Choose(1, 12)
            from threshold in Gen.Choose(1, shares)
            from seed in Gen.Choose(0, int.MaxValue)
            select (threshold, shares, seed);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(sharings.ToArbitrary(), s =>
        {
            var random = new StreamRandom($"sharing {s.Seed}");
            using SecretKey secret = SecretKey.Generate(random);
            (Share[] shares, FeldmanCommitments commitments) = SecretSharing.Split(secret, s.Threshold, s.Shares, random);
            Share[] subset = Shuffle(shares, random)[..Below(random, s.Shares + 1)];
            if (subset.Length < s.Threshold)
            {
                return Refuses(PhrDataReason.BelowThreshold, () => SecretSharing.Recombine(subset, commitments));
            }

            using SecretKey recombined = SecretSharing.Recombine(subset, commitments);
            return recombined.FixedTimeEquals(secret);
        }));
    }

    [Fact]
    public void Split_EveryThresholdOfFive_EverySubsetAgreesWithBigInteger()
    {
        for (int threshold = 1; threshold <= 5; threshold++)
        {
            using SecretKey secret = SecretKey.Generate();
            (Share[] shares, FeldmanCommitments commitments) = SecretSharing.Split(secret, threshold, 5);
            Assert.Equal(threshold, commitments.Threshold);
            Assert.Equal(secret.PublicKey, commitments.SharedKey);
            for (int subset = 0; subset < 1 << 5; subset++)
            {
                Share[] chosen = [.. shares.Where(s => (subset >> (s.Index - 1) & 1) != 0)];
                bool gives = InterpolateWithBigInteger(chosen) == Big(secret.Scalar);
                Assert.Equal(chosen.Length >= threshold, gives);
                if (!gives)
                {
                    AssertRefused(PhrDataReason.BelowThreshold, () => SecretSharing.Recombine(chosen, commitments));
                    continue;
                }

                using SecretKey recombined = SecretSharing.Recombine(chosen, commitments);
                Assert.True(recombined.FixedTimeEquals(secret));
            }
        }
    }

    [Theory]
    [InlineData(1, 255)]
    [InlineData(128, 255)]
    [InlineData(255, 255)]
    public void Split_LargestNumbers_Recombines(int threshold, int number)
    {
        using SecretKey secret = SecretKey.Generate();
        (Share[] shares, FeldmanCommitments commitments) = SecretSharing.Split(secret, threshold, number);
        Assert.Equal(Enumerable.Range(1, number), shares.Select(s => s.Index));
        Assert.Equal(commitments.ShareKey(255), shares[254].ToSecretKey().PublicKey);
        using SecretKey recombined = SecretSharing.Recombine(shares[^threshold..], commitments);
        Assert.True(recombined.FixedTimeEquals(secret));
    }

    [Theory]
    [InlineData(0, 3, "threshold")]
    [InlineData(-1, 3, "threshold")]
    [InlineData(4, 3, "threshold")]
    [InlineData(1, 0, "shares")]
    [InlineData(1, -1, "shares")]
    [InlineData(1, 256, "shares")]
    public void Split_NumbersOutOfRange_Throws(int threshold, int shares, string parameter)
    {
        using SecretKey secret = SecretKey.Generate();
        Assert.Throws<ArgumentOutOfRangeException>(parameter, () => SecretSharing.Split(secret, threshold, shares));
    }

    [Fact]
    public void Split_CoefficientsThatMakeAShareZero_DrawsAgain()
    {
        using var secret = new SecretKey(Scalar.FromUInt32(7));
        var random = new FixedScalars(-Scalar.FromUInt32(7), Scalar.FromUInt32(5));
        (Share[] shares, FeldmanCommitments commitments) = SecretSharing.Split(secret, 2, 3, random);
        Assert.Equal(2, random.Used);
        Assert.Equal(Scalar.FromUInt32(12), shares[0].Scalar);
        Assert.Equal(Scalar.FromUInt32(22), shares[2].Scalar);
        Assert.All(shares, s => Assert.True(commitments.Verify(s)));
    }

    [Fact]
    public void Split_TheSameKeyTwice_SharesNothing()
    {
        using SecretKey secret = SecretKey.Generate();
        (Share[] first, FeldmanCommitments one) = SecretSharing.Split(secret, 2, 3);
        (Share[] second, FeldmanCommitments two) = SecretSharing.Split(secret, 2, 3);
        Assert.NotEqual(one, two);
        Assert.All(first, s => Assert.False(two.Verify(s)));
        Assert.All(second, s => Assert.False(one.Verify(s)));
    }

    [Fact]
    public void Recombine_BadShares_NamesEachOne()
    {
        (Share[] shares, FeldmanCommitments commitments) = Example(3, 5);
        shares[1] = new Share(2, shares[1].Scalar + Scalar.One);
        shares[4] = new Share(5, shares[3].Scalar);
        PhrDataException e = AssertRefused(PhrDataReason.CommitmentMismatch, () => SecretSharing.Recombine(shares, commitments));
        Assert.EndsWith(": 2, 5.", e.Message, StringComparison.Ordinal);
        Assert.False(commitments.Verify(shares[1]));
        Assert.True(commitments.Verify(shares[0]));
    }

    [Fact]
    public void Recombine_AnotherIndex_IsRefused()
    {
        (Share[] shares, FeldmanCommitments commitments) = Example(2, 3);
        var moved = new Share(200, shares[2].Scalar);
        AssertRefused(PhrDataReason.CommitmentMismatch, () => SecretSharing.Recombine([shares[0], moved], commitments));
    }

    [Fact]
    public void Recombine_TheSameShareTwice_IsRefused()
    {
        (Share[] shares, FeldmanCommitments commitments) = Example(2, 3);
        AssertRefused(PhrDataReason.Duplicate, () => SecretSharing.Recombine([shares[0], shares[0]], commitments));
        AssertRefused(PhrDataReason.Duplicate, () => SecretSharing.Recombine([shares[0], shares[1], new Share(1, shares[1].Scalar)], commitments));
    }

    [Fact]
    public void Recombine_SharesOfAnotherSharing_AreRefused()
    {
        (Share[] shares, _) = Example(2, 3);
        (_, FeldmanCommitments other) = Example(2, 3);
        AssertRefused(PhrDataReason.CommitmentMismatch, () => SecretSharing.Recombine(shares, other));
    }

    [Fact]
    public void Recombine_CallersMistakes_Throw()
    {
        (Share[] shares, FeldmanCommitments commitments) = Example(2, 3);
        Assert.Throws<ArgumentNullException>("shares", () => SecretSharing.Recombine(null!, commitments));
        Assert.Throws<ArgumentNullException>("commitments", () => SecretSharing.Recombine(shares, null!));
        Assert.Throws<ArgumentException>("shares", () => SecretSharing.Recombine([shares[0], null!], commitments));
        Assert.Throws<ArgumentNullException>("secret", () => SecretSharing.Split(null!, 1, 1));
        AssertRefused(PhrDataReason.BelowThreshold, () => SecretSharing.Recombine([], commitments));
        shares[0].Dispose();
        Assert.Throws<ObjectDisposedException>(() => SecretSharing.Recombine(shares, commitments));
    }

    [Fact]
    public void Share_WrittenAndRead_IsTheSame()
    {
        (Share[] shares, FeldmanCommitments commitments) = Example(2, 3);
        byte[] bytes = shares[2].ToBytes();
        Assert.Equal(Share.Length, bytes.Length);
        Assert.Equal(3, bytes[0]);
        using Share read = Share.FromBytes(bytes);
        Assert.Equal(3, read.Index);
        Assert.True(commitments.Verify(read));
        using SecretKey key = read.ToSecretKey();
        Assert.Equal(commitments.ShareKey(3), key.PublicKey);
        Assert.Equal("Share", read.ToString());
    }

    [Fact]
    public void Share_BadBytes_AreRefused()
    {
        byte[] good = [7, .. Scalar.FromUInt32(1).ToBytes()];
        Assert.True(Share.TryFromBytes(good, out _));
        AssertRefused(PhrDataReason.WrongLength, () => Share.FromBytes([]));
        AssertRefused(PhrDataReason.WrongLength, () => Share.FromBytes(good.AsSpan(1)));
        AssertRefused(PhrDataReason.WrongLength, () => Share.FromBytes([.. good, 0]));
        AssertRefused(PhrDataReason.OutOfRange, () => Share.FromBytes([0, .. good[1..]]));
        AssertRefused(PhrDataReason.InvalidScalar, () => Share.FromBytes([7, .. new byte[32]]));
        AssertRefused(PhrDataReason.InvalidScalar, () => Share.FromBytes([7, .. Convert.FromHexString("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141")]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Share(0, Scalar.One));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Share(256, Scalar.One));
        Assert.Throws<ArgumentException>(() => Share.FromBytes(good).ExportTo(new byte[32]));
    }

    [Fact]
    public void Commitments_WrittenAndRead_AreTheSame()
    {
        (_, FeldmanCommitments commitments) = Example(4, 6);
        FeldmanCommitments read = FeldmanCommitments.FromBytes(commitments.ToBytes());
        Assert.Equal(commitments, read);
        Assert.Equal(commitments.GetHashCode(), read.GetHashCode());
        Assert.Equal(commitments.ShareKey(6), read.ShareKey(6));
        (_, FeldmanCommitments largest) = Example(255, 255);
        Assert.Equal(FeldmanCommitments.MaxLength, largest.ToBytes().Length);
        Assert.Equal(largest, FeldmanCommitments.FromBytes(largest.ToBytes()));
    }

    [Fact]
    public void ShareKey_OfAShareThatTheMakerSetToZero_IsRefused()
    {
        // f(x) = 3 - x is zero at 3.
        var commitments = new FeldmanCommitments([Point.MultiplyBase(Scalar.FromUInt32(3)), -Point.Generator]);
        Assert.Equal(new PublicKey(Point.Generator), commitments.ShareKey(2));
        AssertRefused(PhrDataReason.InvalidPoint, () => commitments.ShareKey(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => commitments.ShareKey(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => commitments.ShareKey(256));
    }

    [Fact]
    public void Commitments_FewerSharesThanTheThreshold_CanBeMadeFromThePublicKeyAlone()
    {
        // The simulator of Feldman's argument: whoever has only A = aG picks any t-1 values, interpolates commitments to
        // them in the exponent, and has what the holders of t-1 real shares see. So what they see tells them no more than A.
        const int threshold = 4;
        PublicKey shared = SecretKey.Generate().PublicKey;
        Scalar[] values = [.. Enumerable.Range(1, threshold - 1).Select(_ => SecretKey.Generate().Scalar)];
        Point[] points = [shared.Point, .. values.Select(Point.MultiplyBase)];
        var simulated = new FeldmanCommitments(InterpolateInTheExponent(points));
        Assert.Equal(shared, simulated.SharedKey);
        for (int i = 1; i < threshold; i++)
        {
            Assert.True(simulated.Verify(new Share(i, values[i - 1])));
        }
    }

    [Fact]
    public void Lagrange_RepeatedOrZeroIndex_Throws()
    {
        Assert.Throws<ArgumentException>(() => Lagrange.AtZero<Scalar>([Scalar.One, Scalar.FromUInt32(2), Scalar.One]));
        Assert.Throws<ArgumentException>(() => Lagrange.AtZero<Scalar>([Scalar.Zero, Scalar.One]));
        Assert.Throws<ArgumentException>(() => Lagrange.AtZero<Scalar>([Scalar.Zero]));
        Assert.Equal([Scalar.One], Lagrange.AtZero<Scalar>([Scalar.FromUInt32(200)]));
    }

    internal static PhrDataException AssertRefused(PhrDataReason reason, Func<object?> action)
    {
        PhrDataException e = Assert.Throws<PhrDataException>(() => { action(); });
        Assert.Equal(reason, e.Reason);
        return e;
    }

    internal static bool Refuses(PhrDataReason reason, Func<object?> action)
    {
        AssertRefused(reason, action);
        return true;
    }

    internal static T[] Shuffle<T>(IEnumerable<T> items, StreamRandom random)
    {
        T[] copy = [.. items];
        for (int i = copy.Length - 1; i > 0; i--)
        {
            int j = Below(random, i + 1);
            (copy[i], copy[j]) = (copy[j], copy[i]);
        }

        return copy;
    }

    internal static int Below(StreamRandom random, int limit)
    {
        Span<byte> bytes = stackalloc byte[4];
        random.Fill(bytes);
        return (int)(BitConverter.ToUInt32(bytes) % (uint)limit);
    }

    private static (Share[] Shares, FeldmanCommitments Commitments) Example(int threshold, int shares)
    {
        using SecretKey secret = SecretKey.Generate();
        return SecretSharing.Split(secret, threshold, shares);
    }

    private static BigInteger Big(Scalar scalar) => new(scalar.ToBytes(), isUnsigned: true, isBigEndian: true);

    private static BigInteger InterpolateWithBigInteger(IReadOnlyList<Share> shares)
    {
        BigInteger sum = 0;
        foreach (Share i in shares)
        {
            BigInteger numerator = 1, denominator = 1;
            foreach (Share j in shares.Where(j => j.Index != i.Index))
            {
                numerator = numerator * j.Index % N;
                denominator = denominator * (j.Index - i.Index + N) % N;
            }

            sum += Big(i.Scalar) * numerator * BigInteger.ModPow(denominator, N - 2, N);
        }

        return sum % N;
    }

    // Coefficients of the polynomial through (0, points[0]), (1, points[1]), …, by Newton's divided differences.
    private static Point[] InterpolateInTheExponent(Point[] points)
    {
        Point[] newton = [.. points];
        for (int order = 1; order < newton.Length; order++)
        {
            for (int i = newton.Length - 1; i >= order; i--)
            {
                newton[i] = (newton[i] - newton[i - 1]) * Scalar.FromUInt32((uint)order).Invert();
            }
        }

        var result = new Point[points.Length];
        Array.Fill(result, Point.Identity);
        for (int k = newton.Length - 1; k >= 0; k--)
        {
            // result = result * (x - k) + newton[k]
            for (int d = result.Length - 1; d >= 0; d--)
            {
                Point shifted = d > 0 ? result[d - 1] : Point.Identity;
                result[d] = shifted - (result[d] * Scalar.FromUInt32((uint)k));
            }

            result[0] += newton[k];
        }

        return result;
    }
}
