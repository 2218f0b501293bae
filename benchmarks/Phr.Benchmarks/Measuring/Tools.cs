using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Phr.Benchmarks.Measuring;

/// <summary>Programs that are started for one measurement or one line of text.</summary>
internal static partial class Tools
{
    /// <summary>What a program says, or null when it is not there or fails.</summary>
    public static string? Output(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> error = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            error.Wait();
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>
    /// Nanoseconds for <paramref name="size"/> bytes by <c>openssl speed</c>, which measures itself for so many seconds, or null.
    /// </summary>
    public static double? OpenSslSpeed(string algorithm, int size, int seconds)
    {
        string? output = Output(
            "openssl", "speed", "-elapsed", "-seconds", seconds.ToString(CultureInfo.InvariantCulture), "-bytes", size.ToString(CultureInfo.InvariantCulture), "-evp", algorithm);
        Match rate = output is null ? Match.Empty : Rate().Match(output);
        return rate.Success ? size / (double.Parse(rate.Groups[1].Value, CultureInfo.InvariantCulture) * 1000) * 1e9 : null;
    }

    [GeneratedRegex(@"^\S+\s+([0-9.]+)k\s*$", RegexOptions.Multiline)]
    private static partial Regex Rate();
}
