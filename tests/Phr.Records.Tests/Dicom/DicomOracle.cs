using System.Diagnostics;
using System.Text.Json;
using Phr.TestSupport;

namespace Phr.Records.Tests.Dicom;

/// <summary>What pydicom reads of its own test data, and of files that it made: one run of oracle.py for all tests.</summary>
internal static class DicomOracle
{
    private const string Python = "/usr/bin/python3";

    private static readonly Lazy<IReadOnlyList<JsonElement>> _lines = new(Run);

    /// <summary>Why there is no oracle here; null when there is one.</summary>
    public static string? Missing =>
        File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/pydicom/data/test_files") && Directory.Exists("/usr/lib/python3/dist-packages/numpy")
            ? null
            : "There is no Debian python3-pydicom with python3-numpy to compare with; test.sh installs them.";

    public static IReadOnlyList<JsonElement> Lines => _lines.Value;

    public static string NameOf(JsonElement line)
    {
        string file = line.GetProperty("file").GetString()!;
        int data = file.IndexOf("/data/", StringComparison.Ordinal);
        return data < 0 ? file : file[(data + 6)..];
    }

    public static byte[] BytesOf(JsonElement line) =>
        line.TryGetProperty("bytes", out JsonElement bytes) ? Convert.FromBase64String(bytes.GetString()!) : File.ReadAllBytes(line.GetProperty("file").GetString()!);

    private static IReadOnlyList<JsonElement> Run()
    {
        var start = new ProcessStartInfo(Python, [RepositoryRoot.Combine("tests", "Phr.Records.Tests", "Dicom", "oracle.py")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        var lines = new List<JsonElement>();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            lines.Add(JsonDocument.Parse(line).RootElement);
        }

        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors.GetAwaiter().GetResult());
        return lines;
    }
}
