using System.Text.Json.Nodes;
using Phr.Crypto;

namespace Phr.Fhir.Tests.Documents;

public class SealedDocumentTests
{
    [Fact]
    public async Task FromBundle_EveryDocument_TellsWhereAndWhoseAndNothingElse()
    {
        using var patient = PatientKeys.Generate();
        using var file = new MemoryStream();
        await using BundleWriter writer = BundleWriter.Create(file, patient, Scene.Embedded);
        using var content = new MemoryStream(new byte[100]);
        await writer.AddAsync(content, new DocumentInfo("a secret title", "application/dicom"));
        BundleHeader header = await writer.CompleteAsync();

        var document = SealedDocument.FromBundle(header.Documents[0], header, Scene.Names(Scene.Embedded));
        byte[] json = FhirR4.WriteDocument(document with { RegisteredAt = Scene.Now });
        Assert.Equal(document with { RegisteredAt = Scene.Now }, FhirR4.ReadDocument(json));
        Assert.Equal(json, FhirR4.WriteDocument(FhirR4.ReadDocument(json)));
        Assert.DoesNotContain("secret", Scene.Text(json), StringComparison.Ordinal);
        Assert.DoesNotContain("dicom", Scene.Text(json), StringComparison.Ordinal);
        Assert.Contains($"ipfs://{header.Documents[0].CiphertextCid}", Scene.Text(json), StringComparison.Ordinal);
        Assert.True(document.Identifier.TryGetLedgerUrn(out LedgerUrn urn) && urn.TryGetDocument(out BundleId bundle, out DocumentId id) && bundle == header.BundleId && id == header.Documents[0].Id);
        Assert.Equal(header.Documents[0].CiphertextLength, (long?)document.Length);
        Assert.Throws<ArgumentException>(() => SealedDocument.FromBundle(header.Documents[0], header, Scene.Names(Scene.Ethereum)));
    }

    [Theory]
    [InlineData("phr-address", """[{"attachment":{"contentType":"application/octet-stream","url":"https://x"},"format":{"system":"urn:phr:fhir:format","code":"sealed-document-1"}}]""")]
    [InlineData("phr-format", """[{"attachment":{"contentType":"application/octet-stream","url":"ipfs://x"}}]""")]
    [InlineData("phr-attachment", """[{"attachment":{"contentType":"application/octet-stream","url":"ipfs://x","data":"AAAA"}}]""")]
    [InlineData("PVAL", """[{"attachment":{"contentType":"application/octet-stream","url":"ipfs://x","size":-1}}]""")]
    [InlineData("PVAL", """[]""")]
    public void TryReadDocument_Fault_IsNamed(string rule, string content)
    {
        SealedDocument document = new()
        {
            Identifier = FhirIdentifier.Of(Digest.Of([1])),
            Patient = Scene.Patient,
            Ciphertext = Cid.ForRawBlock(Digest.Of([2])),
            Length = 7,
            IsSuperseded = true,
        };
        Assert.Equal(document, FhirR4.ReadDocument(FhirR4.WriteDocument(document)));
        byte[] broken = Scene.Changed(FhirR4.WriteDocument(document), d => d["content"] = JsonNode.Parse(content));
        Assert.False(FhirR4.TryReadDocument(broken, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Contains(faults, f => f.Rule.StartsWith(rule, StringComparison.Ordinal) || (content == "[]" && f.Rule.StartsWith("JSON", StringComparison.Ordinal)));
        Assert.Throws<PhrDataException>(() => FhirR4.ReadDocument(broken));
    }
}
