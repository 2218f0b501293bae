using System.Diagnostics;
using System.Globalization;

namespace Phr.Benchmarks.Measuring;

/// <summary>A peer in another language, which stays up and answers each line "operation count" with nanoseconds.</summary>
internal sealed class PeerProcess : IDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    /// <summary>Starts a peer, or says why it is not there.</summary>
    public static PeerProcess? TryStart(string program, IEnumerable<string> arguments, out string? why)
    {
        why = null;
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
            var peer = new PeerProcess(Process.Start(start) ?? throw new InvalidOperationException("the process did not start"));
            if (peer._process.StandardOutput.ReadLine() == "ready")
            {
                return peer;
            }

            peer.Dispose();
            why = $"{program} does not answer";
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or IOException)
        {
            why = $"{program} does not start: {e.Message}";
        }

        return null;
    }

    public Subject Subject(string name, string operation) => new(name, count => Ask(operation, count));

    public void Dispose()
    {
        try
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(2000))
            {
                _process.Kill();
            }
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            // It is gone already.
        }

        _process.Dispose();
    }

    private double Ask(string operation, int count)
    {
        _process.StandardInput.WriteLine($"{operation} {count.ToString(CultureInfo.InvariantCulture)}");
        _process.StandardInput.Flush();
        string line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"The peer stopped at {operation}.");
        return double.Parse(line, CultureInfo.InvariantCulture);
    }
}
