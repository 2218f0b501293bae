namespace Phr.Crypto.Tests.Search;

/// <summary>The search example of the package's README, run as it stands there.</summary>
public class SearchStoryTests
{
    [Fact]
    public async Task Story_PatientIndexesAndGivesTokens_DoctorFinds()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"phr-search-{Guid.NewGuid():N}");
        Directory.CreateDirectory(folder);
        using PatientKeys patient = PatientKeys.Generate();
        var ledger = new LedgerId(1, ActorId.Parse("00112233445566778899aabbccddeeff00112233"));
        using SecretKey receivingKey = SecretKey.Generate();
        RequestId request = RequestId.Parse(string.Concat(Enumerable.Repeat("2a", 32)));
        var now = new DateTimeOffset(2029, 1, 1, 0, 0, 0, TimeSpan.Zero);

        #region search
        // The patient seals a letter and an index of its words and codes. The index goes to a store that only the parties reach.
        SearchIndex index;
        BundleHeader header;
        DocumentId letter;
        await using (FileStream output = File.Create(Path.Combine(folder, "bundle.phrb")))
        await using (BundleWriter writer = BundleWriter.Create(output, patient, ledger))
        {
            using var content = new MemoryStream("Myocardial infarction in 2019"u8.ToArray());
            letter = await writer.AddAsync(content, new DocumentInfo("Discharge letter", "text/plain"));
            using SearchIndexWriter indexWriter = writer.BeginSearchIndex();
            indexWriter.Add(letter, SearchTerm.Words("Myocardial infarction in 2019"));
            indexWriter.Add(letter, [SearchTerm.Code("http://snomed.info/sct|22298006")]);
            index = indexWriter.Complete();
            writer.SetSearchIndex(index);
            header = await writer.CompleteAsync();
        }

        // To a doctor's request the patient gives tokens for two terms, and for no others.
        var terms = new SearchGrantTerms { Request = request, ReceivingKey = receivingKey.PublicKey, NotAfter = now.AddDays(1) };
        byte[] sealedGrant = SearchGrant.Seal(patient, header, terms, [SearchTerm.Word("Infarction"), SearchTerm.Word("stroke")]);

        // The doctor opens the grant and searches a copy of the index.
        using SearchGrant grant = SearchGrant.Open(receivingKey, header, terms, sealedGrant);
        SearchIndex copy = SearchIndex.Open(header, index.ToBytes());
        SearchQuery query = SearchQuery.Any(SearchQuery.Of(SearchTerm.Word("INFARCTION")), SearchQuery.Of(SearchTerm.Word("stroke")));
        IReadOnlyList<DocumentId> found = grant.Find(copy, query, now);        // the letter's id
        #endregion

        Assert.Equal([letter], found);
        Directory.Delete(folder, recursive: true);
    }
}
