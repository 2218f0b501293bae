using System.Collections.Immutable;
using System.Numerics;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Crypto;
using Phr.Ethereum.Tests.Bindings;
using Phr.Ethereum.Tests.Contracts.Everything;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.JsonRpc;

/// <summary>Every method that is used, on real nodes.</summary>
public class EthereumRpcTests
{
    [Theory]
    [InlineData("anvil")]
    [InlineData("hardhat")]
    public async Task Methods_EveryOne_WorkOnARealNode(string kind)
    {
        await using DevNode node = kind == "anvil" ? await DevNode.StartAnvilAsync() : await DevNode.StartHardhatAsync();
        EthereumRpc rpc = node.Rpc;
        CancellationToken none = CancellationToken.None;
        using SecretKey key = DevNode.Account();
        ActorId account = ActorId.FromPublicKey(key.PublicKey);
        TreeStruct tree = GeneratedBindingsTests.SampleTree;

        Assert.Equal(31337UL, await rpc.GetChainIdAsync(none));
        Assert.Equal(0UL, await rpc.GetTransactionCountAsync(account, BlockTag.Pending, none));
        Assert.Equal(BigInteger.Pow(10, 22), await rpc.GetBalanceAsync(account, BlockTag.Latest, none));
        BlockHeader genesis = (await rpc.GetBlockAsync(BlockTag.Number(0), none))!;
        Assert.Equal(genesis, (await rpc.GetBlockAsync(BlockTag.Hash(genesis.Hash), none))! with { Transactions = genesis.Transactions });
        Assert.Null(await rpc.GetBlockAsync(BlockTag.Number(1000), none));
        Assert.Null(await rpc.GetBlockAsync(BlockTag.Hash(Digest.Of([1])), none));
        Assert.Null(await rpc.GetReceiptAsync(Digest.Of([1]), none));
        Assert.Null(await rpc.GetTransactionAsync(Digest.Of([1]), none));

        // Deploy.
        byte[] code = new EverythingConstructor(77, new LeafStruct(1, default, "x")).ToDeployData(TestContract.Bytecode);
        TransactionReceipt deployed = await SendAsync(rpc, key, null, code);
        ActorId contract = deployed.ContractAddress!.Value;
        Assert.True((await rpc.GetCodeAsync(contract, BlockTag.Latest, none)).Length > 100);
        Assert.Equal(77, await rpc.CallAsync(contract, new StartFunction(), BlockTag.Latest, EverythingAbi.Errors, none));

        // Everything there and back.
        Assert.Equal(tree, await rpc.CallAsync(contract, new EchoFunction(tree), BlockTag.Latest, EverythingAbi.Errors, none));
        var all = new EchoAllFunction(255, (1UL << 40) - 1, BigInteger.One << 255, -128, -(BigInteger.One << 255), true, new AbiBytes([1, 2, 3, 4]), new AbiBytes([5]), 1);
        Assert.Equal(new EchoAllResult(all.A, all.B, all.C, all.D, all.E, all.F, all.G, all.H, all.I), await rpc.CallAsync(contract, all, BlockTag.Latest, EverythingAbi.Errors, none));
        var arrays = new EchoArraysFunction([[1, 2], [], [BigInteger.One << 255]], ["", "漢字", new string('x', 100)], [[default, Digest.Of([1]), default]]);
        Assert.Equal(new EchoArraysResult(arrays.A, arrays.B, arrays.C), await rpc.CallAsync(contract, arrays, BlockTag.Latest, EverythingAbi.Errors, none));
        for (int seed = 0; seed < 50; seed++)
        {
            var random = new RandomAbi(seed);
            TreeStruct made = TreeStruct.FromAbi(random.Value(EchoFunction.Description.Inputs)[0]);
            Assert.Equal(made, await rpc.CallAsync(contract, new EchoFunction(made), BlockTag.Latest, EverythingAbi.Errors, none));
        }

        // Logs by block and by range.
        await SendAsync(rpc, key, contract, new IncreaseFunction());
        TransactionReceipt logged = await SendAsync(rpc, key, contract, new LogFunction("label", 5, tree));
        var happened = new HappenedEvent(account, Digest.FromBytes(Keccak256.HashData("label"u8)), 5, tree);
        EthereumLog log = Assert.Single(logged.Logs);
        Assert.Equal(happened, EverythingAbi.Events.Read(log.Topics, log.Data.Span));
        var filter = new LogFilter { Addresses = [contract] };
        Assert.Equal(log.Data, Assert.Single(await rpc.GetLogsAsync(filter, logged.BlockHash, none)).Data);
        Assert.Equal(2, (await rpc.GetLogsAsync(filter, 0, logged.BlockNumber, none)).Length);
        Assert.Single(await rpc.GetLogsAsync(filter with { Topics = [[HappenedEvent.Description.Topic, Digest.Of([1])]] }, 0, logged.BlockNumber, none));
        Assert.Single(await rpc.GetLogsAsync(filter with { Topics = [[], [HappenedEvent.Description.TopicOf(0, AbiValue.Of(account))]] }, 0, logged.BlockNumber, none));
        Assert.Empty(await rpc.GetLogsAsync(filter with { Addresses = [account] }, 0, logged.BlockNumber, none));

        // The count is in the contract's first slot.
        Assert.Equal(1UL, await CountAsync(rpc, contract, BlockTag.Latest));
        Assert.Equal(Digest.FromBytes([.. new byte[31], 1]), await rpc.GetStorageAsync(contract, default, BlockTag.Latest, none));
        Assert.Equal(1UL, await CountAsync(rpc, contract, BlockTag.Hash(logged.BlockHash)));
        Assert.Equal(0UL, await CountAsync(rpc, contract, BlockTag.Number(deployed.BlockNumber)));

        // Transactions, estimates, fees.
        MinedTransaction mined = (await rpc.GetTransactionAsync(logged.TransactionHash, none))!;
        Assert.Equal((account, contract, logged.BlockHash, false), (mined.From, mined.To, mined.BlockHash, mined.IsPending));
        Assert.Equal(new LogFunction("label", 5, tree), EverythingAbi.Functions.Read(mined.Input.Span));
        ulong gas = await rpc.EstimateGasAsync(new CallRequest { From = account, To = contract, Data = mined.Input }, EverythingAbi.Errors, none);
        Assert.InRange(gas, 21_000UL, 200_000UL);
        FeeHistory fees = await rpc.GetFeeHistoryAsync(4, 50, none);
        Assert.Equal(fees.Reward!.Value.Length + 1, fees.BaseFeePerGas.Length);

        // All headers rebuild to their hashes, and lead from one to the next.
        ImmutableArray<BlockHeader> headers = await rpc.GetBlocksAsync(0, 1000, none);
        Assert.Equal(await rpc.GetBlockNumberAsync(none), headers[^1].Number);
        for (int i = 1; i < headers.Length; i++)
        {
            Assert.Equal(headers[i - 1].Hash, headers[i].ParentHash);
        }
    }

