using Microsoft.ML;
using Microsoft.ML.Data;
using Phr.Ml.Numerics;

namespace Phr.Ml.Learners.MicrosoftMl;

/// <summary>Hands rows to Microsoft.ML, and gives each fit a context and a seed of its own. A fit cannot be cancelled once it runs: Microsoft.ML keeps the means to itself.</summary>
internal static class MicrosoftMlData
{
    public const string Features = nameof(Example.Features);
    public const string Label = nameof(Example.Label);
    public const string Class = nameof(Example.Class);
    public const string Weight = nameof(Example.Weight);

    /// <summary>Rows with the label "is class <paramref name="positive"/>" and the class itself as a key.</summary>
    public static IDataView View(MLContext context, Matrix x, ReadOnlyMemory<int> y, int positive, int classes, ReadOnlyMemory<double> weights)
    {
        Example[] examples = new Example[x.Rows];
        for (int i = 0; i < examples.Length; i++)
        {
            float[] features = new float[x.Columns];
            ReadOnlySpan<double> row = x.Row(i);
            for (int c = 0; c < features.Length; c++)
            {
                features[c] = (float)row[c];
            }

            examples[i] = new Example
            {
                Features = features,
                Label = y.Span[i] == positive,
                // From 0: a key from 1 would drop the last class without a word.
                Class = (uint)y.Span[i],
                Weight = weights.IsEmpty ? 1 : (float)weights.Span[i],
            };
        }

        var schema = SchemaDefinition.Create(typeof(Example));
        schema[Features].ColumnType = new VectorDataViewType(NumberDataViewType.Single, x.Columns);
        schema[Class].ColumnType = new KeyDataViewType(typeof(uint), classes);
        return context.Data.LoadFromEnumerable(examples, schema);
    }

    /// <summary>Fits once for two classes, or for each class against the rest; the model of each score.</summary>
    public static TModel[] FitEach<TModel>(
        Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, Func<MLContext, int, IDataView, TModel> fit, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        TModel[] models = new TModel[classes == 2 ? 1 : classes];
        for (int k = 0; k < models.Length; k++)
        {
            models[k] = Fit(x, y, classes == 2 ? 1 : k, classes, weights, RandomStream.DeriveSeed(seed, (ulong)k), fit, cancellationToken);
        }

        return models;
    }

    /// <summary>Fits one model to all classes.</summary>
    public static TModel FitAll<TModel>(
        Matrix x, ReadOnlyMemory<int> y, int classes, ReadOnlyMemory<double> weights, ulong seed, Func<MLContext, int, IDataView, TModel> fit, CancellationToken cancellationToken)
    {
        TrainingRows.Check(x, y.Span, classes, weights.Span);
        return Fit(x, y, 1, classes, weights, seed, fit, cancellationToken);
    }

    private static TModel Fit<TModel>(
        Matrix x, ReadOnlyMemory<int> y, int positive, int classes, ReadOnlyMemory<double> weights, ulong seed, Func<MLContext, int, IDataView, TModel> fit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        int part = SeedOf(seed);
        var context = new MLContext(part);
        return fit(context, part, View(context, x, y, positive, classes, weights));
    }

    private static int SeedOf(ulong seed) => (int)(seed & 0x3fffffff);

    private sealed class Example
    {
        public float[] Features { get; set; } = [];

        public bool Label { get; set; }

        public uint Class { get; set; }

        public float Weight { get; set; }
    }
}
