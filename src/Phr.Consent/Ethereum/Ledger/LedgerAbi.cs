using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Text.Json;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>
/// What the ledger's contract can be asked and what it tells, with the names of everything: commands, events and errors of the model have the same names, and so have their fields, so that one
/// mapping serves all of them.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
internal sealed class LedgerAbi
{
    private static readonly Lazy<LedgerAbi> _shipped = new(() => new LedgerAbi(ContractArtifact.Load("PhrLedger").Abi));

    private readonly FrozenDictionary<string, LedgerFunction> _functions;
    private readonly FrozenDictionary<uint, LedgerFunction> _bySelector;
    private readonly FrozenDictionary<Digest, LedgerEventType> _events;

    public LedgerAbi(JsonElement abi)
    {
        var functions = new List<LedgerFunction>();
        var events = new List<LedgerEventType>();
        var errors = new List<AbiError>();
        foreach (JsonElement item in abi.EnumerateArray())
        {
            string? kind = item.GetProperty("type").GetString();
            if (kind is not ("function" or "event" or "error"))
            {
                continue;
            }

            var inputs = AbiParameter.ReadAll(item.GetProperty("inputs"));
            string signature = item.GetProperty("name").GetString() + AbiParameter.NameOf(inputs);
            switch (kind)
            {
                case "function":
                    functions.Add(new LedgerFunction(AbiFunction.Parse(signature, AbiParameter.NameOf(AbiParameter.ReadAll(item.GetProperty("outputs")))), inputs));
                    break;
                case "event":
                    events.Add(new LedgerEventType(AbiEvent.Parse(signature, [.. Enumerable.Range(0, inputs.Length).Where(i => inputs[i].IsIndexed)]), inputs));
                    break;
                default:
                    errors.Add(AbiError.Parse(signature));
                    break;
            }
        }

        _functions = functions.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);
        _bySelector = functions.ToFrozenDictionary(f => f.Function.Selector);
        _events = events.ToFrozenDictionary(e => e.Event.Topic);
        Errors = new AbiErrorRegistry().With(errors).Freeze();
    }

    /// <summary>That of the contract which this library carries.</summary>
    public static LedgerAbi Shipped => _shipped.Value;

    public AbiErrorRegistry Errors { get; }

    public IEnumerable<LedgerFunction> Functions => _functions.Values;

    public IEnumerable<LedgerEventType> Events => _events.Values;

    public LedgerFunction? FindFunction(string name) => _functions.GetValueOrDefault(name);

    /// <summary>The function that carries a command: it has the command's name.</summary>
    public LedgerFunction? FindFunction(LedgerCommandKind kind) => FindFunction(char.ToLowerInvariant(kind.ToString()[0]) + kind.ToString()[1..]) is { IsCommand: true } function ? function : null;

    public LedgerFunction? FindFunction(ReadOnlySpan<byte> callData) =>
        callData.Length >= AbiFunction.SelectorLength ? _bySelector.GetValueOrDefault(BinaryPrimitives.ReadUInt32BigEndian(callData)) : null;

    public LedgerEventType? FindEvent(Digest topic) => _events.GetValueOrDefault(topic);
}
