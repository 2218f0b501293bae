namespace Phr.Ml;

/// <summary>What a model was trained with. Immutable.</summary>
public sealed class DataSummary
{
    internal DataSummary(Dataset data)
    {
        Rows = data.Count;
        People = data.Groups.Length == 0 ? data.Count : data.Groups.Max() + 1;
        Digest = data.Digest;
        Origin = data.Origin;
        Statement = data.Statement;
        MissingValues = data.Values.Count(double.IsNaN);
        int[] counts = new int[data.Schema.Classes.Count];
        foreach (int label in data.Labels.Span)
        {
            counts[label]++;
        }

        ClassCounts = Array.AsReadOnly(counts);
    }

    /// <summary>How many rows there are.</summary>
    public int Rows { get; }

    /// <summary>How many people they are of.</summary>
    public int People { get; }

    /// <summary>The digest of the data.</summary>
    public ContentDigest Digest { get; }

    /// <summary>Where the data come from.</summary>
    public string Origin { get; }

    /// <summary>What the data are for, of whom they are, and what they cannot show.</summary>
    public DataStatement Statement { get; }

    /// <summary>How many values of features are missing, in all.</summary>
    public int MissingValues { get; }

    /// <summary>How many rows each class has.</summary>
    public IReadOnlyList<int> ClassCounts { get; }
}
