using System.Numerics;
using System.Text.Json.Nodes;
using Phr.Consent.Ethereum;
using Phr.Consent.Ethereum.Bindings;
using Phr.Crypto;
using Phr.Ethereum.Tests.Contracts.Everything;
using Phr.TestSupport;

namespace Phr.Ethereum.Tests.Bindings;

/// <summary>The generated records against the codec that they are written over.</summary>
public class GeneratedBindingsTests
{
    internal static TreeStruct SampleTree { get; } = new(
        ActorId.FromBytes(new RandomAbi(1).Bytes(20)),
        [new LeafStruct(7, Digest.FromBytes(new RandomAbi(2).Bytes(32)), "eins"), new LeafStruct(ulong.MaxValue, default, "")],
        [-8_388_608, 8_388_607]);

    [Fact]
    public void Functions_EveryOne_ReadBackFromCallData()
    {
        IAbiFunction[] calls =
        [
            new StartFunction(),
            new EchoFunction(SampleTree),
            new EchoAllFunction(255, (1UL << 40) - 1, BigInteger.One << 255, -128, -(BigInteger.One << 255), true, new AbiBytes([1, 2, 3, 4]), new AbiBytes([5]), 1),
            new EchoArraysFunction([[1, 2], []], ["a", ""], [[default, default, default]]),
            new IncreaseFunction(),
            new Increase2Function(3),
            new LogFunction("label", 5, SampleTree),
            new RefuseFunction(1, SampleTree),
        ];
        Assert.All(calls, call =>
        {
            byte[] data = call.Function.EncodeCall(call.ToArguments());
            Assert.Equal(call, EverythingAbi.Functions.Read(data));
        });
        Assert.Null(EverythingAbi.Functions.Read([1, 2, 3, 4]));
        Assert.Null(EverythingAbi.Functions.Read([]));
        Assert.Throws<PhrDataException>(() => EverythingAbi.Functions.Read([.. AbiFunction.SelectorBytes(EchoFunction.Description.Selector), 1]));
    }

    [Fact]
    public void Selectors_EveryFunction_AreTheCompilers()
    {
        AssertSelectors(RepositoryRoot.Combine("tests", "Phr.Ethereum.Tests", "Contracts", "Everything.json"), EverythingAbi.Functions);
        AssertSelectors(RepositoryRoot.Combine("contracts", "artifacts", "PhrLedger.json"), PhrLedgerAbi.Functions);
    }

    [Fact]
    public void Events_KnownTopic_GiveTheRecord()
    {
        var counted = new CountedEvent(9);
        Digest topic = CountedEvent.Description.TopicOf(0, AbiValue.Of(9UL));
        Assert.Equal(counted, EverythingAbi.Events.Read([CountedEvent.Description.Topic, topic], []));
        Assert.Null(EverythingAbi.Events.Read([topic], []));
        Assert.Null(EverythingAbi.Events.Read([], []));
        Assert.Throws<PhrDataException>(() => EverythingAbi.Events.Read([CountedEvent.Description.Topic], []));
    }

    [Fact]
    public void Errors_KnownSelector_GiveTheRecord()
    {
        byte[] data = RefusedError.Description.Encode(AbiValue.List(SampleTree.ToAbi(), AbiValue.Of("because"u8)));
        Assert.Equal(new RefusedError(SampleTree, new AbiBytes("because"u8)), EverythingAbi.Errors.Explain(data).Decoded);
    }

    [Fact]
    public void Registries_AfterFreezing_TakeNoMore() => Assert.Throws<InvalidOperationException>(() => EverythingAbi.Errors.With<TooEarlyError>());

    private static void AssertSelectors(string artifact, AbiFunctionRegistry functions)
    {
        JsonObject identifiers = JsonNode.Parse(File.ReadAllText(artifact))!["methodIdentifiers"]!.AsObject();
        Assert.Equal(
            identifiers.Select(i => $"{i.Key} {i.Value}").Order(StringComparer.Ordinal),
            functions.All.Select(f => $"{f.Signature} {Convert.ToHexStringLower(AbiFunction.SelectorBytes(f.Selector))}").Order(StringComparer.Ordinal));
    }
}
