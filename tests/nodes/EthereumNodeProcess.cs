using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace Phr.TestSupport;

/// <summary>A development node of Ethereum in a process of its own, on loopback. It can be killed, and started again on the same port. What it writes goes with it.</summary>
internal sealed class EthereumNodeProcess : IAsyncDisposable
{
    /// <summary>The chain that development nodes make.</summary>
    public const ulong ChainId = 31337;

    private const int Attempts = 4;

    // The first accounts of the mnemonic "test test … junk", which every development node has and everybody knows.
    private static readonly string[] _keys =
    [
        "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
        "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
        "5de4111afa1a4b94908f83103eb1f1706367c2e68ca870fc3fb9a804cdab365a",
    ];

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(1) };
    private readonly string _program;
    private readonly Func<int, string, string[]> _command;
    private readonly string _folder = Directory.CreateTempSubdirectory("phr-node-").FullName;
    private Process? _process;
    private Task<string[]> _output = Task.FromResult<string[]>([]);
    private int _port;

    private EthereumNodeProcess(string program, Func<int, string, string[]> command)
    {
        _program = program;
        _command = command;
    }

    /// <summary>Where its JSON-RPC interface is; stays the same when the node is started again.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/"));

    /// <summary>The operating system's number of the process.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>The key of one of the node's own accounts, each with plenty of ether.</summary>
    /// <param name="index">0 to 2.</param>
    public static byte[] AccountKey(int index) => Convert.FromHexString(_keys[index]);

    /// <summary>Starts anvil and waits until it answers. Without arguments it mines a block for each transaction.</summary>
    /// <exception cref="FileNotFoundException">There is no anvil; the message says what to do.</exception>
    public static Task<EthereumNodeProcess> StartAnvilAsync(params string[] arguments) =>
        // By default anvil would keep old states in the user's home, a gigabyte for a long history.
        StartAsync(NodePrograms.Anvil(), (port, folder) => ["--host", "127.0.0.1", "--port", Text(port), "--quiet", "--chain-id", Text((int)ChainId), "--cache-path", folder, .. arguments]);

    /// <summary>Starts Hardhat's node and waits until it answers.</summary>
    /// <exception cref="FileNotFoundException">It is not installed; the message says what to do.</exception>
    public static Task<EthereumNodeProcess> StartHardhatAsync() => StartAsync(NodePrograms.Hardhat(), (port, _) => [Text(port)]);

    /// <summary>Starts the node again on its port after it was killed. Without a state it begins with an empty chain.</summary>
    /// <param name="stateFile">What <see cref="SaveStateAsync"/> wrote, at any time before; anvil only.</param>
    public async Task StartAgainAsync(string? stateFile = null)
    {
        if (!await TryStartAsync(stateFile is null ? [] : ["--load-state", stateFile]))
        {
            throw await FailureAsync();
        }
    }

    /// <summary>Writes the whole chain as it is now to a file; anvil only.</summary>
    public async Task SaveStateAsync(string file)
    {
        byte[] packed = Convert.FromHexString(((string)(await CallAsync("anvil_dumpState"))!)[2..]);
        await using var json = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        await using FileStream stream = File.Create(file);
        await json.CopyToAsync(stream);
    }

    /// <summary>Calls a method of the node.</summary>
    /// <exception cref="InvalidOperationException">The node answers with an error.</exception>
    /// <exception cref="HttpRequestException">The node does not answer.</exception>
    public async Task<JsonNode?> CallAsync(string method, params JsonNode?[] parameters)
    {
        using HttpResponseMessage response = await _http.PostAsJsonAsync(Address, new JsonObject { ["jsonrpc"] = "2.0", ["id"] = 1, ["method"] = method, ["params"] = new JsonArray(parameters) });
        response.EnsureSuccessStatusCode();
        JsonNode answer = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        return answer["error"] is { } error ? throw new InvalidOperationException($"{method}: {error.ToJsonString()}") : answer["result"];
    }

    /// <summary>Ends the process without warning, as SIGKILL does.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _output;
        _process?.Dispose();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<EthereumNodeProcess> StartAsync((string? Path, string Reason) program, Func<int, string, string[]> command)
    {
        var node = new EthereumNodeProcess(program.Path ?? throw new FileNotFoundException(program.Reason), command);
        try
        {
            for (int attempt = 1; ; attempt++)
            {
                node._port = LoopbackPort.Free();
                if (await node.TryStartAsync([]))
                {
                    return node;
                }

                // Another process may have taken the port between our looking for it and the node's using it.
                if (attempt == Attempts)
                {
                    throw await node.FailureAsync();
                }
            }
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> TryStartAsync(string[] more)
    {
        _process?.Dispose();
        _process = Process.Start(new ProcessStartInfo(_program, [.. _command(_port, _folder), .. more]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _output = Task.WhenAll(_process.StandardOutput.ReadToEndAsync(), _process.StandardError.ReadToEndAsync());
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!_process.HasExited)
        {
            try
            {
                return (string?)await CallAsync("eth_chainId") == $"0x{ChainId:x}";
            }
            catch (HttpRequestException)
            {
                await Task.Delay(20, limit.Token);
            }
        }

        return false;
    }

    private async Task<InvalidOperationException> FailureAsync()
    {
        await KillAsync();
        return new InvalidOperationException($"{_program} does not start: {string.Join(' ', await _output)}");
    }
}
