using System.Formats.Cbor;
using Phr.Ml.Learners;
using Phr.Ml.Numerics;

namespace Phr.Ml.Explanations;

/// <summary>What stands for "the other patients" in an explanation: weighted points in the space of the preprocessed features, no patient's own row.</summary>
internal sealed class Background
{
    public const int Most = 64;

    private readonly double[] _weights;

    /// <param name="points">One per row.</param>
    /// <param name="weights">Their shares, which sum to one.</param>
    private Background(Matrix points, double[] weights)
    {
        if (points.Rows != weights.Length || points.Rows is 0 or > Most || !(Math.Abs(weights.Sum() - 1) < 1e-9) || weights.Any(w => w < 0))
        {
            throw new InvalidDataException("The background of the explanations is empty or has impossible weights.");
        }

        Points = points;
        _weights = weights;
        var mean = new double[points.Columns];
        for (int i = 0; i < points.Rows; i++)
        {
            Vectors.AddScaled(mean, points.Row(i), _weights[i]);
        }

        Mean = mean;
    }

    /// <summary>Makes shares of how many rows each point stands for.</summary>
    public static Background Create(Matrix points, double[] rows)
    {
        double sum = rows.Sum();
        return new Background(points, [.. rows.Select(r => r / sum)]);
    }

    public Matrix Points { get; }

    public ReadOnlySpan<double> Weights => _weights;

    public double[] Mean { get; }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(4);
        writer.WriteInt32(Points.Rows);
        writer.WriteInt32(Points.Columns);
        Packed.WriteDoubles(writer, Points.Values);
        Packed.WriteDoubles(writer, _weights);
        writer.WriteEndArray();
    }

    public static Background Read(CborReader reader, int columns)
    {
        reader.ReadStartArray();
        int rows = Packed.ReadCount(reader, 1, Most);
        _ = Packed.ReadCount(reader, columns, columns);
        var points = new Matrix(rows, columns, Packed.ReadDoubles(reader, checked(rows * columns)));
        double[] weights = Packed.ReadDoubles(reader, rows);
        reader.ReadEndArray();
        return new Background(points, weights);
    }
}
