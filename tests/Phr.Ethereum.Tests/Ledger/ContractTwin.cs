using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests.Ledger;
using Phr.Crypto;
using Person = Phr.Consent.Tests.Ledger.Person;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// A contract that lives through the stories of a world in memory: under the same ledger id, in blocks of the same number and time, with commands that their actors signed. What the world takes, the
/// contract must take; what the world would say to a command, the contract can be asked as well.
/// </summary>
internal sealed class ContractTwin : IAsyncDisposable
{
    private static readonly ActorId _relayer = ActorId.FromPublicKey(DevNode.Account(1).PublicKey);

    private readonly DevNode _node;
    private readonly LedgerCallWriter _calls = new(LedgerAbi.Shipped);
    private ulong _head;
    private string _begin = string.Empty;

    private ContractTwin(DevNode node) => _node = node;

    /// <summary>Starts a chain on which the world's first chapter, people and a bundle, has been played.</summary>
    public static async Task<ContractTwin> StartAsync()
    {
        DevNode node = await NodeLedgers.StartNodeAsync("--timestamp", LedgerWorld.Start.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        try
        {
            var twin = new ContractTwin(node);
            await node.DevAsync("anvil_setBlockTimestampInterval", 0);
            var world = new LedgerWorld();
            EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(NodeLedgers.NodesOf(node), DevNode.Account(), world.Parameters);
            AbiBytes code = await node.Rpc.GetCodeAsync(deployment.Ledger.Contract, BlockTag.Latest, default);
            await node.DevAsync("anvil_setCode", $"0x{LedgerWorld.Id.Contract}", Hex.Of(code.Span));
            foreach (ContractSlot slot in world.State.ContractSlots())
            {
                // What the constructor wrote at its own address.
                Assert.Equal(slot.Value, await node.Rpc.GetStorageAsync(deployment.Ledger.Contract, slot.Key, BlockTag.Latest, default));
                await node.DevAsync("anvil_setStorageAt", $"0x{LedgerWorld.Id.Contract}", $"0x{slot.Key}", $"0x{slot.Value}");
            }

            twin._head = await node.Rpc.SendAsync(EthereumCalls.BlockNumber(), default);
            LifeCycleTable.Begin(world, twin.Follow);
            twin._begin = await twin.MarkAsync();
            return twin;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    /// <summary>Back to the end of the first chapter, where another world begins and from now on takes the contract along.</summary>
    public async Task<LedgerWorld> RestartAsync()
    {
        await BackAsync(_begin);
        _begin = await MarkAsync();
        LedgerWorld world = LifeCycleTable.Begin(new LedgerWorld());
        Follow(world);
        return world;
    }

    /// <summary>Another world that knows the chain's randomness and leaves the contract alone.</summary>
    public LedgerWorld Another()
    {
        LedgerWorld world = LifeCycleTable.Begin(new LedgerWorld());
        world.Randomness = RandomnessOf;
        return world;
    }

    public Task<string> MarkAsync() => TextAsync("evm_snapshot");

    public async Task BackAsync(string mark)
    {
        Assert.True((bool)(await _node.DevAsync("evm_revert", mark))!);

        // A busy node clears its pool a little after a transaction was mined: what was mined after the mark must not be in the pending block again.
        await _node.DevAsync("anvil_dropAllTransactions");
        _head = await _node.Rpc.SendAsync(EthereumCalls.BlockNumber(), default);
    }

    /// <summary>What the contract says to a command now; nothing of it stays. Null where it takes it, else the error's name.</summary>
    public async Task<string?> AskAsync(LedgerWorld world, LedgerCommand command)
    {
        await MineAsync(world, world.Block);
        await TimeAsync(world);
        try
        {
            await _node.Rpc.CallAsync(
                new CallRequest { From = _relayer, To = LedgerWorld.Id.Contract, Data = new AbiBytes(Write(world, command)), Value = LedgerCallWriter.ValueOf(command) }, BlockTag.Pending, LedgerAbi.Shipped.Errors, default);
            return null;
        }
        catch (EthereumRevertException refusal)
        {
            return refusal.ErrorName ?? refusal.Message;
        }
    }

    /// <summary>Carries a command out in the world's next block.</summary>
    public async Task SendAsync(LedgerWorld world, LedgerCommand command)
    {
        await MineAsync(world, world.Block);
        await CarryAsync(world, command);
    }

    /// <summary>Compares the contract's words with the world's: those in which it differs from another one.</summary>
    public async Task CompareAsync(LedgerWorld world, LedgerWorld former)
    {
        var before = former.State.ContractSlots().ToDictionary(slot => slot.Key, slot => slot.Value);
        foreach (ContractSlot slot in world.State.ContractSlots().Where(slot => before.GetValueOrDefault(slot.Key) != slot.Value))
        {
            Digest stored = await _node.Rpc.GetStorageAsync(LedgerWorld.Id.Contract, slot.Key, BlockTag.Latest, default);
            Assert.True(stored == slot.Value, $"{slot.What} at {slot.Key}: the model has {slot.Value}, the contract {stored}");
        }
    }

    private void Follow(LedgerWorld world)
    {
        world.Randomness = RandomnessOf;
        world.Deciding = command =>
        {
            MineAsync(world, world.Block - 1).GetAwaiter().GetResult();
            CarryAsync(world, command).GetAwaiter().GetResult();
        };
    }

    private async Task CarryAsync(LedgerWorld world, LedgerCommand command)
    {
        await TimeAsync(world);
        string hash = await TextAsync("eth_sendTransaction", new JsonObject
        {
            ["from"] = $"0x{_relayer}",
            ["to"] = $"0x{LedgerWorld.Id.Contract}",
            ["data"] = Hex.Of(Write(world, command)),
            ["value"] = QuantityConverter.Text(LedgerCallWriter.ValueOf(command)),
            ["gas"] = "0xe00000",
        });
        _head++;
        JsonNode? receipt;
        do
        {
            // The node mines at once, and answers a little before it has on a busy machine.
            receipt = await _node.DevAsync("eth_getTransactionReceipt", hash);
        }
        while (receipt is null);
        Assert.True((string?)receipt["status"] == "0x1", $"{command.Kind} in block {_head}: the contract refuses what the model takes, or is asked about");
    }

    private byte[] Write(LedgerWorld world, LedgerCommand command)
    {
        ReadOnlyMemory<byte> header = default;
        if (command is DrawCommittee draw && world.State.GetRequest(draw.RequestId, world.Now) is { } request && request.SeedBlock <= _head)
        {
            header = HeaderOf(request.SeedBlock).ToRlp();
        }

        return _calls.Write(SignedCommand.Sign(command, world.State.GetNonce(command.Actor), LedgerWorld.Id, Person.Of(command.Actor).Key), world.State, header);
    }

    private async Task MineAsync(LedgerWorld world, ulong head)
    {
        if (head > _head)
        {
            await _node.DevAsync("anvil_mine", QuantityConverter.Text(head - _head));
            _head = head;
        }

        Assert.Equal(head, _head);
        Assert.True(world.Block >= _head, "the world is behind its chain");
    }

    private Task TimeAsync(LedgerWorld world) => _node.DevAsync("evm_setNextBlockTimestamp", world.Now.ToUnixTimeSeconds());

    private Digest RandomnessOf(ulong block) => HeaderOf(block).MixHash;

    private BlockHeader HeaderOf(ulong block) => _node.Rpc.GetBlockAsync(BlockTag.Number(block), default).GetAwaiter().GetResult() ?? throw new InvalidOperationException("there is no such block");

    private async Task<string> TextAsync(string method, params JsonNode?[] parameters) => (string)(await _node.DevAsync(method, parameters))!;
}
