using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

// Keyword search with the tokens that the patient attached to a grant.
public sealed partial class DoctorClient
{
    /// <summary>Finds documents of a bundle by the terms for which the patient gave tokens, without opening any. The index is fetched whole and evaluated here.</summary>
    /// <param name="request">The request to whose grant the tokens are attached.</param>
    /// <param name="query">What to look for.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What was found; or why nothing was looked for: no final grant, no tokens, or not for all terms, or the receiving key is erased.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="query"/> is null.</exception>
    /// <exception cref="PhrDataException">Something that the request pins is missing or fails a check, or the index is not the one that the patient signed.</exception>
    /// <remarks>An attachment that does not open or is not the patient's for this request is passed over: the ledger's word gives no tokens.</remarks>
    public async Task<SearchResult> SearchAsync(RequestId request, SearchQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        if (!dossier.Request.IsFinal(Now))
        {
            return SearchResult.Nothing($"The request is {dossier.Request.StatusAt(Now)}; a search needs a final grant.");
        }

        if (dossier.Request.Receiver.Kind != ReceiverKinds.Person)
        {
            return SearchResult.Nothing("The request is a team's, and search tokens go to persons.");
        }

        BundleHeader header = dossier.Dealing.Header;
        if (header.SearchIndex is null)
        {
            return SearchResult.Nothing("The bundle has no search index.");
        }

        using SecretValue? secret = await Secrets.GetAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
        if (secret is null)
        {
            return SearchResult.Nothing("The receiving key of this request has been erased.");
        }

        using SecretKey receivingKey = SecretKey.FromBytes(secret.Bytes);
        var grants = new List<SearchGrant>();
        try
        {
            foreach (GrantAttachment attachment in dossier.Request.Grant!.Attachments.Where(a => a.Kind == GrantAttachmentKind.SearchTokens))
            {
                if (await TryOpenAsync(dossier, receivingKey, attachment.Digest, cancellationToken).ConfigureAwait(false) is { } grant)
                {
                    grants.Add(grant);
                }
            }

            SearchToken[] tokens = [.. grants.SelectMany(g => g.Tokens)];
            SearchTerm[] granted = [.. tokens.Select(t => t.Term).Distinct()];
            SearchTerm[] missing = [.. query.Terms.Except(granted)];
            if (missing.Length > 0)
            {
                return SearchResult.Nothing(granted.Length == 0 ? "The patient gave no search tokens." : $"{missing.Length} terms have no token.", granted, missing);
            }

            SearchIndex index = await SearchIndex.OpenAsync(Services.Exchange, header, cancellationToken).ConfigureAwait(false);
            return new SearchResult([.. index.Find(query, tokens).Where(id => header.TryGetDocument(id, out _))], granted, [], "");
        }
        finally
        {
            foreach (SearchGrant grant in grants)
            {
                grant.Dispose();
            }
        }
    }

    private async Task<SearchGrant?> TryOpenAsync(RequestDossier dossier, SecretKey receivingKey, Digest digest, CancellationToken cancellationToken)
    {
        try
        {
            byte[] sealedGrant = await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false);
            return SearchGrant.Open(receivingKey, dossier.Dealing.Header, PatientClient.SearchTermsOf(dossier), sealedGrant);
        }
        catch (PhrDataException)
        {
            return null;
        }
    }
}
