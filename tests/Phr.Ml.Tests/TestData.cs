using System.Globalization;
using System.IO.Compression;
using Phr.Ml.Numerics;
using Phr.TestSupport;

namespace Phr.Ml.Tests;

/// <summary>Reads the measured data sets for tests of the learners, which want plain numbers; missing is NaN.</summary>
internal static class TestData
{
    public const string Variable = "PHR_TEST_DATA";

    /// <summary>The breast masses, which come with the sample.</summary>
    public static (Matrix X, int[] Y) Wdbc() => Numbers(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));

    /// <summary>Three columns of folds for the breast masses.</summary>
    public static int[][] WdbcFolds() => Folds(RepositoryRoot.Combine("samples", "Diagnosis", "data", "folds", "wdbc_10x3.csv"));

    /// <summary>The path of a further set, or a skip that says why.</summary>
    public static string Path(params string[] parts)
    {
        string? root = Environment.GetEnvironmentVariable(Variable);
        if (root is null)
        {
            Assert.Skip($"{Variable} is not set: {string.Join('/', parts)} is not on this machine.");
        }

        string path = System.IO.Path.Combine([root, "data", .. parts]);
        if (!File.Exists(path))
        {
            Assert.Skip($"{path} is not on this machine.");
        }

        return path;
    }

    /// <summary>Numbers as they are, the last column as the class; columns named in <paramref name="leaveOut"/> left out.</summary>
    public static (Matrix X, int[] Y) Numbers(string path, params string[] leaveOut)
    {
        string[][] lines = Lines(path);
        int[] columns = [.. Enumerable.Range(0, lines[0].Length - 1).Where(c => !leaveOut.Contains(lines[0][c]))];
        var x = new Matrix(lines.Length - 1, columns.Length);
        int[] y = new int[x.Rows];
        for (int i = 0; i < x.Rows; i++)
        {
            for (int c = 0; c < columns.Length; c++)
            {
                x[i, c] = Number(lines[i + 1][columns[c]]);
            }

            y[i] = int.Parse(lines[i + 1][^1], CultureInfo.InvariantCulture);
        }

        return (x, y);
    }

    public static int[][] Folds(string path)
    {
        string[][] lines = Lines(path);
        return [.. Enumerable.Range(0, lines[0].Length).Select(c => lines.Skip(1).Select(l => int.Parse(l[c], CultureInfo.InvariantCulture)).ToArray())];
    }

    public static string[] Header(string path) => Lines(path)[0];

    private static string[][] Lines(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(','))];
    }

    private static double Number(string text) => text.Length == 0 ? double.NaN : double.Parse(text, CultureInfo.InvariantCulture);
}
