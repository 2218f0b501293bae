using Phr.Consent;
using Phr.Crypto;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>A trustee that lost its device and comes back from its list of words, on a live ledger.</summary>
public class TrusteeBackupTests
{
    [Fact]
    public async Task RestoreAsync_ListWithEpochKeys_ApprovesAgain()
    {
        await using Story story = await Story.BeginAsync();
        using RecoveryWords words = await WriteDownAsync(story, new TrusteeBackupOptions { IncludeEpochKeys = true });

        using RecoveredTrustee restored = TrusteeRecovery.FromWords(words, "a passphrase");
        var secrets = new InMemorySecretStore();
        await TrusteeBackup.RestoreAsync(restored, secrets);
        var hospital = new TrusteeClient(story.World.Services, restored.Identity, secrets);
        RequestId request = await story.RequestAsync();
        await hospital.ApproveAsync(request);

        Assert.Single((await story.ReadAsync(request)).Approvals);
        using TrusteeMemory again = await TrusteeBackup.CollectAsync(restored.Identity, secrets);
        Assert.Equal(1, again.Count);
    }

    [Fact]
    public async Task RestoreAsync_ListWithoutEpochKeys_DoesNotOpenTheShare()
    {
        await using Story story = await Story.BeginAsync();
        using RecoveryWords words = await WriteDownAsync(story, null);

        using RecoveredTrustee restored = TrusteeRecovery.FromWords(words, "a passphrase");
        var secrets = new InMemorySecretStore();
        await TrusteeBackup.RestoreAsync(restored, secrets);
        var hospital = new TrusteeClient(story.World.Services, restored.Identity, secrets);
        await Assert.ThrowsAsync<PhrDataException>(async () => await hospital.ApproveAsync(await story.RequestAsync()));
    }

    [Theory]
    [InlineData(true, PhrDataReason.Expired)]
    [InlineData(false, PhrDataReason.InvalidSignature)]
    public async Task RestoreAsync_MemoryOfALaterEpochOrAnotherPatient_RefusesTheDealing(bool later, PhrDataReason reason)
    {
        await using Story story = await Story.BeginAsync();
        IdentityKeys identity = story.World.SourceHospitals[0].Keys;
        Dealing dealing = (await RequestDossier.LoadAsync(story.World.Services, await story.RequestAsync())).Dealing.Dealing;
        PublicKey patient = later ? dealing.PatientKey : identity.PublicKeys.ObjectKey;
        using TrusteeMemory memory = TrusteeMemory.Create(identity, [new EpochMemory(dealing.BundleId, later ? 2u : 1u, patient)]);
        using RecoveryWords words = TrusteeRecovery.ToWords(identity, memory);

        using RecoveredTrustee restored = TrusteeRecovery.FromWords(words);
        var secrets = new InMemorySecretStore();
        await TrusteeBackup.RestoreAsync(restored, secrets);
        var hospital = new TrusteeClient(story.World.Services, restored.Identity, secrets);
        PhrDataException refused = await Assert.ThrowsAsync<PhrDataException>(() => hospital.AcknowledgeAsync(dealing.Digest));
        Assert.Equal(reason, refused.Reason);
    }

