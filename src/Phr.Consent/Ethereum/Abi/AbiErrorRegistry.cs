using System.Buffers.Binary;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>The errors that revert data is looked up in: those given, and the two of the language.</summary>
/// <remarks>Filled once, then thread safe.</remarks>
internal sealed class AbiErrorRegistry
{
    /// <summary>The two of the language alone.</summary>
    public static readonly AbiErrorRegistry Language = new AbiErrorRegistry().Freeze();

    private readonly Dictionary<uint, (AbiError Error, Func<AbiValue, IAbiError>? Make)> _errors = new()
    {
        [AbiError.Text.Selector] = (AbiError.Text, null),
        [AbiError.Panic.Selector] = (AbiError.Panic, null),
    };

    private bool _isFrozen;

    public IEnumerable<AbiError> All => _errors.Values.Select(e => e.Error);

    public AbiErrorRegistry With<T>()
        where T : IAbiError<T>
    {
        if (_isFrozen)
        {
            throw new InvalidOperationException("Nothing is added after Freeze.");
        }

        _errors.Add(T.Description.Selector, (T.Description, static arguments => T.FromArguments(arguments)));
        return this;
    }

    /// <summary>Adds errors that have no binding.</summary>
    public AbiErrorRegistry With(IEnumerable<AbiError> errors)
    {
        foreach (AbiError error in _isFrozen ? throw new InvalidOperationException("Nothing is added after Freeze.") : errors)
        {
            _errors.TryAdd(error.Selector, (error, null));
        }

        return this;
    }

    public AbiErrorRegistry Freeze()
    {
        _isFrozen = true;
        return this;
    }

    /// <summary>Makes the exception for revert data: named and with arguments when the error is known and well formed, else with the bytes alone.</summary>
    public EthereumRevertException Explain(ReadOnlySpan<byte> data, Digest? transaction = null, Exception? innerException = null)
    {
        if (data.Length >= AbiFunction.SelectorLength && _errors.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(data), out (AbiError Error, Func<AbiValue, IAbiError>? Make) found))
        {
            try
            {
                AbiValue arguments = found.Error.Decode(data);
                return new EthereumRevertException(data, found.Error, arguments, found.Make?.Invoke(arguments), transaction, innerException);
            }
            catch (PhrDataException)
            {
                // A contract may revert with any bytes; those that only look like a known error keep no name.
            }
        }

        return new EthereumRevertException(data, null, null, null, transaction, innerException);
    }
}
