using Phr.Samples.FullFlow;

namespace Phr.Oracle.Tests.Tools;

/// <summary>Processes of the oracles of a story's world.</summary>
internal static class TestOracles
{
    /// <summary>Starts a process of an oracle, on the embedded ledger of a folder unless the settings are changed, with short waits.</summary>
    public static async Task<OracleProcess> StartAsync(string folder, SampleOracle oracle, string process = "main", string? database = null, Func<OracleNodeSettings, OracleNodeSettings>? change = null)
    {
        (string file, string passphrase) = await OracleNodeSettings.WriteKeyAsync(Path.Combine(folder, "devices"), $"{oracle.Name}-{process}", oracle.Identity);
        var settings = new OracleNodeSettings
        {
            Process = process,
            KeyFile = file,
            PassphraseFile = passphrase,
            Secrets = Path.Combine(folder, "devices", oracle.Name),
            EmbeddedFolder = folder,
            JobDatabase = database,
            More = new Dictionary<string, string> { ["Oracle__Worker__PollInterval"] = "00:00:00.050", ["Oracle__Jobs__LeaseDuration"] = "00:00:03" },
        };
        var node = new OracleProcess($"{oracle.Name}-{process}", (change?.Invoke(settings) ?? settings).ToEnvironment());
        node.Start();
        return node;
    }
}
