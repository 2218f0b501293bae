using Phr.Crypto.Secp256k1;
using Phr.TestSupport;
using static Phr.Crypto.Tests.Sharing.GroupSharingTests;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>Damaged bytes never get anything out of a reader but its one exception; and what is accepted is written back the same.</summary>
public class SharingMutationTests
{
    private readonly StreamRandom _random = new("sharing mutations");

    [Fact]
    public void Share_DamagedBytes_AreReadOrRefused()
    {
        using SecretKey secret = SecretKey.Generate(_random);
        (Share[] shares, _) = SecretSharing.Split(secret, 2, 3, _random);
        Run("share", [.. shares.Select(s => s.ToBytes())], bytes => Share.FromBytes(bytes).ToBytes(), bytes => Share.TryFromBytes(bytes, out _));
    }

    [Fact]
    public void FeldmanCommitments_DamagedBytes_AreReadOrRefused()
    {
        using SecretKey secret = SecretKey.Generate(_random);
        byte[][] samples = [.. new[] { 1, 2, 5 }.Select(t => SecretSharing.Split(secret, t, 5, _random).Commitments.ToBytes())];
        Run("commitments", samples, bytes => FeldmanCommitments.FromBytes(bytes).ToBytes(), bytes => FeldmanCommitments.TryFromBytes(bytes, out _));
    }

    [Fact]
    public void GroupShare_DamagedBytes_AreReadOrRefused()
    {
        using SecretKey secret = SecretKey.Generate(_random);
        using GroupSharingResult result = GroupSharing.Split(secret, Shape(2, "2/3 1/1 1/1"), 3, _random);
        Run("group share", [.. result.Shares.Select(s => s.ToBytes())], bytes => GroupShare.FromBytes(bytes).ToBytes(), bytes => GroupShare.TryFromBytes(bytes, out _));
    }

    [Fact]
    public void GroupCommitments_DamagedBytes_AreReadOrRefused()
    {
        using SecretKey secret = SecretKey.Generate(_random);
        byte[][] samples = [.. new[] { Shape(1, "1/1"), Shape(2, "2/3 1/1 1/1"), Shape(3, "3/4 1/2 2/2") }
            .Select(s => GroupSharing.Split(secret, s, 3, _random).Commitments.ToBytes())];
        Run("group commitments", samples, bytes => GroupCommitments.FromBytes(bytes).ToBytes(), bytes => GroupCommitments.TryFromBytes(bytes, out _));
    }

    [Fact]
    public void DleqProof_DamagedBytes_AreReadOrRefused()
    {
        using SecretKey secret = SecretKey.Generate(_random);
        byte[][] samples = [.. Enumerable.Range(0, 3).Select(_ => DleqProof.Create(secret.Scalar, Point.Generator, Point.U, [], _random).ToBytes())];
        Run("dleq proof", samples, bytes => DleqProof.FromBytes(bytes).ToBytes(), bytes => DleqProof.TryFromBytes(bytes, out _));
    }

    private static void Run(string name, byte[][] samples, Func<byte[], byte[]> roundTrip, Func<byte[], bool> tryRead) =>
        Mutations.Run(
            name,
            samples,
            bytes =>
            {
                if (!tryRead(bytes))
                {
                    Assert.Throws<PhrDataException>(() => roundTrip(bytes));
                    return false;
                }

                Assert.Equal(bytes, roundTrip(bytes));
                return true;
            },
            static e => e is PhrDataException);
}
