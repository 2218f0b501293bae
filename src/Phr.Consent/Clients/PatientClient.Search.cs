using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

// Keyword search: the index of a bundle, and tokens for a doctor with a grant.
public sealed partial class PatientClient
{
    /// <summary>Makes a search index of a bundle anew: a new header that names it, over the same documents. Tokens for the index before it find nothing in it.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="terms">By which terms each document is found; a document that is not named is not found.</param>
    /// <param name="cancellationToken">Cancels the operation; then nothing is recorded.</param>
    /// <returns>The new header.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="terms"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle does not have a document.</exception>
    /// <exception cref="InvalidOperationException">There are more than <see cref="SearchIndexWriter.MaxPairs"/> pairs of a term and a document.</exception>
    /// <exception cref="PhrDataException">The ledger does not know the bundle, or its header is missing, damaged or not this patient's.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: the bundle is closed, or was revised meanwhile.</exception>
    /// <remarks>
    /// The index goes to the exchange, which only the parties reach. As after every revision, nothing more can be asked for until the trustees hold shares
    /// under the new header: see <see cref="ReviseAsync(BundleId, Func{BundleWriter, CancellationToken, Task}, CancellationToken)"/>. Terms that are given
    /// when documents are sealed (<see cref="DocumentToSeal.SearchTerms"/>) need no revision.
    /// </remarks>
    public Task<BundleHeader> IndexAsync(
        BundleId bundle, IReadOnlyDictionary<DocumentId, IReadOnlyList<SearchTerm>> terms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(terms);
        return ReviseAsync(bundle, (writer, token) => AddIndexAsync(writer, terms, token), cancellationToken);
    }

    /// <summary>Gives the doctor of a granted request tokens to search the bundle for some terms. Only the patient can; trustees hold nothing from which tokens are made.</summary>
    /// <param name="request">The request; its grant must be final, and the header that it pins must name an index.</param>
    /// <param name="searchTerms">1 to 256 terms, each once. The doctor learns them, and which documents have each.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the attachment and the tokens are with the exchange.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="searchTerms"/> is null.</exception>
    /// <exception cref="ArgumentException">The terms are not as they must be, or the bundle has no index, or its header is signed by an earlier key of the patient's.</exception>
    /// <exception cref="InvalidOperationException">The grant is not final, or is a team's, or a check speaks against the request; the message has every objection.</exception>
    /// <exception cref="PhrDataException">Something that the request pins is missing or fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    /// <remarks>
    /// The tokens cannot be called back: revoking the grant stops honest clients, and a new index makes them worthless for what comes after it.
    /// They are sealed to the receiving key that the doctor signed, not to one of the ledger's choice.
    /// </remarks>
    public async Task GrantSearchAsync(RequestId request, IReadOnlyList<SearchTerm> searchTerms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(searchTerms);
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        RequestBody body = await OpenBodyAsync(dossier.Request, Identity.EnvelopeKey, cancellationToken).ConfigureAwait(false);
        RequestReview review = await RequestReviewer.ReviewAsync(Services, dossier, body, cancellationToken).ConfigureAwait(false);

        // The tokens leave this device with the next step, so the ledger's refusal would come too late.
        if (!review.IsAcceptable || !dossier.Request.IsFinal(Now))
        {
            throw new InvalidOperationException(
                $"No search is granted. {string.Join(' ', review.Objections.DefaultIfEmpty($"The request is {dossier.Request.StatusAt(Now)}, and its grant is not final."))}");
        }

        if (dossier.Request.Receiver.Kind != ReceiverKinds.Person)
        {
            throw new InvalidOperationException("The request is a team's, and search tokens go to persons.");
        }

        if (dossier.Request.Grant?.Attachments.Count >= LedgerLimits.Attachments)
        {
            throw new InvalidOperationException($"A grant has at most {LedgerLimits.Attachments} attachments.");
        }

        byte[] sealedGrant = SearchGrant.Seal(_keys, dossier.Dealing.Header, SearchTermsOf(dossier), searchTerms);
        await Services.Exchange.PutBlockAsync(sealedGrant, cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new AttachToGrant { Actor = Id, RequestId = request, AttachmentKind = GrantAttachmentKind.SearchTokens, AttachmentDigest = Digest.Of(sealedGrant) },
            cancellationToken).ConfigureAwait(false);
    }

    internal static SearchGrantTerms SearchTermsOf(RequestDossier dossier) => new()
    {
        Request = dossier.Terms.Request,
        ReceivingKey = dossier.Terms.ReceivingKey,
        NotAfter = dossier.Terms.NotAfter,
    };

    /// <summary>Seals an index, stores it where only the parties reach, and has the header name it.</summary>
    private async Task AddIndexAsync(BundleWriter writer, IReadOnlyDictionary<DocumentId, IReadOnlyList<SearchTerm>> terms, CancellationToken cancellationToken)
    {
        using SearchIndexWriter indexWriter = writer.BeginSearchIndex();
        foreach ((DocumentId document, IReadOnlyList<SearchTerm> found) in terms)
        {
            indexWriter.Add(document, found);
        }

        SearchIndex index = indexWriter.Complete();
        await index.StoreAsync(Services.Exchange, cancellationToken).ConfigureAwait(false);
        writer.SetSearchIndex(index);
    }
}
