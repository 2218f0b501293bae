using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Phr.Oracle.Telemetry;
using Phr.Storage;

namespace Phr.Oracle.Hosting;

/// <summary>Counts every bad answer of an IPFS endpoint, and writes a line for each kind of each endpoint now and then: a node that is down is asked many times a second. Thread safe.</summary>
internal sealed class IpfsFaultTeller(OracleInstruments instruments, ILogger logger, TimeProvider time) : IProgress<IpfsFault>
{
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Uri Endpoint, IpfsFaultKind Kind), (long At, int Untold)> _told = new();

    public void Report(IpfsFault value)
    {
        instruments.IpfsFailed(value.Kind);
        if (value.Kind == IpfsFaultKind.NotFound)
        {
            // No fault by itself: what others have not put yet is looked for again and again.
            return;
        }

        long now = time.GetTimestamp();
        int? before = null;
        _told.AddOrUpdate(
            (value.Endpoint, value.Kind),
            _ =>
            {
                before = 0;
                return (now, 0);
            },
            (_, last) =>
            {
                bool isDue = time.GetElapsedTime(last.At, now) >= _silence;
                before = isDue ? last.Untold : null;
                return isDue ? (now, 0) : (last.At, last.Untold + 1);
            });
        if (before is { } untold)
        {
            Log.IpfsFault(logger, value.Endpoint.GetLeftPart(UriPartial.Authority), value.Kind, untold);
        }
    }
}
