using System.Text;
using Phr.Crypto;
using Phr.Records.Tests.Dicom;
using Phr.TestSupport;

namespace Phr.Records.Tests.Formats;

public sealed class RecordFormatTests
{
    public static TheoryData<string, byte[]> Known => new()
    {
        { "image/png", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13, .. "IHDR"u8, 0, 0] },
        { "image/jpeg", [0xFF, 0xD8, 0xFF, 0xE1, 0, 0] },
        { "application/dicom", DicomBuilder.Grey(1, 1, [1]) },
        { "application/pdf", [.. "%PDF-1.7\n%"u8, 0xE2, 0xE3] },
        { "text/vcf", [.. "##fileformat=VCFv4.2\n"u8] },
        { "text/x-fasta", [.. ">chr1 a name\nACGTNNACGT\n"u8] },
        { "text/csv", [.. "time,analyte,value,unit\n"u8] },
        { "text/csv", [.. "\uFEFF\"Time\", analyte ,unit,value,reference_low,reference_high\r\n2026-"u8] },
        { "application/fhir+json", [.. "{\"resourceType\": \"Bundle\", \"entry\": ["u8] },
        { "application/fhir+json", [.. "\uFEFF {\"id\":\"7\",\"meta\":{\"resourceType\":1},\"resourceType\":\"Patient\"}"u8] },
    };

    public static TheoryData<string, byte[]> Foreign => new()
    {
        { "an empty file", [] },
        { "a ZIP archive (or a document that is one inside)", [.. "PK"u8, 3, 4, 0] },
        { "a program", [.. "MZ"u8, 0x90, 0] },
        { "a program", [.. "#!/bin/sh"u8] },
        { "a web page", [.. "  <!DOCTYPE html><script>"u8] },
        { "an SVG drawing", [.. "<?xml version=\"1.0\"?><svg onload=\"x\">"u8] },
        { "an XML document", [.. "<?xml version=\"1.0\"?><ClinicalDocument>"u8] },
        { "JSON that is no FHIR resource", [.. "{\"a\":{\"resourceType\":\"Patient\"}}"u8] },
        { "text, perhaps a table (CSV) without the columns of a laboratory", [.. "date,sodium\n"u8] },
        { "text", [.. ">only a name"u8] },
        { "a file of an unknown kind", [1, 2, 3, 0] },
        { "a file of an unknown kind", [0xC3, 0x28, 0xC3, 0x28, 0x41, 0x41, 0x41, 0x41] },
        { "a GIF picture", [.. "GIF89a"u8] },
    };

    [Theory]
    [MemberData(nameof(Known))]
    public void Detect_FileOfAKnownKind_IsThatOneAndNoOther(string mediaType, byte[] head)
    {
        RecordFormat format = Assert.Single(RecordFormat.All, f => f.Matches(head));

        Assert.Equal(mediaType, format.MediaType);
        Assert.Same(format, RecordFormat.Detect(head));
        Assert.Same(format, RecordFormat.FromMediaType(mediaType.ToUpperInvariant() + "; charset=utf-8"));
        format.Verify(head);
    }

    [Theory]
    [MemberData(nameof(Foreign))]
    public void Verify_SomethingElse_IsRefusedAndNamed(string name, byte[] head)
    {
        Assert.Null(RecordFormat.Detect(head));
        Assert.Equal(name, RecordFormat.Describe(head));
        var refusal = Assert.Throws<PhrDataException>(() => RecordFormat.Png.Verify(head));
        Assert.Equal($"upload: this is {name}, and not a PNG picture.", refusal.Message);
        Assert.Equal(PhrDataReason.Mismatched, refusal.Reason);
    }

    [Fact]
    public void Detect_TextCutWithinACharacter_IsStillText() =>
        Assert.Equal("text", RecordFormat.Describe(Encoding.UTF8.GetBytes(new string('x', 4095) + "é")));

    [Fact]
    public void Detect_DamagedInputs_NeverFails() =>
        Mutations.Run("record format", [.. Known.Select(k => k.Data.Item2)], bytes => RecordFormat.Describe(bytes).Length > 0, _ => false);
}
