using System.Formats.Cbor;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Phr.Consent.Embedded;
using Phr.Crypto;

namespace Phr.Consent.Tests.Embedded;

public sealed class ChainStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
    private static readonly byte[] Parameters = [1, 2, 3];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    private string Database => _folder.File("ledger.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OpenAsync_NewFile_IsReadableByItsOwnerAlone()
    {
        using ChainStore store = await OpenAsync();
        await AppendAsync(store, [7], [8]);
        Assert.True(store.CanWrite);
        if (!OperatingSystem.IsWindows())
        {
            foreach (string file in Directory.GetFiles(_folder.Path))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task OpenAsync_ExistingFile_KeepsGenesisAndEntries()
    {
        ChainGenesis genesis;
        ChainEntry entry;
        using (ChainStore store = await OpenAsync())
        {
            genesis = store.Genesis;
            entry = await AppendAsync(store, [7], [8]);
        }

        using ChainStore again = await ChainStore.OpenAsync(Database, null, null, Patience, default);
        Assert.Equal(genesis.Hash, again.Genesis.Hash);
        Assert.Null(again.Genesis.Fault());
        ChainEntry read = Assert.Single(again.ReadPage(0));
        Assert.Equal(entry.Hash, read.Hash);
        Assert.Null(read.LinkFault(again.Genesis.Ledger, again.Genesis.Head));
        Assert.Null(read.SignatureFault(again.Genesis.Ledger));
        Assert.Equal(1ul, again.ReadLastNumber());
        Assert.Null(again.ReadEntry(2));
    }

    [Fact]
    public async Task HashEntry_OfKnownFields_IsSha256OfTheDocumentedArray()
    {
        using ChainStore store = await OpenAsync();
        ChainEntry entry = await AppendAsync(store, [7, 7], [8]);
        var writer = new CborWriter(CborConformanceMode.Canonical);
        writer.WriteStartArray(7);
        writer.WriteTextString("phr/entry/v1");
        writer.WriteStartArray(2);
        writer.WriteUInt64(0);
        writer.WriteByteString(ActorId.FromPublicKey(store.Genesis.OperatorKey).ToBytes());
        writer.WriteEndArray();
        writer.WriteUInt64(1);
        writer.WriteInt64(Start.ToUnixTimeSeconds() + 1);
        writer.WriteByteString(store.Genesis.Hash.ToBytes());
        writer.WriteByteString([7, 7]);
        writer.WriteByteString([8]);
        writer.WriteEndArray();
        Assert.Equal(SHA256.HashData(writer.Encode()), entry.Hash.ToBytes());
        Assert.True(store.Genesis.OperatorKey.VerifyDigest(entry.Hash.ToBytes(), entry.OperatorSignature.Signature));
        Assert.Equal(
            SHA256.HashData([.. "phr/seed/v1\0"u8, .. entry.OperatorSignature.ToBytes()]),
            ChainFormat.Seed(entry.OperatorSignature).ToBytes());
    }

    [Fact]
    public async Task Dispose_WithoutCommit_LeavesNoTrace()
    {
        using ChainStore store = await OpenAsync();
        using (ChainWriter writer = await store.BeginWriteAsync(default))
        {
            ChainEntry entry = writer.Append(store.Genesis.Head, Start, [7], [8]);
            Assert.Equal(entry.Hash, Assert.Single(writer.ReadPage(0)).Hash);
            Assert.Empty(store.ReadPage(0));
        }

        Assert.Empty(store.ReadPage(0));
        await AppendAsync(store, [9], []);
        Assert.Equal([9], Assert.Single(store.ReadPage(0)).Command);
    }

    [Fact]
    public async Task OpenAsync_ManyAtOnceOnANewFile_AgreeOnOneGenesisAndLoseNoEntry()
    {
        const int Stores = 4, Each = 25;
        ChainStore[] stores = await Task.WhenAll(Enumerable.Range(0, Stores).Select(_ => Task.Run(OpenAsync)));
        await Task.WhenAll(stores.Select(store => Task.Run(async () =>
        {
            for (int i = 0; i < Each; i++)
            {
                await AppendAsync(store, [(byte)i], []);
            }
        })));

        Assert.Single(stores.Select(s => s.Genesis.Hash).Distinct());
        IReadOnlyList<ChainEntry> entries = stores[0].ReadPage(0);
        Assert.Equal(Stores * Each, entries.Count);
        ChainHead head = stores[0].Genesis.Head;
        foreach (ChainEntry entry in entries)
        {
            Assert.Null(entry.LinkFault(stores[0].Genesis.Ledger, head));
            head = entry.Head;
        }

        Array.ForEach(stores, s => s.Dispose());
    }

    [Fact]
    public async Task BeginWriteAsync_LockedByAnother_ThrowsTimeout()
    {
        using ChainStore holder = await OpenAsync();
        using ChainStore waiter = await ChainStore.OpenAsync(Database, null, null, TimeSpan.FromMilliseconds(20), default);
        using ChainWriter held = await holder.BeginWriteAsync(default);
        held.Append(holder.Genesis.Head, Start, [7], []);
        await Assert.ThrowsAsync<TimeoutException>(() => waiter.BeginWriteAsync(default));
        Assert.Empty(waiter.ReadPage(0));
    }

    [Fact]
    public async Task BeginWriteAsync_WithoutOperatorKey_Refuses()
    {
        (await OpenAsync()).Dispose();
        File.Delete(OperatorKeyFile.PathFor(Database));
        using ChainStore store = await OpenAsync();
        Assert.False(store.CanWrite);
        await Assert.ThrowsAsync<InvalidOperationException>(() => store.BeginWriteAsync(default));
    }

    [Fact]
    public async Task OpenAsync_AnotherOperatorsKey_Refuses()
    {
        (await OpenAsync()).Dispose();
        using var other = SecretKey.Generate();
        var e = await Assert.ThrowsAsync<PhrDataException>(() => ChainStore.OpenAsync(Database, other, null, Patience, default));
        Assert.Equal(PhrDataReason.Mismatched, e.Reason);
    }

    [Fact]
    public async Task OpenAsync_KeyFromElsewhere_WritesNoKeyFile()
    {
        using var key = SecretKey.Generate();
        using ChainStore store = await ChainStore.OpenAsync(Database, key, () => (Start, Parameters), Patience, default);
        await AppendAsync(store, [7], []);
        Assert.False(File.Exists(OperatorKeyFile.PathFor(Database)));
        Assert.Equal(ActorId.FromPublicKey(key.PublicKey), store.Genesis.Ledger.Contract);
    }

    [Theory]
    [InlineData("not a database at all, but long enough that SQLite looks at its header")]
    [InlineData("SQLite format 3\0 and then nothing that belongs there")]
    public async Task OpenAsync_NotADatabase_IsDamagedData(string content)
    {
        await File.WriteAllTextAsync(Database, content);
        await Assert.ThrowsAsync<PhrDataException>(OpenAsync);
    }

    [Fact]
    public async Task OpenAsync_ForeignDatabase_IsRefusedAndUnchanged()
    {
        using (var connection = new SqliteConnection($"Data Source={Database};Pooling=False"))
        {
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE someone_elses (x)";
            command.ExecuteNonQuery();
        }

        var e = await Assert.ThrowsAsync<PhrDataException>(OpenAsync);
        Assert.Equal(PhrDataReason.UnknownVersion, e.Reason);
    }

    [Fact]
    public async Task OpenAsync_NoFileAndNothingToCreate_Throws() =>
        await Assert.ThrowsAsync<FileNotFoundException>(() => ChainStore.OpenAsync(Database, null, null, Patience, default));

    [Fact]
    public async Task Sqlite_LoadedVersion_HasNoWalResetDefect()
    {
        using ChainStore store = await OpenAsync();

        // Before 3.51.3 two connections that checkpoint at once could lose commits: https://www.sqlite.org/wal.html#walresetbug
        Assert.True(SQLitePCL.raw.sqlite3_libversion_number() >= 3_051_003);
    }

    private Task<ChainStore> OpenAsync() => ChainStore.OpenAsync(Database, null, () => (Start, Parameters), Patience, default);

    private static async Task<ChainEntry> AppendAsync(ChainStore store, byte[] command, byte[] events)
    {
        using ChainWriter writer = await store.BeginWriteAsync(default);
        ChainHead head = store.Genesis.Head;
        while (writer.ReadPage(head.Number) is [.., ChainEntry last])
        {
            head = last.Head;
        }

        ChainEntry entry = writer.Append(head, head.Time.AddSeconds(1), command, events);
        writer.Commit();
        return entry;
    }
}
