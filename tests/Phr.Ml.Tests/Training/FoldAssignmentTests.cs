using System.IO.Compression;
using System.Text;
using Phr.TestSupport;

namespace Phr.Ml.Tests.Training;

public sealed class FoldAssignmentTests
{
    [Fact]
    public void ReadCsv_File_IsStratified()
    {
        FoldAssignment folds = TestSets.BreastMassFolds;

        Assert.Equal((569, 10, 3), (folds.Rows, folds.Folds, folds.Repeats));
        Assert.Equal(3, folds.FoldOf(0, 0));
        Assert.Equal(7, folds.FoldOf(2, 0));
        for (int fold = 0; fold < 10; fold++)
        {
            (int[] heldOut, int[] training) = folds.Split(1, fold);
            Assert.Equal(569, heldOut.Length + training.Length);
            Assert.InRange(heldOut.Count(r => TestSets.BreastMass.Labels.Span[r] == 1), 21, 22);
            Assert.InRange(heldOut.Length, 56, 58);
        }

        using var written = new MemoryStream();
        folds.WriteCsv(written);
        Assert.Equal(File.ReadAllBytes(RepositoryRoot.Combine("samples", "Diagnosis", "data", "folds", "wdbc_10x3.csv")), written.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("rep1\n")]
    [InlineData("fold\n0\n1\n")]
    [InlineData("rep2\n0\n1\n")]
    [InlineData("rep1\n0\n0\n")]
    [InlineData("rep1\n0\n2\n")]
    [InlineData("rep1\n0\n-1\n")]
    [InlineData("rep1\n0\n1000\n")]
    [InlineData("rep1\n0\n1,1\n")]
    [InlineData("rep1,rep2\n0,0\n1,0\n")]
    [InlineData("rep1\n0\nx\n")]
    public void ReadCsv_NoFolds_IsRefused(string text) =>
        Assert.Throws<InvalidDataException>(() => FoldAssignment.ReadCsv(new MemoryStream(Encoding.UTF8.GetBytes(text))));

    // Twenty megabytes of rows in twenty kilobytes of a packed file.
    [Fact]
    public void ReadCsv_MoreRowsThanTaken_IsRefused()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("rep1\n"u8);
            byte[] rows = [.. Enumerable.Repeat("0\n1\n"u8.ToArray(), 50_000).SelectMany(r => r)];
            for (int i = 0; i <= 100; i++)
            {
                gzip.Write(rows);
            }
        }

        packed.Position = 0;
        Assert.Contains("10000000", Assert.Throws<InvalidDataException>(() => FoldAssignment.ReadCsv(packed)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FoldOf_NoSuchRow_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TestSets.BreastMassFolds.FoldOf(3, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestSets.BreastMassFolds.FoldOf(0, 569));
    }
}
