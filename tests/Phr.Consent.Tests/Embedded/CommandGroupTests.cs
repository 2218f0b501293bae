using System.Reflection;
using Microsoft.Data.Sqlite;
using Phr.Consent.Embedded;
using Phr.Crypto;

namespace Phr.Consent.Tests.Embedded;

/// <summary>Commands that wait at the same time are one commit, and each has the outcome that it would have had alone.</summary>
public sealed class CommandGroupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualClock _clock = new();

    private string Database => _folder.File("ledger.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SubmitAsync_ManyWait_AreOneCommitInTheirOrder()
    {
        await using EmbeddedConsentLedger ledger = await OpenWithPatientAsync();
        await using EmbeddedConsentLedger watcher = await OpenAsync();
        ulong before = (await ledger.GetHeadAsync()).Number;
        RegisterBundle[] bundles = [.. Enumerable.Range(0, 40).Select(_ => NewBundle())];
        using var seen = new CancellationTokenSource();
        Task<List<ulong>> heads = Task.Run(async () =>
        {
            var numbers = new List<ulong>();
            while (!seen.IsCancellationRequested)
            {
                numbers.Add((await watcher.GetHeadAsync()).Number);
            }

            return numbers;
        });

        LedgerReceipt[] receipts = await Task.WhenAll(await TogetherAsync(() => bundles.Select(bundle => ledger.SubmitAsync(bundle, LedgerStory.Patient.Key))));

        await seen.CancelAsync();
        Assert.Equal(Enumerable.Range(1, 40).Select(i => before + (ulong)i), receipts.Select(receipt => receipt.Number));
        Assert.Equal(bundles.Select(bundle => bundle.BundleId), receipts.Select(receipt => ((RegisterBundle)receipt.Entry.Command!.Command).BundleId));
        Assert.Subset(new HashSet<ulong> { before, before + 40 }, (await heads).ToHashSet());
        Assert.Equal(41ul, await ledger.GetNonceAsync(LedgerStory.Patient.Id));
        Assert.Equal(await ledger.GetHeadAsync(), await watcher.GetHeadAsync());
        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task SubmitAsync_SomeOfAGroupAreRefused_OthersStandAsIfTheyHadComeAlone()
    {
        await using EmbeddedConsentLedger ledger = await OpenWithPatientAsync();
        RegisterBundle first = NewBundle(), second = NewBundle();
        SignedCommand signed = SignedCommand.Sign(NewBundle(), 1, ledger.Id, LedgerStory.Patient.Key);
        SignedCommand far = SignedCommand.Sign(NewBundle(), 9, ledger.Id, LedgerStory.Patient.Key);
        SignedCommand forged = SignedCommand.Sign(NewBundle(), 2, ledger.Id, LedgerStory.Doctor.Key);
        var stranger = Person.Named("stranger");

        IReadOnlyList<Task<LedgerReceipt>> tasks = await TogetherAsync(() =>
        [
            ledger.SubmitAsync(signed),
            ledger.SubmitAsync(signed),
            ledger.SubmitAsync(far),
            ledger.SubmitAsync(forged),
            ledger.SubmitAsync(first, LedgerStory.Patient.Key),
            ledger.SubmitAsync(first, LedgerStory.Patient.Key),
            ledger.SubmitAsync(second, LedgerStory.Doctor.Key),
            ledger.SubmitAsync(NewBundle() with { Actor = stranger.Id }, stranger.Key),
            ledger.SubmitAsync(NewBundle() with { BundleId = default }, LedgerStory.Patient.Key),
            ledger.SubmitAsync(second, LedgerStory.Patient.Key),
        ]);

        LedgerError?[] errors = await Task.WhenAll(tasks.Select(ErrorOfAsync));
        Assert.Equal(
            [null, LedgerError.WrongNonce, LedgerError.WrongNonce, LedgerError.BadSignature, null, LedgerError.AlreadyExists, LedgerError.BadSignature, LedgerError.NotRegistered, LedgerError.Malformed, null], errors);
        Assert.Equal([2ul, 3ul, 4ul], new[] { await tasks[0], await tasks[4], await tasks[9] }.Select(receipt => receipt.Number));
        Assert.NotNull(await ledger.GetBundleAsync(first.BundleId));
        Assert.NotNull(await ledger.GetBundleAsync(second.BundleId));
        Assert.Equal(4ul, (await ledger.GetHeadAsync()).Number);
        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    /// <summary>A mistake in one part of a program that gets as far as the signature: it is that part's, whoever happens to wait beside it.</summary>
    [Fact]
    public async Task SubmitAsync_CommandOfAGroupThatCannotBeLookedAt_FailsAlone()
    {
        await using EmbeddedConsentLedger ledger = await OpenWithPatientAsync();
        var torn = new ProposeDealing
        {
            Actor = LedgerStory.Patient.Id,
            BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()),
            HeaderDigest = LedgerStory.Fresh(),
            Epoch = 1,
            DealingDigest = LedgerStory.Fresh(),
            Policy = LedgerStory.Policy with { Groups = [null!] },
        };

        IReadOnlyList<Task<LedgerReceipt>> tasks = await TogetherAsync(() =>
            [ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key), ledger.SubmitAsync(torn, LedgerStory.Patient.Key), ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key)]);
        await Assert.ThrowsAnyAsync<Exception>(() => tasks[1]);
        Assert.Equal([2ul, 3ul], new[] { await tasks[0], await tasks[2] }.Select(receipt => receipt.Number));
        await Assert.ThrowsAnyAsync<Exception>(() => ledger.SubmitAsync(torn, LedgerStory.Patient.Key));
        Assert.Equal(4ul, (await ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key)).Number);
        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task SubmitAsync_DiskFailsWithinAGroup_TellsEachAndLeavesNone()
    {
        await using EmbeddedConsentLedger ledger = await OpenWithPatientAsync();
        LedgerHead before = await ledger.GetHeadAsync();

        // Twice, so that the second group finds what the first one left.
        for (int round = 0; round < 2; round++)
        {
            Execute($"CREATE TRIGGER planted BEFORE INSERT ON entries WHEN NEW.number = {before.Number + 3} BEGIN SELECT RAISE(ABORT, 'planted'); END");
            IReadOnlyList<Task<LedgerReceipt>> failed = await TogetherAsync(() => Enumerable.Range(0, 5).Select(_ => ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key)));
            foreach (Task<LedgerReceipt> task in failed)
            {
                await Assert.ThrowsAsync<IOException>(() => task);
            }

            Assert.Equal(before, await ledger.GetHeadAsync());
            Assert.Equal(before.Number, await ledger.GetNonceAsync(LedgerStory.Patient.Id));
            Execute("DROP TRIGGER planted");
            LedgerReceipt[] receipts = await Task.WhenAll(await TogetherAsync(() => Enumerable.Range(0, 5).Select(_ => ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key))));
            Assert.Equal(Enumerable.Range(1, 5).Select(i => before.Number + (ulong)i), receipts.Select(receipt => receipt.Number));
            before = await ledger.GetHeadAsync();
        }

        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task SubmitAsync_RefusedDrawBetweenOthers_LeavesNoBlocksAndStopsNobody()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync(LedgerStory.Parameters with { DrawDelay = 3 });
        var story = new LedgerStory(ledger, () => _clock.Now);
        await story.InstituteAsync();
        await story.SealAsync();
        RequestId id = await story.RequestAsync();
        ulong before = (await ledger.GetHeadAsync()).Number;
        var draw = new DrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = id };
        var unknown = new DrawCommittee { Actor = LedgerStory.Doctor.Id, RequestId = RequestId.FromBytes(LedgerStory.Fresh().ToBytes()) };

        IReadOnlyList<Task<LedgerReceipt>> tasks = await TogetherAsync(() =>
        [
            ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key),
            ledger.SubmitAsync(SignedCommand.Sign(draw, 99, ledger.Id, LedgerStory.Doctor.Key)),
            ledger.SubmitAsync(unknown, LedgerStory.Doctor.Key),
            ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key),
            ledger.SubmitAsync(draw, LedgerStory.Doctor.Key),
            ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key),
        ]);

        LedgerError?[] errors = await Task.WhenAll(tasks.Select(ErrorOfAsync));
        Assert.Equal([null, LedgerError.WrongNonce, LedgerError.NotFound, null, null, null], errors);

        // Three blocks after the request were needed; two of them are the bundles.
        Assert.Equal([before + 1, before + 2, before + 4, before + 5], new[] { await tasks[0], await tasks[3], await tasks[4], await tasks[5] }.Select(receipt => receipt.Number));
        Assert.NotEmpty((await story.GetAsync(id)).Committee);
        Assert.True((await ledger.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task SubmitAsync_CancelledWhileItWaits_IsWithdrawnAlone()
    {
        await using EmbeddedConsentLedger ledger = await OpenWithPatientAsync();
        using var cancel = new CancellationTokenSource();
        RegisterBundle withdrawn = NewBundle();
        IReadOnlyList<Task<LedgerReceipt>> tasks = await TogetherAsync(
            () => [ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key), ledger.SubmitAsync(withdrawn, LedgerStory.Patient.Key, cancel.Token), ledger.SubmitAsync(NewBundle(), LedgerStory.Patient.Key)],
            cancel.Cancel);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tasks[1]);
        Assert.Equal([2ul, 3ul], new[] { await tasks[0], await tasks[2] }.Select(receipt => receipt.Number));
        Assert.Null(await ledger.GetBundleAsync(withdrawn.BundleId));
        Assert.Equal(3ul, (await ledger.GetHeadAsync()).Number);
    }

    [Fact]
    public async Task SubmitAsync_GroupsOfTwoProcesses_FollowEachOther()
    {
        await using EmbeddedConsentLedger left = await OpenWithPatientAsync();
        await using EmbeddedConsentLedger right = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? left : right).SubmitAsync(NewBundle(), LedgerStory.Patient.Key)));

        Assert.Equal(61ul, await left.GetNonceAsync(LedgerStory.Patient.Id));
        Assert.Equal(await left.GetHeadAsync(), await right.GetHeadAsync());
        Assert.True((await right.VerifyAsync()).IsValid);
    }

    [Fact]
    public async Task SubmitAsync_GroupWithoutTheOperatorsKey_RefusesEach()
    {
        await using (EmbeddedConsentLedger made = await OpenWithPatientAsync())
        {
        }

        string copy = _folder.File("copy.db");
        File.Copy(Database, copy);
        await using EmbeddedConsentLedger audited = await EmbeddedConsentLedger.OpenAsync(copy);
        Task<LedgerReceipt>[] tasks = [.. Enumerable.Range(0, 3).Select(_ => audited.SubmitAsync(NewBundle(), LedgerStory.Patient.Key))];
        foreach (Task<LedgerReceipt> task in tasks)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(() => task);
        }
    }

    [Fact]
    public async Task Copy_OfAState_SharesNoCollection()
    {
        await using EmbeddedConsentLedger ledger = await OpenAsync();
        var story = new LedgerStory(ledger, () => _clock.Now);
        await story.InstituteAsync();
        await story.SealAsync();
        await story.RequestAsync();
        var state = new ConsentState(ledger.Id, ledger.Parameters);
        await foreach (LedgerEntry entry in ledger.ReadAsync(0))
        {
            foreach (LedgerEvent ledgerEvent in entry.Events)
            {
                state.Evolve(ledgerEvent, entry.Block);
            }
        }

        ConsentState copy = state.Copy();
        FieldInfo[] fields = [.. typeof(ConsentState).GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(field => typeof(System.Collections.IEnumerable).IsAssignableFrom(field.FieldType))];
        Assert.True(fields.Length >= 25);
        Assert.All(fields, field =>
        {
            var (original, other) = ((System.Collections.IEnumerable)field.GetValue(state)!, (System.Collections.IEnumerable)field.GetValue(copy)!);
            Assert.NotSame(original, other);
            Assert.Equal(original.Cast<object>().Count(), other.Cast<object>().Count());
        });
        Assert.NotSame(ListOf(state), ListOf(copy));

        // A dictionary's lists are changed in place: each state has its own.
        static object ListOf(ConsentState of) => ((System.Collections.IDictionary)typeof(ConsentState).GetField("_requestsOfBundle", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(of)!).Values.Cast<object>().First();
    }

    private static RegisterBundle NewBundle() => new()
    {
        Actor = LedgerStory.Patient.Id,
        BundleId = BundleId.FromBytes(LedgerStory.Fresh().ToBytes()),
        HeaderDigest = LedgerStory.Fresh(),
        DocumentsRoot = LedgerStory.Fresh(),
    };

    private static async Task<LedgerError?> ErrorOfAsync(Task<LedgerReceipt> task)
    {
        try
        {
            await task;
            return null;
        }
        catch (LedgerRejectedException e)
        {
            return e.Error;
        }
    }

    // Hands commands in while another process has the ledger, so that all of them wait.
    private async Task<IReadOnlyList<Task<LedgerReceipt>>> TogetherAsync(Func<IEnumerable<Task<LedgerReceipt>>> submit, Action? meanwhile = null)
    {
        using ChainStore other = await ChainStore.OpenAsync(Database, null, null, TimeSpan.FromSeconds(30), default);
        using ChainWriter holder = await other.BeginWriteAsync(default);
        Task<LedgerReceipt>[] tasks = [.. submit()];
        meanwhile?.Invoke();
        return tasks;
    }

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private async Task<EmbeddedConsentLedger> OpenWithPatientAsync()
    {
        EmbeddedConsentLedger ledger = await OpenAsync();
        await new LedgerStory(ledger, () => _clock.Now).RegisterAsync(LedgerStory.Patient, ActorRoles.Patient);
        return ledger;
    }

    private Task<EmbeddedConsentLedger> OpenAsync(LedgerParameters? parameters = null) => EmbeddedConsentLedger.OpenAsync(Database, TestLedgers.Options(_clock, parameters));
}
