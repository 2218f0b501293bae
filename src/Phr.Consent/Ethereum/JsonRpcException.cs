using System.Globalization;

namespace Phr.Consent;

/// <summary>An Ethereum node answered a call with an error.</summary>
/// <remarks>The message is the node's own text, cut to 500 characters. Source: JSON-RPC 2.0, "Error object"; EIP-1474 for the codes.</remarks>
public sealed class JsonRpcException : Exception
{
    private const int MaxMessage = 500;

    /// <summary>Creates the exception.</summary>
    /// <param name="method">The method that was called, such as <c>eth_call</c>.</param>
    /// <param name="code">The error's number.</param>
    /// <param name="message">The node's text.</param>
    /// <param name="errorData">The error's <c>data</c> as JSON, or null when there is none.</param>
    public JsonRpcException(string method, long code, string message, string? errorData = null)
        : base(string.Create(CultureInfo.InvariantCulture, $"{method}: {Cut(message)} ({code})"))
    {
        Method = method;
        Code = code;
        NodeMessage = Cut(message);
        ErrorData = errorData;
    }

    /// <summary>The method that was called.</summary>
    public string Method { get; }

    /// <summary>The error's number: 3 for a contract's refusal, -32005 for a limit that was exceeded, and others that nodes choose.</summary>
    public long Code { get; }

    /// <summary>The node's text, cut to 500 characters.</summary>
    public string NodeMessage { get; }

    /// <summary>The error's <c>data</c> as JSON, or null when there is none.</summary>
    public string? ErrorData { get; }

    private static string Cut(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.Length <= MaxMessage ? message : message[..MaxMessage];
    }
}
