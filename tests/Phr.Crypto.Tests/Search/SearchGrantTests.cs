using System.Buffers.Binary;
using Phr.Crypto.Hashing;
using Phr.Crypto.Tests.Bundles;

namespace Phr.Crypto.Tests.Search;

public class SearchGrantTests
{
    private static readonly SearchTerm _pain = SearchTerm.Word("pain");
    private static readonly SearchTerm _fever = SearchTerm.Word("fever");

    private static Task<SearchScene> CreateAsync(string label = "search grant") =>
        SearchScene.CreateAsync(label, SearchScene.Words("pain"), SearchScene.Words("pain fever"));

    [Fact]
    public async Task Open_ByTheReceiver_FindsUntilTheEnd()
    {
        using SearchScene scene = await CreateAsync();
        using SearchGrant grant = SearchGrant.Open(scene.ReceivingKey, scene.Header, scene.Terms, scene.Seal(_pain, _fever));
        SearchQuery both = SearchQuery.All(SearchQuery.Of(_pain), SearchQuery.Of(_fever));

        Assert.Equal([_pain, _fever], grant.Tokens.Select(t => t.Term));
        Assert.Equal((scene.Terms.Request, scene.Terms.NotAfter), (grant.Request, grant.NotAfter));
        Assert.Equal(scene.Documents(1), grant.Find(scene.Index, both, grant.NotAfter.AddSeconds(-1)));
        Assert.Throws<InvalidOperationException>(() => grant.Find(scene.Index, both, grant.NotAfter));
        Assert.Throws<ArgumentException>(() => grant.Find(scene.Index, SearchQuery.Of(SearchTerm.Word("cough")), BundleScene.Time));
    }

    [Fact]
    public async Task Dispose_AGrant_WipesItsTokens()
    {
        using SearchScene scene = await CreateAsync();
        SearchGrant grant = SearchGrant.Open(scene.ReceivingKey, scene.Header, scene.Terms, scene.Seal(_pain));
        grant.Dispose();
        grant.Dispose();

        Assert.Throws<ObjectDisposedException>(() => grant.Find(scene.Index, SearchQuery.Of(_pain), BundleScene.Time));
        Assert.Equal("SearchGrant", grant.ToString());
        Assert.Equal("SearchToken", grant.Tokens[0].ToString());
    }

    [Fact]
    public async Task Open_ForAnotherRequestReceiverOrEnd_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        using SecretKey other = SecretKey.Generate();
        byte[] sealedGrant = scene.Seal(_pain);
        SearchGrantTerms terms = scene.Terms;
        var otherRequest = new SearchGrantTerms { Request = RequestId.FromBytes(Digest.Of([1]).ToBytes()), ReceivingKey = terms.ReceivingKey, NotAfter = terms.NotAfter };
        var later = new SearchGrantTerms { Request = terms.Request, ReceivingKey = terms.ReceivingKey, NotAfter = terms.NotAfter.AddSeconds(1) };

        BundleScene.Refused("envelope", PhrDataReason.AuthenticationFailed, () => SearchGrant.Open(other, scene.Header, terms, sealedGrant));
        BundleScene.Refused("envelope", PhrDataReason.AuthenticationFailed, () => SearchGrant.Open(scene.ReceivingKey, scene.Header, otherRequest, sealedGrant));
        BundleScene.Refused("search grant", PhrDataReason.Mismatched, () => SearchGrant.Open(scene.ReceivingKey, scene.Header, later, sealedGrant));
        Assert.False(SearchGrant.TryOpen(other, scene.Header, terms, sealedGrant, out _));
        BundleScene.Refused("search grant", PhrDataReason.TooLarge, () => SearchGrant.Open(scene.ReceivingKey, scene.Header, terms, new byte[SearchGrant.MaxLength + 1]));
    }

    /// <summary>A doctor who seals what was received to a colleague of another request has no signature of the patient's for it.</summary>
    [Fact]
    public async Task Open_ResealedToAnotherReceiver_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        using SecretKey colleague = SecretKey.Generate();
        var terms = new SearchGrantTerms { Request = scene.Terms.Request, ReceivingKey = colleague.PublicKey, NotAfter = scene.Terms.NotAfter };
        BundleHeader header = scene.Header;
        using EnvelopeContent content = Envelope.Open(scene.ReceivingKey, header.PatientId, header.PatientKey, SearchGrant.Context(header, scene.Terms), scene.Seal(_pain));
        byte[] resealed = Envelope.Seal(colleague.PublicKey, header.PatientId, header.PatientKey, SearchGrant.Context(header, terms), content.Bytes);

        BundleScene.Refused("search grant", PhrDataReason.Mismatched, () => SearchGrant.Open(colleague, header, terms, resealed));
    }

    [Fact]
    public async Task Open_AfterANewIndex_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        byte[] sealedGrant = scene.Seal(_pain);
        (BundleHeader header, _) = await scene.ReindexAsync([_pain], [_pain]);

        BundleScene.Refused("search grant", PhrDataReason.Mismatched, () => SearchGrant.Open(scene.ReceivingKey, header, scene.Terms, sealedGrant));
    }

    [Fact]
    public async Task Open_MadeByAnother_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        using PatientKeys stranger = PatientKeys.Generate();
        BundleHeader header = scene.Header;
        byte[] payload = SearchGrant.Payload(header, header.SearchIndex!, scene.Terms, [_pain], Digest.Of(new byte[32]));
        byte[] signed = SignedObject.Sign("phr/search-grant/v1", payload, stranger.Identity.ObjectSigner);
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, signed.Length);
        byte[] made = Envelope.Seal(scene.ReceivingKey.PublicKey, header.PatientId, header.PatientKey, SearchGrant.Context(header, scene.Terms), [.. length, .. signed, .. new byte[32]]);

        BundleScene.Refused("search grant", PhrDataReason.InvalidSignature, () => SearchGrant.Open(scene.ReceivingKey, header, scene.Terms, made));
    }

    [Fact]
    public async Task Seal_WrongTermsPatientOrKey_IsRefused()
    {
        using SearchScene scene = await CreateAsync();
        using PatientKeys stranger = PatientKeys.Generate(), renewed = scene.Patient.Renew();
        SearchTerm[] tooMany = [.. Enumerable.Range(0, SearchGrant.MaxTokens + 1).Select(i => SearchTerm.Word($"w{i}"))];

        Assert.Throws<ArgumentException>(() => scene.Seal());
        Assert.Throws<ArgumentException>(() => scene.Seal(_pain, _pain));
        Assert.Throws<ArgumentException>(() => scene.Seal(tooMany));
        Assert.Throws<ArgumentException>(() => SearchGrant.Seal(stranger, scene.Header, scene.Terms, [_pain]));
        Assert.Throws<ArgumentException>(() => SearchGrant.Seal(renewed, scene.Header, scene.Terms, [_pain]));
    }

    [Fact]
    public async Task Seal_LongestGrant_IsWithinTheLimit()
    {
        using SearchScene scene = await CreateAsync();
        SearchTerm[] most = [.. Enumerable.Range(0, SearchGrant.MaxTokens).Select(i => SearchTerm.Code($"{new string('s', 250)}|{i:x5}"))];
        byte[] sealedGrant = scene.Seal(most);

        Assert.InRange(sealedGrant.Length, 70_000, SearchGrant.MaxLength);
        using SearchGrant grant = SearchGrant.Open(scene.ReceivingKey, scene.Header, scene.Terms, sealedGrant);
        Assert.Equal(most, grant.Tokens.Select(t => t.Term));
    }
}
