using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Phr.Ml.Models;
using Phr.Ml.Numerics;

namespace Phr.Ml;

/// <summary>A trained model: predicts, explains, says when it should not be asked, and carries its card wherever it goes.</summary>
/// <remarks>
/// <para>A file of a model is data: reading one runs nothing that it contains, whoever made it (unlike a saved Microsoft.ML pipeline). Its format is that of
/// docs/model-format.md. The digest finds damage; only a signature, checked by an <see cref="IModelVerifier"/>, tells who made it.</para>
/// <para>A support vector machine keeps some of its training rows (scaled, without names): share such a file as carefully as the data.</para>
/// <para>Immutable; safe to use from many threads at once, with the same answers.</para>
/// </remarks>
public sealed class DiagnosisModel
{
    private const int MostOnStack = 256;
    private static readonly PredictionOptions _usual = new();

    private readonly ModelParts _parts;
    private readonly byte[] _body;
    private readonly string[] _classes;

    internal DiagnosisModel(ModelParts parts, byte[] body, ContentDigest digest, ModelSignature? signature)
    {
        _parts = parts;
        _body = body;
        _classes = [.. parts.Schema.Classes];
        Digest = digest;
        Signature = signature;
    }

    /// <summary>What its records look like.</summary>
    public FeatureSchema Schema => _parts.Schema;

    /// <summary>Where it comes from, what it is for, how good it is.</summary>
    public ModelCard Card => _parts.Card;

    /// <summary>SHA-256 over all that the model is, its card included and its signature not: the same for every copy of its file.</summary>
    public ContentDigest Digest { get; }

    /// <summary>Who vouches for it, or null. It proves nothing unless the model was loaded with an <see cref="IModelVerifier"/>.</summary>
    public ModelSignature? Signature { get; }

    /// <summary>From which probability on the disease is called, of two classes.</summary>
    public double Threshold => _parts.Threshold;

    /// <summary>The groups of training patients that resemble each other, the largest first.</summary>
    public IReadOnlyList<Cohort> Cohorts => _parts.Cohorts.Cohorts;

    internal ModelParts Parts => _parts;

    /// <summary>Reads a model from a file, whoever made it.</summary>
    /// <param name="path">The file, at most 512 MiB.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">The file is no model, is damaged, or was written in a newer format; the message says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DiagnosisModel Load(string path) => ModelFile.Read(ReadFile(path), null);

    /// <summary>Reads a model from a file, if a trusted signer made it.</summary>
    /// <param name="path">The file, at most 512 MiB.</param>
    /// <param name="verifier">Decides whom to trust; asked before the model's parts are read.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">The file is no model, is damaged, was written in a newer format, or is not signed as asked; the message says which.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static DiagnosisModel Load(string path, IModelVerifier verifier)
    {
        ArgumentNullException.ThrowIfNull(verifier);
        return ModelFile.Read(ReadFile(path), verifier);
    }

