using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests.Ledger;
using Phr.Crypto;
using Phr.Ethereum.Tests.Transactions;

namespace Phr.Ethereum.Tests.Interop;

/// <summary>Our bytes against those of ethers, on the same inputs.</summary>
public class EthersTests
{
    private const int Samples = 400;

    [Fact]
    public async Task AbiEncode_RandomTypesAndValues_IsThatOfEthers()
    {
        var jobs = new JsonArray();
        var expected = new List<string>();
        for (int seed = 0; seed < Samples; seed++)
        {
            var random = new RandomAbi(seed);
            AbiType type = random.Tuple(5);
            AbiValue value = random.Value(type);
            jobs.Add((JsonNode)new JsonObject { ["kind"] = "abi", ["types"] = Names(type), ["values"] = RandomAbi.Json(type, value) });
            expected.Add(Hex.Of(AbiCodec.Encode(type, value)));
        }

        await AssertEqualAsync(jobs, expected);
    }

    [Fact]
    public async Task CallsAndErrors_RandomArguments_AreThoseOfEthers()
    {
        var jobs = new JsonArray();
        var expected = new List<string>();
        for (int seed = 1000; seed < 1000 + Samples; seed++)
        {
            var random = new RandomAbi(seed);
            AbiType type = random.Tuple(4);
            AbiValue value = random.Value(type);
            string name = "call" + seed;
            jobs.Add((JsonNode)new JsonObject { ["kind"] = "call", ["declaration"] = $"function {name}{type}", ["values"] = RandomAbi.Json(type, value) });
            expected.Add(Hex.Of(AbiFunction.Parse(name + type).EncodeCall(value)));
            jobs.Add((JsonNode)new JsonObject { ["kind"] = "error", ["declaration"] = $"error {name}{type}", ["values"] = RandomAbi.Json(type, value) });
            expected.Add(Hex.Of(AbiError.Parse(name + type).Encode(value)));
        }

        await AssertEqualAsync(jobs, expected);
    }

    [Fact]
    public async Task Logs_RandomArguments_AreThoseOfEthers()
    {
        var jobs = new JsonArray();
        var cases = new List<(AbiEvent Event, AbiType Type, AbiValue Value)>();
        for (int seed = 2000; seed < 2000 + Samples; seed++)
        {
            // ethers does not encode indexed tuples and arrays, so only the others are indexed here.
            var random = new RandomAbi(seed);
            AbiType type = random.Tuple(5);
            AbiValue value = random.Value(type);
            int[] indexed = [.. type.Components.Select((c, i) => (c, i)).Where(p => (p.c.FitsATopic || p.c.Kind is AbiKind.Bytes or AbiKind.Text) && random.Below(2) == 0).Select(p => p.i).Take(3)];
            string parameters = string.Join(", ", type.Components.Select((c, i) => c.Name + (indexed.Contains(i) ? " indexed" : "")));
            jobs.Add((JsonNode)new JsonObject { ["kind"] = "log", ["declaration"] = $"event Seen{seed}({parameters})", ["values"] = RandomAbi.Json(type, value) });
            cases.Add((AbiEvent.Parse($"Seen{seed}{type}", indexed), type, value));
        }

        JsonArray results = await NodeTools.EthersAsync(jobs);
        for (int i = 0; i < cases.Count; i++)
        {
            (AbiEvent made, AbiType type, AbiValue value) = cases[i];
            Digest[] topics = [.. results[i]!["topics"]!.AsArray().Select(t => Digest.Parse((string)t!))];
            Assert.True(Hex.TryRead((string)results[i]!["data"]!, out byte[]? data));
            AbiValue read = made.Decode(topics, data);
            int topic = 1;
            for (int k = 0; k < type.Components.Length; k++)
            {
                (bool isIndexed, bool isHashed) = made.Place(k);
                Assert.Equal(isHashed ? AbiValue.Of(topics[topic]) : value[k], read[k]);
                if (isIndexed)
                {
                    Assert.Equal(topics[topic++], made.TopicOf(k, value[k]));
                }
            }
        }
    }

    [Fact]
    public async Task Rlp_RandomItems_IsThatOfEthers()
    {
        var jobs = new JsonArray();
        var expected = new List<string>();
        for (int seed = 3000; seed < 3000 + Samples; seed++)
        {
            (RlpItem item, JsonNode json) = Item(new RandomAbi(seed), 4);
            jobs.Add((JsonNode)new JsonObject { ["kind"] = "rlp", ["item"] = json });
            expected.Add(Hex.Of(item.ToBytes()));
        }

        await AssertEqualAsync(jobs, expected);
    }

