using System.Globalization;
using System.Text;
using Phr.Ml.Evaluation;
using Phr.Ml.Numerics;
using Phr.Ml.Schemas;

namespace Phr.Ml;

/// <summary>Which rows are held out together: the folds of a cross-validation, repeated or not.</summary>
/// <remarks>A file has one line per row of the data and one column per repeat, <c>rep1</c>, <c>rep2</c> and so on, with the number of the fold in which the row is held out, from 0. Immutable.</remarks>
public sealed class FoldAssignment
{
    private const int MaximumFolds = 1000;
    private const int MaximumRows = 10_000_000;

    private readonly int[][] _folds;

    private FoldAssignment(int[][] folds, int count)
    {
        _folds = folds;
        Folds = count;
    }

    /// <summary>How many rows it is for.</summary>
    public int Rows => _folds[0].Length;

    /// <summary>How many folds each repeat has.</summary>
    public int Folds { get; }

    /// <summary>How many times the rows are dealt out.</summary>
    public int Repeats => _folds.Length;

    /// <summary>The fold of a row.</summary>
    /// <param name="repeat">The repeat, from 0.</param>
    /// <param name="row">The row, from 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such repeat or row.</exception>
    public int FoldOf(int repeat, int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(repeat);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(repeat, Repeats);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return _folds[repeat][row];
    }

    /// <summary>Reads folds from a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">It is not such a file; the message names the line.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FoldAssignment ReadCsv(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        using FileStream stream = File.OpenRead(path);
        return ReadCsv(stream);
    }

    /// <summary>Reads folds.</summary>
    /// <param name="stream">UTF-8, at most 10,000,000 rows; read to its end and left open.</param>
    /// <exception cref="InvalidDataException">It is not such a file; the message names the line.</exception>
    public static FoldAssignment ReadCsv(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var text = new CsvText(stream);
        CsvReader records = text.Records;
        if (!records.Read() || records.Fields > 100 || !Enumerable.Range(0, records.Fields).All(i => records[i].SequenceEqual($"rep{i + 1}")))
        {
            throw new InvalidDataException("A file of folds begins with a line of the names rep1, rep2 and so on, 100 at most.");
        }

        List<int>[] folds = [.. Enumerable.Range(0, records.Fields).Select(_ => new List<int>())];
        while (records.Read())
        {
            if (folds[0].Count == MaximumRows)
            {
                throw new InvalidDataException($"The folds are for more than {MaximumRows} rows.");
            }

            for (int i = 0; i < folds.Length; i++)
            {
                if (records.Fields != folds.Length || !int.TryParse(records[i], NumberStyles.None, CultureInfo.InvariantCulture, out int fold) || fold >= MaximumFolds)
                {
                    throw new InvalidDataException($"Line {records.Line} of the folds is not {folds.Length} numbers from 0 to {MaximumFolds - 1}.");
                }

                folds[i].Add(fold);
            }
        }

        try
        {
            return Create([.. folds.Select(f => f.ToArray())]);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    /// <summary>Deals the rows of labelled data to folds with nearly the same share of each class, whole persons at a time where the schema knows whose row it is.</summary>
    /// <param name="data">Data with labels.</param>
    /// <param name="options">How many folds and repeats; its other members do not matter.</param>
    /// <param name="seed">Decides how the rows are dealt.</param>
    /// <exception cref="ArgumentException">The data have no labels, or fewer persons (or rows of a class) than two.</exception>
    public static FoldAssignment Stratified(Dataset data, TrainingOptions options, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(options);
        if (!data.HasLabels)
        {
            throw new ArgumentException("The data have no labels.", nameof(data));
        }

        int[] y = data.Labels.ToArray();
        int most = y.GroupBy(c => c).Min(g => data.Groups.Length == 0 ? g.Count() : y.Zip(data.Groups).Where(p => p.First == g.Key).Select(p => p.Second).Distinct().Count());
        int folds = Math.Min(options.Folds, most);
        if (folds < 2)
        {
            throw new ArgumentException("A class has fewer than two people: nothing can be held out.", nameof(data));
        }

        return Create([.. Enumerable.Range(0, options.Repeats).Select(r => data.Groups.Length == 0
            ? StratifiedFolds.Create(y, folds, RandomStream.DeriveSeed(seed, (ulong)r))
            : StratifiedFolds.CreateGrouped(y, data.Groups, folds, RandomStream.DeriveSeed(seed, (ulong)r)))]);
    }

    /// <summary>Writes the folds as <see cref="ReadCsv(Stream)"/> reads them.</summary>
    /// <param name="stream">Gets UTF-8; left open.</param>
    public void WriteCsv(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(string.Join(',', Enumerable.Range(1, Repeats).Select(r => $"rep{r}")));
        for (int row = 0; row < Rows; row++)
        {
            writer.WriteLine(string.Join(',', _folds.Select(f => f[row].ToString(CultureInfo.InvariantCulture))));
        }
    }

    /// <summary>Takes folds as they are.</summary>
    /// <param name="folds">For each repeat, the fold of each row.</param>
    internal static FoldAssignment Create(int[][] folds)
    {
        int count = folds.Length > 0 && folds[0].Length > 0 ? folds[0].Max() + 1 : 0;
        if (count is < 2 or > MaximumFolds)
        {
            throw new ArgumentException($"There are {count} folds; there must be 2 to {MaximumFolds}.", nameof(folds));
        }

        foreach (int[] repeat in folds)
        {
            if (repeat.Length != folds[0].Length || repeat.Distinct().Count() != count || repeat.Min() != 0 || repeat.Max() != count - 1)
            {
                throw new ArgumentException($"Each repeat deals out the same rows to folds 0 to {count - 1}, none of which is empty.", nameof(folds));
            }
        }

        return new FoldAssignment(folds, count);
    }

    /// <summary>The rows that a fold holds out, and the others, both in order.</summary>
    internal (int[] HeldOut, int[] Training) Split(int repeat, int fold)
    {
        int[] all = _folds[repeat];
        int[] heldOut = [.. Enumerable.Range(0, all.Length).Where(r => all[r] == fold)];
        int[] training = [.. Enumerable.Range(0, all.Length).Where(r => all[r] != fold)];
        return (heldOut, training);
    }
}
