using Phr.Crypto.Memory;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Recovery;

/// <summary>A trustee out of one list of words: its keys, and what it remembers.</summary>
public class TrusteeRecoveryTests
{
    private static readonly RecoveryOptions Fast = new() { IterationExponent = 0 };

    [Theory]
    [InlineData(0, false, 39)]
    [InlineData(1, false, 51)]
    [InlineData(4, false, 81)]
    [InlineData(32, false, 372)]
    [InlineData(1, true, 76)]
    [InlineData(4, true, 183)]
    public void ToWords_Bundles_HasTheStatedNumberOfWordsAndComesBack(int bundles, bool withKeys, int words)
    {
        using IdentityKeys first = IdentityKeys.Generate();
        using IdentityKeys trustee = first.Renew();
        using SecretKey patient = SecretKey.Generate(), epochKey = SecretKey.Generate();
        EpochMemory[] known = [.. Enumerable.Range(0, bundles).Select(i => new EpochMemory(BundleId.Random(), (uint)i, patient.PublicKey, withKeys ? epochKey : null))];
        using TrusteeMemory memory = TrusteeMemory.Create(trustee, known);
        using RecoveryWords list = TrusteeRecovery.ToWords(trustee, memory, "secret", Fast);
        Assert.Equal(words, list.WordCount);
        using RecoveryWords typed = RecoveryWords.Parse(list.Text());
        using RecoveredTrustee restored = TrusteeRecovery.FromWords(typed, "secret");
        Assert.Equal(trustee.Id, restored.Identity.Id);
        Assert.Equal(1, restored.Identity.Generation);
        Assert.Equal(trustee.PublicKeys.SignerKey, restored.Identity.PublicKeys.SignerKey);
        Assert.All(known, k =>
        {
            Assert.Equal(new RememberedEpoch(k.Epoch, true), restored.Memory.Find(restored.Identity, k.Bundle, patient.PublicKey));
            Assert.Equal(new RememberedEpoch(k.Epoch, false), restored.Memory.Find(restored.Identity, k.Bundle, epochKey.PublicKey));
            using SecretKey? key = restored.Memory.FindEpochKey(restored.Identity, k.Bundle, k.Epoch);
            Assert.Equal(withKeys, key is not null && key.FixedTimeEquals(epochKey));
            Assert.Null(restored.Memory.FindEpochKey(restored.Identity, k.Bundle, k.Epoch + 1));
        });
        Assert.Null(restored.Memory.Find(restored.Identity, BundleId.Random(), patient.PublicKey));
    }

    [Fact]
    public void ToWords_IdentityWithAnOlderId_KeepsIt()
    {
        using IdentityKeys lost = IdentityKeys.Generate();
        using IdentityKeys trustee = IdentityKeys.GenerateFor(lost.Id);
        using TrusteeMemory memory = TrusteeMemory.Create(trustee, []);
        using RecoveryWords list = TrusteeRecovery.ToWords(trustee, memory, "", Fast);
        Assert.Equal(55, list.WordCount);
        using RecoveredTrustee restored = TrusteeRecovery.FromWords(list);
        Assert.Equal(lost.Id, restored.Identity.Id);
        Assert.Equal(trustee.PublicKeys.LedgerKey, restored.Identity.PublicKeys.LedgerKey);
    }

