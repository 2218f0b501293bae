using System.Collections.Immutable;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>An event of a contract: its topic, and how a log holds its arguments.</summary>
/// <remarks>Immutable.</remarks>
internal sealed class AbiEvent
{
    private const int MaxIndexed = 3;

    private readonly ImmutableArray<bool> _indexed;
    private readonly AbiType _data;

    private AbiEvent(string name, AbiType inputs, ImmutableArray<bool> indexed)
    {
        Name = name;
        Inputs = inputs;
        _indexed = indexed;
        _data = AbiType.Tuple([.. inputs.Components.Where((_, i) => !indexed[i])]);
        Topic = Digest.FromBytes(Keccak256.HashData(Encoding.ASCII.GetBytes(Signature)));
    }

    public string Name { get; }

    /// <summary>The arguments as a tuple, indexed or not, in the order of the declaration.</summary>
    public AbiType Inputs { get; }

    public string Signature => Name + Inputs.Name;

    /// <summary>The log's first topic: the Keccak-256 of the signature.</summary>
    public Digest Topic { get; }

    /// <summary>Reads a signature; <paramref name="indexed"/> are the positions of the indexed arguments.</summary>
    /// <exception cref="FormatException">A type is not canonical.</exception>
    public static AbiEvent Parse(string signature, params ReadOnlySpan<int> indexed)
    {
        (string name, AbiType inputs) = AbiFunction.Split(signature);
        var flags = new bool[inputs.Components.Length];
        foreach (int position in indexed)
        {
            flags[position] = true;
        }

        return indexed.Length <= MaxIndexed ? new AbiEvent(name, inputs, [.. flags]) : throw new FormatException("An event has at most three indexed arguments.");
    }

    /// <summary>Whether an argument is in a topic, and whether only its hash is.</summary>
    public (bool IsIndexed, bool IsHashed) Place(int position) => (_indexed[position], _indexed[position] && !Inputs.Components[position].FitsATopic);

    /// <summary>Reads a log's arguments in the order of the declaration; an indexed one that does not fit a topic comes as its 32-byte hash.</summary>
    /// <exception cref="PhrDataException">The log is not of this event, or is not what Solidity writes.</exception>
    public AbiValue Decode(IReadOnlyList<Digest> topics, ReadOnlySpan<byte> data)
    {
        ArgumentNullException.ThrowIfNull(topics);
        if (topics.Count != 1 + _indexed.Count(i => i) || topics[0] != Topic)
        {
            throw new PhrDataException("log", PhrDataReason.Mismatched, $"the topics are not those of {Signature}.");
        }

        AbiArray<AbiValue> unindexed = AbiCodec.Decode(_data, data).Items;
        var values = new AbiValue[_indexed.Length];
        int topic = 1;
        int inData = 0;
        for (int i = 0; i < values.Length; i++)
        {
            AbiType type = Inputs.Components[i];
            values[i] = !_indexed[i] ? unindexed[inData++]
                : type.FitsATopic ? AbiCodec.ReadTopic(type, topics[topic++].ToBytes())
                : AbiValue.Of(topics[topic++]);
        }

        return AbiValue.List(values);
    }

    /// <summary>The topic under which logs with this value of an indexed argument are found.</summary>
    public Digest TopicOf(int position, AbiValue value) =>
        _indexed[position] ? AbiCodec.Topic(Inputs.Components[position], value) : throw new ArgumentException($"Argument {position} of {Signature} is not indexed.", nameof(position));
}