    [Theory]
    [InlineData("anvil")]
    [InlineData("hardhat")]
    public async Task Refusals_EveryKind_AreNamed(string kind)
    {
        await using DevNode node = kind == "anvil" ? await DevNode.StartAnvilAsync() : await DevNode.StartHardhatAsync();
        using SecretKey key = DevNode.Account();
        ActorId account = ActorId.FromPublicKey(key.PublicKey);
        TreeStruct tree = GeneratedBindingsTests.SampleTree;
        ActorId contract = (await SendAsync(node.Rpc, key, null, new EverythingConstructor(0, new LeafStruct(1, default, "x")).ToDeployData(TestContract.Bytecode))).ContractAddress!.Value;
        for (int how = 0; how <= 4; how++)
        {
            var call = new RefuseFunction(how, tree);
            var request = new CallRequest { From = account, To = contract, Data = new AbiBytes(call.Function.EncodeCall(call.ToArguments())) };
            EthereumRevertException called = await Assert.ThrowsAsync<EthereumRevertException>(() => node.Rpc.CallAsync(request, BlockTag.Latest, EverythingAbi.Errors, CancellationToken.None));
            EthereumRevertException estimated = await Assert.ThrowsAsync<EthereumRevertException>(() => node.Rpc.EstimateGasAsync(request, EverythingAbi.Errors, CancellationToken.None));
            Assert.Equal(called.Message, estimated.Message);
            switch (how)
            {
                case 0: Assert.Equal(new TooEarlyError(0), called.Decoded); break;
                case 1: Assert.Equal(new RefusedError(tree, new AbiBytes("because"u8)), called.Decoded); break;
                case 2: Assert.Contains("in words", called.Message, StringComparison.Ordinal); break;
                case 3: Assert.Contains("division by zero", called.Message, StringComparison.Ordinal); break;
                default: Assert.Equal(0, called.RevertData.Length); break;
            }
        }

        // An address without a contract returns nothing, which is not what the function returns.
        await Assert.ThrowsAsync<PhrDataException>(() => node.Rpc.CallAsync(account, new StartFunction(), BlockTag.Latest, EverythingAbi.Errors, CancellationToken.None));
    }

