using Phr.Crypto.Tests.Bundles;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Search;

/// <summary>Damaged indexes and grants give <see cref="PhrDataException"/> or false, nothing else.</summary>
public class SearchMutationTests
{
    [Fact]
    public async Task SearchIndex_DamagedBytes_AreRefusedOrRead()
    {
        using SearchScene scene = await SearchScene.CreateAsync("mutations", SearchScene.Words("pain"));
        using SearchToken token = scene.Token(SearchTerm.Word("pain"));
        Mutations.Run(
            "search index",
            [scene.Index.ToBytes()],
            bytes => SearchIndex.TryFromBytes(bytes, out SearchIndex? index) && index.ToBytes().AsSpan().SequenceEqual(bytes) && index.Find(token).Count >= 0,
            IsExpected);
    }

    [Fact]
    public async Task SearchGrant_DamagedBytes_AreRefused()
    {
        using SearchScene scene = await SearchScene.CreateAsync("mutations", SearchScene.Words("pain"));
        Mutations.Run(
            "search grant",
            [scene.Seal(SearchTerm.Word("pain")), scene.Seal(SearchTerm.Word("pain"), SearchTerm.Code("|a"))],
            bytes => SearchGrant.TryOpen(scene.ReceivingKey, scene.Header, scene.Terms, bytes, out _),
            IsExpected);
    }

    /// <summary>Behind an envelope that opens and a signature that holds: what a hostile patient could send.</summary>
    [Fact]
    public async Task SearchGrant_DamagedContentWithItsSignature_IsRefusedOrRead()
    {
        using SearchScene scene = await SearchScene.CreateAsync("mutations", SearchScene.Words("pain"));
        using EnvelopeContent content = Envelope.Open(
            scene.ReceivingKey, scene.Header.PatientId, scene.Header.PatientKey, SearchGrant.Context(scene.Header, scene.Terms), scene.Seal(SearchTerm.Word("pain"), SearchTerm.Code("|a")));
        Mutations.Run(
            "search grant content",
            [content.Bytes.ToArray()],
            bytes => SearchGrant.Read(scene.Header, scene.Header.SearchIndex!, scene.Terms, bytes, (_, _) => true).Tokens.Count == 2,
            IsExpected);
    }

    private static bool IsExpected(Exception e) => e is PhrDataException { Stage: "search index" or "search grant" or "envelope" };
}