    [Fact]
    public async Task CollectAsync_AfterARestore_KeepsWhatWasNotMetAgain()
    {
        using IdentityKeys identity = IdentityKeys.Generate();
        using PatientKeys patient = PatientKeys.Generate();
        PublicKey key = patient.PublicKeys.ObjectKey;
        BundleId met = BundleId.Random(), notMet = BundleId.Random();
        var secrets = new InMemorySecretStore();
        using (TrusteeMemory memory = TrusteeMemory.Create(identity, [new EpochMemory(met, 3, key), new EpochMemory(notMet, 5, key)]))
        using (RecoveryWords words = TrusteeRecovery.ToWords(identity, memory))
        using (RecoveredTrustee restored = TrusteeRecovery.FromWords(words))
        {
            await TrusteeBackup.RestoreAsync(restored, secrets);
        }

        await secrets.PutAsync($"patient/{met}", key.ToBytes());
        await secrets.PutAsync($"epoch/{met}", new byte[] { 0, 0, 0, 4 });
        using TrusteeMemory collected = await TrusteeBackup.CollectAsync(identity, secrets);
        Assert.Equal(new RememberedEpoch(4, true), collected.Find(identity, met, key));
        Assert.Equal(new RememberedEpoch(5, true), collected.Find(identity, notMet, key));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CollectAsync_AfterARestoreWithEpochKeys_HasThemIfAskedForAndElseNot(bool includeEpochKeys)
    {
        using IdentityKeys identity = IdentityKeys.Generate();
        using PatientKeys patient = PatientKeys.Generate();
        PublicKey key = patient.PublicKeys.ObjectKey;
        using SecretKey first = SecretKey.Generate(), second = SecretKey.Generate();
        BundleId met = BundleId.Random(), notMet = BundleId.Random();
        var secrets = new InMemorySecretStore();
        using (TrusteeMemory memory = TrusteeMemory.Create(identity, [new EpochMemory(met, 3, key, first), new EpochMemory(notMet, 5, key, second)]))
        using (RecoveryWords words = TrusteeRecovery.ToWords(identity, memory))
        using (RecoveredTrustee restored = TrusteeRecovery.FromWords(words))
        {
            await TrusteeBackup.RestoreAsync(restored, secrets);
        }

        // The trustee acknowledged and approved under the epoch whose key the list brought back.
        await secrets.PutAsync($"patient/{met}", key.ToBytes());
        await secrets.PutAsync($"epoch/{met}", new byte[] { 0, 0, 0, 3 });
        using TrusteeMemory collected = await TrusteeBackup.CollectAsync(identity, secrets, new TrusteeBackupOptions { IncludeEpochKeys = includeEpochKeys });
        using SecretKey? ofMet = collected.FindEpochKey(identity, met, 3), ofNotMet = collected.FindEpochKey(identity, notMet, 5);

        Assert.Equal(includeEpochKeys, ofMet?.FixedTimeEquals(first) ?? false);
        Assert.Equal(includeEpochKeys, ofNotMet?.FixedTimeEquals(second) ?? false);
        Assert.Equal(includeEpochKeys, ofNotMet is not null);
        Assert.Equal(new RememberedEpoch(3, true), collected.Find(identity, met, key));
        Assert.Equal(new RememberedEpoch(5, true), collected.Find(identity, notMet, key));
    }

    [Fact]
    public async Task RestoreAsync_OlderListAfterALaterOne_ForgetsNoEpoch()
    {
        using IdentityKeys identity = IdentityKeys.Generate();
        using PatientKeys patient = PatientKeys.Generate();
        PublicKey key = patient.PublicKeys.ObjectKey;
        using SecretKey old = SecretKey.Generate(), first = SecretKey.Generate(), second = SecretKey.Generate();
        BundleId withKey = BundleId.Random(), alsoWithKey = BundleId.Random();
        BundleId both = BundleId.Random(), onlyLater = BundleId.Random(), onlyOlder = BundleId.Random();
        var secrets = new InMemorySecretStore();
        foreach (EpochMemory[] bundles in new EpochMemory[][]
        {
            [new EpochMemory(both, 5, key), new EpochMemory(onlyLater, 2, key), new EpochMemory(withKey, 1, key, first), new EpochMemory(alsoWithKey, 1, key)],
            [new EpochMemory(both, 4, key, old), new EpochMemory(onlyOlder, 7, key), new EpochMemory(withKey, 1, key), new EpochMemory(alsoWithKey, 1, key, second)],
        })
        {
            using TrusteeMemory memory = TrusteeMemory.Create(identity, bundles);
            using RecoveryWords words = TrusteeRecovery.ToWords(identity, memory);
            using RecoveredTrustee restored = TrusteeRecovery.FromWords(words);
            await TrusteeBackup.RestoreAsync(restored, secrets);
        }

        using TrusteeMemory collected = await TrusteeBackup.CollectAsync(identity, secrets, new TrusteeBackupOptions { IncludeEpochKeys = true });
        using SecretKey? one = collected.FindEpochKey(identity, withKey, 1), other = collected.FindEpochKey(identity, alsoWithKey, 1);
        Assert.Equal(5, collected.Count);
        Assert.True(one!.FixedTimeEquals(first) && other!.FixedTimeEquals(second));
        Assert.Equal(new RememberedEpoch(5, true), collected.Find(identity, both, key));
        Assert.Equal(new RememberedEpoch(2, true), collected.Find(identity, onlyLater, key));
        Assert.Equal(new RememberedEpoch(7, true), collected.Find(identity, onlyOlder, key));
        Assert.Null(collected.FindEpochKey(identity, both, 4));
    }

    private static async Task<RecoveryWords> WriteDownAsync(Story story, TrusteeBackupOptions? options)
    {
        (string name, IdentityKeys identity) = story.World.SourceHospitals[0];
        var secrets = new FileSecretStore(Path.Combine(story.Folder, "devices", name), identity);
        using TrusteeMemory memory = await TrusteeBackup.CollectAsync(identity, secrets, options);
        Assert.Equal(1, memory.Count);
        return TrusteeRecovery.ToWords(identity, memory, "a passphrase");
    }
}
