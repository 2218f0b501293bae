using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http;
using System.Net.Sockets;
using System.Reflection;
using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Telemetry;

/// <summary>What an exception means to an oracle, and what may be said of it.</summary>
internal static class Fault
{
    private static readonly string _library = typeof(PhrDataException).Assembly.GetName().Name!.Split('.')[0] + ".";

    /// <summary>Whether the world failed, and not this program: what was tried may be tried again, and nobody is to blame.</summary>
    public static bool IsOutage(Exception exception) =>
        exception is DbException or HttpRequestException or SocketException or IOException or UnauthorizedAccessException or TimeoutException or OperationCanceledException
            or PhrDataException or IpfsUnavailableException or EthereumUnavailableException or EthereumTransactionException or EthereumRevertException or JsonRpcException;

    /// <summary>One sentence without personal data or secrets: messages of our own exceptions, which hold none, and of others no more than their kind and place.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        DbException database => string.Create(CultureInfo.InvariantCulture, $"{exception.GetType().Name} {database.SqlState ?? database.ErrorCode.ToString(CultureInfo.InvariantCulture)}."),
        HttpRequestException http => $"{nameof(HttpRequestException)} {http.HttpRequestError}.",
        SocketException socket => $"{nameof(SocketException)} {socket.SocketErrorCode}.",
        _ when exception.GetType().Assembly.GetName().Name!.StartsWith(_library, StringComparison.Ordinal) && exception.GetType().IsPublic => exception.Message,
        _ => $"{exception.GetType().Name} in {PlaceOf(exception)}.",
    };

    private static string PlaceOf(Exception exception)
    {
        foreach (StackFrame frame in new StackTrace(exception, fNeedFileInfo: false).GetFrames())
        {
            if (DiagnosticMethodInfo.Create(frame) is { } method && method.DeclaringTypeName.StartsWith(_library, StringComparison.Ordinal))
            {
                return $"{method.DeclaringTypeName}.{method.Name}";
            }
        }

        return "code of others";
    }
}
