using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Memory;
using Phr.Crypto.Search;
using Phr.Crypto.Tests.Bundles;

namespace Phr.Crypto.Tests.Search;

public class SearchIndexTests
{
    private static readonly SearchTerm _pain = SearchTerm.Word("pain");
    private static readonly SearchTerm _aspirin = SearchTerm.Word("aspirin");
    private static readonly SearchTerm _infarct = SearchTerm.Code("http://snomed.info/sct|22298006");

    private static Task<SearchScene> CreateAsync(string label = "search index") => SearchScene.CreateAsync(
        label, [.. SearchTerm.Words("Chest pain; aspirin given"), _infarct], SearchTerm.Words("No pain"), SearchTerm.Words("Aspirin allergy"), []);

    [Fact]
    public async Task Find_WordsAndCodes_GivesTheDocumentsThatHaveThem()
    {
        using SearchScene scene = await CreateAsync();

        Assert.Equal(scene.Documents(0, 1), scene.Find(_pain));
        Assert.Equal(scene.Documents(0, 2), scene.Find(SearchTerm.Word("ASPIRIN")));
        Assert.Equal(scene.Documents(0), scene.Find(_infarct));
        Assert.Empty(scene.Find(SearchTerm.Word("fever")));
        Assert.Empty(scene.Find(SearchTerm.Code("http://snomed.info/sct|22298007")));
        Assert.Empty(scene.Find(SearchTerm.Code("|pain")));
    }

