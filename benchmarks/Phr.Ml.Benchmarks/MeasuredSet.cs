using System.Globalization;
using System.IO.Compression;
using Phr.Ml.Numerics;

namespace Phr.Ml.Benchmarks;

/// <summary>One set of measured rows, prepared as the peer prepares it.</summary>
internal sealed record MeasuredSet(string Name, string Path, string[] Skip, int[] Categories)
{
    public (Matrix X, int[] Y) Read() => Read(Path, Skip);

    /// <summary>Numbers as they are; in a column of words the place of each word in their order; missing is NaN; classes from 0.</summary>
    public static (Matrix X, int[] Y) Read(string path, string[] skip)
    {
        string[][] lines = Lines(path);
        int[] columns = [.. Enumerable.Range(0, lines[0].Length - 1).Where(c => !skip.Contains(lines[0][c]))];
        var x = new Matrix(lines.Length - 1, columns.Length);
        for (int c = 0; c < columns.Length; c++)
        {
            string[] texts = [.. lines.Skip(1).Select(l => l[columns[c]])];
            bool areWords = texts.Any(t => t.Length > 0 && !double.TryParse(t, CultureInfo.InvariantCulture, out _));
            string[] words = areWords ? [.. texts.Where(t => t.Length > 0).Distinct().Order(StringComparer.Ordinal)] : [];
            for (int i = 0; i < x.Rows; i++)
            {
                x[i, c] = texts[i].Length == 0 ? double.NaN : areWords ? Array.IndexOf(words, texts[i]) : double.Parse(texts[i], CultureInfo.InvariantCulture);
            }
        }

        int[] y = [.. lines.Skip(1).Select(l => int.Parse(l[^1], CultureInfo.InvariantCulture))];
        int least = y.Min();
        return (x, [.. y.Select(c => c - least)]);
    }

    public static int[][] Folds(string path)
    {
        string[][] lines = Lines(path);
        return [.. Enumerable.Range(0, lines[0].Length).Select(c => lines.Skip(1).Select(l => int.Parse(l[c], CultureInfo.InvariantCulture)).ToArray())];
    }

    /// <summary>Median or mode for what is missing, one column for each level of a category, z-scores: all from the training rows.</summary>
    public static (Matrix Train, Matrix Test) Prepare(Matrix train, Matrix test, int[] categories)
    {
        var columns = new List<Func<Matrix, int, double>>();
        for (int c = 0; c < train.Columns; c++)
        {
            int column = c;
            double[] known = [.. Enumerable.Range(0, train.Rows).Select(i => train[i, column]).Where(v => !double.IsNaN(v)).Order()];
            if (categories.Contains(c))
            {
                double mode = known.GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).First().Key;
                columns.AddRange(known.Distinct().Select(level => (Func<Matrix, int, double>)((m, i) => (double.IsNaN(m[i, column]) ? mode : m[i, column]) == level ? 1 : 0)));
            }
            else
            {
                double median = known.Length % 2 == 1 ? known[known.Length / 2] : (known[(known.Length / 2) - 1] + known[known.Length / 2]) / 2;
                columns.Add((m, i) => double.IsNaN(m[i, column]) ? median : m[i, column]);
            }
        }

        var a = new Matrix(train.Rows, columns.Count);
        var b = new Matrix(test.Rows, columns.Count);
        for (int c = 0; c < columns.Count; c++)
        {
            double[] values = [.. Enumerable.Range(0, train.Rows).Select(i => columns[c](train, i))];
            double mean = values.Average();
            double variance = values.Average(v => (v - mean) * (v - mean));
            double deviation = variance > 0 ? Math.Sqrt(variance) : 1;
            for (int i = 0; i < a.Rows; i++)
            {
                a[i, c] = (values[i] - mean) / deviation;
            }

            for (int i = 0; i < b.Rows; i++)
            {
                b[i, c] = (columns[c](test, i) - mean) / deviation;
            }
        }

        return (a, b);
    }

    private static string[][] Lines(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var reader = new StreamReader(plain);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(','))];
    }
}
