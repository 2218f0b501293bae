using System.Globalization;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A contract refused a call or a transaction. Nothing was changed on the chain, except that a mined transaction was paid for.</summary>
/// <remarks>The arguments are as the contract gave them; they are public, as everything on a chain is. Source: Solidity documentation, "Errors and the Revert Statement".</remarks>
public sealed class EthereumRevertException : Exception
{
    private readonly byte[] _revertData;

    internal EthereumRevertException(ReadOnlySpan<byte> revertData, AbiError? error, AbiValue? arguments, IAbiError? decoded, Digest? transaction, Exception? innerException)
        : base(Describe(revertData, error, arguments, transaction), innerException)
    {
        _revertData = revertData.ToArray();
        AbiError = error;
        AbiArguments = arguments;
        Decoded = decoded;
        TransactionHash = transaction;
    }

    /// <summary>What the contract returned: four bytes that say which error it is, then its arguments; empty when it gave none.</summary>
    public ReadOnlyMemory<byte> RevertData => _revertData;

    /// <summary>The first four bytes as <c>0x</c> and eight digits, or null when there are fewer.</summary>
    public string? Selector => _revertData.Length >= AbiFunction.SelectorLength ? Hex.Of(_revertData.AsSpan(0, AbiFunction.SelectorLength)) : null;

    /// <summary>The error's name, <c>Error</c> for a text and <c>Panic</c> for a failed check of the language; null when the error is not known.</summary>
    public string? ErrorName => AbiError?.Name;

    /// <summary>The error's arguments as text, in the order of its declaration; empty when the error is not known.</summary>
    public IReadOnlyList<string> Arguments => AbiArguments is null ? [] : [.. AbiArguments.Items.Select(a => a.ToString())];

    /// <summary>The hash of the transaction that failed when it was mined; null when the refusal came before it was sent.</summary>
    public Digest? TransactionHash { get; }

    /// <summary>The error, when it is known.</summary>
    internal AbiError? AbiError { get; }

    /// <summary>Its arguments.</summary>
    internal AbiValue? AbiArguments { get; }

    /// <summary>The error as its generated record, when it has one.</summary>
    internal IAbiError? Decoded { get; }

    private static string Describe(ReadOnlySpan<byte> data, AbiError? error, AbiValue? arguments, Digest? transaction)
    {
        string what = error is null ? data.IsEmpty ? "no reason was given" : $"unknown error {Hex.Of(data[..Math.Min(data.Length, AbiFunction.SelectorLength)])}"
            : error == AbiError.Text ? arguments![0].Text
            : error == AbiError.Panic ? PanicText(arguments![0].Number)
            : error.Name + arguments;
        return transaction is null ? $"The contract refused: {what}." : $"The contract refused transaction 0x{transaction}: {what}.";
    }

    // Source: Solidity documentation, "Panic via assert and Error via require".
    private static string PanicText(System.Numerics.BigInteger code) => code.IsZero ? "generic panic" : (code > 0xff ? 0 : (int)code) switch
    {
        0x01 => "an assertion failed",
        0x11 => "arithmetic overflow",
        0x12 => "division by zero",
        0x21 => "a number is no member of an enum",
        0x22 => "a stored byte array is damaged",
        0x31 => "an empty array was popped",
        0x32 => "an index is out of bounds",
        0x41 => "too much memory was asked for",
        0x51 => "a function that was never set was called",
        _ => string.Create(CultureInfo.InvariantCulture, $"panic {code}"),
    };
}
