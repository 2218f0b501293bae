using System.Formats.Cbor;
using System.Globalization;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Models;

/// <summary>What training rows looked like, so that a row unlike them can be told: ranges of raw values, what was ever missing, and a distance.</summary>
/// <remarks>
/// How far a value may lie outside the range of training is learnt too: so far that of rows that were left out 99 of 100 lie within it with all their
/// features. With thousands of features and few rows everybody has a gene outside the range; with a fixed margin everybody would be called strange.
/// The distance is that of probabilistic principal components (M. Tipping, C. Bishop, J. R. Statist. Soc. B 61 (1999)): along each of the leading
/// components in its own variance, across them in the mean of the rest, per dimension. Its limit is the quantile of rows that were left out when the
/// components were fitted, so that it holds for new rows also where there are more features than rows.
/// </remarks>
internal sealed class Familiarity
{
    /// <summary>The share of held-out training rows within the limit of the distance, and within the margin of the ranges.</summary>
    public const double Quantile = 0.99;

    private const int MostComponents = 32;
    private const double LeastMargin = 0.1;
    private const double MostMargin = 1e6;

    private readonly FeatureSchema _schema;
    private readonly double[] _least;
    private readonly double[] _most;
    private readonly double[] _missingShare;
    private readonly bool[][] _seen;
    private readonly int _mostMissing;
    private readonly Subspace _subspace;
    private readonly double _limit;
    private readonly double _margin;

    private Familiarity(FeatureSchema schema, double[] least, double[] most, double[] missingShare, bool[][] seen, int mostMissing, Subspace subspace, double limit, double margin)
    {
        _schema = schema;
        _least = least;
        _most = most;
        _missingShare = missingShare;
        _seen = seen;
        _mostMissing = mostMissing;
        _subspace = subspace;
        _limit = limit;
        _margin = margin;
    }

    /// <param name="schema">Names the raw features.</param>
    /// <param name="raw">Raw rows one after another: categories as level numbers, missing values NaN.</param>
    /// <param name="rows">The same rows, preprocessed.</param>
    /// <param name="folds">For each row the part it is left out with.</param>
    /// <param name="cancellationToken">Looked at between parts.</param>
    public static Familiarity Fit(FeatureSchema schema, ReadOnlySpan<double> raw, Matrix rows, int[] folds, CancellationToken cancellationToken)
    {
        int features = schema.Features.Count;
        double[] least = new double[features];
        double[] most = new double[features];
        double[] missing = new double[features];
        var seen = new bool[features][];
        int mostMissing = 0;
        Array.Fill(least, double.PositiveInfinity);
        Array.Fill(most, double.NegativeInfinity);
        for (int f = 0; f < features; f++)
        {
            seen[f] = new bool[LevelsOf(schema, f)];
        }

        for (int i = 0; i < rows.Rows; i++)
        {
            ReadOnlySpan<double> row = raw.Slice(i * features, features);
            int gone = 0;
            for (int f = 0; f < features; f++)
            {
                double v = row[f];
                if (double.IsNaN(v))
                {
                    missing[f] += 1.0 / rows.Rows;
                    gone++;
                    continue;
                }

                least[f] = Math.Min(least[f], v);
                most[f] = Math.Max(most[f], v);
                if (seen[f].Length > 0)
                {
                    seen[f][(int)v] = true;
                }
            }

            mostMissing = Math.Max(mostMissing, gone);
        }

        for (int f = 0; f < features; f++)
        {
            if (most[f] < least[f])
            {
                (least[f], most[f]) = (0, 0);
            }

            missing[f] = Math.Min(missing[f], 1);
        }

        double[] distances = new double[rows.Rows];
        double[] margins = new double[rows.Rows];
        double[] low = new double[features];
        double[] high = new double[features];
        foreach (int fold in folds.Distinct().Order())
        {
            cancellationToken.ThrowIfCancellationRequested();
            int[] kept = [.. Enumerable.Range(0, rows.Rows).Where(i => folds[i] != fold)];
            var subspace = Subspace.Fit(rows.Select(kept), MostComponents);
            Array.Fill(low, double.PositiveInfinity);
            Array.Fill(high, double.NegativeInfinity);
            foreach (int i in kept)
            {
                for (int f = 0; f < features; f++)
                {
                    // Comparisons with NaN are false: a missing value moves neither end.
                    double v = raw[(i * features) + f];
                    low[f] = v < low[f] ? v : low[f];
                    high[f] = v > high[f] ? v : high[f];
                }
            }

            for (int i = 0; i < rows.Rows; i++)
            {
                if (folds[i] == fold)
                {
                    distances[i] = subspace.Distance(rows.Row(i));
                    margins[i] = Outside(raw.Slice(i * features, features), low, high, seen);
                }
            }
        }

        return new Familiarity(schema, least, most, missing, seen, mostMissing, Subspace.Fit(rows, MostComponents), AtQuantile(distances), Math.Clamp(AtQuantile(margins), LeastMargin, MostMargin));
    }

