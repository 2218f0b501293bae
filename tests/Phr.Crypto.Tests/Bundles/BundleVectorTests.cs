using Phr.Crypto.Memory;

namespace Phr.Crypto.Tests.Bundles;

/// <summary>Runs every case of tests/vectors/bundle, and shows that the generator still makes exactly these.</summary>
public class BundleVectorTests
{
    private static readonly string[] _names = ["header", "proof", "source", "key", "info", "document", "file"];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string file in _names)
            {
                foreach (BundleVector vector in BundleVectorFile.Read(file).Cases)
                {
                    cases.Add(file, vector.Name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_OfTheVectors_EndsAsItSays(string file, string name)
    {
        BundleVectorFile vectors = BundleVectorFile.Read(file);
        BundleVector vector = vectors.Cases.Single(c => c.Name == name);
        using PatientKeys patient = PatientKeys.FromRecoverySecret(Convert.FromHexString(vectors.PatientRecoverySecret));
        Func<Task<IReadOnlyDictionary<string, string>>> run = file switch
        {
            "header" => () => Task.FromResult(ReadHeader(vector)),
            "proof" => () => Task.FromResult(ReadProof(vector)),
            "source" => () => Task.FromResult(ReadSource(vector)),
            "key" => () => Task.FromResult(OpenKey(vector, patient)),
            "info" => () => Task.FromResult(OpenInfo(vector, patient)),
            "document" => () => OpenDocumentAsync(vector, patient),
            _ => () => OpenFileAsync(vector, patient),
        };
        if (vector.Stage is { } stage)
        {
            await BundleScene.RefusedAsync(stage, Enum.Parse<PhrDataReason>(vector.Expect), run);
            return;
        }

        IReadOnlyDictionary<string, string> result = await run();
        foreach ((string key, string expected) in vector.Result ?? [])
        {
            if (result.TryGetValue(key, out string? actual))
            {
                Assert.Equal(expected, actual);
            }
        }

        if (vector.Expect == "ok" && file != "proof")
        {
            Assert.NotEmpty(result.Keys.Intersect(vector.Result!.Keys));
        }
    }

    [Fact]
    public async Task Generator_RunAgain_MakesTheCommittedVectors()
    {
        using var generator = new BundleVectorGenerator();
        await generator.MakeAsync();
        string folder = BundleVectorFile.Folder;
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            Directory.CreateDirectory(folder);
            foreach ((string name, byte[] bytes) in generator.Files)
            {
                await File.WriteAllBytesAsync(Path.Combine(folder, name), bytes);
            }

            foreach ((string name, BundleVectorFile cases) in generator.Cases)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, name + ".json"), cases.ToJson());
            }
        }

        Assert.Equal(_names.Order(), generator.Cases.Keys);
        foreach ((string name, byte[] bytes) in generator.Files)
        {
            Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(folder, name)));
        }

        foreach ((string name, BundleVectorFile cases) in generator.Cases)
        {
            Assert.Equal(cases.ToJson(), await File.ReadAllTextAsync(Path.Combine(folder, name + ".json")));
        }
    }

    private static byte[] ReadFile(string name) => File.ReadAllBytes(Path.Combine(BundleVectorFile.Folder, name));

    private static IReadOnlyDictionary<string, string> ReadHeader(BundleVector vector)
    {
        byte[] bytes = vector.Bytes(ReadFile);
        Assert.Equal(vector.Expect == "ok", BundleHeader.TryFromBytes(bytes, out _));
        var header = BundleHeader.FromBytes(bytes);
        Assert.Equal(bytes, header.ToBytes());
        return new Dictionary<string, string>
        {
            ["digest"] = header.Digest.ToString(),
            ["cid"] = header.Cid.ToString(),
            ["documentsRoot"] = header.DocumentsRoot.ToString(),
            ["sequence"] = $"{header.Sequence}",
            ["searchIndexEpoch"] = $"{header.SearchIndex?.Epoch}",
            ["searchIndexCid"] = $"{header.SearchIndex?.Cid}",
        };
    }

    private static IReadOnlyDictionary<string, string> ReadProof(BundleVector vector)
    {
        byte[] bytes = vector.Bytes(ReadFile);
        Assert.Equal(vector.Expect is "ok" or "Unproven", DocumentProof.TryFromBytes(bytes, out _));
        var proof = DocumentProof.FromBytes(bytes);
        Assert.Equal(bytes, proof.ToBytes());
        Assert.Equal(vector.Expect == "ok", proof.Verify(Digest.Parse(vector.Root!)));
        return new Dictionary<string, string>();
    }

    private static IReadOnlyDictionary<string, string> ReadSource(BundleVector vector)
    {
        byte[] bytes = vector.Bytes(ReadFile);
        Assert.Equal(vector.Expect == "ok", SourceSignature.TryFromBytes(bytes, out _));
        var signature = SourceSignature.FromBytes(bytes);
        Assert.Equal(bytes, signature.ToBytes());
        return new Dictionary<string, string>
        {
            ["plaintextDigest"] = signature.PlaintextDigest.ToString(),
            ["patientId"] = signature.PatientId.ToString(),
            ["signerId"] = signature.SignerId.ToString(),
            ["signerKey"] = signature.SignerKey.ToString(),
            ["time"] = $"{signature.Time.ToUnixTimeSeconds()}",
        };
    }

    private static IReadOnlyDictionary<string, string> OpenKey(BundleVector vector, PatientKeys patient)
    {
        var header = BundleHeader.FromBytes(vector.Bytes(ReadFile));
        using DocumentKey key = header.OpenDocumentKey(header.Documents[vector.Document!.Value].Id, patient);
        return new Dictionary<string, string>
        {
            ["contentKey"] = Convert.ToHexStringLower(key.ContentKey.Reveal()),
            ["keyCommitment"] = key.KeyCommitment.ToString(),
            ["metadataKey"] = Convert.ToHexStringLower(key.MetadataKey),
        };
    }

    private static IReadOnlyDictionary<string, string> OpenInfo(BundleVector vector, PatientKeys patient)
    {
        var header = BundleHeader.FromBytes(vector.Bytes(ReadFile));
        DocumentId id = header.Documents[vector.Document!.Value].Id;
        using DocumentKey key = header.OpenDocumentKey(id, patient);
        DocumentInfo info = header.DecryptInfo(id, key);
        return new Dictionary<string, string>
        {
            ["title"] = info.Title,
            ["mediaType"] = info.MediaType,
            ["length"] = $"{info.Length}",
            ["plaintextDigest"] = $"{info.PlaintextDigest}",
            ["sourceSignature0"] = Convert.ToHexStringLower(info.SourceSignatures[0].ToBytes()),
        };
    }

    private static async Task<IReadOnlyDictionary<string, string>> OpenDocumentAsync(BundleVector vector, PatientKeys patient)
    {
        var header = BundleHeader.FromBytes(Convert.FromHexString(vector.Header!));
        BundleDocument document = header.Documents[vector.Document!.Value];
        var store = new MemoryStore();
        await store.PutBlockAsync(header.ToBytes());
        store.Objects[document.CiphertextCid] = vector.Bytes(ReadFile);
        await using BundleReader reader = await BundleReader.OpenAsync(store, header.Digest, patient.PublicKeys);
        using var opened = new MemoryStream();
        OpenedDocument result = await reader.DecryptAsync(document.Id, patient, opened);
        Assert.Equal(result.Digest, Digest.Of(opened.ToArray()));
        return new Dictionary<string, string> { ["length"] = $"{opened.Length}", ["plaintextDigest"] = result.Digest.ToString() };
    }

    private static async Task<IReadOnlyDictionary<string, string>> OpenFileAsync(BundleVector vector, PatientKeys patient)
    {
        using var file = new MemoryStream(vector.Bytes(ReadFile));
        await using BundleReader reader = await BundleReader.OpenAsync(file, patient.PublicKeys);
        var result = new Dictionary<string, string>();
        foreach (BundleDocument document in reader.Header.Documents)
        {
            OpenedDocument opened = await reader.DecryptAsync(document.Id, patient, Stream.Null);
            result.Add($"document{result.Count}", opened.Digest.ToString());
        }

        return result;
    }
}
