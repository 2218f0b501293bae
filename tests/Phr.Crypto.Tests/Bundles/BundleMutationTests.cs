using Phr.Crypto.Bundles;
using Phr.Crypto.Hashing;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>Damaged headers, files, descriptions, proofs, signatures and ciphertexts give <see cref="PhrDataException"/> or false, nothing else.</summary>
public class BundleMutationTests
{
    [Fact]
    public void BundleHeader_DamagedBytes_AreRefused() =>
        Mutations.Run("bundle header", Inputs("header"), bytes => BundleHeader.TryFromBytes(bytes, out _), IsExpected);

    /// <summary>Behind a signature that holds: what a hostile patient could publish.</summary>
    [Fact]
    public void BundleHeader_DamagedPayloadWithItsSignature_IsRefusedOrRead() => Mutations.Run(
        "bundle header payload",
        [.. Inputs("header").Select(h => SignedObject.Parse("test", "phr/header/v1", h, BundleHeader.MaxLength).Payload)],
        payload => BundleHeader.Read(payload, payload, _ => true).Documents.Count > 0,
        IsExpected);

    [Fact]
    public void BundleFile_DamagedBytes_AreRefused()
    {
        PatientKeys patient = Patient();
        byte[][] files = [.. ((string[])["small.phrb", "empty.phrb"]).Select(f => File.ReadAllBytes(Path.Combine(BundleVectorFile.Folder, f)))];
        Mutations.Run(
            "bundle file",
            files,
            bytes =>
            {
                BundleReader reader = BundleReader.OpenAsync(new MemoryStream(bytes), patient.PublicKeys).GetAwaiter().GetResult();
                foreach (BundleDocument document in reader.Header.Documents)
                {
                    reader.DecryptAsync(document.Id, patient, Stream.Null).GetAwaiter().GetResult();
                }

                return true;
            },
            IsExpected);
    }

    [Fact]
    public void DocumentProof_DamagedBytes_AreRefused() =>
        Mutations.Run("document proof", Inputs("proof"), bytes => DocumentProof.TryFromBytes(bytes, out DocumentProof? proof) && !proof.Verify(Digest.Of(bytes)), IsExpected);

    [Fact]
    public void SourceSignature_DamagedBytes_AreRefused() =>
        Mutations.Run("source signature", Inputs("source"), bytes => SourceSignature.TryFromBytes(bytes, out _), IsExpected);

    [Fact]
    public void SourceSignature_DamagedPayloadWithItsSignature_IsRefusedOrRead() => Mutations.Run(
        "source signature payload",
        [.. Inputs("source").Select(s => SignedObject.Parse("test", "phr/source/v1", s, SourceSignature.MaxLength).Payload)],
        payload => SourceSignature.Read(payload, payload, _ => true) is not null,
        IsExpected);

    [Fact]
    public void DocumentInfo_DamagedPlaintext_IsRefusedOrRead()
    {
        BundleVector vector = BundleVectorFile.Read("info").Cases.First(c => c.Expect == "ok");
        var header = BundleHeader.FromBytes(Convert.FromHexString(vector.Input!));
        Mutations.Run(
            "document info",
            [Convert.FromHexString(vector.Result!["plaintext"])],
            bytes => SealedInfo.Read(header.PatientId, header.Documents[0], bytes) is not null,
            IsExpected);
    }

    [Fact]
    public async Task Ciphertext_DamagedBytes_AreRefused()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(500));
        BundleDocument document = header.Documents[0];
        await using BundleReader reader = await scene.OpenAsync(header);
        using DocumentKey key = header.OpenDocumentKey(document.Id, scene.Patient);
        Mutations.Run(
            "ciphertext",
            [scene.Store.Objects[document.CiphertextCid]],
            bytes =>
            {
                scene.Store.Objects[document.CiphertextCid] = bytes;
                try
                {
                    using Stream stream = reader.OpenStream(document.Id, key);
                    stream.CopyTo(Stream.Null);
                }
                catch (PhrDataException)
                {
                }

                return reader.DecryptAsync(document.Id, key, Stream.Null).GetAwaiter().GetResult() is not null;
            },
            IsExpected);
    }

    private static bool IsExpected(Exception e) => e is PhrDataException;

    private static byte[][] Inputs(string file) =>
        [.. BundleVectorFile.Read(file).Cases.Where(c => c.Expect == "ok").Select(c => Convert.FromHexString(c.Input!))];

    private static PatientKeys Patient() => PatientKeys.FromRecoverySecret(Convert.FromHexString(BundleVectorFile.Read("header").PatientRecoverySecret));
}
