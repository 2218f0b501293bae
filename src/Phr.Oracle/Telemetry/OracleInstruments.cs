using System.Diagnostics;
using System.Diagnostics.Metrics;
using Phr.Oracle.Hosting;
using Phr.Storage;

namespace Phr.Oracle.Telemetry;

/// <summary>The service's instruments. Gauges read what the loops last saw and ask nobody.</summary>
internal sealed class OracleInstruments : IDisposable
{
    // From a look at nothing to a delivery at the end of a long window, so that percentiles can be told.
    private static readonly InstrumentAdvice<double> _seconds = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600] };

    private readonly Meter _meter;
    private readonly OracleState _state;
    private readonly Counter<long> _found;
    private readonly Counter<long> _finished;
    private readonly Counter<long> _postponed;
    private readonly Counter<long> _setAside;
    private readonly Counter<long> _lost;
    private readonly Counter<long> _faults;
    private readonly Counter<long> _ipfsFaults;
    private readonly Histogram<double> _looks;
    private readonly Histogram<double> _delays;

    public OracleInstruments(OracleState state)
    {
        _state = state;
        _meter = new Meter(OracleTelemetry.MeterName, typeof(OracleInstruments).Assembly.GetName().Version?.ToString());
        Source = new ActivitySource(OracleTelemetry.ActivitySourceName, _meter.Version);
        _found = _meter.CreateCounter<long>("phr.oracle.jobs.found", "{job}", "Jobs found on the ledger by this process.");
        _finished = _meter.CreateCounter<long>("phr.oracle.jobs.finished", "{job}", "Jobs finished by this process, by phase.");
        _postponed = _meter.CreateCounter<long>("phr.oracle.jobs.postponed", "{look}", "Looks that ended in a later one, by cause.");
        _setAside = _meter.CreateCounter<long>("phr.oracle.jobs.set_aside", "{job}", "Jobs set aside by this process.");
        _lost = _meter.CreateCounter<long>("phr.oracle.leases.lost", "{lease}", "Leases that ran out while this process worked on the job.");
        _faults = _meter.CreateCounter<long>("phr.oracle.part.faults", "{fault}", "Times that a part stopped working, by part.");
        _ipfsFaults = _meter.CreateCounter<long>("phr.oracle.ipfs.faults", "{fault}", "Bad answers of IPFS nodes and gateways, by kind; also those that another one made up for.");
        _looks = _meter.CreateHistogram<double>("phr.oracle.job.duration", "s", "How long one look at a job took, by how it ended.", tags: null, advice: _seconds);
        _delays = _meter.CreateHistogram<double>("phr.oracle.delivery.delay", "s", "From the beginning of the delivery window to the recorded delivery.", tags: null, advice: _seconds);
        _meter.CreateObservableGauge("phr.oracle.jobs", CountJobs, "{job}", "Jobs of the oracle, by phase.");
        _meter.CreateObservableGauge("phr.oracle.jobs.in_hand", () => state.Read().InHand, "{job}", "Jobs that this process works on.");
        _meter.CreateObservableGauge("phr.oracle.jobs.parked", () => state.Read().Parked, "{job}", "Jobs whose delivery or refusal stands in a block that is not final yet.");
        _meter.CreateObservableGauge("phr.oracle.jobs.overdue", () => Overdue(state.Read()), "s", "How long the job that waits longest has been due.");
        _meter.CreateObservableGauge("phr.oracle.ledger.head.number", () => Maybe(state.Read().Head is { } head ? (long)head.Number : (long?)null), "{entry}", "The ledger's last entry.");
        _meter.CreateObservableGauge("phr.oracle.ledger.head.age", () => Maybe(state.Read() is { Head: { } head } now ? (now.AsOf - head.Time).TotalSeconds : (double?)null), "s", "How old the ledger's head is.");
        _meter.CreateObservableGauge("phr.oracle.key.remaining", () => Maybe(state.Read() is { Record: { } record } now ? (record.ValidUntil - now.AsOf).TotalSeconds : (double?)null), "s", "Until the oracle's key record ends.");
        _meter.CreateObservableGauge("phr.oracle.reputation", () => Maybe(state.Read().Reputation is { } reputation ? reputation.Score / (double)Phr.Consent.Reputation.Full : (double?)null), "1", "The oracle's score on the ledger, 0 to 1.");
        _meter.CreateObservableGauge("phr.oracle.ready", () => state.Read().Obstacles.Count == 0 ? 1 : 0, "1", "1 when the process can serve, else 0.");
        _meter.CreateObservableGauge("phr.oracle.part.up", CountParts, "1", "1 when a part works, else 0.");
    }

    public ActivitySource Source { get; }

    public Meter Meter => _meter;

    public void Found(int jobs) => _found.Add(jobs);

    public void Finished(JobPhase phase) => _finished.Add(1, Tag("phase", Name(phase)));

    public void Postponed(JobDelay delay) => _postponed.Add(1, Tag("cause", delay switch
    {
        JobDelay.Waiting => "waiting",
        JobDelay.NotServed => "not_served",
        JobDelay.Limited => "limited",
        JobDelay.Outage => "outage",
        _ => "failure",
    }));

    public void SetAside() => _setAside.Add(1);

    public void LostLease() => _lost.Add(1);

    public void PartFailed(string part) => _faults.Add(1, Tag("part", part));

    public void IpfsFailed(IpfsFaultKind kind) => _ipfsFaults.Add(1, Tag("kind", Name(kind)));

    public void Looked(TimeSpan duration, string end) => _looks.Record(duration.TotalSeconds, Tag("end", end));

    public void Delivered(TimeSpan delay) => _delays.Record(delay.TotalSeconds);

    public void Dispose()
    {
        _meter.Dispose();
        Source.Dispose();
    }

    internal static string Name(JobPhase phase) => phase switch
    {
        JobPhase.Pending => "pending",
        JobPhase.Running => "running",
        JobPhase.Delivered => "delivered",
        JobPhase.Refused => "refused",
        JobPhase.Ended => "ended",
        _ => "set_aside",
    };

    internal static string Name(IpfsFaultKind kind) => kind switch
    {
        IpfsFaultKind.Unreachable => "unreachable",
        IpfsFaultKind.TimedOut => "timed_out",
        IpfsFaultKind.Refused => "refused",
        IpfsFaultKind.NotFound => "not_found",
        IpfsFaultKind.WrongBytes => "wrong_bytes",
        IpfsFaultKind.Truncated => "truncated",
        IpfsFaultKind.Malformed => "malformed",
        IpfsFaultKind.TooLong => "too_long",
        IpfsFaultKind.HeadersTooLarge => "headers_too_large",
        IpfsFaultKind.WrongDag => "wrong_dag",
        _ => "redirected",
    };

    private static KeyValuePair<string, object?> Tag(string name, string value) => new("phr." + name, value);

    private static IEnumerable<Measurement<T>> Maybe<T>(T? value)
        where T : struct => value is { } known ? [new Measurement<T>(known)] : [];

    private static double Overdue(OracleSnapshot now) => now.Jobs?.OldestDue is { } due && due < now.AsOf ? (now.AsOf - due).TotalSeconds : 0;

    private IEnumerable<Measurement<int>> CountJobs() =>
        _state.Read().Jobs is { } counts ? Enum.GetValues<JobPhase>().Select(phase => new Measurement<int>(counts.Of(phase), Tag("phase", Name(phase)))) : [];

    private IEnumerable<Measurement<int>> CountParts() => _state.Read().Parts.Select(part => new Measurement<int>(part.IsWorking ? 1 : 0, Tag("part", part.Name)));
}
