using System.Diagnostics;
using System.Text.Json;

namespace Phr.TestSupport;

/// <summary>An IPFS node of this folder, in a process of its own, on loopback, with a folder of its own. It ends with this process at the latest.</summary>
internal sealed class IpfsNodeProcess : IAsyncDisposable
{
    private readonly string _script;
    private readonly bool _isOnline;
    private readonly int _apiPort = LoopbackPort.Free();
    private Process? _process;

    private IpfsNodeProcess(string script, string folder, bool isOnline)
    {
        _script = script;
        _isOnline = isOnline;
        Folder = folder;
    }

    /// <summary>The node's repository.</summary>
    public string Folder { get; }

    /// <summary>Where Kubo's RPC interface is; stays the same when the node is started again.</summary>
    public Uri Api => new($"http://127.0.0.1:{_apiPort}/");

    /// <summary>Where other nodes reach it; null for an offline one.</summary>
    public string? SwarmAddress { get; private set; }

    /// <summary>The operating system's number of the process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Starts a node with an empty repository.</summary>
    /// <param name="isOnline">Whether it talks to other nodes; it knows none until it is connected.</param>
    /// <exception cref="FileNotFoundException">It is not installed; the message says what to do.</exception>
    public static async Task<IpfsNodeProcess> StartAsync(bool isOnline = false)
    {
        (string? script, string reason) = NodePrograms.Ipfs();
        var node = new IpfsNodeProcess(script ?? throw new FileNotFoundException(reason), Directory.CreateTempSubdirectory("phr-ipfs-").FullName, isOnline);
        try
        {
            await node.StartAgainAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the node again after it was stopped or killed.</summary>
    public async Task StartAgainAsync()
    {
        string[] arguments = [_script, Folder, "--api", $"{_apiPort}", .. _isOnline ? (string[])["--swarm", "0"] : []];
        _process = Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = _process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        string? line = await _process.StandardOutput.ReadLineAsync(limit.Token);
        if (line is null)
        {
            throw new InvalidOperationException($"The IPFS node does not start: {await error}");
        }

        using var ready = JsonDocument.Parse(line);
        SwarmAddress = ready.RootElement.GetProperty("swarm").GetString();
        _ = _process.StandardOutput.ReadToEndAsync(CancellationToken.None);
    }

    /// <summary>Ends the process without warning.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        // What a killed node leaves would keep it from starting again.
        if (Directory.Exists(Path.Combine(Folder, "repo.lock")))
        {
            Directory.Delete(Path.Combine(Folder, "repo.lock"), recursive: true);
        }
    }

    /// <summary>Connects the node to another one, so that each can fetch from the other.</summary>
    public async Task ConnectAsync(IpfsNodeProcess other)
    {
        using var http = new HttpClient { BaseAddress = Api };
        using HttpResponseMessage answer = await http.PostAsync($"api/v0/swarm/connect?arg={Uri.EscapeDataString(other.SwarmAddress!)}", null);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
