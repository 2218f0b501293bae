using System.Numerics;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.Ethereum.Tests.Bindings;
using Phr.Ethereum.Tests.Contracts.Everything;

namespace Phr.Ethereum.Tests.Transactions;

/// <summary>The sender on anvil, through what happens to transactions on a real chain.</summary>
public class TransactionSenderTests
{
    private static readonly EthereumSenderOptions _fast = new() { PollInterval = TimeSpan.FromMilliseconds(20) };

    [Fact]
    public async Task SendAsync_ManyCallersAtOnce_EachGetsInOnce()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        ActorId contract = await DeployAsync(sender);
        TransactionReceipt[] receipts = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => sender.SendAsync(Call(contract, new IncreaseFunction()), CancellationToken.None)));
        Assert.All(receipts, r => Assert.True(r.Succeeded));
        Assert.Equal(40, receipts.Select(r => r.TransactionHash).Distinct().Count());
        Assert.Equal(40UL, await CountAsync(node, contract));
        Assert.Equal(41UL, await NonceAsync(node, sender.Account));
        Assert.Empty(sender.Pending);
    }

    [Fact]
    public async Task SendAsync_ContractRefuses_NothingIsSentAndNoNonceUsed()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        ActorId contract = await DeployAsync(sender);
        var refuse = new RefuseFunction(0, GeneratedBindingsTests.SampleTree);
        EthereumRevertException refused = await Assert.ThrowsAsync<EthereumRevertException>(() => sender.SendAsync(Call(contract, refuse), CancellationToken.None));
        Assert.Equal(new TooEarlyError(0), refused.Decoded);
        Assert.Null(refused.TransactionHash);
        Assert.Equal(1UL, await NonceAsync(node, sender.Account));

        // Sent without asking first, it is carried out, undone and paid for.
        EthereumRevertException undone = await Assert.ThrowsAsync<EthereumRevertException>(() => sender.SendAsync(Call(contract, refuse) with { GasLimit = 200_000 }, CancellationToken.None));
        Assert.Equal(new TooEarlyError(0), undone.Decoded);
        Assert.NotNull(undone.TransactionHash);
        Assert.Equal(2UL, await NonceAsync(node, sender.Account));
        await sender.SendAsync(Call(contract, new IncreaseFunction()), CancellationToken.None);
    }

    /// <summary>The node takes the transaction and its answer is lost. Asked again, it says that the nonce is used: by this very transaction, which must not be sent once more under the next nonce.</summary>
    [Fact]
    public async Task SendAsync_AnswerOfTheNodeIsLost_IsCarriedOutOnce()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using SecretKey key = DevNode.Account();
        int lost = 0;
        using var wire = new LostAnswers(request => request.Contains("eth_sendRawTransaction", StringComparison.Ordinal) && Interlocked.Increment(ref lost) == 2);
        using var rpc = new EthereumRpc(new EthereumRpcOptions { Endpoints = [node.Address], RetryDelay = TimeSpan.FromMilliseconds(1) }, handler: wire);
        await using var sender = new TransactionSender(rpc, key, node.ChainId, _fast);
        ActorId contract = await DeployAsync(sender);
        Assert.True((await sender.SendAsync(Call(contract, new IncreaseFunction()), CancellationToken.None)).Succeeded);
        Assert.Equal(3, lost);
        Assert.Equal(1UL, await CountAsync(node, contract));
        Assert.Equal(2UL, await NonceAsync(node, sender.Account));
        Assert.True((await sender.SendAsync(Call(contract, new IncreaseFunction()), CancellationToken.None)).Succeeded);
        Assert.Equal(2UL, await CountAsync(node, contract));
    }

    /// <summary>What was done is thrown out by a re-organisation, and nothing is on its way: the next transaction takes the nonce that is free again, and does not wait behind a gap.</summary>
    [Fact]
    public async Task SendAsync_AfterAReorganisationThrewOutWhatWasDone_LeavesNoGap()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using SecretKey key = DevNode.Account();
        await node.MineAsync(5);
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { StuckAfter = TimeSpan.FromHours(1) });
        var request = new TransactionRequest { To = sender.Account, GasLimit = 21_000 };
        for (int i = 0; i < 3; i++)
        {
            await sender.SendAsync(request, CancellationToken.None);
        }

        await node.DevAsync("anvil_reorg", 2, new JsonArray());
        Assert.Equal(1UL, await NonceAsync(node, sender.Account));
        Assert.True((await sender.SendAsync(request, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1))).Succeeded);
        Assert.Equal(2UL, await NonceAsync(node, sender.Account));
    }

    [Fact]
    public async Task SendAsync_NodeRefuses_LeavesNoGap()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using SecretKey key = DevNode.Account();
        using var poor = SecretKey.Generate();
        await using var rich = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        await using var sender = new TransactionSender(node.Rpc, poor, node.ChainId, _fast);
        var gift = new TransactionRequest { To = rich.Account, Value = 1, GasLimit = 21_000 };
        EthereumTransactionException refused = await Assert.ThrowsAsync<EthereumTransactionException>(() => sender.SendAsync(gift, CancellationToken.None));
        Assert.Equal(EthereumTransactionFault.RefusedByNode, refused.Fault);
        Assert.Empty(sender.Pending);
        await rich.SendAsync(new TransactionRequest { To = sender.Account, Value = BigInteger.Pow(10, 18) }, CancellationToken.None);
        Assert.True((await sender.SendAsync(gift, CancellationToken.None)).Succeeded);
        await Assert.ThrowsAsync<EthereumTransactionException>(() => rich.SendAsync(gift with { GasLimit = 1_000_000_000 }, CancellationToken.None));
        await rich.SendAsync(gift with { To = sender.Account }, CancellationToken.None);
    }

    [Fact]
    public async Task SendAsync_FeeAboveTheLimit_IsNotSent()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { MaxFeePerGas = 2_000_000 });
        EthereumTransactionException refused = await Assert.ThrowsAsync<EthereumTransactionException>(() => sender.SendAsync(new TransactionRequest { To = sender.Account }, CancellationToken.None));
        Assert.Equal(EthereumTransactionFault.FeeAboveLimit, refused.Fault);
    }

    [Fact]
    public async Task SendAsync_Stuck_IsReplacedWithHigherFees()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { StuckAfter = TimeSpan.FromMilliseconds(1), MaxReplacements = 3 });
        PendingTransaction first = await sender.StartAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, CancellationToken.None);
        PendingTransaction second = await sender.StartAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, CancellationToken.None);
        await UntilAsync(() => Task.FromResult(first.Versions.Count == 4));
        await UntilAsync(async () => await node.Rpc.GetTransactionAsync(first.Newest.Hash, CancellationToken.None) is not null);
        Assert.Single(second.Versions);
        for (int i = 1; i < 4; i++)
        {
            Eip1559Transaction before = first.Versions[i - 1].Transaction;
            Eip1559Transaction after = first.Versions[i].Transaction;
            Assert.True(after.MaxFeePerGas * 10 >= before.MaxFeePerGas * 11 && after.MaxPriorityFeePerGas * 10 >= before.MaxPriorityFeePerGas * 11);
            Assert.Equal(before with { MaxFeePerGas = 0, MaxPriorityFeePerGas = 0 }, after with { MaxFeePerGas = 0, MaxPriorityFeePerGas = 0 });
        }

        Assert.Equal(first.Newest.Hash, (await MineUntilAsync(node, first.Completion)).TransactionHash);
        Assert.True((await MineUntilAsync(node, second.Completion)).Succeeded);
    }

    [Fact]
    public async Task SendAsync_BaseFeeRisesAboveTheOffer_IsRaisedUntilItGetsIn()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { StuckAfter = TimeSpan.FromMilliseconds(50) });
        PendingTransaction pending = await sender.StartAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, CancellationToken.None);
        BigInteger offered = pending.Newest.Transaction.MaxFeePerGas;
        await node.DevAsync("anvil_setNextBlockBaseFeePerGas", QuantityConverter.Text(offered * 5));
        TransactionReceipt receipt = await MineUntilAsync(node, pending.Completion);
        Assert.True(receipt.EffectiveGasPrice > offered);
    }

    [Fact]
    public async Task SendAsync_ReorganisationThrowsItOut_IsSentAgainAndConfirmedThere()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { Finality = EthereumFinality.After(3) });
        await node.MineAsync(5);
        PendingTransaction pending = await sender.StartAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, CancellationToken.None);
        await node.MineAsync(2);
        Digest hash = pending.Newest.Hash;
        TransactionReceipt first = (await node.Rpc.GetReceiptAsync(hash, CancellationToken.None))!;
        Assert.False(pending.Completion.IsCompleted);
        await node.DevAsync("anvil_reorg", 3, new JsonArray());
        if (await node.Rpc.GetReceiptAsync(hash, CancellationToken.None) is { } still)
        {
            Assert.NotEqual(first.BlockHash, still.BlockHash);
        }

        TransactionReceipt receipt = await MineUntilAsync(node, pending.Completion);
        Assert.Equal(hash, receipt.TransactionHash);
        Assert.NotEqual(first.BlockHash, receipt.BlockHash);
        Assert.Equal(receipt.BlockHash, (await node.Rpc.GetBlockAsync(BlockTag.Number(receipt.BlockNumber), CancellationToken.None))!.Hash);
        Assert.True(await node.Rpc.GetBlockNumberAsync(CancellationToken.None) >= receipt.BlockNumber + 3);
    }

    [Fact]
    public async Task SendAsync_NodeDropsIt_IsSentAgain()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        PendingTransaction[] pending = [await SendNothingAsync(sender), await SendNothingAsync(sender), await SendNothingAsync(sender)];
        await node.DevAsync("anvil_dropTransaction", "0x" + pending[1].Newest.Hash);
        await UntilAsync(async () => await node.Rpc.GetTransactionAsync(pending[1].Newest.Hash, CancellationToken.None) is not null);
        foreach (PendingTransaction one in pending)
        {
            Assert.True((await MineUntilAsync(node, one.Completion)).Succeeded);
        }
    }

    [Fact]
    public async Task SendAsync_NodeIsKilled_TheSecondNodeGetsIt()
    {
        // Two nodes that know nothing of each other, with the same first block, stand for two nodes of one network.
        await using DevNode first = await DevNode.StartAnvilAsync("--no-mining", "--timestamp", "1700000000");
        await using DevNode second = await DevNode.StartAnvilAsync("--timestamp", "1700000000");
        using var rpc = new EthereumRpc(new EthereumRpcOptions { Endpoints = [first.Address, second.Address], RetryDelay = TimeSpan.FromMilliseconds(10) });
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(rpc, key, first.ChainId, _fast);
        PendingTransaction[] pending = [await SendNothingAsync(sender), await SendNothingAsync(sender)];
        Assert.Equal(2UL, await first.Rpc.GetTransactionCountAsync(sender.Account, BlockTag.Pending, CancellationToken.None));
        await first.Process.KillAsync();
        foreach (PendingTransaction one in pending)
        {
            Assert.True((await one.Completion).Succeeded);
        }

        Assert.Equal(2UL, await NonceAsync(second, sender.Account));
        Assert.True((await sender.SendAsync(new TransactionRequest { To = sender.Account }, CancellationToken.None)).Succeeded);
    }

    [Fact]
    public async Task StartAsync_NodeUnreachableWhileSending_IsSentWhenItIsBack()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        bool isCut = false;
        using var wire = new CutWire(request => isCut && request.Contains("eth_sendRawTransaction", StringComparison.Ordinal));
        using var rpc = new EthereumRpc(new EthereumRpcOptions { Endpoints = [node.Address], MaxAttempts = 2, RetryDelay = TimeSpan.Zero }, null, wire);
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(rpc, key, node.ChainId, _fast);
        isCut = true;
        PendingTransaction one = await SendNothingAsync(sender);
        PendingTransaction two = await SendNothingAsync(sender);
        Assert.Equal((0UL, 1UL), (one.Nonce, two.Nonce));
        Assert.Equal(0UL, await NonceAsync(node, sender.Account));
        isCut = false;
        Assert.True((await one.Completion).Succeeded && (await two.Completion).Succeeded);
    }

    [Fact]
    public async Task StartAsync_AfterARestart_GoesOnWithTheJournal()
    {
        using var folder = new JournalFolder();
        using SecretKey key = DevNode.Account();
        Digest[] hashes;
        await using (DevNode node = await DevNode.StartAnvilAsync("--no-mining", "--timestamp", "1700000000"))
        {
            await using var before = new TransactionSender(node.Rpc, key, node.ChainId, _fast, new TransactionJournal(folder.Path));
            PendingTransaction[] pending = [await SendNothingAsync(before), await SendNothingAsync(before)];
            hashes = [.. pending.Select(p => p.Newest.Hash)];
            await before.DisposeAsync();
            Assert.Equal(EthereumTransactionFault.SenderStopped, (await Assert.ThrowsAsync<EthereumTransactionException>(() => pending[0].Completion)).Fault);
            await Assert.ThrowsAsync<ObjectDisposedException>(() => SendNothingAsync(before));
        }

        // The node, too, has forgotten what was on its way.
        await using DevNode fresh = await DevNode.StartAnvilAsync("--timestamp", "1700000000");
        await using var after = new TransactionSender(fresh.Rpc, key, fresh.ChainId, _fast, new TransactionJournal(folder.Path));
        TransactionReceipt third = await after.SendAsync(new TransactionRequest { To = after.Account }, CancellationToken.None);
        Assert.True(third.Succeeded);
        foreach (Digest hash in hashes)
        {
            Assert.True((await fresh.Rpc.GetReceiptAsync(hash, CancellationToken.None))!.Succeeded);
        }

        Assert.Equal(3UL, await NonceAsync(fresh, after.Account));
        await UntilAsync(() => Task.FromResult(after.Pending.Count == 0 && Directory.GetFiles(folder.Path).Length == 0));
    }

    [Fact]
    public async Task StartAsync_AfterARestartWithoutAJournal_TakesTheNextFreeNonce()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using (var before = new TransactionSender(node.Rpc, key, node.ChainId, _fast))
        {
            await SendNothingAsync(before);
        }

        await using var after = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        PendingTransaction next = await SendNothingAsync(after);
        Assert.Equal(1UL, next.Nonce);
        Assert.True((await MineUntilAsync(node, next.Completion)).Succeeded);
    }

    [Fact]
    public async Task StartAsync_JournalHasAGap_IsFilled()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using var folder = new JournalFolder();
        using SecretKey key = DevNode.Account();
        var journal = new TransactionJournal(folder.Path);
        journal.Save(new Eip1559Transaction { ChainId = node.ChainId, Nonce = 2, MaxFeePerGas = 5_000_000_000, MaxPriorityFeePerGas = 1_000_000_000, GasLimit = 21_000, To = ActorId.FromPublicKey(key.PublicKey) }.Sign(key));
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { StuckAfter = TimeSpan.FromMilliseconds(50) }, journal);
        await sender.ResumeJournalAsync(CancellationToken.None);
        await UntilAsync(async () => await NonceAsync(node, sender.Account) == 3);
        await UntilAsync(() => Task.FromResult(sender.Pending.Count == 0));
        Assert.Equal(3UL, (await SendNothingAsync(sender)).Nonce);
    }

    [Fact]
    public async Task StartAsync_JournalOfAnotherAccountOrDamaged_IsRefused()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        using var folder = new JournalFolder();
        using SecretKey key = DevNode.Account();
        using SecretKey other = DevNode.Account(1);
        var journal = new TransactionJournal(folder.Path);
        journal.Save(TransactionTests.Sample(new RandomAbi(1)).Sign(other));
        await using (var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast, journal))
        {
            Assert.Equal(PhrDataReason.Mismatched, (await Assert.ThrowsAsync<PhrDataException>(() => SendNothingAsync(sender))).Reason);
        }

        await File.WriteAllBytesAsync(Assert.Single(Directory.GetFiles(folder.Path)), [1, 2, 3]);
        await using var again = new TransactionSender(node.Rpc, key, node.ChainId, _fast, journal);
        await Assert.ThrowsAsync<PhrDataException>(() => SendNothingAsync(again));
    }

    [Fact]
    public async Task SendAsync_AnotherProgramUsesTheNonce_IsReported()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        PendingTransaction pending = await SendNothingAsync(sender);
        Eip1559Transaction mine = pending.Newest.Transaction;
        SignedTransaction theirs = (mine with { Value = 1, MaxFeePerGas = mine.MaxFeePerGas * 2, MaxPriorityFeePerGas = mine.MaxPriorityFeePerGas * 2 }).Sign(key);
        await node.Rpc.SendAsync(EthereumCalls.SendRawTransaction(theirs), CancellationToken.None);
        await node.MineAsync(2);
        Assert.Equal(EthereumTransactionFault.ReplacedByAnother, (await Assert.ThrowsAsync<EthereumTransactionException>(() => pending.Completion)).Fault);
        PendingTransaction next = await SendNothingAsync(sender);
        Assert.Equal(1UL, next.Nonce);
        Assert.True((await MineUntilAsync(node, next.Completion)).Succeeded);
    }

    [Fact]
    public async Task SendAsync_WaitIsCancelled_TheTransactionAndTheOthersGoOn()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast);
        using var source = new CancellationTokenSource();
        Task<TransactionReceipt> first = sender.SendAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, source.Token);
        await UntilAsync(() => Task.FromResult(sender.Pending.Count == 1));
        PendingTransaction second = await SendNothingAsync(sender);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True((await MineUntilAsync(node, second.Completion)).Succeeded);
        Assert.Equal(2UL, await NonceAsync(node, sender.Account));
    }

    [Fact]
    public async Task SendAsync_ManyOnAChainThatReorganises_AllGetIn()
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--no-mining");
        using SecretKey key = DevNode.Account();
        await using var sender = new TransactionSender(node.Rpc, key, node.ChainId, _fast with { Finality = EthereumFinality.After(2) });
        await node.MineAsync(5);
        Task<TransactionReceipt[]> all = Task.WhenAll(Enumerable.Range(0, 12).Select(_ => sender.SendAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, CancellationToken.None)));
        await UntilAsync(() => Task.FromResult(sender.Pending.Count == 12));
        await node.MineAsync(2);
        await node.DevAsync("anvil_reorg", 2, new JsonArray());
        TransactionReceipt[] receipts = await MineUntilAsync(node, all);
        Assert.Equal(12UL, await NonceAsync(node, sender.Account));
        foreach (TransactionReceipt receipt in receipts)
        {
            Assert.Equal(receipt.BlockHash, (await node.Rpc.GetBlockAsync(BlockTag.Number(receipt.BlockNumber), CancellationToken.None))!.Hash);
        }
    }

    private static Task<PendingTransaction> SendNothingAsync(TransactionSender sender) => sender.StartAsync(new TransactionRequest { To = sender.Account, GasLimit = 21_000 }, CancellationToken.None);

    private static TransactionRequest Call(ActorId contract, IAbiFunction call) => TransactionRequest.Of(contract, call, EverythingAbi.Errors);

    private static async Task<ActorId> DeployAsync(TransactionSender sender)
    {
        byte[] code = new EverythingConstructor(0, new LeafStruct(1, default, "x")).ToDeployData(TestContract.Bytecode);
        TransactionReceipt receipt = await sender.SendAsync(new TransactionRequest { Data = new AbiBytes(code) }, CancellationToken.None);
        return receipt.ContractAddress!.Value;
    }

    private static Task<ulong> CountAsync(DevNode node, ActorId contract) => node.Rpc.CallAsync(contract, new CountFunction(), BlockTag.Latest, EverythingAbi.Errors, CancellationToken.None);

    private static Task<ulong> NonceAsync(DevNode node, ActorId account) => node.Rpc.GetTransactionCountAsync(account, BlockTag.Latest, CancellationToken.None);

    private static async Task<T> MineUntilAsync<T>(DevNode node, Task<T> task)
    {
        await UntilAsync(async () =>
        {
            await node.MineAsync();
            return task.IsCompleted;
        });
        return await task;
    }

    // Waits for what must come; the limit only ends a test that would hang.
    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (!await condition())
        {
            await Task.Delay(15, limit.Token);
        }
    }

    /// <summary>Passes requests on, except those that a test holds back.</summary>
    private sealed class CutWire(Func<string, bool> isCut) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            isCut(await request.Content!.ReadAsStringAsync(cancellationToken)) ? throw new HttpRequestException("cut") : await base.SendAsync(request, cancellationToken);
    }

    /// <summary>Passes requests on, and loses the answers to those that a test names.</summary>
    private sealed class LostAnswers(Func<string, bool> isLost) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool loses = isLost(await request.Content!.ReadAsStringAsync(cancellationToken));
            HttpResponseMessage answer = await base.SendAsync(request, cancellationToken);
            return loses ? throw new HttpRequestException("lost") : answer;
        }
    }

    private sealed class JournalFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("phr-journal-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