    [Fact]
    public async Task Transactions_RandomFields_AreThoseOfEthers()
    {
        var jobs = new JsonArray();
        var expected = new List<(Eip1559Transaction Unsigned, SignedTransaction Signed)>();
        for (int seed = 4000; seed < 4000 + 100; seed++)
        {
            var random = new RandomAbi(seed);
            byte[] secret = random.Bytes(32);
            using var key = SecretKey.FromBytes(secret);
            Eip1559Transaction transaction = TransactionTests.Sample(random);
            expected.Add((transaction, transaction.Sign(key)));
            jobs.Add((JsonNode)new JsonObject
            {
                ["kind"] = "transaction",
                ["key"] = Hex.Of(secret),
                ["fields"] = new JsonObject
                {
                    ["chainId"] = Decimal(transaction.ChainId),
                    ["nonce"] = (long)transaction.Nonce,
                    ["maxPriorityFeePerGas"] = Decimal(transaction.MaxPriorityFeePerGas),
                    ["maxFeePerGas"] = Decimal(transaction.MaxFeePerGas),
                    ["gasLimit"] = Decimal(transaction.GasLimit),
                    ["to"] = transaction.To is { } to ? "0x" + to : null,
                    ["value"] = Decimal(transaction.Value),
                    ["data"] = transaction.Data.ToString(),
                    ["accessList"] = new JsonArray([.. transaction.AccessList.Select(e => (JsonNode)new JsonObject
                    {
                        ["address"] = "0x" + e.Address,
                        ["storageKeys"] = new JsonArray([.. e.StorageKeys.Select(k => JsonValue.Create("0x" + k))]),
                    })]),
                },
            });
        }

        JsonArray results = await NodeTools.EthersAsync(jobs);
        for (int i = 0; i < expected.Count; i++)
        {
            JsonNode result = results[i]!;
            Assert.Equal((string)result["unsignedHash"]!, Hex.Of(expected[i].Unsigned.SigningDigest()));
            Assert.Equal((string)result["raw"]!, Hex.Of(expected[i].Signed.ToBytes()));
            Assert.Equal((string)result["hash"]!, "0x" + expected[i].Signed.Hash);
            Assert.Equal(((string)result["from"]!).ToLowerInvariant(), "0x" + expected[i].Signed.Sender);
        }
    }

    [Fact]
    public async Task SignedCommands_EveryKind_HaveTheDigestAndSignatureOfEthers()
    {
        byte[] secret = new RandomAbi(5000).Bytes(32);
        using var key = SecretKey.FromBytes(secret);
        var ledger = new LedgerId(31337, SampleFiller.SampleActor(9));
        SignedCommand[] signed = [.. Enumerable.Range(1, 3).SelectMany(SampleFiller.Commands).Select((command, i) => SignedCommand.Sign(command, (ulong)i * 1_000_000_007, ledger, key))];
        var jobs = new JsonArray();
        foreach (SignedCommand command in signed)
        {
            (JsonObject types, JsonObject message) = MessageMap.Of(command);
            jobs.Add((JsonNode)new JsonObject
            {
                ["kind"] = "typed",
                ["key"] = Hex.Of(secret),
                ["domain"] = new JsonObject { ["name"] = "Phr", ["version"] = "1", ["chainId"] = 31337, ["verifyingContract"] = "0x" + ledger.Contract },
                ["types"] = types,
                ["message"] = message,
            });
        }

        JsonArray results = await NodeTools.EthersAsync(jobs);
        Assert.True(signed.Length >= 3 * 30);
        for (int i = 0; i < signed.Length; i++)
        {
            Assert.Equal((string)results[i]!["type"]!, signed[i].TypedDataType());
            Assert.True((string)results[i]!["digest"]! == Hex.Of(signed[i].SigningDigest(ledger)), $"{signed[i].Command.Kind} has another digest.");
            byte[] signature = signed[i].Signature.ToBytes();
            signature[^1] += 27;
            Assert.Equal((string)results[i]!["signature"]!, Hex.Of(signature));
        }
    }

    private static async Task AssertEqualAsync(JsonArray jobs, List<string> expected)
    {
        JsonArray results = await NodeTools.EthersAsync(jobs);
        for (int i = 0; i < expected.Count; i++)
        {
            Assert.True((string)results[i]! == expected[i], $"{jobs[i]!.ToJsonString()}\nethers: {results[i]}\nours:   {expected[i]}");
        }
    }

    private static JsonArray Names(AbiType tuple) => [.. tuple.Components.Select(c => JsonValue.Create(c.Name))];

    private static string Decimal(BigInteger number) => number.ToString(CultureInfo.InvariantCulture);

    private static (RlpItem Item, JsonNode Json) Item(RandomAbi random, int depth)
    {
        if (depth == 0 || random.Below(3) == 0)
        {
            byte[] bytes = random.Bytes(random.Below(5) switch { 0 => 0, 1 => 1, 2 => 55 + random.Below(3), 3 => random.Below(400), _ => 32 });
            return (RlpItem.Of(bytes), JsonValue.Create(Hex.Of(bytes)));
        }

        (RlpItem Item, JsonNode Json)[] items = [.. Enumerable.Range(0, random.Below(5)).Select(_ => Item(random, depth - 1))];
        return (RlpItem.List(items.Select(i => i.Item)), new JsonArray([.. items.Select(i => i.Json)]));
    }
}
