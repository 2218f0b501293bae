using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Phr.Benchmarks.Measuring;

namespace Phr.Benchmarks.Report;

/// <summary>What ran, and on what.</summary>
internal static class Machine
{
    /// <summary>The load of the last minute, or 0 where it is not told.</summary>
    public static double Load => File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : 0;

    public static IEnumerable<(string What, string Value)> Describe(string? peers)
    {
        yield return ("date", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture));
        yield return ("Phr", Tools.Output("git", "describe", "--always", "--dirty") ?? "not a working copy");
        yield return ("processor", Line("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString());
        yield return ("cores seen", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture));
        yield return ("memory", Line("/proc/meminfo", "MemTotal") ?? "unknown");
        yield return ("load, 1 minute, at the end", Load.ToString("0.00", CultureInfo.InvariantCulture));
        yield return ("system", RuntimeInformation.OSDescription);
        yield return ("runtime", RuntimeInformation.FrameworkDescription);
        yield return ("BouncyCastle", typeof(Org.BouncyCastle.Math.BigInteger).Assembly.GetName().Version?.ToString() ?? "unknown");
        yield return ("libsecp256k1", Tools.Output("dpkg-query", "-W", "-f=${Version}", "libsecp256k1-dev") ?? Tools.Output("pkg-config", "--modversion", "libsecp256k1") ?? "not there");
        yield return ("@nucypher/umbral-pre", UmbralPre(peers) ?? "not there");
        yield return ("Node", Tools.Output("node", "--version") ?? "not there");
        yield return ("OpenSSL", Tools.Output("openssl", "version") ?? "not there");
        yield return ("age", Tools.Output("age", "--version") ?? "not there");
    }

    private static string? UmbralPre(string? peers)
    {
        string package = Path.Combine(peers ?? "", "umbral", "node_modules", "@nucypher", "umbral-pre", "package.json");
        return peers is not null && File.Exists(package) ? JsonDocument.Parse(File.ReadAllText(package)).RootElement.GetProperty("version").GetString() : null;
    }

    private static string? Line(string file, string key) =>
        File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(key, StringComparison.Ordinal))?.Split(':', 2)[1].Trim() : null;
}