    [Fact]
    public void Assemble_ManyTerms_HasTheKeysOfOneAtATime()
    {
        int alive = 0, most = 0;
        byte[] entries = SearchIndexAssembly.Assemble(2_000, Terms(), RandomSource.System)!;

        Assert.Equal(1, most);
        Assert.Equal(0, alive);
        Assert.Equal(SearchIndexForm.Capacity(2_000) * SearchIndexForm.EntryLength, entries.Length);

        IEnumerable<(ITermEntries, IReadOnlyList<DocumentId>)> Terms()
        {
            for (int i = 0; i < 2_000; i++)
            {
                most = Math.Max(most, ++alive);
                using var keys = new TermKeys(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(i)));
                yield return (keys, [DocumentId.FromBytes(new byte[DocumentId.Length])]);
                alive--;
            }
        }
    }

    [Fact]
    public async Task Find_AndOr_CombinesTheDocumentsOfEachTerm()
    {
        using SearchScene scene = await CreateAsync();
        using SearchToken pain = scene.Token(_pain), aspirin = scene.Token(_aspirin), fever = scene.Token(SearchTerm.Word("fever"));
        SearchToken[] tokens = [pain, aspirin, fever];
        SearchQuery a = SearchQuery.Of(_pain), b = SearchQuery.Of(_aspirin), none = SearchQuery.Of(fever.Term);

        Assert.Equal(scene.Documents(0), scene.Index.Find(SearchQuery.All(a, b), tokens));
        Assert.Equal(scene.Documents(0, 1, 2), scene.Index.Find(SearchQuery.Any(a, b), tokens));
        Assert.Empty(scene.Index.Find(SearchQuery.All(a, none), tokens));
        Assert.Equal(scene.Documents(0, 1), scene.Index.Find(SearchQuery.Any(none, SearchQuery.All(a, SearchQuery.Any(a, b))), tokens));
        Assert.Throws<ArgumentException>(() => scene.Index.Find(SearchQuery.Any(a, SearchQuery.Of(_infarct)), tokens));
    }

    /// <summary>Any corpus answers any query as the corpus itself does.</summary>
    [Fact]
    public void Find_AnyCorpusAndQuery_IsWhatThePlaintextSays() =>
        Prop.ForAll(
            Gen.Two(Gen.ListOf(Gen.Choose(0, 255), 5)).ToArbitrary(),
            pair =>
            {
                SearchTerm[] vocabulary = [.. "alpha beta gamma delta epsilon zeta eta theta".Split(' ').Select(SearchTerm.Word)];
                int[] corpus = [.. pair.Item1];
                SearchTerm[][] documents = [.. corpus.Select(bits => vocabulary.Where((_, i) => (bits >> i & 1) == 1).ToArray())];
                using SearchScene scene = SearchScene.CreateAsync($"property {string.Join(' ', corpus)}", documents).GetAwaiter().GetResult();
                SearchToken[] tokens = [.. vocabulary.Select(scene.Token)];
                return pair.Item2.All(bits =>
                {
                    SearchQuery[] parts = [.. vocabulary.Where((_, i) => (bits >> i & 1) == 1).Select(SearchQuery.Of)];
                    return parts.Length == 0
                        || (scene.Index.Find(SearchQuery.All(parts), tokens).SequenceEqual(scene.Documents([.. Matching(b => (b & bits) == bits)]))
                            && scene.Index.Find(SearchQuery.Any(parts), tokens).SequenceEqual(scene.Documents([.. Matching(b => (b & bits) != 0)])));
                });

                IEnumerable<int> Matching(Func<int, bool> fits) => Enumerable.Range(0, corpus.Length).Where(i => fits(corpus[i]));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(25));

    [Fact]
    public async Task Find_TokenOfAnotherBundleEpochOrWriting_FindsNothing()
    {
        using SearchScene scene = await CreateAsync();
        using SearchScene other = await CreateAsync("another bundle of the patient");
        using SearchToken old = scene.Token(_pain), foreign = other.Token(_pain);
        (BundleHeader header, SearchIndex index) = await scene.ReindexAsync([_pain], [_pain], [_pain]);
        using SearchToken renewed = SearchToken.Create(scene.Patient, header, _pain);

        Assert.Equal(3, index.Find(renewed).Count);
        Assert.Empty(index.Find(old));
        Assert.Empty(scene.Index.Find(renewed));
        Assert.Empty(scene.Index.Find(foreign));
        Assert.Equal(2, scene.Index.Find(old).Count);
        Assert.NotEqual(old.Key.Reveal().ToArray(), renewed.Key.Reveal().ToArray());
    }

    [Fact]
    public async Task Find_KeysOfALaterGeneration_MakeTheSameTokens()
    {
        using SearchScene scene = await CreateAsync();
        using PatientKeys renewed = scene.Patient.Renew();
        using SearchToken token = SearchToken.Create(renewed, scene.Header, _pain);

        Assert.Equal(2, scene.Index.Find(token).Count);
    }

    [Fact]
    public async Task Create_AnotherPatientOrNoIndex_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        using PatientKeys stranger = PatientKeys.Generate();
        using var plain = new BundleScene();
        BundleHeader header = await plain.SealAsync([1]);

        Assert.Throws<ArgumentException>(() => SearchToken.Create(stranger, scene.Header, _pain));
        Assert.Throws<ArgumentException>(() => SearchToken.Create(plain.Patient, header, _pain));
        Assert.Throws<ArgumentException>(() => SearchIndex.Open(header, scene.Index.ToBytes()));
    }

    [Fact]
    public async Task Complete_Twice_MakesIndexesUnderOtherKeys()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        DocumentId id = await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        using SearchIndexWriter index = writer.BeginSearchIndex();
        index.Add(id, [_pain]);
        SearchIndex first = index.Complete(), second = index.Complete();
        writer.SetSearchIndex(second);
        BundleHeader header = await writer.CompleteAsync();
        using SearchToken token = SearchToken.Create(scene.Patient, header, _pain);

        Assert.Equal([id], second.Find(token));
        Assert.Empty(first.Find(token));
        Assert.Empty(first.ToBytes().Chunk(SearchIndexForm.EntryLength).Select(Convert.ToHexString).Intersect(second.ToBytes().Chunk(SearchIndexForm.EntryLength).Select(Convert.ToHexString)));
    }

    [Fact]
    public async Task Add_UnknownDocumentOrPairTwice_IsRefusedOrNothingNew()
    {
        using var scene = new BundleScene();
        await using BundleWriter writer = scene.CreateWriter();
        DocumentId id = await writer.AddAsync(new MemoryStream([1]), new DocumentInfo("", "a/b"));
        SearchIndexWriter index = writer.BeginSearchIndex();
        index.Add(id, [_pain, _pain, _aspirin]);
        index.Add(id, [_pain]);

        Assert.Equal(2, index.Pairs);
        Assert.Throws<ArgumentException>(() => index.Add(DocumentId.Random(), [_pain]));
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Add(id, [_pain]));
        Assert.Throws<ObjectDisposedException>(index.Complete);
    }

    [Fact]
    public async Task SetSearchIndex_NotMadeForThisRevision_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        using var other = new BundleScene("other bundle");
        await using BundleWriter writer = other.CreateWriter();

        Assert.Throws<ArgumentException>(() => writer.SetSearchIndex(scene.Index));
        Assert.Throws<ArgumentException>(() => writer.SetSearchIndex(SearchIndex.FromBytes(writer.BeginSearchIndex().Complete().ToBytes())));
    }

    [Theory]
    [InlineData(0, 1024, 49_210)]
    [InlineData(1024, 1024, 49_210)]
    [InlineData(1025, 2048, 98_364)]
    [InlineData(5000, 8192, 393_276)]
    public async Task Complete_AnyNumberOfPairs_HasItsSizeClass(int pairs, int capacity, int length)
    {
        SearchTerm[] terms = [.. Enumerable.Range(0, pairs).Select(i => SearchTerm.Word($"w{i}"))];
        using SearchScene scene = await SearchScene.CreateAsync("size classes", terms);

        Assert.Equal((capacity, length), (scene.Index.Capacity, scene.Index.Length));
        Assert.Equal(length, scene.Index.ToBytes().Length);
        Assert.Equal(scene.Index.ToBytes(), SearchIndex.FromBytes(scene.Index.ToBytes()).ToBytes());
        Assert.True(SearchIndexForm.IsLength(length) && !SearchIndexForm.IsLength(length + 1));
    }

    /// <summary>The largest index there is: 2^20 pairs without a padded entry.</summary>
    [Fact]
    public void Complete_MostPairs_FillTheLargestIndexAndNoMore()
    {
        DocumentId[] documents = [.. Enumerable.Range(0, BundleHeader.MaxDocuments).Select(i => DocumentId.FromBytes(Digest.Of(BitConverter.GetBytes(i)).ToBytes().AsSpan(0, DocumentId.Length)))];
        SearchTerm[] terms = [.. Enumerable.Range(0, SearchIndexWriter.MaxPairs / documents.Length).Select(i => SearchTerm.Code($"|{i}"))];
        using PatientKeys patient = PatientKeys.FromRecoverySecret(new byte[PatientKeys.RecoverySecretLength]);
        var bundle = BundleId.FromBytes(new byte[BundleId.Length]);
        using var writer = new SearchIndexWriter(patient, bundle, 0, _ => true, RandomSource.System);
        foreach (DocumentId document in documents)
        {
            writer.Add(document, terms);
        }

        Assert.Equal(SearchIndexWriter.MaxPairs, writer.Pairs);
        Assert.Throws<InvalidOperationException>(() => writer.Add(documents[0], [_pain]));
        SearchIndex index = writer.Complete();
        Assert.Equal((SearchIndex.MaxLength, SearchIndexWriter.MaxPairs), (index.Length, index.Capacity));
        using SecretBytes key = patient.DeriveSearchKey(bundle, 0, index.Reference!.Salt.Span);
        using var token = new SearchToken(terms[7], TermKeys.DeriveToken(key.Reveal(), terms[7]));
        Assert.Equal(documents.Order(), index.Find(token));
    }

    [Fact]
    public async Task Open_OfTheHeaderAlone_AcceptsNoOtherIndex()
    {
        using SearchScene scene = await CreateAsync();
        using SearchScene other = await CreateAsync("another index");
        byte[] bytes = scene.Index.ToBytes();
        byte[] altered = [.. bytes];
        altered[^1] ^= 1;
        var store = new MemoryStore();
        await scene.Index.StoreAsync(store);

        Assert.Equal(scene.Index.Cid, SearchIndex.Open(scene.Header, bytes).Cid);
        Assert.Equal(scene.Index.Cid, (await SearchIndex.OpenAsync(store, scene.Header)).Cid);
        BundleScene.Refused("search index", PhrDataReason.DigestMismatch, () => SearchIndex.Open(scene.Header, other.Index.ToBytes()));
        BundleScene.Refused("search index", PhrDataReason.DigestMismatch, () => SearchIndex.Open(scene.Header, altered));
        BundleScene.Refused("search index", PhrDataReason.WrongLength, () => SearchIndex.Open(scene.Header, bytes.AsMemory(1)));
        await BundleScene.RefusedAsync("store", PhrDataReason.NotFound, () => SearchIndex.OpenAsync(store, other.Header));
    }

    /// <summary>Only the patient can make such an index, and only by mistake or malice; a holder of tokens still comes to no harm.</summary>
    [Theory]
    [InlineData("flipped", PhrDataReason.AuthenticationFailed)]
    [InlineData("descending", PhrDataReason.NonCanonical)]
    [InlineData("repeated", PhrDataReason.NonCanonical)]
    [InlineData("endless", PhrDataReason.TooLarge)]
    public async Task Find_EntriesThatNoWriterMakes_AreRefused(string fault, PhrDataReason reason)
    {
        using SearchScene scene = await CreateAsync();
        using SearchToken token = scene.Token(_pain);
        DocumentId[] ids = fault switch
        {
            "descending" => [.. scene.Documents(0, 1).Reverse()],
            "repeated" => [scene.Documents(0)[0], scene.Documents(0)[0]],
            "endless" => [.. Enumerable.Range(0, BundleHeader.MaxDocuments + 1).Select(i => DocumentId.FromBytes([0x80, .. new byte[13], (byte)(i >> 8), (byte)(i & 0xff)]))],
            _ => scene.Documents(0),
        };
        ITermEntries keys = new TermKeys(token.Key.Reveal());
        byte[] entries = SearchIndexAssembly.Assemble([(fault == "flipped" ? new Flipping(keys) : keys, ids)], RandomSource.System)!;
        var index = new SearchIndex(new byte[32], entries, scene.Header.BundleId, 0);

        BundleScene.Refused("search index", reason, () => index.Find(token));
    }

    [Fact]
    public void Join_TooManyTermsTooDeepOrNone_IsRefused()
    {
        SearchQuery query = SearchQuery.Of(_pain);
        Assert.Throws<ArgumentException>(() => SearchQuery.All());
        Assert.Throws<ArgumentException>(() => SearchQuery.Any([.. Enumerable.Range(0, SearchQuery.MaxTerms + 1).Select(i => SearchQuery.Of(SearchTerm.Word($"w{i}")))]));
        for (int depth = 1; depth < SearchQuery.MaxDepth; depth++)
        {
            query = SearchQuery.All(query);
        }

        Assert.Equal([_pain], query.Terms);
        Assert.Throws<ArgumentException>(() => SearchQuery.Any(query));
        Assert.Throws<ArgumentNullException>(() => SearchQuery.Any(null!, query));
    }

    private sealed class Flipping(ITermEntries inner) : ITermEntries
    {
        public void Write(int index, DocumentId document, Span<byte> entry)
        {
            inner.Write(index, document, entry);
            entry[^1] ^= 1;
        }
    }
}
