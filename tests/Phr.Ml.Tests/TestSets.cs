using System.Text;
using Phr.TestSupport;

namespace Phr.Ml.Tests;

/// <summary>Published records, read by their schemas.</summary>
internal static class TestSets
{
    private static readonly Lazy<Dataset> _breastMass = new(() => KnownSchemas.BreastMass.Read(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv")));
    private static readonly Lazy<FoldAssignment> _breastMassFolds = new(() => FoldAssignment.ReadCsv(RepositoryRoot.Combine("samples", "Diagnosis", "data", "folds", "wdbc_10x3.csv")));

    public static Dataset BreastMass => _breastMass.Value;

    public static FoldAssignment BreastMassFolds => _breastMassFolds.Value;

    public static Dataset AlzheimerCsf() => KnownSchemas.AlzheimerCsf.Read(RepositoryRoot.Combine("samples", "Diagnosis", "data", "alzheimer_csf.csv"));

    /// <summary>A known set that is not committed; skips the test where the machine lacks it.</summary>
    public static Dataset Known(KnownSet set) => set.Read(TestData.Path(set.FileName));

    public static Dataset Csv(FeatureSchema schema, string text, CsvReadOptions? options = null) => Dataset.ReadCsv(new MemoryStream(Encoding.UTF8.GetBytes(text)), schema, options);
}
