using Microsoft.Data.Sqlite;
using Phr.Consent.Embedded;
using Phr.Crypto;

namespace Phr.Consent.Tests.Embedded;

/// <summary>Whatever is altered in the file, the verification names the entry.</summary>
public sealed class VerificationTests(VerificationTests.Original original) : IClassFixture<VerificationTests.Original>, IDisposable
{
    private const ulong Target = 4;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, ulong, string> Alterations => new()
    {
        { "UPDATE entries SET time = time + 1 WHERE number = 4", Target, "hash" },
        { "UPDATE entries SET time = time - 100000 WHERE number = 4", Target, "time is before" },
        { "UPDATE entries SET time = -1 WHERE number = 4", Target, "1970" },
        { "UPDATE entries SET previous_hash = randomblob(32) WHERE number = 4", Target, "previous hash" },
        { "UPDATE entries SET previous_hash = x'01' WHERE number = 4", Target, "32" },
        { "UPDATE entries SET command = (SELECT command FROM entries WHERE number = 3) WHERE number = 4", Target, "hash" },
        { "UPDATE entries SET command = x'' WHERE number = 4", Target, "hash" },
        { "UPDATE entries SET command = zeroblob(2000000) WHERE number = 4", Target, "command has 2000000" },
        { "UPDATE entries SET events = (SELECT events FROM entries WHERE number = 3) WHERE number = 4", Target, "hash" },
        { "UPDATE entries SET hash = randomblob(32) WHERE number = 4", Target, "hash" },
        { "UPDATE entries SET operator_signature = (SELECT operator_signature FROM entries WHERE number = 3) WHERE number = 4", Target, "operator's signature" },
        { "UPDATE entries SET operator_signature = zeroblob(65) WHERE number = 4", Target, "low s" },
        { "UPDATE entries SET number = 1000 WHERE number = 4", Target, "missing" },
        { "DELETE FROM entries WHERE number = 4", Target, "missing" },
        { "DELETE FROM entries WHERE number = 1", 1, "missing" },
        { "UPDATE meta SET time = time + 1", 0, "genesis" },
        { "UPDATE meta SET parameters = x'00'", 0, "genesis" },
        { "UPDATE meta SET operator_signature = (SELECT operator_signature FROM entries WHERE number = 3)", 0, "genesis" },
        { "UPDATE meta SET hash = x'00'", 0, "genesis" },
        { "UPDATE meta SET operator_key = zeroblob(33)", 0, "genesis" },
    };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task VerifyAsync_Untouched_IsValidAndReportsProgress()
    {
        var seen = new Progress();
        LedgerVerification verification = await EmbeddedConsentLedger.VerifyAsync(Copy(), seen);
        Assert.True(verification.IsValid);
        Assert.Equal((null, null), (verification.FirstBadEntry, verification.What));
        Assert.Equal(original.Entries, verification.VerifiedEntries);
        Assert.Equal(original.Entries, seen.Last);
    }

    [Theory]
    [MemberData(nameof(Alterations))]
    public async Task VerifyAsync_AlteredField_NamesTheEntry(string sql, ulong entry, string what)
    {
        string database = Copy();
        TestLedgers.Tamper(database, sql);
        LedgerVerification verification = await EmbeddedConsentLedger.VerifyAsync(database);
        Assert.False(verification.IsValid);
        Assert.Equal(entry, verification.FirstBadEntry);
        Assert.Contains(what, verification.What, StringComparison.Ordinal);
        Assert.Equal(entry == 0 ? 0 : entry - 1, verification.VerifiedEntries);
    }

    [Theory]
    [MemberData(nameof(Alterations))]
    public async Task OpenAsync_AlteredField_RefusesWhatItMeets(string sql, ulong entry, string what)
    {
        // A signature in the middle is only looked at by VerifyAsync; everything else stops the opening.
        string database = Copy();
        TestLedgers.Tamper(database, sql);
        if (sql.Contains("operator_signature = (SELECT", StringComparison.Ordinal) && entry == Target)
        {
            await using EmbeddedConsentLedger opened = await EmbeddedConsentLedger.OpenAsync(database);
            Assert.False((await opened.VerifyAsync()).IsValid);
            return;
        }

        Assert.NotEmpty(what);
        await Assert.ThrowsAsync<PhrDataException>(() => EmbeddedConsentLedger.OpenAsync(database));
    }

