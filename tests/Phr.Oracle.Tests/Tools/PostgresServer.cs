using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Phr.Oracle.Tests.Tools;

/// <summary>A PostgreSQL server of our own on loopback, started once for all tests and stopped at their end. It never runs as root: as root, the user <c>postgres</c> runs it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"phr-postgres-{Guid.NewGuid():n}");
    private readonly int _port = FreePort();
    private string? _programs;
    private int _databases;

    /// <summary>Why there is no server; null when there is one.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _programs = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
            : null;
        if (_programs is null)
        {
            Missing = "PostgreSQL is not installed (Debian: postgresql)";
            return;
        }

        Directory.CreateDirectory(_folder);
        if (Environment.IsPrivilegedProcess)
        {
            await RunAsync("chown", "postgres", _folder);
        }

        await RunAsServerAsync("initdb", "-D", Data, "-U", "app", "--auth=trust", "--locale=C.UTF-8", "--no-sync");
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Missing is null)
        {
            // A test may have left it stopped.
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
            {
                await RunAsServerAsync("pg_ctl", "-D", Data, "-w", "-m", "immediate", "stop");
            }

            Directory.Delete(_folder, recursive: true);
        }
    }

    public Task StartAsync() => RunAsServerAsync(
        "pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"), "-o",
        string.Create(CultureInfo.InvariantCulture, $"-c listen_addresses=127.0.0.1 -p {_port} -c unix_socket_directories={_folder} -c fsync=off -c synchronous_commit=off -c full_page_writes=off"), "start");

    /// <summary>Ends every connection and the server, as an administrator in a hurry would.</summary>
    public Task StopAsync() => RunAsServerAsync("pg_ctl", "-D", Data, "-w", "-m", "fast", "stop");

    /// <summary>A new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        string name = $"test{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(ConnectionString("postgres"));
        await connection.OpenAsync();
        await using NpgsqlCommand command = connection.CreateCommand();
        command.CommandText = $"CREATE DATABASE {name}";
        await command.ExecuteNonQueryAsync();
        return ConnectionString(name);
    }

    private string Data => Path.Combine(_folder, "data");

    private string ConnectionString(string database) =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=app;Database={database};Maximum Pool Size=10;Timeout=10;Pooling={database != "postgres"}");

    private Task RunAsServerAsync(string program, params string[] arguments) =>
        Environment.IsPrivilegedProcess
            ? RunAsync("runuser", ["-u", "postgres", "--", Path.Combine(_programs!, program), .. arguments])
            : RunAsync(Path.Combine(_programs!, program), arguments);

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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
