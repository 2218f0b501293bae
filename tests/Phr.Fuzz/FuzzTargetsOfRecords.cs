using System.Text;
using Phr.Records;
using Phr.Records.Tests.Dicom;

namespace Phr.Fuzz;

/// <summary>The readers of Phr.Records: what patients upload.</summary>
internal static class FuzzTargetsOfRecords
{
    private static readonly DicomDeidentificationOptions Deidentification = new() { UidKey = new byte[16] };

    public static FuzzTarget[] All { get; } =
    [
        new("dicom", [typeof(DicomFile)], DicomBuilder.Samples, ReadDicom) { MaxLength = 2048 },
        new("image-header", [typeof(ImageHeader)], Pictures, ReadPicture) { MaxLength = 1024 },
        Text("laboratory-csv", "time,analyte,value,unit,reference_low,reference_high\r\n2026-03-01T08:30+01:00,\"K, \"\"serum\"\"\",<4.1,mmol/L,3.5,5.1\r\n", ReadLaboratory, "2026-03-01T08:30Z", ",", "\"", "\r\n", "<="),
        Text("vcf", "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tA\n1\t5\trs1\tAC\tA,<DEL>\t9.5\tPASS\tDP=4;DB;END=7\tGT:DP\t0|1:3\n1\t8\t.\tG\tG]1:5],*\t.\t.\t.\tGT\t./.\n", ReadVcf, "\t", "\n1\t9\t.\tA\tC\t.\t.\t.\tGT\t0\n", ";", "<DEL>", "##"),
        Text("fasta", ">one first\nACGTNNNNacgt\r\nRYKM\n\n>two\nTTTT\n", ReadFasta, "\n>", "\n\n", "NNNN", " "),
    ];

    private static FuzzTarget Text(string name, string seed, Func<byte[], bool> read, params string[] words) =>
        new(name, [], () => [Encoding.UTF8.GetBytes(seed)], read) { MaxLength = 1024, Dictionary = [.. words.Select(Encoding.UTF8.GetBytes)] };

    private static byte[][] Pictures() =>
    [
        DicomFile.FromBytes(DicomBuilder.Grey(2, 2, [1, 2, 3, 4])).GetImage().Render().ToPng(),
        [
            0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0, 0xFF, 0xFE, 0, 4, 1, 2,
            0xFF, 0xC0, 0, 17, 8, 0, 40, 0, 30, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 0xFF, 0xD9,
        ],
    ];

    private static bool ReadDicom(byte[] bytes)
    {
        DicomFile file = DicomFile.FromBytes(bytes, new DicomReadOptions { MaxLength = 1 << 19, MaxFramePixels = 1 << 14 });
        foreach (DicomElement element in file.Dataset.Elements)
        {
            element.GetStrings();
        }

        if (file.TryGetImage(out DicomImage? image))
        {
            // A frame may be damaged where the others are not; then it alone is refused.
            try
            {
                image.Render(image.FrameCount - 1).ToPng();
            }
            catch (Phr.Crypto.PhrDataException)
            {
            }
        }

        byte[] written = file.ToBytes();
        if (!written.AsSpan().SequenceEqual(DicomFile.FromBytes(written).ToBytes()))
        {
            throw new FuzzFaultException("what was written is written again in another form.");
        }

        DicomDeidentification clean = DicomDeidentification.Create(file, Deidentification);
        return clean.File.Dataset.TryFind(DicomTag.FromKeyword("PatientIdentityRemoved"), out _) ? true : throw new FuzzFaultException("a file without its patient does not say so.");
    }

    private static bool ReadPicture(byte[] bytes)
    {
        RecordFormat.Describe(bytes);
        ImageHeader header = ImageHeader.FromBytes(bytes);
        byte[] clean = ImageMetadata.Remove(bytes);
        return ImageHeader.FromBytes(clean).ToString() == header.ToString() && ImageMetadata.Remove(clean).AsSpan().SequenceEqual(clean) ? true : throw new FuzzFaultException("a picture is another without its metadata.");
    }

    private static bool ReadLaboratory(byte[] bytes)
    {
        LaboratoryTable table = LaboratoryCsv.ReadAll(bytes);
        TrackRecord track = TrackRecord.Create(table.Results);
        IReadOnlyList<LaboratoryResult> again = LaboratoryCsv.Read(Encoding.UTF8.GetBytes(track.ToCsv()));
        return again.Count == track.Rows.Count ? table.Faults.Count == 0 : throw new FuzzFaultException("results are lost in writing.");
    }

    private static bool ReadVcf(byte[] bytes)
    {
        using VcfReader reader = VcfReader.Open(new MemoryStream(bytes, writable: false));
        VcfRecord[] records = [.. reader.ReadToEnd()];
        VariantIndex index = VariantIndex.Create(records);
        foreach (VcfRecord record in records)
        {
            if (!index.Find(new GenomicRegion { Chromosome = record.Chromosome, Start = Math.Max(1, record.Position), End = Math.Max(1, record.End) }).Contains(record) && record.End >= 1)
            {
                throw new FuzzFaultException("a variant is not found at its place.");
            }
        }

        return true;
    }

    private static bool ReadFasta(byte[] bytes)
    {
        using FastaReader reader = FastaReader.Open(new MemoryStream(bytes, writable: false));
        foreach (FastaRecord record in reader.ReadToEnd())
        {
            string letters = record.Sequence.GetLetters(..);
            if (PackedSequence.Pack(letters).GetLetters(..) != letters || KmerCounts.Count(record.Sequence, 3).Total > letters.Length)
            {
                throw new FuzzFaultException("letters change in packing.");
            }
        }

        return true;
    }
}
