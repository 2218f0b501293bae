using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto;
using Phr.TestSupport;

namespace Phr.Records.Tests.Genomics;

public sealed class GenomicsTests
{
    internal const string Vcf =
        "##fileformat=VCFv4.2\n##contig=<ID=chr1,length=1000>\n##source=made here\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\tB\n"
        + "chr1\t100\trs1;x2\tA\tC,<DEL>\t29.5\tPASS\tDP=14;DB;AF=0.5,0.1\tGT:DP\t0|1:7\t./.\n"
        + "chr1\t150\t.\tACGT\tA\t.\t.\t.\tGT\t0/0\t1\n"
        + "chr2\t5\t.\tN\t.\t1e2\tq10;s50\tEND=900\tDP\t3\t4\n"
        + "chr2\t7\t.\tA\tG]chr1:5],*\t.\t.\tSVTYPE=BND\tDP\t3\t4\n";

    internal const string Fasta = ">one first sequence\nACGTACGTNNNNacgt\r\nRYKM\n\n>two\nTTTT\n";

    [Fact]
    public void Vcf_File_GivesHeaderAndVariants()
    {
        using VcfReader reader = VcfReader.Open(Stream(Vcf));
        VcfRecord[] records = [.. reader.ReadToEnd()];

        Assert.Equal(("VCFv4.2", "chr1", "A|B"), (reader.Header.Version, Assert.Single(reader.Header.Contigs), string.Join('|', reader.Header.Samples)));
        Assert.Equal(["rs1", "x2"], records[0].Ids);
        Assert.Equal(["C", "<DEL>"], records[0].Alternates);
        Assert.Equal(29.5, records[0].Quality);
        Assert.Equal(("", "14"), (records[0].Info["DB"], records[0].Info["DP"]));
        Assert.Equal(["0|1", "./."], records[0].Genotypes);
        Assert.Equal((150, 153), (records[1].Position, records[1].End));
        Assert.Equal(900, records[2].End);
        Assert.Empty(records[2].Genotypes);
        Assert.DoesNotContain("rs1", records[0].ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("VCFv4.2", "VCFv5.0", "line 1: the line ##fileformat=VCFv4.0 to 4.5 is expected")]
    [InlineData("\tPOS\t", "\tPos\t", "line 4: the names of the columns")]
    [InlineData("\tA\tB\n", "\tA\tA\n", "line 4: a sample has no name, or another's")]
    [InlineData("chr1\t100", "chr1\t-1", "line 5, column POS")]
    [InlineData("chr1\t100", "chr1\t151", "line 6, column POS: the positions of a chromosome do not rise")]
    [InlineData("chr1\t100", "chr2\t100", "line 7, column CHROM: the lines of a chromosome are not together")]
    [InlineData("\tA\tC,<DEL>", "\tX\tC", "line 5, column REF")]
    [InlineData("\tA\tC,<DEL>", "\tA\tC,,G", "line 5, column ALT")]
    [InlineData("29.5", "high", "line 5, column QUAL")]
    [InlineData("DP=14;", "DP=14;DP=15;", "line 5, column INFO: a field is there twice")]
    [InlineData("DP=14;", ";", "line 5, column INFO")]
    [InlineData("END=900", "END=2", "line 7, column INFO")]
    [InlineData("GT:DP", "DP:GT", "line 5, column FORMAT")]
    [InlineData("0|1:7", "0|3:7", "line 5, column A: a genotype")]
    [InlineData("0|1:7", "0|1:7:9", "line 5, column A: the sample has more values")]
    [InlineData("\t0/0\t1\n", "\t0/0\n", "line 6: there are 10 values where the header has 11 columns")]
    public void Vcf_Fault_IsNamedWithLineAndColumn(string good, string bad, string message) =>
        Assert.Contains(message, Assert.Throws<PhrDataException>(() => ReadVcf(Encoding.UTF8.GetBytes(Vcf.Replace(good, bad, StringComparison.Ordinal)))).Message, StringComparison.Ordinal);

    [Fact]
    public void Vcf_LineWithoutEnd_IsRefusedAtTheLimit() =>
        Assert.Equal(PhrDataReason.TooLarge, Assert.Throws<PhrDataException>(() => ReadVcf([.. "##fileformat=VCFv4.2\n##x="u8, .. Enumerable.Repeat((byte)'x', 9 << 20)])).Reason);

    [Fact]
    public void VariantIndex_AnyRegion_FindsWhatLookingAtAllFinds()
    {
        var random = new System.Random(7);
        var text = new StringBuilder("##fileformat=VCFv4.3\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n");
        foreach (int position in Enumerable.Range(0, 300).Select(_ => random.Next(1, 2000)).Order())
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"1\t{position}\t.\tA\t<DEL>\t.\t.\tEND={position + (random.Next(20) == 0 ? 700 : random.Next(5))}\n");
        }

        VcfRecord[] all = [.. VcfReader.Open(Stream(text.ToString())).ReadToEnd()];
        VariantIndex index = VariantIndex.Create(all);
        Assert.Equal(300, index.Count);
        for (int i = 0; i < 500; i++)
        {
            int start = random.Next(1, 2800);
            var region = new GenomicRegion { Chromosome = "1", Start = start, End = start + random.Next(50) };
            Assert.Equal(all.Where(r => r.Position <= region.End && r.End >= region.Start), index.Find(region));
        }

