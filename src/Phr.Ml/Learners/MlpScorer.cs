using System.Formats.Cbor;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners;

/// <summary>A multilayer perceptron: each hidden layer is the hyperbolic tangent of weighted sums of the layer before it.</summary>
internal sealed class MlpScorer : IScorer
{
    public const string Kind = "mlp";

    private const int MostLayers = 8;
    private const int MostUnits = 4096;

    private readonly Matrix[] _weights;
    private readonly int _widest;

    /// <param name="weights">For each layer, one row per unit: the weights of the layer before, then the bias.</param>
    /// <exception cref="InvalidDataException">The layers do not fit on each other.</exception>
    public MlpScorer(IReadOnlyList<Matrix> weights)
    {
        bool whole = weights.Count is > 0 and <= MostLayers && weights[0].Columns > 1 && weights.All(w => w.Rows is > 0 and <= MostUnits);
        for (int l = 1; whole && l < weights.Count; l++)
        {
            whole = weights[l].Columns == weights[l - 1].Rows + 1;
        }

        if (!whole)
        {
            throw new InvalidDataException("The layers of a network do not fit on each other.");
        }

        _weights = [.. weights];
        _widest = _weights.Max(w => w.Rows);
    }

    public IReadOnlyList<Matrix> Weights => _weights;

    public int Features => _weights[0].Columns - 1;

    public int Scores => _weights[^1].Rows;

    public bool AreProbabilities => true;

    public void Score(ReadOnlySpan<double> row, Span<double> scores)
    {
        row = row[..Features];
        scores = scores[..Scores];
        int widest = _widest;
        Span<double> memory = widest <= 256 ? stackalloc double[2 * widest] : new double[2 * widest];
        scoped ReadOnlySpan<double> below = row;
        scoped Span<double> here;
        for (int l = 0; l < _weights.Length; l++)
        {
            here = l == _weights.Length - 1 ? scores : memory.Slice(l % 2 * widest, _weights[l].Rows);
            Layer(_weights[l], below, here);
            if (l < _weights.Length - 1)
            {
                for (int u = 0; u < here.Length; u++)
                {
                    here[u] = Math.Tanh(here[u]);
                }
            }

            below = here;
        }

        (scores.Length == 1 ? ScoreLink.Logistic : ScoreLink.Softmax).Apply(scores);
    }

    public void Write(CborWriter writer)
    {
        writer.WriteStartArray(3);
        writer.WriteTextString(Kind);
        writer.WriteInt32(Features);
        writer.WriteStartArray(_weights.Length);
        foreach (Matrix layer in _weights)
        {
            writer.WriteStartArray(2);
            writer.WriteInt32(layer.Rows);
            Packed.WriteDoubles(writer, layer.Values);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
        writer.WriteEndArray();
    }

    public static MlpScorer Read(CborReader reader)
    {
        int width = Packed.ReadCount(reader, 1, Limits.Features);
        int? layers = reader.ReadStartArray();
        if (layers is null or < 1 or > MostLayers)
        {
            throw new InvalidDataException("The network in the model has an impossible number of layers.");
        }

        var weights = new List<Matrix>();
        for (int l = 0; l < layers; l++)
        {
            if (reader.ReadStartArray() != 2)
            {
                throw new InvalidDataException("A layer of the network in the model has not two parts.");
            }

            int units = Packed.ReadCount(reader, 1, MostUnits);
            if ((long)units * (width + 1) > int.MaxValue / sizeof(double))
            {
                throw new InvalidDataException("A layer of the network in the model is impossibly large.");
            }

            weights.Add(new Matrix(units, width + 1, Packed.ReadDoubles(reader, units * (width + 1))));
            width = units;
            reader.ReadEndArray();
        }

        reader.ReadEndArray();
        return new MlpScorer(weights);
    }

    internal static void Layer(Matrix weights, ReadOnlySpan<double> below, Span<double> here)
    {
        for (int u = 0; u < weights.Rows; u++)
        {
            ReadOnlySpan<double> row = weights.Row(u);
            here[u] = Vectors.Dot(row[..^1], below) + row[^1];
        }
    }
}
