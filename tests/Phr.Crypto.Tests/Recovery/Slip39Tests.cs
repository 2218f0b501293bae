using System.Security.Cryptography;
using Phr.Crypto.Recovery;
using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Recovery;

/// <summary>Splitting and combining: every quorum opens, nothing less does, and what does not belong together says so.</summary>
public class Slip39Tests
{
    private static readonly byte[] Secret = Enumerable.Range(1, 32).Select(i => (byte)(7 * i)).ToArray();
    private static readonly RecoveryOptions Fast = new() { IterationExponent = 0 };

    [Fact]
    public void Combine_EverySubset_OpensIfAndOnlyIfTheShapeIsSatisfied()
    {
        var shape = new SharingShape(2, [new GroupShape(2, 3), new GroupShape(1, 1), new GroupShape(2, 2)]);
        using RecoveryWordsSet set = Split(Secret, shape, "");
        for (int subset = 1; subset < 1 << set.Lists.Count; subset++)
        {
            RecoveryWords[] lists = [.. set.Lists.Where((_, i) => ((subset >> i) & 1) != 0)];
            bool enough = shape.IsSatisfiedBy(lists.Select(l => (l.Group, l.Member)));
            Assert.Equal(enough, Slip39.Inspect(lists).IsComplete);
            if (enough)
            {
                using SecretValue secret = Slip39.Combine(lists);
                Assert.Equal(Secret, secret.Bytes.ToArray());
            }
            else
            {
                Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => Slip39.Combine(lists)).Reason);
            }
        }
    }

    [Fact]
    public void Combine_TooFew_SaysWhichGroupsLackHowMany()
    {
        using RecoveryWordsSet set = Split(Secret, new SharingShape(2, [new GroupShape(1, 1), new GroupShape(3, 5), new GroupShape(2, 2)]), "");
        PhrDataException refused = Assert.Throws<PhrDataException>(() => Slip39.Combine([set.For(1, 1), set.For(2, 4)]));
        Assert.Contains("1 of the 2 groups needed is complete; group 2 lacks 2 of 3; of group 3 there is no list yet.", refused.Message, StringComparison.Ordinal);
        RecoveryProgress progress = Slip39.Inspect([set.For(2, 4)]);
        Assert.Equal([null, 3, null], progress.Groups.Select(g => g.Threshold));
        Assert.Equal([null, 2, null], progress.Groups.Select(g => g.Missing));
        Assert.Equal([0, 1, 0], progress.Groups.Select(g => g.Given));
    }

    [Theory]
    [InlineData(16, 20)]
    [InlineData(18, 22)]
    [InlineData(20, 23)]
    [InlineData(32, 33)]
    [InlineData(64, 59)]
    [InlineData(512, 417)]
    public void Split_AnyLength_HasTheStatedNumberOfWordsAndComesBack(int length, int words)
    {
        byte[] secret = RandomNumberGenerator.GetBytes(length);
        using RecoveryWordsSet set = Split(secret, new SharingShape(1, [new GroupShape(2, 2)]), "pass phrase!");
        Assert.Equal(words, set.WordCount);
        Assert.Equal(words, RecoveryWords.WordCountOf(length));
        using RecoveryWords again = RecoveryWords.Parse(set.For(1, 2).Text());
        using SecretValue back = Slip39.Combine([again, set.For(1, 1)], "pass phrase!");
        Assert.Equal(secret, back.Bytes.ToArray());
        using SecretValue other = Slip39.Combine(set.Lists, "Pass phrase!");
        Assert.Equal(length, other.Length);
        Assert.NotEqual(secret, other.Bytes.ToArray());
    }

    [Fact]
    public void Split_SixteenGroupsOfSixteen_OpensFromAnyQuorum()
    {
        var shape = new SharingShape(16, [.. Enumerable.Repeat(new GroupShape(16, 16), 16)]);
        using RecoveryWordsSet set = Split(Secret, shape, "");
        Assert.Equal(256, set.Lists.Count);
        using SecretValue secret = Slip39.Combine(set.Lists);
        Assert.Equal(Secret, secret.Bytes.ToArray());
        Assert.False(Slip39.TryCombine(set.Lists.Skip(1), default, null, out _));
    }

    // What "extendable" is for: a second split of the same secret and passphrase decrypts alike under every passphrase.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Split_Twice_DecryptsAlikeUnderAnotherPassphraseOnlyWhenExtendable(bool extendable)
    {
        var options = new RecoveryOptions { IterationExponent = 0, Extendable = extendable };
        using RecoveryWordsSet first = Slip39.Split(Secret, Slip39.Single, "one", options, new StreamRandom("first"));
        using RecoveryWordsSet second = Slip39.Split(Secret, Slip39.Single, "one", options, new StreamRandom("second"));
        Assert.NotEqual(first.Lists[0].Identifier, second.Lists[0].Identifier);
        using SecretValue a = Slip39.Combine(first.Lists, "two"), b = Slip39.Combine(second.Lists, "two");
        Assert.Equal(extendable, a.Bytes.SequenceEqual(b.Bytes));
    }

    [Fact]
    public void Combine_ListsOfTwoBackups_NamesTheOddOne()
    {
        using RecoveryWordsSet set = Split(Secret, new SharingShape(1, [new GroupShape(3, 5)]), "", "one");
        using RecoveryWordsSet other = Split(Secret, new SharingShape(1, [new GroupShape(3, 5)]), "", "two");
        PhrDataException refused = Assert.Throws<PhrDataException>(() => Slip39.Combine([set.For(1, 1), other.For(1, 2), set.For(1, 3)]));
        Assert.Equal(PhrDataReason.Mismatched, refused.Reason);
        Assert.Contains("list 2: it is of another backup", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Combine_SameListTwice_SaysWhich()
    {
        using RecoveryWordsSet set = Split(Secret, new SharingShape(1, [new GroupShape(2, 3)]), "");
        PhrDataException refused = Assert.Throws<PhrDataException>(() => Slip39.Combine([set.For(1, 2), set.For(1, 1), set.For(1, 2)]));
        Assert.Equal(PhrDataReason.Duplicate, refused.Reason);
        Assert.Contains("lists 1 and 3 are the same", refused.Message, StringComparison.Ordinal);
    }

    // Same identifier, so that only the digests can tell.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Combine_ListOfABackupWithTheSameIdentifier_IsRefused(bool surplus)
    {
        var shape = new SharingShape(2, [new GroupShape(2, 3), new GroupShape(2, 2), new GroupShape(1, 1)]);
        using RecoveryWordsSet set = Split(Secret, shape, "", "same");
        using RecoveryWordsSet other = Split(RandomNumberGenerator.GetBytes(32), shape, "", "same");
        Assert.Equal(set.Lists[0].Identifier, other.Lists[0].Identifier);
        RecoveryWords[] good = [set.For(1, 1), set.For(1, 2), set.For(2, 1), set.For(2, 2)];
        RecoveryWords[] member = surplus ? [.. good, other.For(1, 3)] : [set.For(1, 1), other.For(1, 2), set.For(2, 1), set.For(2, 2)];
        RecoveryWords[] group = surplus ? [.. good, other.For(3, 1)] : [set.For(1, 1), set.For(1, 2), other.For(3, 1)];
        Assert.Equal(PhrDataReason.CommitmentMismatch, Assert.Throws<PhrDataException>(() => Slip39.Combine(member)).Reason);
        Assert.Equal(PhrDataReason.CommitmentMismatch, Assert.Throws<PhrDataException>(() => Slip39.Combine(group)).Reason);
        using SecretValue all = Slip39.Combine([.. set.Lists]);
        Assert.Equal(Secret, all.Bytes.ToArray());
    }

    [Fact]
    public void Combine_MoreWorkThanAllowed_IsRefusedUnlessAllowed()
    {
        using RecoveryWordsSet set = Slip39.Split(Secret, Slip39.Single, "", new RecoveryOptions { IterationExponent = 2 });
        var little = new RecoveryOptions { MaxIterationExponent = 1 };
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => Slip39.Combine(set.Lists, "", little)).Reason);
        using SecretValue secret = Slip39.Combine(set.Lists, "");
        Assert.Equal(Secret, secret.Bytes.ToArray());
    }

    [Fact]
    public void Split_GroupOfSeveralWithThresholdOne_SaysWhatToDo()
    {
        ArgumentException refused = Assert.Throws<ArgumentException>(() => Slip39.Split(Secret, new SharingShape(1, [new GroupShape(1, 1), new GroupShape(1, 3)])));
        Assert.Contains("Group 2 needs 1 of 3 members", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Let it need 2 or more", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_CallersMistakes_AreArgumentExceptions()
    {
        Assert.Throws<ArgumentNullException>(() => Slip39.Split(Secret, null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Slip39.Split(Secret.AsSpan(0, 14), Slip39.Single));
        Assert.Throws<ArgumentOutOfRangeException>(() => Slip39.Split(Secret.AsSpan(0, 17), Slip39.Single));
        Assert.Throws<ArgumentOutOfRangeException>(() => Slip39.Split(new byte[514], Slip39.Single));
        Assert.Throws<ArgumentException>(() => Slip39.Split(Secret, new SharingShape(1, [new GroupShape(2, 17)])));
        Assert.Throws<ArgumentException>(() => Slip39.Split(Secret, new SharingShape(1, [.. Enumerable.Repeat(new GroupShape(1, 1), 17)])));
        Assert.Throws<ArgumentException>(() => Slip39.Split(Secret, Slip39.Single, "käse"));
        Assert.Throws<ArgumentException>(() => Slip39.Split(Secret, Slip39.Single, "tab\t"));
        Assert.Throws<ArgumentException>(() => Slip39.Split(Secret, Slip39.Single, new string('x', 1025)));
        Assert.Throws<ArgumentNullException>(() => Slip39.Combine(null!));
        Assert.Throws<ArgumentException>(() => Slip39.Combine([]));
        Assert.Throws<ArgumentException>(() => Slip39.Combine([null!]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecoveryOptions { IterationExponent = 16 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new RecoveryOptions { MaxIterationExponent = -1 });
    }

    // One byte of the secret, threshold 2: over all random bytes, a share below the threshold is equally often each value, whatever the secret.
    [Fact]
    public void Split_OneShareBelowTheThreshold_IsEquallyOftenEachValueForEverySecret()
    {
        Span<byte> share = stackalloc byte[1];
        foreach (byte secret in (byte[])[0x00, 0x01, 0xa5])
        {
            int[] seen = new int[256];
            for (int digest = 0; digest < 256; digest++)
            {
                Gf256.Interpolate([254, 255], [(byte)digest, secret], 3, share);
                seen[share[0]]++;
            }

            Assert.All(seen, count => Assert.Equal(1, count));
        }
    }

    private static RecoveryWordsSet Split(byte[] secret, SharingShape shape, string passphrase, string? identifier = null) =>
        identifier is null
            ? Slip39.Split(secret, shape, passphrase, Fast)
            : Slip39.Split(secret, shape, passphrase, Fast, new StreamRandom(identifier));
}