    [Theory]
    [InlineData("events of another command")]
    [InlineData("no events")]
    [InlineData("beat with events")]
    [InlineData("another nonce")]
    [InlineData("signed by another")]
    [InlineData("not canonical")]
    public async Task VerifyAsync_OperatorWritesWhatNoActorAsked_NamesTheEntry(string crime)
    {
        // Whoever holds the operator's key can make hashes and signatures that fit; the actors' signatures and the rules remain.
        string database = Copy(withKey: true);
        using ChainStore store = await ChainStore.OpenAsync(database, null, null, TimeSpan.FromSeconds(30), default);
        using (ChainWriter writer = await store.BeginWriteAsync(default))
        {
            ChainEntry last = writer.ReadPage(0)[^1];
            Person patient = LedgerStory.Patient;
            var revoke = new RemoveActor { Actor = patient.Id, Subject = patient.Id, ReasonCode = 1 };
            ulong nonce = original.PatientNonce;
            SignedCommand honest = SignedCommand.Sign(revoke, nonce, store.Genesis.Ledger, patient.Key);
            byte[] events = EventList.ToBytes([new NonceUsed { Actor = patient.Id, Nonce = nonce }, new ActorRemoved { Actor = patient.Id, By = patient.Id, ReasonCode = 1 }]);
            (byte[] command, byte[] effect) = crime switch
            {
                "events of another command" => (honest.ToBytes(), EventList.ToBytes([new NonceUsed { Actor = patient.Id, Nonce = nonce }])),
                "no events" => (honest.ToBytes(), EventList.ToBytes([])),
                "beat with events" => ([], events),
                "another nonce" => (SignedCommand.Sign(revoke, nonce + 1, store.Genesis.Ledger, patient.Key).ToBytes(), events),
                "signed by another" => (SignedCommand.Sign(revoke, nonce, store.Genesis.Ledger, LedgerStory.Doctor.Key).ToBytes(), events),
                _ => ((byte[])[.. honest.ToBytes(), 0], events),
            };
            writer.Append(last.Head, last.Time, command, effect);
            writer.Commit();
        }

        LedgerVerification verification = await EmbeddedConsentLedger.VerifyAsync(database);
        Assert.Equal(original.Entries + 1, verification.FirstBadEntry);
    }

    [Fact]
    public async Task Reads_EntryDamagedWhileOpen_RefuseAndVerifyNamesIt()
    {
        string database = Copy();
        await using EmbeddedConsentLedger ledger = await EmbeddedConsentLedger.OpenAsync(database);
        LedgerHead head = await ledger.GetHeadAsync();
        TestLedgers.Tamper(
            database,
            "INSERT INTO entries SELECT number + 1, time, hash, command, events, randomblob(32), operator_signature FROM entries WHERE number = $last",
            ("$last", (long)head.Number));
        for (int i = 0; i < 2; i++)
        {
            var e = await Assert.ThrowsAsync<PhrDataException>(() => ledger.GetHeadAsync());
            Assert.Contains($"entry {head.Number + 1}", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(head.Number + 1, (await ledger.VerifyAsync()).FirstBadEntry);
    }

    [Fact]
    public void Entries_ChangedByMistake_AreProtectedByTheDatabase()
    {
        using var connection = new SqliteConnection($"Data Source={Copy()};Pooling=False");
        connection.Open();
        foreach (string sql in (string[])["UPDATE entries SET time = 0", "DELETE FROM entries"])
        {
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = sql;
            Assert.Throws<SqliteException>(() => command.ExecuteNonQuery());
        }
    }

    private string Copy(bool withKey = false)
    {
        string database = _folder.File("ledger.db");
        File.Copy(original.Database, database);
        if (withKey)
        {
            File.Copy(OperatorKeyFile.PathFor(original.Database), OperatorKeyFile.PathFor(database));
        }

        return database;
    }

    /// <summary>A sound ledger that every test copies.</summary>
    public sealed class Original : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private readonly ManualClock _clock = new();

        internal string Database => _folder.File("original.db");

        internal ulong Entries { get; private set; }

        internal ulong PatientNonce { get; private set; }

        public async ValueTask InitializeAsync()
        {
            await using EmbeddedConsentLedger ledger = await EmbeddedConsentLedger.OpenAsync(Database, TestLedgers.Options(_clock));
            var story = new LedgerStory(ledger, () => _clock.Now);
            await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
            await story.RegisterAsync(LedgerStory.Doctor, ActorRoles.Doctor);
            await story.SubmitAsync(LedgerStory.Agency, new AdmitActor { Actor = default, Subject = LedgerStory.Doctor.Id });
            _clock.Advance(TimeSpan.FromHours(1));
            await story.SubmitAsync(LedgerStory.Agency, story.Licence(LedgerStory.Doctor));
            for (int i = 0; i < 3; i++)
            {
                await story.RegisterAsync(LedgerStory.Guardians[i], ActorRoles.Guardian);
            }

            Entries = (await ledger.GetHeadAsync()).Number;
            PatientNonce = await ledger.GetNonceAsync(LedgerStory.Patient.Id);
        }

        public ValueTask DisposeAsync()
        {
            _folder.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Progress : IProgress<ulong>
    {
        public ulong Last { get; private set; }

        public void Report(ulong value) => Last = value;
    }
}
