using Phr.Crypto.Tests.Bundles;

namespace Phr.Crypto.Tests.Search;

/// <summary>Runs every case of index.json and grant.json in tests/vectors/search, and shows that the generator still makes exactly these.</summary>
public class SearchVectorTests
{
    private static readonly string[] _names = ["grant", "index"];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (string file in _names)
            {
                foreach (BundleVector vector in BundleVectorFile.Read(file, SearchVectorGenerator.Folder).Cases)
                {
                    cases.Add(file, vector.Name);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_OfTheVectors_EndsAsItSays(string file, string name)
    {
        BundleVectorFile vectors = BundleVectorFile.Read(file, SearchVectorGenerator.Folder);
        BundleVector vector = vectors.Cases.Single(c => c.Name == name);
        var header = BundleHeader.FromBytes(Convert.FromHexString(vector.Header!));
        byte[] bytes = vector.Bytes(f => File.ReadAllBytes(Path.Combine(SearchVectorGenerator.Folder, f)));
        if (vector.Stage is { } stage)
        {
            BundleScene.Refused(stage, Enum.Parse<PhrDataReason>(vector.Expect), () => Read());
            return;
        }

        IReadOnlyDictionary<string, string> result = Read();
        Assert.NotEmpty(result);
        Assert.All(result, pair => Assert.Equal(vector.Result![pair.Key], pair.Value));

        IReadOnlyDictionary<string, string> Read()
        {
            using PatientKeys patient = PatientKeys.FromRecoverySecret(Convert.FromHexString(vectors.PatientRecoverySecret));
            if (file == "index")
            {
                SearchIndex index = SearchIndex.FromBytes(bytes);
                Assert.Equal(header.SearchIndex!.Cid, index.Cid);
                return SearchVectorGenerator.Describe(index, patient, header, vector.Result!.Keys);
            }

            using SecretKey receivingKey = SecretKey.FromBytes(Convert.FromHexString(vectors.About.Split("key is ")[1][..64]));
            var terms = new SearchGrantTerms
            {
                Request = RequestId.FromBytes(new byte[RequestId.Length]),
                ReceivingKey = receivingKey.PublicKey,
                NotAfter = DateTimeOffset.FromUnixTimeSeconds(1795429800),
            };
            using SearchGrant grant = SearchGrant.Open(receivingKey, header, terms, bytes);
            return grant.Tokens.ToDictionary(t => $"{(int)t.Term.Kind}:{t.Term.Value}", t => Convert.ToHexStringLower(t.Key.Reveal()));
        }
    }

    [Fact]
    public async Task Files_MadeAnew_AreTheSame()
    {
        var generator = new SearchVectorGenerator();
        await generator.MakeAsync();
        string folder = SearchVectorGenerator.Folder;
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, SearchVectorGenerator.IndexFile), generator.Index);
            foreach ((string name, BundleVectorFile cases) in generator.Cases)
            {
                await File.WriteAllTextAsync(Path.Combine(folder, name + ".json"), cases.ToJson());
            }
        }

        Assert.Equal(_names, generator.Cases.Keys);
        Assert.Equal(generator.Index, await File.ReadAllBytesAsync(Path.Combine(folder, SearchVectorGenerator.IndexFile)));
        foreach ((string name, BundleVectorFile cases) in generator.Cases)
        {
            Assert.Equal(cases.ToJson(), await File.ReadAllTextAsync(Path.Combine(folder, name + ".json")));
        }
    }
}
