using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>The portal as a process of its own, which can be killed in the middle of something.</summary>
internal sealed class PortalProcess : IAsyncDisposable
{
    private readonly Process _process;

    private PortalProcess(Process process, Uri address, string said) => (_process, Address, Said) = (process, address, said);

    public Uri Address { get; }

    /// <summary>What stood on its console when it was there.</summary>
    public string Said { get; }

    /// <summary>Starts the portal on a folder with quick settings, and waits until it has told the demonstration's story. Its temporary files go into a folder of their own.</summary>
    public static Task<PortalProcess> StartAsync(string folder, string temporary) => StartAsync(folder, temporary, ["--Portal:KeyMemoryKib=19456", $"--Portal:UploadPart={PartUpload.PartLength}"]);

    /// <summary>Starts the portal on a folder, and waits until it has told the demonstration's story. Its temporary files go into a folder of their own.</summary>
    public static Task<PortalProcess> StartAsync(string folder, string temporary, IReadOnlyList<string> settings) => StartAsync(folder, temporary, ["--demo", .. settings], "kiruthika-password");

    /// <summary>The same without a demonstration: waits until the console tells how to begin.</summary>
    public static Task<PortalProcess> StartNewAsync(string folder, string temporary) => StartAsync(folder, temporary, [], "with this code: ");

    private static async Task<PortalProcess> StartAsync(string folder, string temporary, IReadOnlyList<string> settings, string awaited)
    {
        Directory.CreateDirectory(temporary);
        var start = new ProcessStartInfo("dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "PhrPortal.dll"), "--Urls=http://127.0.0.1:0", $"--Portal:Folder={folder}", "--Logging:LogLevel:Default=Warning", .. settings,
        ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        start.Environment["TMPDIR"] = temporary;
        start.Environment["ASPNETCORE_TEMP"] = temporary;

        // Debuggers' pipes would lie among the temporary files, and whoever reads those would wait for a debugger.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        Process process = Process.Start(start)!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var said = new StringBuilder();
        Uri? address = null;
        try
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
            while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
            {
                said.AppendLine(line);
                address ??= Regex.Match(line, "The portal is at (http://\\S+)") is { Success: true } found ? new Uri(found.Groups[1].Value) : null;
                if (address is not null && line.Contains(awaited, StringComparison.Ordinal))
                {
                    _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                    return new PortalProcess(process, address, said.ToString());
                }
            }
        }
        catch
        {
            process.Kill();
            process.Dispose();
            throw;
        }

        process.Dispose();
        throw new Xunit.Sdk.XunitException($"The portal ended before it was there:\n{said}");
    }

    /// <summary>Kills it: nothing is written, flushed or wiped any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }
}