    /// <summary>Reads a model from a stream, to its end.</summary>
    /// <param name="stream">At most 512 MiB.</param>
    /// <param name="verifier">Decides whom to trust; null takes any model.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">It is no model, is damaged, was written in a newer format, or is not signed as asked.</exception>
    public static DiagnosisModel Load(Stream stream, IModelVerifier? verifier = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var bytes = new MemoryStream();
        byte[] part = new byte[81920];
        for (int read = stream.Read(part); read > 0; read = stream.Read(part))
        {
            if (bytes.Length + read > ModelFile.MostBytes)
            {
                throw Error.TooLarge(bytes.Length + read);
            }

            bytes.Write(part, 0, read);
        }

        return ModelFile.Read(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), verifier);
    }

    /// <summary>Reads a model from its bytes.</summary>
    /// <param name="bytes">A whole file.</param>
    /// <returns>The model.</returns>
    /// <exception cref="InvalidDataException">They are no model, are damaged, or were written in a newer format.</exception>
    public static DiagnosisModel FromBytes(ReadOnlySpan<byte> bytes) => ModelFile.Read(bytes.ToArray(), null);

    /// <summary>Reads a model from its bytes, or says that they are none.</summary>
    /// <param name="bytes">A whole file.</param>
    /// <param name="model">The model, or null.</param>
    /// <returns>False where <see cref="FromBytes(ReadOnlySpan{byte})"/> would throw.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DiagnosisModel? model)
    {
        try
        {
            model = ModelFile.Read(bytes.ToArray(), null);
            return true;
        }
        catch (InvalidDataException)
        {
            model = null;
            return false;
        }
    }

    /// <summary>Writes the model to a file, all of it or nothing: it is written beside and then moved into place.</summary>
    /// <param name="path">Where; an existing file is replaced.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string beside = $"{path}.{Guid.NewGuid():n}.part";
        try
        {
            File.WriteAllBytes(beside, ToBytes());
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>Writes the model to a stream.</summary>
    /// <param name="stream">Where; left open.</param>
    public void Save(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        stream.Write(ToBytes());
    }

    /// <summary>The model's file as bytes: the same model gives the same bytes.</summary>
    /// <returns>The bytes.</returns>
    public byte[] ToBytes() => ModelFile.Write(_body, Digest, Signature);

    /// <summary>The same model, vouched for.</summary>
    /// <param name="signer">Signs <see cref="Digest"/>.</param>
    /// <returns>A copy with the signature in place of the one it had.</returns>
    /// <exception cref="ArgumentException">The signer gives a name, key or signature that a file cannot hold.</exception>
    public DiagnosisModel Sign(IModelSigner signer)
    {
        ArgumentNullException.ThrowIfNull(signer);
        return new DiagnosisModel(_parts, _body, Digest, new ModelSignature(signer.Algorithm, signer.Signer, signer.Sign(Digest)));
    }

    /// <summary>The same model with another card: to state what it is for, and what it cannot do. Its digest changes, and a signature is dropped.</summary>
    /// <param name="change">Makes the new card from the present one. The schema's digest and the threshold must stay.</param>
    /// <returns>A copy with the card.</returns>
    /// <exception cref="ArgumentException">The card states another schema or threshold than the model has.</exception>
    public DiagnosisModel WithCard(Func<ModelCard, ModelCard> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        ModelCard card = change(Card);
        ArgumentNullException.ThrowIfNull(card, nameof(change));
        if (card.SchemaDigest != Schema.Digest || card.Threshold != Threshold)
        {
            throw new ArgumentException("The card states another schema or threshold than the model has.", nameof(change));
        }

        return Create(_parts.With(card));
    }

    /// <summary>Predicts for a record whose properties carry <see cref="FeatureAttribute"/>, as the schema was made from.</summary>
    /// <typeparam name="T">The record's type. A dictionary from feature to text is taken as <see cref="PredictFields"/> takes it.</typeparam>
    /// <param name="record">One patient.</param>
    /// <param name="options">What to bring along; null for the usual.</param>
    /// <returns>What the model says.</returns>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the feature and not the value.</exception>
    /// <exception cref="ArgumentException">The type lacks a feature.</exception>
    public Diagnosis Predict<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(T record, PredictionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(record);
        if (record is IReadOnlyDictionary<string, string?> fields)
        {
            return PredictFields(fields, options);
        }

        Span<double> row = Schema.Features.Count <= MostOnStack ? stackalloc double[Schema.Features.Count] : new double[Schema.Features.Count];
        Schema.ReadRecord(record, row);
        return PredictChecked(row, options ?? _usual);
    }

    /// <summary>Predicts from texts, as a file would hold them.</summary>
    /// <param name="fields">Text by feature; what may be missing may be absent, null or empty.</param>
    /// <param name="options">What to bring along; null for the usual.</param>
    /// <returns>What the model says.</returns>
    /// <exception cref="InvalidDataException">A value is out of the schema, or a name unknown; the message names the feature and not the value.</exception>
    public Diagnosis PredictFields(IReadOnlyDictionary<string, string?> fields, PredictionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(fields);
        Span<double> row = Schema.Features.Count <= MostOnStack ? stackalloc double[Schema.Features.Count] : new double[Schema.Features.Count];
        Schema.ReadRow(fields, row);
        return PredictChecked(row, options ?? _usual);
    }

    /// <summary>Predicts from coded findings, such as a laboratory's observations, by the codes that the schema's features have.</summary>
    /// <param name="values">Findings of one patient, in any order; see <see cref="FeatureSchema.ReadCoded"/>.</param>
    /// <param name="options">What to bring along; null for the usual.</param>
    /// <returns>What the model says.</returns>
    /// <exception cref="InvalidDataException">A value is in a unit that the schema does not know, or out of the schema; the message names the feature and not the value.</exception>
    public Diagnosis PredictCoded(IEnumerable<CodedValue> values, PredictionOptions? options = null)
    {
        Span<double> row = Schema.Features.Count <= MostOnStack ? stackalloc double[Schema.Features.Count] : new double[Schema.Features.Count];
        Schema.ReadCoded(values, row);
        return PredictChecked(row, options ?? _usual);
    }

    /// <summary>Predicts from values in the order of the schema's features.</summary>
    /// <param name="values">Numbers, numbers of levels, NaN where a value is missing.</param>
    /// <param name="options">What to bring along; null for the usual.</param>
    /// <returns>What the model says.</returns>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the feature and not the value.</exception>
    /// <exception cref="ArgumentException">There are more or fewer values than features.</exception>
    public Diagnosis PredictValues(ReadOnlySpan<double> values, PredictionOptions? options = null)
    {
        Schema.Check(values);
        return PredictChecked(values, options ?? _usual);
    }

    /// <summary>Predicts for each row of a set, on all processors; the answers are in the rows' order.</summary>
    /// <param name="rows">Of the model's schema.</param>
    /// <param name="options">What to bring along; null for the usual.</param>
    /// <param name="cancellationToken">Looked at between rows.</param>
    /// <returns>One answer per row.</returns>
    /// <exception cref="ArgumentException">The set has another schema.</exception>
    public IReadOnlyList<Diagnosis> PredictAll(Dataset rows, PredictionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Schema.Digest != Schema.Digest)
        {
            throw new ArgumentException($"The rows are of the schema {rows.Schema}, the model's is {Schema}.", nameof(rows));
        }

        var answers = new Diagnosis[rows.Count];
        Parallel.For(0, rows.Count, new ParallelOptions { CancellationToken = cancellationToken }, i => answers[i] = PredictChecked(rows.Row(i), options ?? _usual));
        return answers;
    }

    /// <summary>Judges the model on labelled rows, which must be of patients that it was not trained on, or the numbers mean nothing.</summary>
    /// <param name="rows">Of the model's schema, with their classes.</param>
    /// <param name="cancellationToken">Looked at between rows.</param>
    /// <returns>How good its probabilities are, and its calls at <see cref="Threshold"/>.</returns>
    /// <exception cref="ArgumentException">The set has another schema, no labels, or no row.</exception>
    public DiagnosisMetrics Evaluate(Dataset rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (!rows.HasLabels)
        {
            throw new ArgumentException("The rows have no labels to judge by.", nameof(rows));
        }

        IReadOnlyList<Diagnosis> answers = PredictAll(rows, new PredictionOptions { Contributions = ContributionDetail.None }, cancellationToken);
        bool isBinary = _classes.Length == 2;
        var probabilities = new Matrix(rows.Count, isBinary ? 1 : _classes.Length);
        for (int i = 0; i < answers.Count; i++)
        {
            for (int k = 0; k < probabilities.Columns; k++)
            {
                probabilities[i, k] = isBinary ? answers[i].Probability : answers[i].Probabilities[k];
            }
        }

        return DiagnosisMetrics.Compute(probabilities, rows.Labels.Span, Threshold);
    }

    /// <summary>Predicts for rows as they come.</summary>
    /// <param name="rows">Values in the order of the schema's features.</param>
    /// <param name="options">What to bring along; null for the usual.</param>
    /// <param name="cancellationToken">Passed on to <paramref name="rows"/>.</param>
    /// <returns>One answer per row, in order.</returns>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the feature and not the value.</exception>
    public async IAsyncEnumerable<Diagnosis> PredictAsync(
        IAsyncEnumerable<ReadOnlyMemory<double>> rows, PredictionOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        await foreach (ReadOnlyMemory<double> row in rows.WithCancellation(cancellationToken))
        {
            yield return PredictValues(row.Span, options);
        }
    }

    /// <summary>The calibrated probability alone, without any allocation: for millions of rows.</summary>
    /// <param name="values">Numbers, numbers of levels, NaN where a value is missing, in the order of the schema's features.</param>
    /// <returns>Of two classes, the probability of the disease; of more, of the likeliest.</returns>
    /// <exception cref="InvalidDataException">A value is out of the schema; the message names the feature and not the value.</exception>
    /// <exception cref="ArgumentException">There are more or fewer values than features.</exception>
    /// <remarks>It does not say whether the patient is unlike those of training: only <see cref="PredictValues"/> and its kin do.</remarks>
    public double PredictProbability(ReadOnlySpan<double> values)
    {
        Schema.Check(values);
        int columns = _parts.Preprocessor.Outputs;
        Span<double> row = columns <= MostOnStack ? stackalloc double[columns] : new double[columns];
        int scores = _parts.Scorer.Scores;
        Span<double> probabilities = scores <= MostOnStack ? stackalloc double[scores] : new double[scores];
        _parts.Preprocessor.Transform(values, row);
        return probabilities[Probabilities(row, probabilities)];
    }

    internal static DiagnosisModel Create(ModelParts parts)
    {
        byte[] body = ModelFile.WriteBody(parts);
        return new DiagnosisModel(parts, body, ModelFile.DigestOf(body), null);
    }

    private static byte[] ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using FileStream file = File.OpenRead(path);
        if (file.Length > ModelFile.MostBytes)
        {
            throw Error.TooLarge(file.Length);
        }

        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    // Scores a preprocessed row; returns the place of the greatest probability, which for two classes is that of the disease.
    private int Probabilities(ReadOnlySpan<double> row, Span<double> probabilities)
    {
        _parts.Scorer.Score(row, probabilities);
        _parts.Calibrator.Apply(probabilities, probabilities);
        int likeliest = 0;
        for (int k = 0; k < probabilities.Length; k++)
        {
            if (!(probabilities[k] is >= 0 and <= 1))
            {
                throw Error.Mismatch("for this row its numbers give no probability");
            }

            likeliest = probabilities[k] > probabilities[likeliest] ? k : likeliest;
        }

        return likeliest;
    }

    private Diagnosis PredictChecked(ReadOnlySpan<double> values, PredictionOptions options)
    {
        int columns = _parts.Preprocessor.Outputs;
        Span<double> row = columns <= MostOnStack ? stackalloc double[columns] : new double[columns];
        _parts.Preprocessor.Transform(values, row);
        double[] probabilities = new double[_classes.Length];
        int called;
        int explained;
        double probability;
        if (_classes.Length == 2)
        {
            Probabilities(row, probabilities.AsSpan(1));
            probability = probabilities[1];
            probabilities[0] = 1 - probability;
            called = probability >= Threshold ? 1 : 0;
            explained = 1;
        }
        else
        {
            called = explained = Probabilities(row, probabilities);
            probability = probabilities[called];
        }

        FeatureContribution[] contributions = [];
        double baseValue = 0;
        bool explain = options.Contributions == ContributionDetail.AllFeatures;
        if (explain)
        {
            contributions = new FeatureContribution[values.Length];
            Span<double> parts = values.Length <= MostOnStack ? stackalloc double[values.Length] : new double[values.Length];
            baseValue = _parts.Explanation.Explain(row, _classes.Length == 2 ? 0 : explained, parts);
            for (int f = 0; f < parts.Length; f++)
            {
                contributions[f] = new FeatureContribution(Schema.Features[f].Name, values[f], parts[f]);
            }

            // The order of the schema where two weigh the same.
            contributions = [.. contributions.OrderByDescending(c => Math.Abs(c.Contribution))];
        }

        int cohort = _parts.Cohorts.Nearest(row, out double distance);
        return new Diagnosis(
            probabilities,
            _classes[called],
            probability,
            _classes[explained],
            SetOf(probabilities, options.Level),
            contributions,
            explain ? _parts.Explanation.Method : ContributionMethod.None,
            _parts.Explanation.Unit,
            baseValue,
            new NearestCohort(Cohorts[cohort], distance),
            _parts.Familiarity.Judge(values, row));
    }

    private PredictionSet SetOf(double[] probabilities, double level)
    {
        Span<bool> kept = _classes.Length <= MostOnStack ? stackalloc bool[_classes.Length] : new bool[_classes.Length];
        int count = 0;
        for (int k = 0; k < kept.Length; k++)
        {
            kept[k] = _parts.Conformal.PValue(k, probabilities[k]) > 1 - level;
            count += kept[k] ? 1 : 0;
        }

        string[] classes = new string[count];
        int next = 0;
        for (int k = 0; k < kept.Length; k++)
        {
            if (kept[k])
            {
                classes[next++] = _classes[k];
            }
        }

        return new PredictionSet(level, classes);
    }
}
