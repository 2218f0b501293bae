using Phr.Consent.Embedded;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Embedded;

public sealed class LedgerHeadMemoryTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    private string Database => _folder.File("ledger.db");

    private string Memory => _folder.File("head");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EnsureExtendsAsync_GrowingLedger_RemembersEachHead()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync(Database);
        for (int i = 0; i < 3; i++)
        {
            using var memory = new LedgerHeadMemory(Memory);
            Assert.Equal((ulong)i, (await memory.EnsureExtendsAsync(ledger)).Number);
            Assert.Equal((ulong)i, (await memory.EnsureExtendsAsync(ledger)).Number);
            await RegisterAsync(ledger, i);
        }

        Assert.Equal([Memory], Directory.GetFiles(_folder.Path, "head*"));
    }

    [Theory]
    [InlineData(2, PhrDataReason.Truncated)]
    [InlineData(3, PhrDataReason.DigestMismatch)]
    [InlineData(5, PhrDataReason.DigestMismatch)]
    public async Task EnsureExtendsAsync_HistoryThatTheOperatorWentBackOn_IsRefused(int entries, PhrDataReason reason)
    {
        using var memory = new LedgerHeadMemory(Memory);
        string old = _folder.File("old.db");
        await using (EmbeddedConsentLedger ledger = await OpenAsync(Database))
        {
            await RegisterAsync(ledger, 0);
        }

        File.Copy(Database, old);
        File.Copy(OperatorKeyFile.PathFor(Database), OperatorKeyFile.PathFor(old));
        LedgerHead seen;
        await using (EmbeddedConsentLedger ledger = await OpenAsync(Database))
        {
            await RegisterAsync(ledger, 1);
            await RegisterAsync(ledger, 2);
            seen = await memory.EnsureExtendsAsync(ledger);
        }

        await using EmbeddedConsentLedger other = await OpenAsync(old);
        for (int i = 1; i < entries; i++)
        {
            await RegisterAsync(other, 100 + i);
        }

        var refused = await Assert.ThrowsAsync<PhrDataException>(() => memory.EnsureExtendsAsync(other));
        Assert.Equal(reason, refused.Reason);
        Assert.True((await other.VerifyAsync()).IsValid);

        // What was remembered stays: the honest ledger is still welcome.
        await using EmbeddedConsentLedger honest = await OpenAsync(Database);
        Assert.Equal(seen.Hash, (await memory.EnsureExtendsAsync(honest)).Hash);
    }

    [Fact]
    public async Task EnsureExtendsAsync_AnotherLedger_IsRefused()
    {
        using var memory = new LedgerHeadMemory(Memory);
        await using EmbeddedConsentLedger ledger = await OpenAsync(Database);
        await memory.EnsureExtendsAsync(ledger);
        await using EmbeddedConsentLedger other = await OpenAsync(_folder.File("other.db"));
        var refused = await Assert.ThrowsAsync<PhrDataException>(() => memory.EnsureExtendsAsync(other));
        Assert.Equal(PhrDataReason.Mismatched, refused.Reason);
    }

    [Fact]
    public async Task EnsureExtendsAsync_DamagedFile_IsRefusedAndNotReplaced()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync(Database);
        await File.WriteAllBytesAsync(Memory, [1, 2, 3]);
        using var memory = new LedgerHeadMemory(Memory);
        await Assert.ThrowsAsync<PhrDataException>(() => memory.EnsureExtendsAsync(ledger));
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(Memory));
    }

    [Fact]
    public async Task EnsureExtendsAsync_WritesPutOff_RefusesAtOnceAndWritesAtTheEnd()
    {
        string old = _folder.File("old.db");
        byte[] first;
        using (var memory = new LedgerHeadMemory(Memory) { WriteInterval = TimeSpan.FromHours(1) })
        {
            await using (EmbeddedConsentLedger ledger = await OpenAsync(Database))
            {
                await memory.EnsureExtendsAsync(ledger);
                first = await File.ReadAllBytesAsync(Memory);
            }

            File.Copy(Database, old);
            File.Copy(OperatorKeyFile.PathFor(Database), OperatorKeyFile.PathFor(old));
            await using (EmbeddedConsentLedger ledger = await OpenAsync(Database))
            {
                await RegisterAsync(ledger, 0);
                Assert.Equal(1ul, (await memory.EnsureExtendsAsync(ledger)).Number);
                Assert.Equal(first, await File.ReadAllBytesAsync(Memory));
            }

            // What is not in the file yet is known all the same.
            await using EmbeddedConsentLedger shorter = await OpenAsync(old);
            Assert.Equal(PhrDataReason.Truncated, (await Assert.ThrowsAsync<PhrDataException>(() => memory.EnsureExtendsAsync(shorter))).Reason);
        }

        Assert.Equal(1ul, LedgerHeadMemory.Parse(await File.ReadAllBytesAsync(Memory)).Number);
        using var again = new LedgerHeadMemory(Memory);
        await using EmbeddedConsentLedger cut = await OpenAsync(old);
        await Assert.ThrowsAsync<PhrDataException>(() => again.EnsureExtendsAsync(cut));
    }

    [Fact]
    public void Dispose_NothingSeenOrTwice_WritesNothing()
    {
        var memory = new LedgerHeadMemory(Memory) { WriteInterval = TimeSpan.FromSeconds(1) };
        memory.Dispose();
        memory.Dispose();
        Assert.False(File.Exists(Memory));
    }

    [Fact]
    public async Task Parse_DamagedBytes_GivesPhrDataExceptionAndNothingElse()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync(Database);
        using var memory = new LedgerHeadMemory(Memory);
        await memory.EnsureExtendsAsync(ledger);
        Mutations.Run("ledger head", [await File.ReadAllBytesAsync(Memory)], bytes => LedgerHeadMemory.Parse(bytes).Number >= 0, e => e is PhrDataException);
    }

    private Task<EmbeddedConsentLedger> OpenAsync(string database) => EmbeddedConsentLedger.OpenAsync(database, TestLedgers.Options(_clock));

    private Task RegisterAsync(EmbeddedConsentLedger ledger, int person) =>
        new LedgerStory(ledger, () => _clock.Now).RegisterAsync(Person.Named($"person {person}"), ActorRoles.Guardian);
}
