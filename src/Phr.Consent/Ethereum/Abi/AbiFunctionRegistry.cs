using System.Buffers.Binary;

namespace Phr.Consent.Ethereum;

/// <summary>The functions that call data is looked up in.</summary>
/// <remarks>Filled once, then thread safe.</remarks>
internal sealed class AbiFunctionRegistry
{
    private readonly Dictionary<uint, (AbiFunction Function, Func<AbiValue, IAbiFunction> Make)> _functions = [];
    private bool _isFrozen;

    public IEnumerable<AbiFunction> All => _functions.Values.Select(f => f.Function);

    public AbiFunctionRegistry With<T>()
        where T : IAbiFunction<T>
    {
        if (_isFrozen)
        {
            throw new InvalidOperationException("Nothing is added after Freeze.");
        }

        _functions.Add(T.Description.Selector, (T.Description, static arguments => T.FromArguments(arguments)));
        return this;
    }

    public AbiFunctionRegistry Freeze()
    {
        _isFrozen = true;
        return this;
    }

    /// <summary>Reads a call; null when its selector is not known.</summary>
    /// <exception cref="Crypto.PhrDataException">The selector is known, but the arguments are not their canonical encoding.</exception>
    public IAbiFunction? Read(ReadOnlySpan<byte> data) =>
        data.Length >= AbiFunction.SelectorLength && _functions.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(data), out (AbiFunction Function, Func<AbiValue, IAbiFunction> Make) found)
            ? found.Make(found.Function.DecodeCall(data))
            : null;
}
