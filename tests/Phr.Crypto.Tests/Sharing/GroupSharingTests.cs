using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using static Phr.Crypto.Tests.Sharing.SecretSharingTests;

namespace Phr.Crypto.Tests.Sharing;

public class GroupSharingTests
{
    public static TheoryData<int, string> Policies => new()
    {
        { 2, "2/3 1/1 1/1" },
        { 1, "2/3 1/1 1/1" },
        { 3, "2/3 1/1 1/1" },
        { 2, "2/3 2/3 1/2" },
        { 3, "1/2 2/2 2/3 2/2" },
        { 1, "3/5" },
    };

    [Theory]
    [MemberData(nameof(Policies))]
    public void Recombine_EverySubsetOfMembers_GivesTheKeyIfAndOnlyIfThePolicyIsMet(int groupThreshold, string groups)
    {
        SharingShape shape = Shape(groupThreshold, groups);
        using SecretKey secret = SecretKey.Generate();
        using GroupSharingResult result = GroupSharing.Split(secret, shape, 1);
        int satisfied = 0;
        for (int subset = 0; subset < 1 << shape.TotalMembers; subset++)
        {
            GroupShare[] chosen = [.. result.Shares.Where((_, i) => (subset >> i & 1) != 0)];
            bool met = Enumerable.Range(1, shape.Groups.Count)
                .Count(g => chosen.Count(s => s.Group == g) >= shape.Groups[g - 1].Threshold) >= groupThreshold;
            Assert.Equal(met, shape.IsSatisfiedBy(chosen.Select(s => (s.Group, s.Member))));
            if (!met)
            {
                AssertRefused(PhrDataReason.BelowThreshold, () => GroupSharing.Recombine(chosen, result.Commitments));
                continue;
            }

            satisfied++;
            using SecretKey recombined = GroupSharing.Recombine(chosen, result.Commitments);
            Assert.True(recombined.FixedTimeEquals(secret));
        }

        Assert.InRange(satisfied, 1, (1 << shape.TotalMembers) - 2);
    }

