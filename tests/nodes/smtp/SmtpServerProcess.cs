using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Phr.TestSupport;

/// <summary>A mail server of this folder, in a process of its own, on loopback. It ends with this process at the latest.</summary>
internal sealed class SmtpServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<ReceivedMail> _mails = [];
    private Task _reading = Task.CompletedTask;
    private bool _isOver;

    private SmtpServerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    /// <summary>Where it listens, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What it was given, in order.</summary>
    public IReadOnlyList<ReceivedMail> Mails => [.. _mails];

    /// <summary>Starts one; the script says what the arguments are.</summary>
    /// <exception cref="FileNotFoundException">It is not installed; the message says what to do.</exception>
    public static async Task<SmtpServerProcess> StartAsync(params string[] arguments)
    {
        (string? script, string reason) = NodePrograms.Smtp();
        string path = script ?? throw new FileNotFoundException(reason);
        Process process = Process.Start(new ProcessStartInfo("node", [path, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        if (await process.StandardOutput.ReadLineAsync(limit.Token) is not { } line)
        {
            throw new InvalidOperationException($"The mail server does not start: {await error}");
        }

        using var ready = JsonDocument.Parse(line);
        var server = new SmtpServerProcess(process, ready.RootElement.GetProperty("port").GetInt32());
        server._reading = server.ReadAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOver)
        {
            return;
        }

        _isOver = true;
        _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _mails.Enqueue(JsonSerializer.Deserialize<ReceivedMail>(line, JsonSerializerOptions.Web)!);
        }
    }

    /// <summary>A mail as the server got it.</summary>
    /// <param name="From">The envelope's sender.</param>
    /// <param name="To">The envelope's recipients.</param>
    /// <param name="Secure">Whether the line was under TLS.</param>
    /// <param name="User">Who had signed in.</param>
    /// <param name="Message">Headers and body.</param>
    internal sealed record ReceivedMail(string From, IReadOnlyList<string> To, bool Secure, string? User, string Message);
}
