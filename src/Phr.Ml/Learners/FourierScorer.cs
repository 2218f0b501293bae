using System.Buffers;
using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A weighted sum of waves cos(ω·x) and sin(ω·x), scaled by 1 / √waves.</summary>
internal sealed class FourierScorer : IScorer
{
    public const string Kind = "fourier";

    public FourierScorer(Matrix frequencies, LinearScorer linear)
    {
        if (linear.Features != 2 * frequencies.Rows)
        {
            throw new InvalidDataException($"{frequencies.Rows} waves and {linear.Features} weights do not go together.");
        }

        Frequencies = frequencies;
        Linear = linear;
    }

    /// <summary>One row of frequencies per wave.</summary>
    public Matrix Frequencies { get; }

    /// <summary>The weights of the waves' cosines and then of their sines.</summary>
    public LinearScorer Linear { get; }

    public int Features => Frequencies.Columns;

    public int Scores => Linear.Scores;

    public bool AreProbabilities => Linear.AreProbabilities;

    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        int length = 2 * Frequencies.Rows;
        double[]? rented = null;
        Span<double> waves = length <= 2048 ? stackalloc double[length] : (rented = ArrayPool<double>.Shared.Rent(length)).AsSpan(0, length);
        Waves(Frequencies, row, waves);
        Linear.Score(waves, scores);
        if (rented is not null)
        {
            ArrayPool<double>.Shared.Return(rented);
        }
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(5);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Frequencies.Rows);
        writer.WriteInt32(Frequencies.Columns);
        Packed.WriteDoubles(writer, Frequencies.Values);
        Linear.Write(writer);
        writer.WriteEndArray();
    }

    public static FourierScorer Read(CborReader reader)
    {
        int waves = Packed.ReadCount(reader, 1, 1 << 16);
        int features = Packed.ReadCount(reader, 1, Limits.Features);
        if ((long)waves * features > Array.MaxLength / sizeof(double))
        {
            throw new InvalidDataException("The model has too many waves.");
        }

        var frequencies = new Matrix(waves, features, Packed.ReadDoubles(reader, waves * features));
        reader.ReadStartArray();
        if (reader.ReadTextString() != LinearScorer.Kind)
        {
            throw new InvalidDataException("The weights of the waves are not linear.");
        }

        LinearScorer linear = LinearScorer.Read(reader);
        reader.ReadEndArray();
        return new FourierScorer(frequencies, linear);
    }

    internal static void Waves(Matrix frequencies, ReadOnlySpan<double> row, Span<double> waves)
    {
        int count = frequencies.Rows;
        double scale = 1 / Math.Sqrt(count);
        for (int i = 0; i < count; i++)
        {
            (double sin, double cos) = Math.SinCos(Vectors.Dot(frequencies.Row(i), row));
            waves[i] = scale * cos;
            waves[count + i] = scale * sin;
        }
    }
}
