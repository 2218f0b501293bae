using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Hosting;
using Phr.Oracle.Telemetry;
using Phr.Samples.OracleNode;
using Phr.Storage;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Hosting;

/// <summary>What OpenTelemetry's own SDK makes of the oracle's meter and spans by their documented names, and what leaves the process.</summary>
public sealed partial class OracleExportTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void AddMeterAndAddSource_EveryDocumentedName_IsExported()
    {
        var metrics = new List<Metric>();
        var spans = new List<Activity>();
        using MeterProvider meters = Sdk.CreateMeterProviderBuilder().AddMeter(OracleTelemetry.MeterName).AddInMemoryExporter(metrics).Build();
        using TracerProvider tracers = Sdk.CreateTracerProviderBuilder().AddSource(OracleTelemetry.ActivitySourceName).AddInMemoryExporter(spans).Build();
        using OracleInstruments instruments = Everything();
        instruments.Source.StartActivity("phr.oracle.job")?.SetTag("phr.end", "export-test").Stop();
        Assert.True(meters.ForceFlush() && tracers.ForceFlush());

        string page = File.ReadAllText(RepositoryRoot.Combine("docs", "operations", "oracle.md"));
        string[] documented = [.. DocumentedMetric().Matches(page).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal)];
        Assert.True(documented.Length > 15);

        // Services of other tests have the same names, and some of their gauges may have nothing to say yet.
        Assert.Equal(documented, metrics.Select(metric => metric.Name).Distinct().Order(StringComparer.Ordinal));
        Assert.Single(spans, span => span.OperationName == "phr.oracle.job" && span.GetTagItem("phr.end") as string == "export-test");

        // Seconds need other buckets than the SDK's own.
        foreach (MetricPoint point in metrics.Where(metric => metric.Name == "phr.oracle.job.duration").SelectMany(Points))
        {
            var bounds = new List<double>();
            foreach (HistogramBucket bucket in point.GetHistogramBuckets())
            {
                bounds.Add(bucket.ExplicitBound);
            }

            Assert.Equal((0.005, 3600, double.PositiveInfinity), (bounds[0], bounds[^2], bounds[^1]));
        }
    }

    [Fact]
    public void PrometheusText_Histogram_HasBucketsThatCountTheSmallerOnesToo()
    {
        using var text = new PrometheusText();
        text.Begin();
        using var instruments = new OracleInstruments(new OracleState(TimeProvider.System));
        foreach (double seconds in new[] { 0.004, 0.005, 0.2, 7, 4000 })
        {
            instruments.Looked(TimeSpan.FromSeconds(seconds), "bucket-test");
        }

        string[] lines = [.. text.Write().Split('\n').Where(line => line.Contains("bucket-test", StringComparison.Ordinal))];
        const string name = "phr_oracle_job_duration_seconds";
        Assert.Equal(19, lines.Length);
        Assert.Equal($"{name}_bucket{{phr_end=\"bucket-test\",le=\"0.005\"}} 2", lines[0]);
        Assert.Contains($"{name}_bucket{{phr_end=\"bucket-test\",le=\"0.25\"}} 3", lines);
        Assert.Contains($"{name}_bucket{{phr_end=\"bucket-test\",le=\"10\"}} 4", lines);
        Assert.Equal([$"{name}_bucket{{phr_end=\"bucket-test\",le=\"3600\"}} 4", $"{name}_bucket{{phr_end=\"bucket-test\",le=\"+Inf\"}} 5"], lines[15..17]);
        Assert.StartsWith($"{name}_sum{{phr_end=\"bucket-test\"}} 4007.2", lines[17], StringComparison.Ordinal);
        Assert.Equal($"{name}_count{{phr_end=\"bucket-test\"}} 5", lines[18]);
        Assert.Contains($"# TYPE {name} histogram", text.Write(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(NodeTelemetry.Endpoint)]
    [InlineData(NodeTelemetry.Setting)]
    public async Task Add_CollectorIsNamed_GetsMetricsAndSpans(string key)
    {
        // A collector that keeps what comes. Names stand in the messages as they are.
        using var collector = new HttpListener();
        var got = new ConcurrentDictionary<string, string>();
        string address = $"http://127.0.0.1:{LoopbackPort.Free()}/";
        collector.Prefixes.Add(address);
        collector.Start();
        Task serving = CollectAsync(collector, got);

        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            [key] = address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["Oracle:Process"] = "process-seven",
        }).Build();
        var services = new ServiceCollection();
        services.AddSingleton(configuration).AddLogging();
        Assert.True(NodeTelemetry.Add(services, configuration));
        await using (ServiceProvider provider = services.BuildServiceProvider())
        {
            MeterProvider meters = provider.GetRequiredService<MeterProvider>();
            TracerProvider tracers = provider.GetRequiredService<TracerProvider>();
            using OracleInstruments instruments = Everything();
            instruments.Source.StartActivity("phr.oracle.job")?.SetTag("phr.end", "sent").Stop();
            Assert.True(meters.ForceFlush() && tracers.ForceFlush());
        }

        Assert.Contains("phr.oracle.delivery.delay", got["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("phr.oracle.job", got["/v1/traces"], StringComparison.Ordinal);
        Assert.All(got.Values, message => Assert.Contains("process-seven", message, StringComparison.Ordinal));
        collector.Close();
        await serving;
    }

    [Fact]
    public void Add_NoCollectorOrNoAddress_SendsNothingAndSaysWhy()
    {
        var services = new ServiceCollection();
        Assert.False(NodeTelemetry.Add(services, new ConfigurationBuilder().AddInMemoryCollection([]).Build()));
        Assert.Empty(services);
        foreach (string wrong in new[] { "collector", "ftp://collector/", "http://somebody:my-secret@collector/" })
        {
            IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [NodeTelemetry.Setting] = wrong }).Build();
            Assert.DoesNotContain("my-secret", Assert.Throws<InvalidOperationException>(() => NodeTelemetry.Add(services, configuration)).Message, StringComparison.Ordinal);
        }

        Assert.Empty(services);
    }

    // Instruments each of which has something to say.
    private static OracleInstruments Everything()
    {
        var state = new OracleState(TimeProvider.System);
        state.Counted(new JobCounts());
        state.TrackAsync(OraclePart.Ledger, () => Task.FromResult(true)).GetAwaiter().GetResult();
        state.Saw(new LedgerHead(7, default, 7, _now), Record());
        var instruments = new OracleInstruments(state);
        instruments.Found(1);
        instruments.Finished(JobPhase.Delivered);
        instruments.Postponed(JobDelay.Failure);
        instruments.SetAside();
        instruments.LostLease();
        instruments.PartFailed(OraclePart.Ledger);
        instruments.IpfsFailed(IpfsFaultKind.WrongBytes);
        instruments.Looked(TimeSpan.FromSeconds(1), "delivered");
        instruments.Delivered(TimeSpan.FromSeconds(2));
        return instruments;
    }

    private static IEnumerable<MetricPoint> Points(Metric metric)
    {
        foreach (MetricPoint point in metric.GetMetricPoints())
        {
            yield return point;
        }
    }

    private static ActorRecord Record()
    {
        ActorId anyone = ActorId.FromBytes(Enumerable.Repeat((byte)7, ActorId.Length).ToArray());
        return new ActorRecord
        {
            Id = anyone, LedgerAddress = anyone, Roles = ActorRoles.Oracle, Status = ActorStatus.Active, KeyRecordDigest = default, ValidUntil = _now.AddYears(1), Organisation = anyone, Operator = anyone,
            RegisteredAt = _now, Reputation = Reputation.Newcomer(_now),
        };
    }

    private static async Task CollectAsync(HttpListener collector, ConcurrentDictionary<string, string> got)
    {
        while (collector.IsListening)
        {
            try
            {
                HttpListenerContext call = await collector.GetContextAsync();
                using var body = new MemoryStream();
                await call.Request.InputStream.CopyToAsync(body);
                string text = Encoding.Latin1.GetString(body.ToArray());
                got.AddOrUpdate(call.Request.Url!.AbsolutePath, text, (_, known) => known + text);
                call.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    [GeneratedRegex(@"^\| `(phr\.oracle\.[a-z._]+)` \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedMetric();
}
