using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// Anybody may call the contract with anything. Whatever it accepts, every follower must be able to read: a log that one actor could write and the model refuses would stop all clients for good.
/// </summary>
public sealed class HostileCallTests(ITestOutputHelper output)
{
    private const int RandomFlips = 12;
    private static readonly bool _isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";
    private static readonly int _callsOfAKind = _isLong ? 12 : 1;
    private static readonly int _commands = _isLong ? 3000 : 350;

    private readonly Dictionary<LedgerCommandKind, int> _seen = [];
    private readonly Dictionary<LedgerCommandKind, int> _acceptedOf = [];
    private readonly Random _random = new(20261123);
    private int _tried;
    private int _accepted;

    [Fact]
    public async Task Contract_CalledWithExtremeArguments_WritesLogsThatTheModelReads()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters with { MaxOracleKeyLifetime = TimeSpan.FromDays(40) }, decidesFirst: false);
        RandomCommands commands = await NodeLedgers.RandomCommandsAsync(node, ledger, lasts: true, command => TryAsync(node, ledger, command.Command));
        await commands.RunAsync(Enumerable.Repeat(_random, int.MaxValue).Select(numbers => numbers.Next()).TakeWhile(_ => commands.Accepted + commands.Refused < _commands));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{_tried} calls of {_seen.Count} kinds of commands tried, {_accepted} accepted: {string.Join(", ", _acceptedOf.OrderBy(pair => pair.Key))}"));
        Assert.InRange(_accepted, 1, int.MaxValue);
    }

    private async Task TryAsync(DevNode node, EthereumConsentLedger ledger, LedgerCommand command)
    {
        ConsentState state = ledger.SeenState;
        if (command is DrawCommittee || _seen.GetValueOrDefault(command.Kind) >= _callsOfAKind || state.GetActor(command.Actor) is not { } actor)
        {
            return;
        }

        LedgerFunction function = LedgerAbi.Shipped.FindFunction(command.Kind)!;
        byte[] honest = new LedgerCallWriter(LedgerAbi.Shipped).WriteOwn(command, state);
        string value = QuantityConverter.Text(LedgerCallWriter.ValueOf(command));
        string from = $"0x{actor.LedgerAddress}";
        await node.DevAsync("anvil_setBalance", from, "0xffffffffffffffffffff");
        if ((await SimulateAsync(node, ledger, from, value, [honest]))[0] is null)
        {
            return;
        }

        _seen[command.Kind] = _seen.GetValueOrDefault(command.Kind) + 1;
        byte[][] calls = [.. Variants(function, honest).DistinctBy(Convert.ToHexString)];
        var reader = new LedgerCallReader(LedgerAbi.Shipped, ledger.Id);
        foreach (byte[] call in calls)
        {
            // Its commands are looked for in every transaction that used a nonce, among whatever else is in it.
            reader.Read(call);
        }

        IReadOnlyList<JsonElement?> results = await SimulateAsync(node, ledger, from, value, calls);
        foreach ((int i, JsonElement? logs) in results.Index().Where(result => result.Item is not null))
        {
            _accepted++;
            _acceptedOf[command.Kind] = _acceptedOf.GetValueOrDefault(command.Kind) + 1;
            try
            {
                Replay(ledger, logs!.Value);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"The contract accepts what no follower can read: {function.Name} with 0x{Convert.ToHexStringLower(calls[i])}", e);
            }
        }
    }

    /// <summary>Reads the logs as every follower does, on the state as it is now; what they do to the state is not kept.</summary>
    private static void Replay(EthereumConsentLedger ledger, JsonElement logs)
    {
        ConsentState state = ledger.RebuildState();
        var reader = new LedgerLogReader(LedgerAbi.Shipped);
        var block = new LedgerBlock(1_000_000, DateTimeOffset.FromUnixTimeSeconds(2_000_000_000), default);
        foreach (JsonElement log in logs.EnumerateArray())
        {
            Digest[] topics = [.. log.GetProperty("topics").EnumerateArray().Select(topic => Digest.Parse(topic.GetString()![2..]))];
            var followed = new FollowedLog(block.Number, default, 0, default, topics, Convert.FromHexString(log.GetProperty("data").GetString()![2..]));
            if (reader.Read(followed, state) is { } read)
            {
                state.Evolve(read, block);
            }
        }

        Assert.NotEmpty(state.ContractSlots());
    }

    /// <summary>What each call, alone in the next block, would log; null where the contract refuses it.</summary>
    private async Task<IReadOnlyList<JsonElement?>> SimulateAsync(DevNode node, EthereumConsentLedger ledger, string from, string value, IReadOnlyList<byte[]> calls)
    {
        _tried += calls.Count;
        string number = QuantityConverter.Text(await node.Rpc.GetBlockNumberAsync(default) + 1);
        string time = QuantityConverter.Text((await NodeLedgers.NowAsync(node)).ToUnixTimeSeconds());
        IReadOnlyList<RpcResult<JsonElement?>> results = await node.Rpc.SendBatchAsync(
            [
                .. calls.Select(call => new RpcCall<JsonElement?>(
                    "eth_simulateV1",
                    [
                        new JsonObject
                        {
                            ["blockStateCalls"] = new JsonArray(new JsonObject
                            {
                                ["blockOverrides"] = new JsonObject { ["number"] = number, ["time"] = time },
                                ["calls"] = new JsonArray(new JsonObject
                                {
                                    ["from"] = from, ["to"] = $"0x{ledger.Id.Contract}", ["value"] = value, ["gas"] = "0xe00000", ["input"] = "0x" + Convert.ToHexStringLower(call),
                                }),
                            }),
                        },
                        "latest",
                    ],
                    answer => answer[0].GetProperty("calls")[0] is var result && result.GetProperty("status").GetString() == "0x1" ? result.GetProperty("logs").Clone() : null)),
            ],
            default);
        return [.. results.Select(result => result.Value)];
    }

    /// <summary>The call with one argument, or one member of one, at a time as extreme as its type allows; and with bytes changed anywhere.</summary>
    private IEnumerable<byte[]> Variants(LedgerFunction function, byte[] honest)
    {
        AbiValue arguments = function.Function.DecodeCall(honest);
        foreach (AbiValue variant in VariantsOf(AbiType.Tuple([.. function.Inputs.Select(input => input.Type)]), arguments))
        {
            yield return function.Function.EncodeCall(variant);
        }

        for (int i = 0; i < RandomFlips; i++)
        {
            byte[] flipped = [.. honest];
            flipped[4 + _random.Next(honest.Length - 4)] ^= (byte)(1 << _random.Next(8));
            yield return flipped;
        }
    }

    private static IEnumerable<AbiValue> VariantsOf(AbiType type, AbiValue value) => type.Kind switch
    {
        AbiKind.Tuple => Members(type.Components, value),
        AbiKind.Array or AbiKind.FixedArray => Elements(type, value),
        AbiKind.UInt => ((BigInteger[])[0, 1, 2, 16, 17, 255, 256, 65_535, 65_536, 1_000_000, 1_000_001, uint.MaxValue, 253_402_300_799, 253_402_300_800, (BigInteger.One << 36) - 1, BigInteger.One << 36, (BigInteger.One << 40) - 1, ulong.MaxValue, (BigInteger.One << type.Size) - 1])
            .Where(number => number < BigInteger.One << type.Size).Select(AbiValue.Of),
        AbiKind.Bool => [AbiValue.Of(!value.Boolean)],
        AbiKind.Address => [AbiValue.Of(default(ActorId)), AbiValue.Of(ActorId.FromBytes([.. Enumerable.Repeat((byte)255, 20)])), AbiValue.Of(LedgerStory.Clinic.Id), AbiValue.Of(LedgerStory.Team)],
        AbiKind.FixedBytes => ((byte[][])[new byte[type.Size], [.. Enumerable.Repeat((byte)255, type.Size)]]).Select(bytes => AbiValue.Of(bytes.AsSpan())),
        AbiKind.Bytes => ((byte[][])[[], [0], [.. value.Bytes.ToArray(), 0], [.. Enumerable.Repeat((byte)255, Math.Max(1, value.Bytes.Length))], new byte[Math.Max(1, value.Bytes.Length)], new byte[5000]])
            .Select(bytes => AbiValue.Of(bytes.AsSpan())),
        AbiKind.Text => ((string[])[string.Empty, " ", "\u0000", "é", new string('x', 31), new string('x', 32), new string('x', 33), new string('x', 64), new string('x', 65), new string('Z', 3000)]).Select(AbiValue.Of),
        _ => [],
    };

    private static IEnumerable<AbiValue> Members(ImmutableArray<AbiType> types, AbiValue value)
    {
        for (int i = 0; i < types.Length; i++)
        {
            foreach (AbiValue variant in VariantsOf(types[i], value[i]))
            {
                yield return With(value, i, variant);
            }
        }
    }

    private static IEnumerable<AbiValue> Elements(AbiType type, AbiValue value)
    {
        AbiValue[] items = [.. value.Items];
        for (int i = 0; i < Math.Min(items.Length, 3); i++)
        {
            foreach (AbiValue variant in VariantsOf(type.Element!, items[i]))
            {
                yield return With(value, i, variant);
            }
        }

        if (type.Kind == AbiKind.Array)
        {
            yield return AbiValue.List();
            if (items.Length > 0)
            {
                yield return AbiValue.List([.. items[1..]]);
                yield return AbiValue.List([.. items, items[0]]);
                yield return AbiValue.List([.. Enumerable.Repeat(items[0], 40)]);
            }
        }
    }

    private static AbiValue With(AbiValue value, int index, AbiValue item) => AbiValue.List([.. value.Items.Select((old, i) => i == index ? item : old)]);
}
