using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Tools;

/// <summary>A process of samples/OracleNode, with its output, its pages, and its end.</summary>
internal sealed class OracleNodeProcess : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = [];

    private OracleNodeProcess(Process process, Uri address)
    {
        _process = process;
        Http = new HttpClient { BaseAddress = address };
    }

    public HttpClient Http { get; }

    public string Output => string.Join('\n', _lines);

    /// <summary>Writes the key file of an oracle, at the least cost.</summary>
    public static async Task<(string File, string PassphraseFile)> WriteKeyAsync(string folder, string name, IdentityKeys keys)
    {
        string file = Path.Combine(folder, name + ".key"), passphrase = Path.Combine(folder, name + ".passphrase");
        await KeyFile.SaveAsync(file, keys, "a passphrase of the tests".AsMemory(), new KeyFileOptions { MemoryKib = KeyFileOptions.MinMemoryKib, Passes = KeyFileOptions.MinPasses });
        await File.WriteAllTextAsync(passphrase, "a passphrase of the tests\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(passphrase, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return (file, passphrase);
    }

    /// <summary>The settings of one process of an oracle of the sample's world.</summary>
    public static async Task<Dictionary<string, string>> SettingsAsync(string folder, SampleOracle oracle, string process, string? database = null)
    {
        (string file, string passphrase) = await WriteKeyAsync(Path.Combine(folder, "devices"), $"{oracle.Name}-{process}", oracle.Identity);
        var settings = new Dictionary<string, string>
        {
            ["Node__Folder"] = folder,
            ["Node__Jobs"] = database is null ? "sqlite" : "postgres",
            ["Oracle__Process"] = process,
            ["Oracle__Key__File"] = file,
            ["Oracle__Key__PassphraseFile"] = passphrase,
            ["Oracle__Secrets"] = Path.Combine(folder, "devices", oracle.Name),
            ["Oracle__Worker__PollInterval"] = "00:00:00.050",
            ["Oracle__Worker__EnvelopeGrace"] = "00:00:00",
            ["Oracle__Jobs__LeaseDuration"] = "00:00:03",
        };
        if (database is not null)
        {
            settings["Oracle__Jobs__Connection"] = database;
        }

        return settings;
    }

    public static OracleNodeProcess Start(IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{LoopbackPort.Free()}/"));
        string program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory.Replace(Path.Combine("tests", "Phr.Oracle.Tests"), Path.Combine("samples", "OracleNode"), StringComparison.Ordinal), "OracleNode.dll"));
        var start = new ProcessStartInfo("dotnet", ["exec", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(program)!,
        };
        start.Environment["Urls"] = address.ToString();
        foreach ((string name, string value) in settings)
        {
            start.Environment[name] = value;
        }

        var node = new OracleNodeProcess(new Process { StartInfo = start }, address);
        node._process.OutputDataReceived += (_, line) => node.Take(line.Data);
        node._process.ErrorDataReceived += (_, line) => node.Take(line.Data);
        node._process.Start();
        node._process.BeginOutputReadLine();
        node._process.BeginErrorReadLine();
        return node;
    }

    public async Task WaitUntilReadyAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        while (true)
        {
            try
            {
                using HttpResponseMessage answer = await Http.GetAsync(new Uri("health/ready", UriKind.Relative), limit.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            Assert.False(_process.HasExited, Output);
            await Task.Delay(50, limit.Token);
        }
    }

    /// <summary>As kill -9 does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Asks the process to stop, as systemd does.</summary>
    public async Task<int> TerminateAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        return await WaitAsync();
    }

    public async Task<int> WaitAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private void Take(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }
}
