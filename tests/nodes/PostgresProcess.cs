using System.Diagnostics;
using System.Globalization;

namespace Phr.TestSupport;

/// <summary>A PostgreSQL server of our own on loopback, in a folder of its own. It never runs as root: as root, the user <c>postgres</c> runs it.</summary>
internal sealed class PostgresProcess : IAsyncDisposable
{
    private readonly string _programs;
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"phr-postgres-{Guid.NewGuid():n}");
    private readonly int _port = LoopbackPort.Free();
    private int _databases;

    private PostgresProcess(string programs) => _programs = programs;

    private string Data => Path.Combine(_folder, "data");

    /// <summary>Makes a server with no database of ours and starts it.</summary>
    /// <exception cref="FileNotFoundException">PostgreSQL is not installed.</exception>
    public static async Task<PostgresProcess> StartAsync()
    {
        (string? programs, string reason) = NodePrograms.Postgres();
        var server = new PostgresProcess(programs ?? throw new FileNotFoundException(reason));
        try
        {
            Directory.CreateDirectory(server._folder);
            if (Environment.IsPrivilegedProcess)
            {
                await server.RunAsync("chown", "postgres", server._folder);
            }

            await server.RunAsServerAsync("initdb", "-D", server.Data, "-U", "app", "--auth=trust", "--locale=C.UTF-8", "--no-sync");
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the server again after it was stopped.</summary>
    public Task StartAgainAsync() => RunAsServerAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o",
        string.Create(CultureInfo.InvariantCulture, $"-c listen_addresses=127.0.0.1 -p {_port} -c unix_socket_directories={_folder} -c fsync=off -c synchronous_commit=off -c full_page_writes=off"), "start");

    /// <summary>Ends every connection and the server, as an administrator in a hurry would.</summary>
    public Task StopAsync() => RunAsServerAsync("pg_ctl", "-D", Data, "-w", "-m", "fast", "stop");

    /// <summary>Makes a new, empty database.</summary>
    /// <returns>The connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"test{Interlocked.Increment(ref _databases)}";
        await RunAsync(Path.Combine(_programs, "createdb"), "-h", "127.0.0.1", "-p", _port.ToString(CultureInfo.InvariantCulture), "-U", "app", "--maintenance-db=postgres", name);
        return string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=app;Database={name};Maximum Pool Size=10;Timeout=10");
    }

    public async ValueTask DisposeAsync()
    {
        // It may have been left stopped.
        if (File.Exists(Path.Combine(Data, "postmaster.pid")))
        {
            await RunAsServerAsync("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");
        }

        Directory.Delete(_folder, recursive: true);
    }

    private Task RunAsServerAsync(string program, params string[] arguments) =>
        Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", Path.Combine(_programs, program), .. arguments])
            : RunAsync(Path.Combine(_programs, program), arguments);

    // The server keeps what it was started with open, so nothing is read from a pipe here.
    private async Task RunAsync(string program, params string[] arguments)
    {
        string log = Path.Combine(Path.GetTempPath(), $"phr-postgres-{Guid.NewGuid():n}.log");
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "log=$1; shift; exec \"$@\" > \"$log\" 2>&1 < /dev/null", "sh", log, program, .. arguments]) { WorkingDirectory = Path.GetTempPath() })!;
        await process.WaitForExitAsync();
        string output = File.Exists(log) ? await File.ReadAllTextAsync(log) : string.Empty;
        File.Delete(log);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {output}");
        }
    }
}
