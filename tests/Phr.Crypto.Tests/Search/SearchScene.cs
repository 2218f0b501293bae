using Phr.Crypto.Tests.Bundles;
using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Search;

/// <summary>A bundle whose documents are texts and codes, and an index of them: all from a label.</summary>
internal sealed class SearchScene : IDisposable
{
    private readonly BundleScene _scene;

    private SearchScene(string label) => _scene = new BundleScene(label);

    public PatientKeys Patient => _scene.Patient;

    public BundleHeader Header { get; private set; } = null!;

    public SearchIndex Index { get; private set; } = null!;

    public SecretKey ReceivingKey { get; } = SecretKey.Generate(new StreamRandom("search: receiving key"));

    public SearchGrantTerms Terms => new()
    {
        Request = RequestId.FromBytes(new byte[RequestId.Length]),
        ReceivingKey = ReceivingKey.PublicKey,
        NotAfter = BundleScene.Time.AddDays(1),
    };

    public static async Task<SearchScene> CreateAsync(string label, params IReadOnlyList<SearchTerm>[] documents)
    {
        var scene = new SearchScene(label);
        await using BundleWriter writer = scene._scene.CreateWriter();
        var ids = new List<DocumentId>();
        for (int i = 0; i < documents.Length; i++)
        {
            ids.Add(await writer.AddAsync(new MemoryStream([(byte)i]), new DocumentInfo($"Document {i}", "text/plain")));
        }

        await scene.IndexAsync(writer, ids, documents);
        return scene;
    }

    /// <summary>The same documents, in the order of the header, under a new index.</summary>
    public async Task<(BundleHeader Header, SearchIndex Index)> ReindexAsync(params IReadOnlyList<SearchTerm>[] documents)
    {
        (BundleHeader header, SearchIndex index) = (Header, Index);
        await using BundleWriter writer = BundleWriter.Revise(_scene.Store, Patient, Header, BundleScene.Options, _scene.Random);
        await IndexAsync(writer, [.. Header.Documents.Select(d => d.Id)], documents);
        (header, Header) = (Header, header);
        (index, Index) = (Index, index);
        return (header, index);
    }

    public SearchToken Token(SearchTerm term) => SearchToken.Create(Patient, Header, term);

    public IReadOnlyList<DocumentId> Find(SearchTerm term)
    {
        using SearchToken token = Token(term);
        return Index.Find(token);
    }

    public byte[] Seal(params SearchTerm[] terms) => SearchGrant.Seal(Patient, Header, Terms, terms, new StreamRandom("search: grant"));

    public DocumentId[] Documents(params int[] places) => [.. places.Select(i => Header.Documents[i].Id).Order()];

    public static IReadOnlyList<SearchTerm> Words(string text) => SearchTerm.Words(text);

    public void Dispose()
    {
        ReceivingKey.Dispose();
        _scene.Dispose();
    }

    private async Task IndexAsync(BundleWriter writer, IReadOnlyList<DocumentId> ids, IReadOnlyList<SearchTerm>[] documents)
    {
        using SearchIndexWriter index = writer.BeginSearchIndex();
        for (int i = 0; i < documents.Length; i++)
        {
            index.Add(ids[i], documents[i]);
        }

        Index = index.Complete();
        writer.SetSearchIndex(Index);
        Header = await writer.CompleteAsync();
    }
}
