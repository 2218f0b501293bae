using Phr.Consent;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>Search from the index to the found document, between patient and doctor on the embedded ledger and stores.</summary>
public class SearchWorkflowTests
{
    private static readonly SearchTerm _asthma = SearchTerm.Word("asthma");
    private static readonly SearchTerm _variant = SearchTerm.Code("http://loinc.org|53037-8");
    private static readonly SearchTerm _absent = SearchTerm.Word("fracture");

    [Fact]
    public async Task SearchAsync_TokensOfThePatient_FindWhatIsThenAskedForAndOpened()
    {
        await using Story story = await BeginAsync();
        (DocumentId first, DocumentId second) = (story.Header.Documents[0].Id, story.Header.Documents[1].Id);
        RequestId request = await story.RequestAsync(documents: first);
        await story.World.Patient.ConsentAsync(request);
        await story.World.Patient.GrantSearchAsync(request, [_asthma, _variant]);
        await story.World.Patient.GrantSearchAsync(request, [_absent]);

        SearchResult either = await SearchAsync(story, request, SearchQuery.Any(SearchQuery.Of(_asthma), SearchQuery.Of(_variant)));
        SearchResult both = await SearchAsync(story, request, SearchQuery.All(SearchQuery.Of(_asthma), SearchQuery.Of(_variant)));
        SearchResult none = await SearchAsync(story, request, SearchQuery.Of(_absent));

        Assert.Equal([.. new[] { first, second }.Order()], either.Documents);
        Assert.Equal([second], both.Documents);
        Assert.True(none.Succeeded);
        Assert.Empty(none.Documents);
        Assert.Equal([_asthma, _variant, _absent], none.GrantedTerms);
        GrantAttachment attachment = (await story.ReadAsync(request)).Grant!.Attachments[0];
        Assert.Equal(GrantAttachmentKind.SearchTokens, attachment.Kind);

        await story.ServeAsync(request, 1, 2, 3);
        Assert.True((await story.OpenAsync(request)).Succeeded);
        await story.World.Doctor.CloseAsync(request);
        Assert.False((await SearchAsync(story, request, SearchQuery.Of(_asthma))).Succeeded);

        RequestId next = await story.RequestAsync(documents: [.. both.Documents]);
        await story.World.Patient.ConsentAsync(next);
        await story.ServeAsync(next, 1, 2, 3);
        OpenResult opened = await story.OpenAsync(next);
        Assert.Equal(["second"], opened.Files.Select(f => File.ReadAllText(f.Name)));

        // The tokens were for the request to whose grant they are attached.
        Assert.Equal("The patient gave no search tokens.", (await SearchAsync(story, next, SearchQuery.Of(_asthma))).Why);
        Assert.True((await story.World.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task SearchAsync_TermWithoutToken_SaysWhichAndLooksForNothing()
    {
        await using Story story = await BeginAsync();
        RequestId request = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(request, [_asthma]);

        SearchResult result = await SearchAsync(story, request, SearchQuery.Any(SearchQuery.Of(_asthma), SearchQuery.Of(_variant)));

        Assert.False(result.Succeeded);
        Assert.Empty(result.Documents);
        Assert.Equal([_variant], result.MissingTerms);
        Assert.Equal([_asthma], result.GrantedTerms);
    }

    [Fact]
    public async Task SearchAsync_RevokedOrOver_LooksForNothing()
    {
        await using Story story = await BeginAsync();
        RequestId revoked = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(revoked, [_asthma]);
        Assert.True((await SearchAsync(story, revoked, SearchQuery.Of(_asthma))).Succeeded);
        await story.World.Patient.RevokeAsync(revoked);
        Assert.Contains("Revoked", (await SearchAsync(story, revoked, SearchQuery.Of(_asthma))).Why, StringComparison.Ordinal);
        RequestId over = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(over, [_asthma]);
        story.Clock.Advance(TimeSpan.FromHours(4));

        Assert.Contains("Expired", (await SearchAsync(story, over, SearchQuery.Of(_asthma))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GrantSearchAsync_GrantNotFinal_LetsNothingLeaveTheDevice()
    {
        await using Story story = await BeginAsync();
        RequestId request = await story.RequestAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Patient.GrantSearchAsync(request, [_asthma]));
        foreach (TrusteeClient trustee in new[] { story.World.Hospital, story.World.Guardians[0], story.World.Guardians[1] })
        {
            await trustee.ApproveAsync(request);
        }

        Assert.Equal(RequestStatus.VetoWindow, (await story.ReadAsync(request)).StatusAt(story.Clock.GetUtcNow()));
        await Assert.ThrowsAsync<InvalidOperationException>(() => story.World.Patient.GrantSearchAsync(request, [_asthma]));
        story.Clock.Advance(TimeSpan.FromMinutes(11));
        await story.World.Patient.GrantSearchAsync(request, [_asthma]);

        Assert.Single((await SearchAsync(story, request, SearchQuery.Of(_asthma))).GrantedTerms);
    }

    /// <summary>The tokens go to the key that the doctor signed, whatever the ledger says.</summary>
    [Fact]
    public async Task GrantSearchAsync_LedgerNamesAnotherReceivingKey_IsRefused()
    {
        await using Story story = await BeginAsync();
        RequestId request = await story.ConsentedAsync();
        using SecretKey stranger = SecretKey.Generate();
        var patient = new PatientClient(Lying(story, r => r with { ReceivingKey = stranger.PublicKey }), story.World.PatientDesk.Keys, story.World.PatientDesk.Secrets);

        PhrDataException refused = await Assert.ThrowsAsync<PhrDataException>(() => patient.GrantSearchAsync(request, [_asthma]));

        Assert.Equal(PhrDataReason.DigestMismatch, refused.Reason);
        Assert.Empty((await story.ReadAsync(request)).Grant!.Attachments);
    }

    /// <summary>What the ledger attaches by itself, or moves from one request to another, gives no tokens and stops no others.</summary>
    [Fact]
    public async Task SearchAsync_AttachmentsOfTheLedgersOwn_ArePassedOver()
    {
        await using Story story = await BeginAsync();
        RequestId other = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(other, [_variant]);
        GrantAttachment moved = (await story.ReadAsync(other)).Grant!.Attachments[0];
        await story.World.Patient.RevokeAsync(other);
        RequestId request = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(request, [_asthma]);
        byte[] garbage = new byte[1000];
        await story.World.Services.Exchange.PutBlockAsync(garbage);
        GrantAttachment[] added = [moved, moved with { Digest = Digest.Of(garbage) }, moved with { Digest = Digest.Of("nowhere"u8) }];
        (IdentityKeys keys, ISecretStore secrets, LicenceCredential licence) = story.World.DoctorDesk;
        var doctor = new DoctorClient(
            Lying(story, r => r with { Grant = r.Grant! with { Attachments = [.. added, .. r.Grant!.Attachments] } }), keys, secrets, licence);

        SearchResult found = await doctor.SearchAsync(request, SearchQuery.Of(_asthma));
        SearchResult missing = await doctor.SearchAsync(request, SearchQuery.Of(_variant));

        Assert.Equal(2, found.Documents.Count);
        Assert.Equal([_asthma], found.GrantedTerms);
        Assert.False(missing.Succeeded);
    }

    /// <summary>A new index makes the tokens for the one before it worthless, and is searched with its own.</summary>
    [Fact]
    public async Task IndexAsync_Anew_OldTokensFindNothingInIt()
    {
        await using Story story = await BeginAsync();
        BundleId bundle = story.Header.BundleId;
        DocumentId first = story.Header.Documents[0].Id;
        RequestId old = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(old, [_asthma]);
        BundleHeader header = await story.World.Patient.IndexAsync(bundle, new Dictionary<DocumentId, IReadOnlyList<SearchTerm>> { [first] = [_absent] });
        await story.DealAsync(2, story.World.PlanWith(TimeSpan.FromMinutes(10)));

        // The old request pins the old header, and with it the old index; that is what its tokens are for.
        Assert.Equal(2, (await SearchAsync(story, old, SearchQuery.Of(_asthma))).Documents.Count);
        await story.World.Doctor.CancelAsync(old);
        RequestId request = await story.ConsentedAsync();
        await story.World.Patient.GrantSearchAsync(request, [_asthma, _absent]);
        Assert.Empty((await SearchAsync(story, request, SearchQuery.Of(_asthma))).Documents);
        Assert.Equal([first], (await SearchAsync(story, request, SearchQuery.Of(_absent))).Documents);
        Assert.Equal(1, header.SearchIndex!.Epoch);
        SearchIndex index = await SearchIndex.OpenAsync(story.World.Services.Exchange, header);
        using SearchToken former = SearchToken.Create(story.World.PatientDesk.Keys, story.Header, _absent);
        Assert.Empty(index.Find(former));
    }

    [Fact]
    public async Task SearchAsync_BundleWithoutAnIndex_SaysSo()
    {
        await using Story story = await Story.BeginAsync();
        RequestId request = await story.ConsentedAsync();

        Assert.Equal("The bundle has no search index.", (await SearchAsync(story, request, SearchQuery.Of(_asthma))).Why);
        await Assert.ThrowsAsync<ArgumentException>(() => story.World.Patient.GrantSearchAsync(request, [_asthma]));
    }

    private static Task<SearchResult> SearchAsync(Story story, RequestId request, SearchQuery query) => story.World.Doctor.SearchAsync(request, query);

    private static Task<Story> BeginAsync() => Story.BeginAsync(terms: [SearchTerm.Words("Asthma, allergic"), [.. SearchTerm.Words("Genome: asthma"), _variant]]);

    private static ConsentServices Lying(Story story, Func<RequestRecord, RequestRecord> lie) => new()
    {
        Ledger = new LyingLedger(story.World.Ledger, lie),
        Records = story.World.Services.Records,
        Exchange = story.World.Services.Exchange,
        Time = story.Clock,
    };
}