    /// <summary>The reasons why a row is unlike those of training; empty where it is like them.</summary>
    public UnlikenessReason[] Judge(ReadOnlySpan<double> raw, ReadOnlySpan<double> row)
    {
        List<UnlikenessReason>? reasons = null;
        int gone = 0;
        for (int f = 0; f < raw.Length; f++)
        {
            double v = raw[f];
            if (double.IsNaN(v))
            {
                gone++;
                if (_missingShare[f] == 0)
                {
                    string name = _schema.Features[f].Name;
                    (reasons ??= []).Add(new(UnlikenessKind.Missingness, name, $"{name} is missing, which it never was in training."));
                }

                continue;
            }

            if (_seen[f].Length > 0)
            {
                if (!_seen[f][(int)v])
                {
                    FeatureDefinition feature = _schema.Features[f];
                    (reasons ??= []).Add(new(UnlikenessKind.Range, feature.Name, $"{feature.Name} has a level that no patient of training had."));
                }

                continue;
            }

            double margin = _margin * (_most[f] - _least[f]);
            if (v < _least[f] - margin || v > _most[f] + margin)
            {
                FeatureDefinition feature = _schema.Features[f];
                string unit = feature.Unit.Length == 0 ? "" : " " + feature.Unit;
                (reasons ??= []).Add(new(
                    UnlikenessKind.Range,
                    feature.Name,
                    string.Create(CultureInfo.InvariantCulture, $"{feature.Name} lies far outside what training saw, {_least[f]:G6} to {_most[f]:G6}{unit}.")));
            }
        }

        if (gone > _mostMissing)
        {
            (reasons ??= []).Add(new(UnlikenessKind.Missingness, "", $"{gone} values are missing; no patient of training lacked more than {_mostMissing}."));
        }

        double distance = _subspace.Distance(row);
        if (distance > _limit)
        {
            (reasons ??= []).Add(new(
                UnlikenessKind.Distance,
                "",
                string.Create(CultureInfo.InvariantCulture, $"The values together are {distance / _limit:0.0} times as far from the patients of training as 99 of 100 of those were.")));
        }

        return reasons is null ? [] : [.. reasons];
    }

    /// <summary>Where a preprocessed row lies on the plane of the two leading components.</summary>
    public (double X, double Y) Project(ReadOnlySpan<double> row) => _subspace.Project(row);

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(8);
        Packed.WriteDoubles(writer, _least);
        Packed.WriteDoubles(writer, _most);
        Packed.WriteDoubles(writer, _missingShare);
        writer.WriteByteString([.. _seen.SelectMany(s => s).Select(s => (byte)(s ? 1 : 0))]);
        writer.WriteInt32(_mostMissing);
        writer.WriteDouble(_limit);
        writer.WriteDouble(_margin);
        _subspace.Write(writer);
        writer.WriteEndArray();
    }

    public static Familiarity Read(CborReader reader, FeatureSchema schema, int columns)
    {
        reader.ReadStartArray();
        int features = schema.Features.Count;
        double[] least = Packed.ReadDoubles(reader, features);
        double[] most = Packed.ReadDoubles(reader, features);
        double[] missing = Packed.ReadDoubles(reader, features);
        byte[] flags = reader.ReadByteString();
        int at = 0;
        var seen = new bool[features][];
        for (int f = 0; f < features; f++)
        {
            seen[f] = new bool[LevelsOf(schema, f)];
            for (int l = 0; l < seen[f].Length; l++, at++)
            {
                seen[f][l] = at < flags.Length && flags[at] == 1;
            }

            if (least[f] > most[f] || missing[f] is < 0 or > 1)
            {
                throw new InvalidDataException("The ranges of the training rows in the model are impossible.");
            }
        }

        if (at != flags.Length || flags.Any(f => f > 1))
        {
            throw new InvalidDataException("The levels of the training rows in the model do not fit its schema.");
        }

        int mostMissing = Packed.ReadCount(reader, 0, features);
        double limit = Packed.ReadDouble(reader);
        double margin = Packed.ReadDouble(reader);
        var subspace = Subspace.Read(reader, columns);
        reader.ReadEndArray();
        return limit >= 0 && margin is >= 0 and <= MostMargin
            ? new Familiarity(schema, least, most, missing, seen, mostMissing, subspace, limit, margin)
            : throw new InvalidDataException("The limit of the distance or the margin of the ranges in the model is impossible.");
    }

    // How far, in widths of the range, the value that lies farthest outside it does.
    private static double Outside(ReadOnlySpan<double> row, double[] low, double[] high, bool[][] seen)
    {
        double farthest = 0;
        for (int f = 0; f < row.Length; f++)
        {
            double width = high[f] - low[f];
            if (seen[f].Length == 0 && width > 0)
            {
                farthest = Math.Max(farthest, double.IsNaN(row[f]) ? 0 : Math.Max(low[f] - row[f], row[f] - high[f]) / width);
            }
        }

        return farthest;
    }

    private static double AtQuantile(double[] values)
    {
        Array.Sort(values);
        return values[Math.Min(values.Length - 1, (int)Math.Ceiling(Quantile * (values.Length + 1)) - 1)];
    }

    private static int LevelsOf(FeatureSchema schema, int feature) =>
        schema.Features[feature].Kind == FeatureKind.Category ? schema.Features[feature].Levels.Count : 0;
}
