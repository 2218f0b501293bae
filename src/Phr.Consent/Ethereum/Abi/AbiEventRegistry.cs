using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>The events that logs are looked up in.</summary>
/// <remarks>Filled once, then thread safe.</remarks>
internal sealed class AbiEventRegistry
{
    private readonly Dictionary<Digest, (AbiEvent Event, Func<AbiValue, IAbiEvent> Make)> _events = [];
    private bool _isFrozen;

    public IEnumerable<AbiEvent> All => _events.Values.Select(e => e.Event);

    public AbiEventRegistry With<T>()
        where T : IAbiEvent<T>
    {
        if (_isFrozen)
        {
            throw new InvalidOperationException("Nothing is added after Freeze.");
        }

        _events.Add(T.Description.Topic, (T.Description, static arguments => T.FromArguments(arguments)));
        return this;
    }

    public AbiEventRegistry Freeze()
    {
        _isFrozen = true;
        return this;
    }

    /// <summary>Reads a log; null when its first topic is not known.</summary>
    /// <exception cref="PhrDataException">The topic is known, but the rest is not what Solidity writes for it.</exception>
    public IAbiEvent? Read(IReadOnlyList<Digest> topics, ReadOnlySpan<byte> data) =>
        topics.Count > 0 && _events.TryGetValue(topics[0], out (AbiEvent Event, Func<AbiValue, IAbiEvent> Make) found)
            ? found.Make(found.Event.Decode(topics, data))
            : null;
}
