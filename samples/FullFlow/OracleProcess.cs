using System.Diagnostics;
using System.Globalization;
using Phr.TestSupport;

namespace Phr.Samples.FullFlow;

/// <summary>
/// One process of samples/OracleNode on a port of loopback that stays the same, so that it can be stopped and started again. It is configured as an operator does it, by environment and files,
/// and ends with this object at the latest.
/// </summary>
internal sealed class OracleProcess : IAsyncDisposable
{
    private const int MaxLines = 20_000;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = [];
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly string? _log;
    private Process? _process;

    /// <summary>A process that is not started yet.</summary>
    /// <param name="name">How it is called in messages.</param>
    /// <param name="settings">Environment variables, as <see cref="OracleNodeSettings.ToEnvironment"/> gives them.</param>
    /// <param name="log">A file to which all that it prints goes; null keeps the last lines in memory only.</param>
    public OracleProcess(string name, IReadOnlyDictionary<string, string> settings, string? log = null)
    {
        Name = name;
        _settings = settings;
        _log = log;
        Address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}/"));
        Http = new HttpClient { BaseAddress = Address };
    }

    public string Name { get; }

    /// <summary>Where its pages, its health and its deliveries are.</summary>
    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>The operating system's number of the process.</summary>
    /// <exception cref="InvalidOperationException">It was never started.</exception>
    public int ProcessId => (_process ?? throw new InvalidOperationException($"{Name} was not started.")).Id;

    /// <summary>Whether it runs, or stands still after <see cref="PauseAsync"/>.</summary>
    public bool IsRunning => _process is { HasExited: false };

    /// <summary>What it printed, over all its lives: at least the last twenty thousand lines.</summary>
    public string Output => Tail(MaxLines);

    /// <summary>The program: as PHR_ORACLE_NODE says, beside this one, or as the same build of samples/OracleNode made it.</summary>
    public static string FindProgram()
    {
        const string program = "OracleNode.dll";
        if (Environment.GetEnvironmentVariable("PHR_ORACLE_NODE") is { Length: > 0 } named)
        {
            return Path.GetFullPath(named);
        }

        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        for (DirectoryInfo? folder = here; folder is not null; folder = folder.Parent)
        {
            string built = Path.Combine(folder.FullName, "samples", "OracleNode", "bin", here.Parent?.Name ?? string.Empty, here.Name, program);
            string found = folder == here ? Path.Combine(folder.FullName, program) : built;
            if (File.Exists(found))
            {
                return found;
            }
        }

        throw new FileNotFoundException("The program of the oracles is not there: build samples/OracleNode, or name it with PHR_ORACLE_NODE.");
    }

    /// <summary>Runs a command of the program to its end.</summary>
    /// <param name="settings">Environment variables.</param>
    /// <param name="arguments">The command.</param>
    /// <param name="ct">Ends the process.</param>
    /// <returns>The exit code and what was printed.</returns>
    public static async Task<(int Code, string Output)> RunAsync(IReadOnlyDictionary<string, string> settings, IReadOnlyList<string> arguments, CancellationToken ct = default)
    {
        await using var process = new OracleProcess(string.Join(' ', arguments.Take(2)), settings);
        process.Start(arguments);
        return (await process.WaitAsync(ct), process.Output);
    }

    /// <summary>Starts it, again if it has ended.</summary>
    /// <param name="arguments">What follows the program's name; nothing to serve.</param>
    public void Start(IReadOnlyList<string>? arguments = null)
    {
        if (IsRunning)
        {
            throw new InvalidOperationException($"{Name} runs already.");
        }

        string program = FindProgram();
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments ?? []])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program)!,
        };
        start.Environment["Urls"] = Address.ToString();
        foreach ((string name, string value) in _settings)
        {
            start.Environment[name] = value;
        }

        _process?.Dispose();
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until it can serve.</summary>
    /// <exception cref="InvalidOperationException">It ended instead, or was not ready for two minutes; the end of its log is in the message.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken ct = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_patience);
        while (true)
        {
            string health = "It does not listen.";
            try
            {
                using HttpResponseMessage answer = await Http.GetAsync(new Uri("health/ready", UriKind.Relative), limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }

                health = await answer.Content.ReadAsStringAsync(limit.Token);
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                throw Failure($"is not ready. {health}");
            }

            if (!IsRunning)
            {
                throw Failure("ended instead of becoming ready.");
            }

            await Task.Delay(50, ct);
        }
    }

    /// <summary>As kill -9 does.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }
    }

    /// <summary>Asks it to stop, as systemd does, and waits for its end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TerminateAsync(CancellationToken ct = default)
    {
        await SignalAsync("TERM");
        return await WaitAsync(ct);
    }

    /// <summary>Lets it stand still, as a machine that hangs.</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on.</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    /// <summary>Waits for its end; after two minutes it is ended.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidOperationException">It did not end by itself.</exception>
    public async Task<int> WaitAsync(CancellationToken ct = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(_patience);
        try
        {
            await _process!.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await KillAsync();
            ct.ThrowIfCancellationRequested();
            throw Failure("did not end.");
        }
    }

    /// <summary>The last lines that it printed.</summary>
    public string Tail(int lines)
    {
        lock (_lock)
        {
            return string.Join('\n', _lines.Skip(_lines.Count - lines));
        }
    }

    /// <summary>A fault of this process, with the end of its log.</summary>
    public InvalidOperationException Failure(string what) => new($"{Name} {what} Its log ends:\n{Tail(30)}");

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await KillAsync();
        _process?.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        if (IsRunning)
        {
            using var kill = Process.Start("kill", [$"-{signal}", ProcessId.ToString(CultureInfo.InvariantCulture)]);
            await kill.WaitForExitAsync();
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lock)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
            {
                _lines.Dequeue();
            }

            if (_log is not null)
            {
                File.AppendAllText(_log, line + Environment.NewLine);
            }
        }
    }
}
