using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Sharing;

public class ShareBatchTests
{
    [Fact]
    public void FindBadShares_OneLevel_NamesExactlyTheBadOnes()
    {
        using var secret = SecretKey.Generate();
        (Share[] shares, FeldmanCommitments commitments) = SecretSharing.Split(secret, 3, 8);
        Assert.Empty(commitments.FindBadShares(shares));
        Assert.Empty(commitments.FindBadShares([]));
        Assert.Empty(commitments.FindBadShares([shares[4], shares[1], shares[4]]));
        for (int i = 0; i < shares.Length; i++)
        {
            Share[] given = [.. shares];
            using var wrong = new Share(given[i].Index, given[i].Scalar + Scalar.One);
            given[i] = wrong;
            Assert.Equal([i], commitments.FindBadShares(given));
        }

        // Two faults that cancel in a plain sum, and two shares under each other's index.
        using var more = new Share(2, shares[1].Scalar + Scalar.One);
        using var less = new Share(5, shares[4].Scalar - Scalar.One);
        Assert.Equal([1, 2], commitments.FindBadShares([shares[0], more, less, shares[7]]));
        using var first = new Share(1, shares[1].Scalar);
        using var second = new Share(2, shares[0].Scalar);
        Assert.Equal([0, 1], commitments.FindBadShares([first, second]));
        Assert.Throws<ArgumentNullException>(() => commitments.FindBadShares(null!));
        Assert.Throws<ArgumentNullException>(() => commitments.FindBadShares([shares[0], null!]));
        Array.ForEach(shares, s => s.Dispose());
        Assert.Throws<ObjectDisposedException>(() => commitments.FindBadShares(shares));
    }

    [Fact]
    public void FindBadShares_TwoLevels_NamesExactlyTheBadOnes()
    {
        using var secret = SecretKey.Generate();
        var shape = new SharingShape(2, [new GroupShape(2, 3), new GroupShape(1, 2), new GroupShape(3, 4)]);
        using GroupSharingResult sharing = GroupSharing.Split(secret, shape, epoch: 7);
        using GroupSharingResult other = GroupSharing.Split(secret, shape, epoch: 7);
        GroupCommitments commitments = sharing.Commitments;
        GroupShare[] shares = [.. sharing.Shares];
        Assert.Empty(commitments.FindBadShares(shares));
        Assert.Empty(commitments.FindBadShares([]));
        for (int i = 0; i < shares.Length; i++)
        {
            GroupShare s = shares[i];
            GroupShare[] wrong =
            [
                new(s.Epoch, s.Group, s.Member, s.SharingId, s.Scalar - Scalar.One),
                new(s.Epoch + 1, s.Group, s.Member, s.SharingId, s.Scalar),
                new(s.Epoch, s.Group, 200, s.SharingId, s.Scalar),
                new(s.Epoch, 200, s.Member, s.SharingId, s.Scalar),
                new(s.Epoch, s.Group, s.Member, other.Commitments.Digest, s.Scalar),
            ];
            foreach (GroupShare share in wrong)
            {
                GroupShare[] given = [.. shares];
                given[i] = share;
                Assert.False(commitments.Verify(share));
                Assert.Equal([i], commitments.FindBadShares(given));
                share.Dispose();
            }
        }

        Assert.Equal(Enumerable.Range(0, shares.Length), commitments.FindBadShares([.. other.Shares]));
        Assert.Throws<ArgumentNullException>(() => commitments.FindBadShares(null!));
        Assert.Throws<ArgumentNullException>(() => commitments.FindBadShares([null!]));
    }
}