    [Fact]
    public void FromWords_WrongPassphraseOrOtherWords_IsNoticed()
    {
        using IdentityKeys trustee = IdentityKeys.Generate();
        using TrusteeMemory memory = TrusteeMemory.Create(trustee, []);
        using RecoveryWords list = TrusteeRecovery.ToWords(trustee, memory, "right", Fast);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() => TrusteeRecovery.FromWords(list, "wrong")).Reason);
        Assert.False(TrusteeRecovery.TryFromWords(list, "", null, out _));
        Assert.True(TrusteeRecovery.TryFromWords(list, "right", null, out RecoveredTrustee? restored));
        restored.Dispose();
        using RecoveryWordsSet patient = Slip39.Split(new byte[32], Slip39.Single, "", Fast);
        Assert.Equal(PhrDataReason.AuthenticationFailed, Assert.Throws<PhrDataException>(() => TrusteeRecovery.FromWords(patient.Lists[0])).Reason);
        using RecoveryWordsSet shared = Slip39.Split(new byte[40], new SharingShape(1, [new GroupShape(2, 2)]), "", Fast);
        Assert.Equal(PhrDataReason.BelowThreshold, Assert.Throws<PhrDataException>(() => TrusteeRecovery.FromWords(shared.Lists[0])).Reason);
    }

    [Fact]
    public void Find_AnotherTrustee_SeesNothing()
    {
        using IdentityKeys trustee = IdentityKeys.Generate(), other = IdentityKeys.Generate();
        using SecretKey patient = SecretKey.Generate();
        var bundle = BundleId.Random();
        using TrusteeMemory memory = TrusteeMemory.Create(trustee, [new EpochMemory(bundle, uint.MaxValue, patient.PublicKey)]);
        Assert.Equal(uint.MaxValue, memory.Find(trustee, bundle, patient.PublicKey)!.Value.Epoch);
        Assert.Null(memory.Find(other, bundle, patient.PublicKey));
    }

    [Fact]
    public void ToWords_TooManyKeys_SaysWhatToLeaveOut()
    {
        using IdentityKeys trustee = IdentityKeys.Generate();
        using SecretKey patient = SecretKey.Generate();
        using TrusteeMemory memory = TrusteeMemory.Create(trustee, Enumerable.Range(0, 11).Select(_ => new EpochMemory(BundleId.Random(), 1, patient.PublicKey, patient)));
        Assert.Contains("Leave the epoch keys out", Assert.Throws<InvalidOperationException>(() => TrusteeRecovery.ToWords(trustee, memory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_CallersMistakes_AreArgumentExceptions()
    {
        using IdentityKeys trustee = IdentityKeys.Generate();
        var one = new EpochMemory(BundleId.Random(), 1, trustee.PublicKeys.ObjectKey);
        Assert.Throws<ArgumentException>(() => TrusteeMemory.Create(trustee, [one, one]));
        Assert.Throws<ArgumentException>(() => TrusteeMemory.Create(trustee, [null!]));
        Assert.Throws<ArgumentOutOfRangeException>(() => TrusteeMemory.Create(trustee, Enumerable.Range(0, 33).Select(_ => new EpochMemory(BundleId.Random(), 1, trustee.PublicKeys.ObjectKey))));
    }

    [Fact]
    public void FromBytes_DamagedMemory_IsReadAsWrittenOrRefused()
    {
        using IdentityKeys trustee = IdentityKeys.Generate();
        using SecretKey patient = SecretKey.Generate();
        byte[][] samples =
        [
            Bytes(TrusteeMemory.Create(trustee, [])),
            Bytes(TrusteeMemory.Create(trustee, Enumerable.Range(0, 5).Select(i => new EpochMemory(BundleId.Random(), (uint)(1000 * i), patient.PublicKey, i % 2 == 0 ? patient : null)))),
        ];
        Mutations.Run(
            "trustee memory",
            samples,
            bytes =>
            {
                using TrusteeMemory memory = TrusteeMemory.FromBytes(bytes);
                Assert.Equal(bytes, Bytes(memory));
                memory.Find(trustee, BundleId.Random(), patient.PublicKey);
                return true;
            },
            e => e is PhrDataException);
    }

    [Fact]
    public void Decode_DamagedRecord_GivesOnlyOneException()
    {
        using IdentityKeys trustee = IdentityKeys.Generate();
        using TrusteeMemory memory = TrusteeMemory.Create(trustee, []);
        using SecretBytes record = TrusteeRecovery.Encode(trustee, memory);
        Mutations.Run(
            "trustee record",
            [record.Reveal().ToArray()],
            bytes =>
            {
                using RecoveredTrustee read = TrusteeRecovery.Decode(bytes);
                return true;
            },
            e => e is PhrDataException { Reason: PhrDataReason.AuthenticationFailed });
    }

    private static byte[] Bytes(TrusteeMemory memory)
    {
        byte[] bytes = new byte[memory.Length];
        memory.ExportTo(bytes);
        return bytes;
    }
}
