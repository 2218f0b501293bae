using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Phr.Crypto;
using Phr.Oracle.Hosting;
using Phr.Oracle.Telemetry;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Hosting;

/// <summary>An oracle whose exchange is on IPFS nodes: its credential goes to the nodes and nowhere else, and what they answer badly is counted and told.</summary>
public sealed class OracleIpfsTests : IDisposable
{
    private const string Credential = "Bearer let-me-in-7041";

    private readonly HttpListener _node = new();
    private readonly ConcurrentQueue<string?> _credentials = new();
    private readonly Uri _address;

    public OracleIpfsTests()
    {
        // A node that gives other bytes than it is asked for.
        (_address, Task serving) = Listen(_node, _credentials, [1, 2, 3]);
        _ = serving;
    }

    public void Dispose() => _node.Close();

    [Fact]
    public async Task Run_NodeThatLies_GetsTheCredentialAndIsCountedAndNamedOnce()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        var counted = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == OracleTelemetry.MeterName && instrument.Name == "phr.oracle.ipfs.faults")
                {
                    self.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) => counted.AddOrUpdate((string)tags.ToArray().Single(tag => tag.Key == "phr.kind").Value!, value, (_, known) => known + value));
        listener.Start();

        using var gateway = new HttpListener();
        var gatewayCredentials = new ConcurrentQueue<string?>();
        (Uri gatewayAddress, _) = Listen(gateway, gatewayCredentials, [4, 5]);
        SampleOracle oracle = service.Story.World.Oracles[0];
        string file = Path.Combine(service.Story.Folder, "ipfs-credential");
        await File.WriteAllTextAsync(file, $"{Credential}\nwhat stands here is no part of it\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        }

        RunningOracle running = await service.StartAsync(
            oracle,
            service.Options(oracle) with { Ipfs = new OracleIpfsOptions { Nodes = [_address], Gateways = [gatewayAddress], CredentialFile = file } });
        await ServiceStory.UntilAsync(() => counted.GetValueOrDefault("wrong_bytes") >= 2 && gatewayCredentials.Count > 0);
        await service.UntilLoggedAsync(1204);
        await running.StopAsync();

        Assert.All(_credentials, given => Assert.Equal(Credential, given));
        Assert.All(gatewayCredentials, Assert.Null);
        string[] told = [.. service.Lines.Where(line => line.Event == 1204).Select(line => line.Text)];
        Assert.Single(told, line => line.Contains(_address.Authority, StringComparison.Ordinal) && line.Contains("WrongBytes", StringComparison.Ordinal));
        Assert.DoesNotContain("let-me-in", string.Join('\n', service.Lines.Select(line => line.Text)), StringComparison.Ordinal);
        Assert.Equal(!OperatingSystem.IsWindows(), service.Lines.Any(line => line.Event == 1404));
    }

    [Fact]
    public void Names_OfFaults_AreOneForEachKind()
    {
        string[] names = [.. Enum.GetValues<IpfsFaultKind>().Select(OracleInstruments.Name)];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.All(Enum.GetValues<IpfsFaultKind>(), kind => Assert.Equal(kind.ToString(), OracleInstruments.Name(kind).Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true));
    }

    [Fact]
    public async Task Desk_ExchangeOnNodes_CanBeRepaired()
    {
        await using ServiceStory service = await ServiceStory.BeginAsync();
        SampleOracle oracle = service.Story.World.Oracles[0];
        IHost host = service.Build(oracle, service.Options(oracle) with { Ipfs = new OracleIpfsOptions { Nodes = [_address] } });
        await using (OracleDesk desk = await OracleDesk.OpenAsync(host.Services))
        {
            Assert.IsType<IpfsContentStore>(desk.Exchange);
        }

        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private static (Uri Address, Task Serving) Listen(HttpListener listener, ConcurrentQueue<string?> credentials, byte[] answer)
    {
        string prefix = $"http://127.0.0.1:{Phr.TestSupport.LoopbackPort.Free()}/";
        listener.Prefixes.Add(prefix);
        listener.Start();
        return (new Uri(prefix), ServeAsync());

        async Task ServeAsync()
        {
            while (listener.IsListening)
            {
                try
                {
                    HttpListenerContext call = await listener.GetContextAsync();
                    credentials.Enqueue(call.Request.Headers["Authorization"]);
                    await call.Response.OutputStream.WriteAsync(answer);
                    call.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException)
                {
                    // The caller went away, or the test is over.
                }
            }
        }
    }
}
