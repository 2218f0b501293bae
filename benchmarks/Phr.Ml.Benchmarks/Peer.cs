using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Phr.Ml.Benchmarks;

/// <summary>scikit-learn in a process that stays up, so that starting it is not counted.</summary>
internal sealed class Peer : IDisposable
{
    private readonly Process _process;

    private Peer(Process process) => _process = process;

    public string Versions { get; private set; } = "";

    /// <summary>Starts it, or says why not and returns null.</summary>
    public static Peer? Start(string python, string script)
    {
        try
        {
            Process process = Process.Start(new ProcessStartInfo(python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            var peer = new Peer(process);
            peer.Versions = peer.Ask("versions", [])["Text"]!.GetValue<string>();
            return peer;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException or JsonException)
        {
            Run.Progress($"scikit-learn does not answer and is left out: {e.Message}");
            return null;
        }
    }

    public JsonNode Ask(string command, JsonObject request)
    {
        request["command"] = command;
        _process.StandardInput.WriteLine(request.ToJsonString());
        _process.StandardInput.Flush();
        string? answer = _process.StandardOutput.ReadLine();
        return answer is null ? throw new IOException("its process has ended.") : JsonNode.Parse(answer)!;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
