using System.Diagnostics;
using System.Globalization;

namespace Phr.Crypto.Tests.Bundles;

public class LargeDocumentTests
{
    private const int MaxPeakKibibytes = 100 * 1024;

    /// <summary>A process of its own (tests/Tools/SealLarge) seals into a file, opens, compares, and reports its peak resident memory.</summary>
    [Fact]
    public async Task SealAndOpen_LargeDocument_StayBelow100MebibytesResident()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The peak is read from /proc/self/status.");
        int mebibytes = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 2048 : 64;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            ArgumentList = { "exec", Path.Combine(AppContext.BaseDirectory, "SealLarge.dll"), mebibytes.ToString(CultureInfo.InvariantCulture) },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await error);

        TestContext.Current.TestOutputHelper?.WriteLine($"{mebibytes} MiB: {output}");
        Assert.InRange(int.Parse(output.Split(' ')[5], CultureInfo.InvariantCulture), 1, MaxPeakKibibytes);
    }
}
