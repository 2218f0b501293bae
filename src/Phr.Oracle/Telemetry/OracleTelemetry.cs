namespace Phr.Oracle;

/// <summary>The names under which an oracle's service tells what it does. What each instrument and span means is in docs/operations/oracle.md.</summary>
/// <remarks>No instrument, span or tag carries personal data: tags are phases, parts and, on spans alone, request ids, which the ledger shows to everybody.</remarks>
public static class OracleTelemetry
{
    /// <summary>The name of the meter (<see cref="System.Diagnostics.Metrics.Meter"/>): <c>Phr.Oracle</c>.</summary>
    public const string MeterName = "Phr.Oracle";

    /// <summary>The name of the source of spans (<see cref="System.Diagnostics.ActivitySource"/>): <c>Phr.Oracle</c>.</summary>
    public const string ActivitySourceName = "Phr.Oracle";
}
