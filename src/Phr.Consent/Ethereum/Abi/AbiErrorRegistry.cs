using System.Buffers.Binary;
using System.Collections.Frozen;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>The errors that revert data is looked up in: those given, and the two of the language.</summary>
/// <remarks>Immutable and thread safe.</remarks>
internal sealed class AbiErrorRegistry
{
    /// <summary>The two of the language alone.</summary>
    public static readonly AbiErrorRegistry Language = new([]);

    private readonly FrozenDictionary<uint, AbiError> _errors;

    public AbiErrorRegistry(IEnumerable<AbiError> errors) =>
        _errors = errors.Append(AbiError.Text).Append(AbiError.Panic).DistinctBy(e => e.Signature).ToFrozenDictionary(e => e.Selector);

    /// <summary>Makes the exception for revert data: named and with arguments when the error is known and well formed, else with the bytes alone.</summary>
    public EthereumRevertException Explain(ReadOnlySpan<byte> data, string? transaction = null, Exception? innerException = null)
    {
        if (data.Length >= AbiFunction.SelectorLength && _errors.TryGetValue(BinaryPrimitives.ReadUInt32BigEndian(data), out AbiError? error))
        {
            try
            {
                return new EthereumRevertException(data, error, error.Decode(data), transaction, innerException);
            }
            catch (PhrDataException)
            {
                // A contract may revert with any bytes; those that only look like a known error keep no name.
            }
        }

        return new EthereumRevertException(data, null, null, transaction, innerException);
    }
}