    [Theory]
    [InlineData("istanbul")]
    [InlineData("berlin")]
    [InlineData("london")]
    [InlineData("paris")]
    [InlineData("shanghai")]
    [InlineData("cancun")]
    [InlineData("prague")]
    [InlineData("osaka")]
    public async Task ToRlp_HeadersOfAFork_HaveTheirHash(string fork)
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--hardfork", fork);
        await node.MineAsync(3);
        ImmutableArray<BlockHeader> headers = await node.Rpc.GetBlocksAsync(0, 4, CancellationToken.None);
        Assert.Equal(4, headers.Length);
        Assert.All(headers, header => Assert.True(header.IsHashRight()));
        Assert.Equal(fork is "prague" or "osaka", headers[3].RequestsHash is not null);
        Assert.Equal(fork is "istanbul" or "berlin", headers[3].BaseFeePerGas is null);
    }

    [Fact]
    public async Task Header_FieldChanged_IsRefused()
    {
        await using DevNode node = await DevNode.StartAnvilAsync();
        BlockHeader header = (await node.Rpc.GetBlockAsync(BlockTag.Latest, CancellationToken.None))!;
        BlockHeader[] changed =
        [
            header with { MixHash = Digest.Of([1]) },
            header with { Number = header.Number + 1 },
            header with { Timestamp = header.Timestamp + 1 },
            header with { BaseFeePerGas = header.BaseFeePerGas + 1 },
            header with { ExtraData = new AbiBytes([1]) },
            header with { RequestsHash = null },
            header with { BaseFeePerGas = null },
            header with { Hash = header.ParentHash },
        ];
        Assert.All(changed, h => Assert.False(h.IsHashRight()));
        Assert.All(changed, h => Assert.Equal(PhrDataReason.DigestMismatch, Assert.Throws<PhrDataException>(h.Verified).Reason));
        Assert.Throws<PhrDataException>(() => (header with { LogsBloom = default }).ToRlp());
        Assert.Throws<PhrDataException>(() => (header with { Nonce = default }).ToRlp());
    }

    [Fact]
    public async Task SendAsync_FirstNodeIsKilled_TheSecondAnswers()
    {
        await using DevNode first = await DevNode.StartAnvilAsync();
        await using DevNode second = await DevNode.StartAnvilAsync();
        await second.MineAsync(7);
        using var rpc = new EthereumRpc(new EthereumRpcOptions { Endpoints = [first.Address, second.Address], RetryDelay = TimeSpan.Zero });
        Assert.Equal(0UL, await rpc.GetBlockNumberAsync(CancellationToken.None));
        await first.Process.KillAsync();
        Assert.Equal(7UL, await rpc.GetBlockNumberAsync(CancellationToken.None));
    }

    private static Task<ulong> CountAsync(EthereumRpc rpc, ActorId contract, BlockTag block) => rpc.CallAsync(contract, new CountFunction(), block, EverythingAbi.Errors, CancellationToken.None);

    private static Task<TransactionReceipt> SendAsync(EthereumRpc rpc, SecretKey key, ActorId to, IAbiFunction call) => SendAsync(rpc, key, to, call.Function.EncodeCall(call.ToArguments()));

    // Both nodes mine a block for each transaction before they answer.
    private static async Task<TransactionReceipt> SendAsync(EthereumRpc rpc, SecretKey key, ActorId? to, byte[] data)
    {
        SignedTransaction signed = new Eip1559Transaction
        {
            ChainId = 31337,
            Nonce = await rpc.GetTransactionCountAsync(ActorId.FromPublicKey(key.PublicKey), BlockTag.Pending, CancellationToken.None),
            MaxPriorityFeePerGas = 1_000_000_000,
            MaxFeePerGas = 10_000_000_000,
            GasLimit = 3_000_000,
            To = to,
            Data = new AbiBytes(data),
        }.Sign(key);
        Assert.Equal(signed.Hash, await rpc.SendAsync(EthereumCalls.SendRawTransaction(signed), CancellationToken.None));

        // A node under load answers before it has mined.
        TransactionReceipt? receipt = null;
        for (int i = 0; i < 6000 && receipt is null; i++)
        {
            receipt = await rpc.GetReceiptAsync(signed.Hash, CancellationToken.None);
            await Task.Delay(receipt is null ? 10 : 0);
        }

        Assert.True(receipt!.Succeeded);
        return receipt;
    }
}