    [Fact]
    public void Coefficients_AnySatisfyingSubset_InterpolatePointsOfTheMembers()
    {
        SharingShape shape = Shape(2, "2/3 2/4 1/2 3/3");
        using SecretKey secret = SecretKey.Generate();
        using GroupSharingResult result = GroupSharing.Split(secret, shape, 9);
        Point target = Point.MultiplyBase(SecretKey.Generate().Scalar);
        Gen<int> subsets = Gen.Choose(0, (1 << shape.TotalMembers) - 1);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(subsets.ToArbitrary(), subset =>
        {
            Dictionary<(int Group, int Member), GroupShare> chosen = result.Shares.Where((_, i) => (subset >> i & 1) != 0).ToDictionary(s => (s.Group, s.Member));
            if (!shape.IsSatisfiedBy(chosen.Keys))
            {
                return Refuses(PhrDataReason.BelowThreshold, () => GroupLagrange.Coefficients(shape, chosen.Keys));
            }

            Point sum = Point.Identity, keys = Point.Identity;
            foreach ((int group, int member, Scalar coefficient) in GroupLagrange.Coefficients(shape, chosen.Keys))
            {
                sum += target * chosen[(group, member)].Scalar * coefficient;
                keys += result.Commitments.MemberKey(group, member).Point * coefficient;
            }

            return sum == target * secret.Scalar && keys == secret.PublicKey.Point;
        }));
    }

    [Fact]
    public void Coefficients_MoreThanEnough_UsesTheLowestNumbersInAnyOrder()
    {
        SharingShape shape = Shape(2, "2/3 1/1 2/2 1/4");
        (int, int)[] all = [.. from g in Enumerable.Range(1, 4) from i in Enumerable.Range(1, shape.Groups[g - 1].Members) select (g, i)];
        Assert.Equal([(1, 1), (1, 2), (2, 1)], GroupLagrange.Coefficients(shape, all).Select(c => (c.Group, c.Member)));
        Assert.Equal([(1, 1), (1, 2), (2, 1)], GroupLagrange.Coefficients(shape, all.Reverse()).Select(c => (c.Group, c.Member)));
        Assert.Equal(
            [(1, 2), (1, 3), (4, 2)],
            GroupLagrange.Coefficients(shape, [(4, 3), (4, 2), (3, 1), (1, 3), (1, 3), (1, 2), (9, 1), (2, 2), (0, 0)]).Select(c => (c.Group, c.Member)));
    }

    [Fact]
    public void MemberKey_EveryMember_IsThePublicKeyOfTheShare()
    {
        SharingShape shape = Shape(2, "2/3 1/1 3/4");
        using SecretKey secret = SecretKey.Generate();
        using GroupSharingResult result = GroupSharing.Split(secret, shape, 7);
        Assert.Equal(secret.PublicKey, result.Commitments.SharedKey);
        Assert.Equal(7u, result.Commitments.Epoch);
        Assert.Equal(shape, result.Commitments.Shape);
        Assert.Equal(8, result.Shares.Count);
        foreach (GroupShare share in result.Shares)
        {
            using SecretKey key = share.ToSecretKey();
            Assert.Equal(key.PublicKey, result.Commitments.MemberKey(share.Group, share.Member));
            Assert.True(result.Commitments.Verify(share));
            Assert.Equal(result.Commitments.Digest, share.SharingId);
            Assert.Equal(7u, share.Epoch);
        }

        Assert.Equal(result.Commitments.GroupKey(2), result.Commitments.MemberKey(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("group", () => result.Commitments.MemberKey(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("group", () => result.Commitments.MemberKey(4, 1));
        Assert.Throws<ArgumentOutOfRangeException>("member", () => result.Commitments.MemberKey(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>("member", () => result.Commitments.MemberKey(1, 4));
    }

    [Fact]
    public void Split_CoefficientsThatMakeAShareOrAGroupZero_DrawsAgain()
    {
        using var secret = new SecretKey(Scalar.FromUInt32(7));
        SharingShape shape = Shape(2, "2/2 1/1");

        // F = 7 - 7x makes group 1 zero, F = 7 + x with f_1 = 8 - 4x makes member 2 of it zero; the third try is good.
        var random = new FixedScalars(
            -Scalar.FromUInt32(7), Scalar.One, Scalar.One, -Scalar.FromUInt32(4), Scalar.One, Scalar.FromUInt32(2));
        using GroupSharingResult result = GroupSharing.Split(secret, shape, 0, random);
        Assert.Equal(6, random.Used);
        Assert.Equal([10u, 12u, 9u], result.Shares.Select(s => (uint)s.Scalar.ToBytes()[31]));
    }

    [Fact]
    public void Recombine_BadShares_NamesEachOne()
    {
        using GroupSharingResult result = Example(out _);
        GroupShare[] shares = [.. result.Shares];
        shares[1] = With(shares[1], value: shares[1].Scalar + Scalar.One);
        shares[3] = With(shares[3], value: shares[4].Scalar);
        PhrDataException e = AssertRefused(PhrDataReason.CommitmentMismatch, () => GroupSharing.Recombine(shares, result.Commitments));
        Assert.EndsWith(": (1, 2), (2, 1).", e.Message, StringComparison.Ordinal);
        Assert.Equal([true, false, true, false, true], shares.Select(result.Commitments.Verify));
    }

    [Fact]
    public void Recombine_TooFew_SaysWhichGroupsLackHowMany()
    {
        using GroupSharingResult result = Example(out _);
        PhrDataException e = AssertRefused(PhrDataReason.BelowThreshold, () => GroupSharing.Recombine([result.Shares[2], result.Shares[4]], result.Commitments));
        Assert.EndsWith("1 of the 2 groups needed are complete; group 1 lacks 1 of 2; group 2 lacks 1 of 1.", e.Message, StringComparison.Ordinal);
        AssertRefused(PhrDataReason.BelowThreshold, () => GroupSharing.Recombine([], result.Commitments));
        AssertRefused(PhrDataReason.BelowThreshold, () => GroupSharing.Recombine([.. result.Shares.Take(3)], result.Commitments));
    }

    [Fact]
    public void Recombine_TheSameMemberTwice_IsRefused()
    {
        using GroupSharingResult result = Example(out _);
        AssertRefused(PhrDataReason.Duplicate, () => GroupSharing.Recombine([result.Shares[0], result.Shares[0], result.Shares[3]], result.Commitments));
        AssertRefused(PhrDataReason.Duplicate, () => GroupSharing.Recombine([.. result.Shares, With(result.Shares[0], value: Scalar.One)], result.Commitments));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 2)]
    [InlineData(4, 1)]
    [InlineData(255, 255)]
    public void Recombine_AMemberThatDoesNotExist_IsRefused(int group, int member)
    {
        using GroupSharingResult result = Example(out _);
        GroupShare stranger = With(result.Shares[0], group, member);
        AssertRefused(PhrDataReason.OutOfRange, () => GroupSharing.Recombine([.. result.Shares, stranger], result.Commitments));
        Assert.False(result.Commitments.Verify(stranger));
        Assert.Throws<ArgumentOutOfRangeException>(() => With(result.Shares[0], 0, member));
        Assert.Throws<ArgumentOutOfRangeException>(() => With(result.Shares[0], group, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => With(result.Shares[0], 256, member));
    }

    [Fact]
    public void Recombine_MixedEpochs_AreRefused()
    {
        using GroupSharingResult first = Example(out SecretKey secret, epoch: 1);
        using GroupSharingResult second = GroupSharing.Split(secret, first.Commitments.Shape, 2);
        PhrDataException e = AssertRefused(PhrDataReason.Mismatched, () => GroupSharing.Recombine([first.Shares[0], first.Shares[1], second.Shares[3]], first.Commitments));
        Assert.Contains("share (2, 1) is of epoch 2", e.Message, StringComparison.Ordinal);

        // Also when an attacker relabels the share.
        GroupShare relabelled = new(1, 2, 1, first.Commitments.Digest, second.Shares[3].Scalar);
        AssertRefused(PhrDataReason.CommitmentMismatch, () => GroupSharing.Recombine([first.Shares[0], first.Shares[1], relabelled], first.Commitments));
        Assert.False(first.Commitments.Verify(second.Shares[3]));
        Assert.False(first.Commitments.Verify(relabelled));
    }

    [Fact]
    public void Recombine_MixedSharingsOfOneEpoch_AreRefused()
    {
        using GroupSharingResult first = Example(out SecretKey secret);
        using GroupSharingResult second = GroupSharing.Split(secret, first.Commitments.Shape, first.Commitments.Epoch);
        AssertRefused(PhrDataReason.Mismatched, () => GroupSharing.Recombine([first.Shares[0], second.Shares[1], first.Shares[3]], first.Commitments));
        Assert.False(first.Commitments.Verify(second.Shares[1]));
    }

    [Fact]
    public void Recombine_CallersMistakes_Throw()
    {
        using GroupSharingResult result = Example(out SecretKey secret);
        Assert.Throws<ArgumentNullException>("shares", () => GroupSharing.Recombine(null!, result.Commitments));
        Assert.Throws<ArgumentNullException>("commitments", () => GroupSharing.Recombine([], null!));
        Assert.Throws<ArgumentException>("shares", () => GroupSharing.Recombine([null!], result.Commitments));
        Assert.Throws<ArgumentNullException>("secret", () => GroupSharing.Split(null!, result.Commitments.Shape, 1));
        Assert.Throws<ArgumentNullException>("shape", () => GroupSharing.Split(secret, null!, 1));
        result.Dispose();
        Assert.Throws<ObjectDisposedException>(() => GroupSharing.Recombine(result.Shares, result.Commitments));
        Assert.Throws<ObjectDisposedException>(() => result.Shares[0].ToBytes());
    }

    [Fact]
    public void GroupShare_WrittenAndRead_IsTheSame()
    {
        using GroupSharingResult result = Example(out _, epoch: 0xA1B2C3D4);
        byte[] bytes = result.Shares[2].ToBytes();
        Assert.Equal(GroupShare.Length, bytes.Length);
        Assert.Equal([0xA1, 0xB2, 0xC3, 0xD4, 1, 3], bytes[..6]);
        using GroupShare read = GroupShare.FromBytes(bytes);
        Assert.True(result.Commitments.Verify(read));
        Assert.Equal(bytes, read.ToBytes());
        Assert.Equal("GroupShare", read.ToString());
        Assert.Throws<ArgumentException>(() => read.ExportTo(new byte[69]));
    }

    [Fact]
    public void GroupShare_BadBytes_AreRefused()
    {
        byte[] good = [0, 0, 0, 1, 2, 3, .. new byte[32], .. Scalar.One.ToBytes()];
        Assert.True(GroupShare.TryFromBytes(good, out _));
        AssertRefused(PhrDataReason.WrongLength, () => GroupShare.FromBytes([]));
        AssertRefused(PhrDataReason.WrongLength, () => GroupShare.FromBytes(good.AsSpan(1)));
        AssertRefused(PhrDataReason.WrongLength, () => GroupShare.FromBytes([.. good, 0]));
        AssertRefused(PhrDataReason.OutOfRange, () => GroupShare.FromBytes([.. good[..4], 0, .. good[5..]]));
        AssertRefused(PhrDataReason.OutOfRange, () => GroupShare.FromBytes([.. good[..5], 0, .. good[6..]]));
        AssertRefused(PhrDataReason.InvalidScalar, () => GroupShare.FromBytes([.. good[..38], .. new byte[32]]));
        AssertRefused(PhrDataReason.InvalidScalar, () => GroupShare.FromBytes([.. good[..38], .. Enumerable.Repeat((byte)0xFF, 32)]));
    }

    [Fact]
    public void Commitments_WrittenAndRead_AreTheSame()
    {
        using GroupSharingResult result = Example(out _);
        byte[] bytes = result.Commitments.ToBytes();
        GroupCommitments read = GroupCommitments.FromBytes(bytes);
        Assert.Equal(result.Commitments, read);
        Assert.Equal(Digest.Of(bytes), read.Digest);
        Assert.Equal(result.Commitments.Shape, read.Shape);
        Assert.Equal(result.Commitments.MemberKey(1, 3), read.MemberKey(1, 3));
        Assert.All(result.Shares, s => Assert.True(read.Verify(s)));
    }

    [Fact]
    public void Shape_NumbersOutOfRange_Throws()
    {
        var one = new GroupShape(1, 1);
        Assert.Throws<ArgumentOutOfRangeException>("groupThreshold", () => new SharingShape(0, [one]));
        Assert.Throws<ArgumentOutOfRangeException>("groupThreshold", () => new SharingShape(2, [one]));
        Assert.Throws<ArgumentOutOfRangeException>("groups", () => new SharingShape(1, []));
        Assert.Throws<ArgumentOutOfRangeException>("groups", () => new SharingShape(1, [.. Enumerable.Repeat(one, 256)]));
        Assert.Throws<ArgumentNullException>("groups", () => new SharingShape(1, null!));
        Assert.Throws<ArgumentException>("groups", () => new SharingShape(1, [null!]));
        Assert.Throws<ArgumentOutOfRangeException>("threshold", () => new GroupShape(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>("threshold", () => new GroupShape(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>("members", () => new GroupShape(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>("members", () => new GroupShape(1, 256));
        Assert.Throws<ArgumentNullException>("members", () => new SharingShape(1, [one]).IsSatisfiedBy(null!));
        Assert.Equal("2 of {2 of 3, 1 of 1}", Shape(2, "2/3 1/1").ToString());
        Assert.NotEqual(Shape(2, "2/3 1/1"), Shape(2, "1/1 2/3"));
        Assert.Equal(255, new SharingShape(255, [.. Enumerable.Repeat(one, 255)]).TotalMembers);
    }

    [Fact]
    public void Shape_ChangedListOfTheCaller_ChangesNothing()
    {
        GroupShape[] groups = [new(1, 1), new(1, 2)];
        var shape = new SharingShape(2, groups);
        groups[0] = new GroupShape(5, 9);
        Assert.Equal("2 of {1 of 1, 1 of 2}", shape.ToString());
    }

    internal static SharingShape Shape(int groupThreshold, string groups) => new(
        groupThreshold,
        [.. groups.Split(' ').Select(g => new GroupShape(g[0] - '0', g[2] - '0'))]);

    private static GroupSharingResult Example(out SecretKey secret, uint epoch = 1)
    {
        secret = SecretKey.Generate();
        return GroupSharing.Split(secret, Shape(2, "2/3 1/1 1/1"), epoch);
    }

    private static GroupShare With(GroupShare share, int? group = null, int? member = null, Scalar? value = null) =>
        new(share.Epoch, group ?? share.Group, member ?? share.Member, share.SharingId, value ?? share.Scalar);
}