        Assert.Empty(index.Find(GenomicRegion.Parse("2")));
        Assert.Equal(300, index.Find(GenomicRegion.Parse("1")).Count);
    }

    [Theory]
    [InlineData("chr17:43,044,295-43,125,364", "chr17:43044295-43125364")]
    [InlineData("HLA:A:5", "HLA:A:5-5")]
    [InlineData("X", "X")]
    public void GenomicRegion_Text_IsReadAndWritten(string text, string written) => Assert.Equal(written, GenomicRegion.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("chr1:")]
    [InlineData("chr1:0-5")]
    [InlineData("chr1:9-5")]
    [InlineData("chr1:1-2-3")]
    [InlineData("chr 1:1-2")]
    public void GenomicRegion_WhatIsNone_IsRefused(string text)
    {
        Assert.False(GenomicRegion.TryParse(text, out _));
        Assert.Throws<PhrDataException>(() => GenomicRegion.Parse(text));
    }

    [Fact]
    public void Fasta_File_GivesSequences()
    {
        FastaRecord[] records = [.. FastaReader.Open(Stream(Fasta)).ReadToEnd()];

        Assert.Equal([("one", "first sequence", 20), ("two", "", 4)], records.Select(r => (r.Name, r.Description, r.Sequence.Length)));
        Assert.Equal("ACGTACGTNNNNACGTRYKM", records[0].Sequence.GetLetters(..));
        Assert.Equal((5, 5), (records[0].Sequence.PackedLength, records[0].Sequence.RunCount));
    }

    [Theory]
    [InlineData("ACGT\n", "line 1, column 1: the name of a sequence is expected")]
    [InlineData("", "the file is empty")]
    [InlineData("> x\nA\n", "line 1, column 1: a name")]
    [InlineData(">x\nACGU\nAC-T\n", "line 3, column 3: a letter of IUPAC's code")]
    [InlineData(">x\nACGT\n\nAC\n", "line 4, column 1: an empty line stands within a sequence")]
    [InlineData(">x\nA\n>x\nA\n", "another sequence's")]
    [InlineData(">x\n>y\nA\n", "no letters")]
    [InlineData(">x", "no letters")]
    public void Fasta_Fault_IsNamedWithLineAndColumn(string text, string message) =>
        Assert.Contains(message, Assert.Throws<PhrDataException>(() => ReadFasta(Encoding.UTF8.GetBytes(text))).Message, StringComparison.Ordinal);

    [Fact]
    public void PackedSequence_AnyLetters_ComeBackOneByOneAndInRanges()
    {
        Gen<string> letters = Gen.Elements([.. "ACGTACGTACGTNNNRYSWKMBDHVU"]).ListOf().Select(l => string.Concat(l));
        Prop.ForAll(letters.ToArbitrary(), text =>
        {
            PackedSequence packed = PackedSequence.Pack(text.ToLowerInvariant());
            Assert.Equal(text, packed.GetLetters(..));
            Assert.Equal(text, string.Concat(Enumerable.Range(0, text.Length).Select(i => packed[i])));
            int third = text.Length / 3;
            Assert.Equal(text[third..^third], packed.GetLetters(third..^third));
            Assert.Equal((text.Length + 3) / 4, packed.PackedLength);
        }).QuickCheckThrowOnFailure();
        Assert.Throws<ArgumentException>(() => PackedSequence.Pack("AC GT"));
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedSequence.Pack("AC")[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => PackedSequence.Pack("AC").GetLetters(1..3));
    }

    [Fact]
    public void KmerCounts_AnySequence_EqualWhatCountingTextGives()
    {
        static string Complement(string word) => string.Concat(word.Reverse().Select(c => "TGCA"["ACGT".IndexOf(c, StringComparison.Ordinal)]));
        Prop.ForAll(Gen.Elements([.. "ACGTACGTN"]).ListOf().Select(l => string.Concat(l)).ToArbitrary(), text =>
        {
            foreach (KmerStrand strand in Enum.GetValues<KmerStrand>())
            {
                KmerCounts counts = KmerCounts.Count(PackedSequence.Pack(text), 3, strand);
                string[] words = [.. Enumerable.Range(0, Math.Max(0, text.Length - 2)).Select(i => text.Substring(i, 3)).Where(w => !w.Contains('N'))];
                Assert.Equal(words.Length, counts.Total);
                Assert.All(words, w => Assert.Equal(words.Count(x => x == w || (strand == KmerStrand.Canonical && x == Complement(w))), counts[w]));
                Assert.Equal(words.Length == 0 ? 0 : 1, counts.ToFrequencies().Sum(), 9);
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Readers_DamagedInputs_AreReadOrRefused()
    {
        Mutations.Run("VCF file", [Encoding.UTF8.GetBytes(Vcf)], bytes => ReadVcf(bytes) >= 0, e => e is PhrDataException);
        Mutations.Run("FASTA file", [Encoding.UTF8.GetBytes(Fasta)], bytes => ReadFasta(bytes) >= 0, e => e is PhrDataException);
    }

    private static int ReadVcf(byte[] bytes)
    {
        using VcfReader reader = VcfReader.Open(new MemoryStream(bytes));
        return reader.ReadToEnd().Sum(r => r.Genotypes.Count);
    }

    private static int ReadFasta(byte[] bytes)
    {
        using FastaReader reader = FastaReader.Open(new MemoryStream(bytes));
        return reader.ReadToEnd().Sum(r => r.Sequence.GetLetters(..).Length);
    }

    private static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));
}
