using Phr.Consent.Embedded;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Consent.Tests.Embedded;

public sealed class EmbeddedConsentLedgerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    private string Database => _folder.File("ledger.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task OpenAsync_AfterClosing_HasTheSameStateAndParameters()
    {
        LedgerHead head;
        LedgerId id;
        await using (EmbeddedConsentLedger first = await OpenAsync(LedgerStory.Parameters with { DrawDelay = 4 }))
        {
            await Story(first).InstituteAsync();
            head = await first.GetHeadAsync();
            id = first.Id;
        }

        // The parameters of a ledger are those that it was made with.
        await using EmbeddedConsentLedger again = await OpenAsync(LedgerStory.Parameters with { DrawDelay = 7 });
        Assert.Equal(4, again.Parameters.DrawDelay);
        Assert.Equal(head, await again.GetHeadAsync());
        Assert.Equal((id, 0ul), (again.Id, again.Id.ChainId));
        Assert.Equal(ActorId.FromPublicKey(again.OperatorKey), again.Id.Contract);
        Assert.Equal(ActorStatus.Active, (await again.GetActorAsync(LedgerStory.Doctor.Id))!.Status);
        Assert.True((await again.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task OpenAsync_NothingToCreate_Throws()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(() => EmbeddedConsentLedger.OpenAsync(Database));
        await Assert.ThrowsAsync<FileNotFoundException>(() => EmbeddedConsentLedger.VerifyAsync(Database));
        await Assert.ThrowsAsync<ArgumentException>(() => EmbeddedConsentLedger.OpenAsync(Database, TestLedgers.Options(_clock, new LedgerParameters { FoundingAgency = default })));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task SubmitAsync_TwoLedgersOnOneFile_TakeTurnsAndSeeEachOther()
    {
        await using EmbeddedConsentLedger left = await OpenAsync();
        await using EmbeddedConsentLedger right = await OpenAsync();
        const int Each = 15;
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        Task<List<ulong>> followed = Task.Run(async () =>
        {
            var numbers = new List<ulong>();
            await foreach (LedgerEntry entry in left.FollowAsync(0, enough.Token))
            {
                numbers.Add(entry.Number);
                if (numbers.Count == 2 * (Each + 1))
                {
                    break;
                }
            }

            return numbers;
        });
        await Task.WhenAll(WriteAsync(left, Person.Named("left")), WriteAsync(right, Person.Named("right")));

        Assert.Equal(Enumerable.Range(1, 2 * (Each + 1)).Select(n => (ulong)n), await followed);
        Assert.Equal(await left.GetHeadAsync(), await right.GetHeadAsync());
        Assert.Equal((ulong)Each + 1, await left.GetNonceAsync(Person.Named("right").Id));
        Assert.True((await left.VerifyAsync()).IsValid);

        async Task WriteAsync(EmbeddedConsentLedger ledger, Person writer)
        {
            LedgerStory story = Story(ledger);
            await story.RegisterAsync(writer, ActorRoles.Patient);
            for (int i = 0; i < Each; i++)
            {
                await story.SubmitAsync(writer, NewBundle());
            }
        }
    }

    [Fact]
    public async Task Reads_WhileAnotherWrites_DoNotWait()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync();
        LedgerStory story = Story(ledger);
        await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        using ChainStore other = await ChainStore.OpenAsync(Database, null, null, TimeSpan.Zero, default);
        using ChainWriter writer = await other.BeginWriteAsync(default);
        writer.Append(writer.ReadPage(0)[^1].Head, _clock.Now, [], EventList.ToBytes([]));

        Assert.Equal(1ul, (await ledger.GetHeadAsync()).Number);
        Assert.Single(await ReadAllAsync(ledger));

        // And a writer that gives up says so.
        await using EmbeddedConsentLedger impatient = await EmbeddedConsentLedger.OpenAsync(Database, new EmbeddedLedgerOptions { BusyTimeout = TimeSpan.Zero });
        await Assert.ThrowsAsync<TimeoutException>(() => Story(impatient).SubmitAsync(LedgerStory.Patient, NewBundle()));
        writer.Commit();
        Assert.Equal(2ul, (await ledger.GetHeadAsync()).Number);
    }

    [Fact]
    public async Task SubmitAsync_ClockGoesBack_KeepsTheTimeOfTheEntryBefore()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync();
        LedgerStory story = Story(ledger);
        DateTimeOffset first = (await story.RegisterAsync(LedgerStory.Patient, ActorRoles.Patient)).Entry.Time;
        _clock.Advance(TimeSpan.FromHours(-5));
        Assert.Equal(first, (await story.SubmitAsync(LedgerStory.Patient, NewBundle())).Entry.Time);
        Assert.Equal(first, (await ledger.GetHeadAsync()).Time);
        _clock.Advance(TimeSpan.FromHours(6));
        Assert.Equal(first.AddHours(1), (await ledger.GetHeadAsync()).Time);
        Assert.Equal(first.AddHours(1), (await story.SubmitAsync(LedgerStory.Patient, NewBundle())).Entry.Time);
        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task DrawCommittee_BeforeItsSeedBlock_HasTheBlocksMadeFirst()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync(LedgerStory.Parameters with { DrawDelay = 3 });
        LedgerStory story = Story(ledger);
        await story.InstituteAsync();
        await story.SealAsync();
        RequestId id = await story.RequestAsync();
        RequestRecord request = await story.GetAsync(id);
        ulong requested = (await ledger.GetHeadAsync()).Number;
        Assert.Equal(requested + 3, request.SeedBlock);

        LedgerReceipt drawn = await story.SubmitAsync(LedgerStory.Doctor, new DrawCommittee { Actor = default, RequestId = id });
        Assert.Equal(request.SeedBlock + 1, drawn.Number);
        List<LedgerEntry> entries = await ReadAllAsync(ledger, requested);
        Assert.Equal([true, true, true, false], entries.Select(entry => entry.Command is null && entry.Events.Count == 0));

        // Anyone can draw again, from what the ledger shows.
        LedgerEntry seed = entries.Single(entry => entry.Number == request.SeedBlock);
        request = await story.GetAsync(id);
        RegistrySnapshot snapshot = (await ledger.GetSnapshotAsync(request.Snapshot))!;
        Assert.Equal(
            CommitteeDraw.Draw(new DrawInputs
            {
                Seed = seed.Block.Randomness,
                RequestId = id,
                Entries = snapshot.Entries,
                Seats = LedgerStory.Policy.CommitteeSize,
                Parties = request.Parties.ToHashSet(),
            }).Select(m => m.Oracle),
            request.Committee.Select(m => m.Oracle));
        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task DrawCommittee_Refused_LeavesNoBlocks()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync(LedgerStory.Parameters with { DrawDelay = 3 });
        LedgerStory story = Story(ledger);
        await story.InstituteAsync();
        await story.SealAsync();
        RequestId id = await story.RequestAsync();
        LedgerHead before = await ledger.GetHeadAsync();
        var draw = new DrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = id };
        await Assert.ThrowsAsync<LedgerRejectedException>(() => ledger.SubmitAsync(SignedCommand.Sign(draw, 99, ledger.Id, LedgerStory.Doctor.Key)));
        Assert.Equal(before, await ledger.GetHeadAsync());
    }

    [Fact]
    public async Task SubmitAsync_WithoutTheOperatorsKey_IsRefusedAndReadingWorks()
    {
        await using (EmbeddedConsentLedger ledger = await OpenAsync())
        {
            await Story(ledger).RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        }

        string copy = _folder.File("copy.db");
        File.Copy(Database, copy);
        await using EmbeddedConsentLedger audited = await EmbeddedConsentLedger.OpenAsync(copy);
        Assert.False(audited.CanSubmit);
        Assert.NotNull(await audited.GetActorAsync(LedgerStory.Patient.Id));
        Assert.True((await audited.VerifyAsync()).IsValid);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Story(audited).SubmitAsync(LedgerStory.Patient, NewBundle()));
    }

    [Fact]
    public async Task SubmitAsync_CommandWithoutAField_IsMalformed()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync();
        var signed = SignedCommand.Sign(new DrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = default }, 0, ledger.Id, LedgerStory.Doctor.Key);
        RequestAccess unproven = Story(ledger).Request() with { Possession = null };
        var refused = await Assert.ThrowsAsync<LedgerRejectedException>(() => ledger.SubmitAsync(signed with { Command = unproven }));
        Assert.Equal(LedgerError.Malformed, refused.Error);
    }

    [Fact]
    public async Task FollowAsync_LedgerDisposed_Ends()
    {
        EmbeddedConsentLedger ledger = await OpenAsync();
        await Story(ledger).RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        await using IAsyncEnumerator<LedgerEntry> follower = ledger.FollowAsync(0).GetAsyncEnumerator();
        Assert.True(await follower.MoveNextAsync());
        Task<bool> next = follower.MoveNextAsync().AsTask();
        await ledger.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => next);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ledger.GetHeadAsync());
    }

    [Fact]
    public async Task SubmitAsync_CancelledBefore_SubmitsNothing()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync();
        var signed = SignedCommand.Sign(Story(ledger).Register(ActorRoles.Patient) with { Actor = LedgerStory.Patient.Id }, 0, ledger.Id, LedgerStory.Patient.Key);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.SubmitAsync(signed, new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ledger.GetHeadAsync(new CancellationToken(canceled: true)));
        Assert.Equal(0ul, (await ledger.GetHeadAsync()).Number);
    }

    [Fact]
    public void EventList_DamagedBytes_GivePhrDataExceptionAndNothingElse()
    {
        byte[] sample = EventList.ToBytes(
        [
            new NonceUsed { Actor = LedgerStory.Patient.Id, Nonce = 3 },
            new BundleRegistered { BundleId = default, Patient = LedgerStory.Patient.Id, HeaderDigest = LedgerStory.Fresh(), DocumentsRoot = default },
        ]);
        Mutations.Run("event list", [sample, EventList.ToBytes([])], bytes => EventList.FromBytes(bytes).Length >= 0, e => e is PhrDataException);
    }

    private static RegisterBundle NewBundle() => new()
    {
        Actor = default,
        BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()),
        HeaderDigest = LedgerStory.Fresh(),
        DocumentsRoot = LedgerStory.Fresh(),
    };

    private static async Task<List<LedgerEntry>> ReadAllAsync(EmbeddedConsentLedger ledger, ulong after = 0)
    {
        var entries = new List<LedgerEntry>();
        await foreach (LedgerEntry entry in ledger.ReadAsync(after))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private LedgerStory Story(IConsentLedger ledger) => new(ledger, () => _clock.Now);

    private Task<EmbeddedConsentLedger> OpenAsync(LedgerParameters? parameters = null) => EmbeddedConsentLedger.OpenAsync(Database, TestLedgers.Options(_clock, parameters));
}
