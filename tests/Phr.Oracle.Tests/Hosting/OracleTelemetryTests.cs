using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Tests.Jobs;
using Phr.Oracle.Telemetry;
using Phr.Samples.FullFlow;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Hosting;

public sealed partial class OracleTelemetryTests
{
    private static string Page => File.ReadAllText(RepositoryRoot.Combine("docs", "operations", "oracle.md"));

    [Fact]
    public async Task Metrics_OneJob_HaveTheDocumentedNamesAndCountIt()
    {
        var published = new ConcurrentDictionary<string, string>();
        var counted = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == OracleTelemetry.MeterName)
                {
                    published[instrument.Name] = instrument.Unit ?? string.Empty;
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };

        // Other tests' services, which run at the same time, are counted as well: what is looked for is the most that any of them says, and not what the last one does.
        void Count<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            double number = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
            counted.AddOrUpdate($"{instrument.Name}{string.Concat(tags.ToArray().Select(tag => $" {tag.Key}={tag.Value}"))}", number, (_, known) => Math.Max(known, number));
        }

        listener.SetMeasurementEventCallback<int>(Count);
        listener.SetMeasurementEventCallback<long>(Count);
        listener.SetMeasurementEventCallback<double>(Count);
        listener.Start();

        var spans = new ConcurrentQueue<Activity>();
        using var spanListener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == OracleTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(spanListener);

        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        service.Story.Clock.Advance(TimeSpan.FromMinutes(1));
        RunningOracle running = await service.StartAsync(await service.Story.SeatAsync(request, 1));
        await running.UntilAsync(JobPhase.Delivered);
        await ServiceStory.UntilAsync(() => running.Monitor.Read().Jobs?.Delivered == 1);
        listener.RecordObservableInstruments();

        Assert.Equal(DocumentedMetric().Matches(Page).Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal), published.Keys.Order(StringComparer.Ordinal));
        foreach (string name in (string[])["phr.oracle.jobs.found", "phr.oracle.jobs.finished phr.phase=delivered", "phr.oracle.jobs phr.phase=delivered", "phr.oracle.ready", "phr.oracle.part.up phr.part=ledger"])
        {
            Assert.True(counted.TryGetValue(name, out double value) && value >= 1, name);
        }

        Assert.True(counted["phr.oracle.delivery.delay"] > 0);
        Assert.InRange(counted["phr.oracle.reputation"], 0, 1);
        Activity span = Assert.Single(spans, s => s.GetTagItem("phr.request") as string == request.ToString() && s.GetTagItem("phr.end") as string == "delivered");
        Assert.Equal("phr.oracle.job", span.OperationName);
        string tags = string.Join(' ', counted.Keys) + string.Join(' ', spans.SelectMany(s => s.TagObjects).Select(t => $"{t.Key}={t.Value}"));
        Assert.DoesNotContain(service.Story.World.Doctor.Id.ToString(), tags, StringComparison.Ordinal);
        Assert.DoesNotContain(service.Story.World.Patient.Id.ToString(), tags, StringComparison.Ordinal);
    }

    /// <summary>On a chain a delivery is known to be final long after it was recorded, and reputation goes by the record.</summary>
    [Fact]
    public async Task Metrics_DeliveryThatIsKnownLate_HasTheDelayOfItsRecord()
    {
        var delays = new ConcurrentQueue<(Meter Meter, double Seconds)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Name == "phr.oracle.delivery.delay")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => delays.Enqueue((instrument.Meter, value)));
        listener.Start();

        await using ServiceStory service = await ServiceStory.BeginAsync();
        RequestId request = await service.Story.ConsentedAsync();
        SampleOracle oracle = await service.Story.SeatAsync(request, 1);
        RequestRecord open = await service.Story.ReadAsync(request);
        await using IJobStore jobs = await service.OpenJobsAsync(oracle);
        DateTimeOffset deadline = open.DeliveryDeadline(service.Story.World.Ledger.Parameters)!.Value;
        await jobs.AddAsync([new JobOffer { Key = new JobKey { Request = request, Round = open.Round, Use = open.Used }, Requester = open.Doctor, Deadline = deadline }], service.Story.Clock.GetUtcNow());
        await service.Story.ServeAsync(request, 1);
        service.Story.Clock.Advance(TimeSpan.FromHours(1));
        RunningOracle running = await service.StartAsync(oracle);
        await running.UntilAsync(JobPhase.Delivered);
        Meter meter = running.Host.Services.GetRequiredService<OracleInstruments>().Meter;
        await ServiceStory.UntilAsync(() => delays.Any(delay => delay.Meter == meter));
        TimeSpan recorded = (await service.Story.ReadAsync(request)).Delivery(1)!.Time - open.ServiceStart!.Value;
        Assert.Equal(recorded.TotalSeconds, Assert.Single(delays, delay => delay.Meter == meter).Seconds);
    }

    [Fact]
    public void Events_EveryNumber_IsDocumented()
    {
        IEnumerable<string> numbers = typeof(EventIds).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetRawConstantValue()!.ToString()!);
        Assert.Equal(numbers.Order(StringComparer.Ordinal), DocumentedEvent().Matches(Page).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal));

        // Also those that a line has as a plain number.
        IEnumerable<string> written = typeof(EventIds).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId.ToString(System.Globalization.CultureInfo.InvariantCulture)).OfType<string>().Distinct();
        Assert.Equal(numbers.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    /// <summary>Every sentence that an operator can be alarmed by stands in the manual, with what it means: as it is written in the source, with what is filled in between braces.</summary>
    [Fact]
    public void Alarms_EverySentence_IsDocumented()
    {
        string[] sentences = [.. new[] { "OracleState.cs", "OracleLiveCheck.cs" }.SelectMany(file => AlarmInSource().Matches(File.ReadAllText(RepositoryRoot.Combine("src", "Phr.Oracle", "Hosting", file)))).Select(m => Filled().Replace(m.Groups[1].Value, "{}"))];
        string[] documented = [.. DocumentedAlarm().Matches(Page).Select(m => Filled().Replace(m.Groups[1].Value, "{}"))];
        Assert.Equal(11, sentences.Length);
        Assert.Equal(sentences.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    /// <summary>Everything that can go wrong goes wrong, and every line of every service is searched for who the people are, what the documents say, and every secret at hand.</summary>
    [Fact]
    public async Task Logs_RunWithEveryTrouble_HoldNoPersonalDataAndNoSecret()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        World world = service.Story.World;
        RequestId request = await service.Story.ConsentedAsync(uses: 2);
        SampleOracle[] seats = [.. await Task.WhenAll(Enumerable.Range(1, 5).Select(seat => service.Story.SeatAsync(request, seat)))];

        // Suspended and back; a ledger that is down; a fault with a name in its message; a job set aside; deliveries; a second use, then revoked.
        await world.Agency.SuspendAsync(world.Doctor.Id, 1);
        RunningOracle first = await service.StartAsync(seats[0]);
        await first.UntilLookedAtAsync(1);
        service.Ledger.IsDown = true;
        await service.UntilLoggedAsync(1201);
        service.Ledger.IsDown = false;
        service.Exchange.BeforeReading = () => throw new IOException($"/mnt/{world.Patient.Id}/GH-2024-0117 is not there");
        await world.Agency.ReinstateAsync(world.Doctor.Id, 1);
        await ServiceStory.UntilAsync(() => service.Lines.Any(line => line.Event == 1001 && line.Text.Contains(nameof(IOException), StringComparison.Ordinal)));
        service.Exchange.BeforeReading = () => throw new InvalidOperationException($"no record of {world.Patient.Id}, GH-2024-0117");
        await first.UntilAsync(JobPhase.SetAside);
        service.Exchange.BeforeReading = null;
        OracleServiceOptions strict = service.Options(seats[1]);
        await service.StartAsync(seats[1], strict with { Requesters = new RequesterLimit { Burst = 1, PerHour = 1 } });
        await service.StartAsync(seats[2]);
        await service.StartAsync(seats[3]);
        await service.UntilDeliveredAsync(request, 3);
        Assert.True((await service.Story.OpenAsync(request)).Succeeded);
        await world.Doctor.UseAgainAsync(request);
        await service.UntilLoggedAsync(1308);
        await world.Patient.RevokeAsync(request);

        // The job over the limit is due again when its refusal would be, and finds that nobody waits for it.
        service.Story.Clock.Advance(world.Ledger.Parameters.DeliveryWindow);
        await ServiceStory.UntilAsync(() => service.Lines.Any(line => line.Event == 1302 && line.Text.Contains("Ended", StringComparison.Ordinal)));
        await first.StopAsync();

        string log = string.Join('\n', service.Lines.Select(line => line.Text));
        Assert.Superset(new HashSet<int> { 1001, 1101, 1102, 1103, 1104, 1201, 1202, 1301, 1302, 1303, 1304, 1305, 1308 }, service.Lines.Select(line => line.Event).ToHashSet());
        var forbidden = new List<(string What, string Text)>
        {
            ("the patient", world.Patient.Id.ToString()),
            ("the doctor", world.Doctor.Id.ToString()),
            ("the hospital", world.Hospital.Id.ToString()),
            ("the licence", "GH-2024-0117"),
            ("the speciality", "oncology"),
            ("the bundle", service.Story.Header.BundleId.ToString()),
            ("a title", "first.txt"),
            ("a title", "second.txt"),
            ("a label", "genome"),
            ("the reason", "a reason"),
        };
        forbidden.AddRange(world.Guardians.Select(guardian => ("a guardian", guardian.Id.ToString())));
        foreach (IdentityKeys keys in (IdentityKeys[])[.. seats.Select(seat => seat.Identity), .. seats.Select(seat => seat.Operator), world.DoctorDesk.Keys, world.PatientDesk.Keys.Identity])
        {
            byte[] root = new byte[IdentityKeys.RootSecretLength];
            keys.ExportRootSecret(root);
            forbidden.AddRange(Forms("a root secret", root));
        }

        foreach (SampleOracle seat in seats)
        {
            foreach (string name in await seat.Secrets.ListAsync(string.Empty))
            {
                using SecretValue secret = (await seat.Secrets.GetAsync(name))!;
                forbidden.AddRange(Forms(name.Split('/')[0], secret.Bytes[..Math.Min(32, secret.Length)].ToArray()));
            }
        }

        Assert.Empty(forbidden.Where(one => log.Contains(one.Text, StringComparison.OrdinalIgnoreCase)).Select(one => $"{one.What}: {service.Lines.First(line => line.Text.Contains(one.Text, StringComparison.OrdinalIgnoreCase))}"));
        Assert.True(forbidden.Count > 50);
    }

    private static IEnumerable<(string, string)> Forms(string what, byte[] secret) => [(what, Convert.ToHexString(secret)), (what, Convert.ToBase64String(secret)[..^2])];

    [GeneratedRegex(@"^\| `(phr\.oracle\.[a-z._]+)` \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedMetric();

    // A sentence in quotation marks that ends with a stop, or with a fault that has one.
    [GeneratedRegex(@"\$?""(the [^""]*(?:\.|Fault\}|_distrust\})|jobs [^""]*\.)""")]
    private static partial Regex AlarmInSource();

    [GeneratedRegex(@"^\| (?:not ready|degraded|not live): `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedAlarm();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Filled();

    [GeneratedRegex(@"^\| (1\d{3}) \|", RegexOptions.Multiline)]
    private static partial Regex DocumentedEvent();
}
