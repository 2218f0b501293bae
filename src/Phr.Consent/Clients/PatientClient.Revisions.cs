using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

// Revisions of a bundle, and the dealing that follows them.
public sealed partial class PatientClient
{
    /// <summary>Revises a bundle: a new header over the documents that stay, signed, stored, and recorded on the ledger in the place of the old one.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="change">Makes the changes on the writer: adds, drops, labels, further readers, and sealing again. It must not complete the writer.</param>
    /// <param name="cancellationToken">Cancels the operation; then nothing is recorded.</param>
    /// <returns>The new header.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="change"/> is null.</exception>
    /// <exception cref="PhrDataException">The ledger does not know the bundle, or its header is missing, damaged or not this patient's.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: the bundle is closed, or was revised meanwhile.</exception>
    /// <remarks>
    /// Grants that were issued before stay what they are, over the old header. Nothing more can be asked for until the trustees hold shares under the
    /// new one: they offer envelope keys for the next epoch, then <see cref="RefreshAsync"/> or <see cref="DealAsync"/>. A dealing that was
    /// proposed over the old header and is not active yet is cancelled.
    /// </remarks>
    public async Task<BundleHeader> ReviseAsync(
        BundleId bundle, Func<BundleWriter, CancellationToken, Task> change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        BundleHeader previous = await LoadOwnHeaderAsync(record, cancellationToken).ConfigureAwait(false);
        return await ReviseAsync(record, previous, change, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Seals documents again under new keys, so that what anyone has of the old ones is worth nothing for them from now on. The other documents stay
    /// as they are. To be done after a grant was revoked (<see cref="RevokeAsync"/>) or a trustee or reader has become doubtful.
    /// </summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="documents">The documents, each once; at least one.</param>
    /// <param name="progress">Receives progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation; then nothing is recorded.</param>
    /// <returns>The new header, the new ids, and what must follow.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="documents"/> is null.</exception>
    /// <exception cref="ArgumentException">No document is named, or one twice, or one that the bundle does not have.</exception>
    /// <exception cref="PhrDataException">The ledger does not know the bundle; or its header or a ciphertext is missing, damaged or not this patient's.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: the bundle is closed, or was revised meanwhile.</exception>
    /// <remarks>
    /// <para>It takes nothing back: who has read a document has read it, and the old ciphertext opens for whoever has its key and finds it. It stays in
    /// the record store, because grants over the old header that were not revoked are served from it; unpin it there when they are over.</para>
    /// <para>Requests over the old header that are not granted yet can still be granted until the new dealing is active, which voids them: veto what
    /// must not be. Further readers (<see cref="BundleDocument.Recipients"/>) are not taken over.</para>
    /// <para>Cost: opening and sealing the documents, streaming, in constant memory.</para>
    /// </remarks>
    public async Task<BundleRotation> RotateAsync(
        BundleId bundle, IReadOnlyList<DocumentId> documents, IProgress<SealProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        if (documents.Count == 0 || documents.Distinct().Count() != documents.Count)
        {
            throw new ArgumentException("Name documents of the bundle, each once.", nameof(documents));
        }

        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        BundleHeader previous = await LoadOwnHeaderAsync(record, cancellationToken).ConfigureAwait(false);
        if (documents.FirstOrDefault(d => !previous.TryGetDocument(d, out _)) is { IsZero: false } unknown)
        {
            throw new ArgumentException($"The bundle has no document {unknown}.", nameof(documents));
        }

        await using BundleReader reader = BundleReader.Open(Services.Records, previous);
        var rotated = new List<RotatedDocument>(documents.Count);
        BundleHeader header = await ReviseAsync(
            record,
            previous,
            async (writer, token) =>
            {
                for (int i = 0; i < documents.Count; i++)
                {
                    int index = i;
                    IProgress<long>? each = progress is null ? null : new Relay(bytes => progress.Report(new SealProgress(index, documents.Count, bytes)));
                    rotated.Add(new RotatedDocument(documents[i], await writer.RotateAsync(documents[i], reader, each, token).ConfigureAwait(false)));
                }
            },
            cancellationToken).ConfigureAwait(false);
        return new BundleRotation
        {
            Previous = previous,
            Header = header,
            Documents = rotated,
            NextEpoch = (uint)record.LastEpoch + 1,
            AwaitedTrustees = await FindAwaitedAsync(record, cancellationToken).ConfigureAwait(false),
        };
    }

    /// <summary>Shares the keys of a bundle's present header anew among the trustees of its active dealing, under the same rules: to be done after a revision, after a request that gathered approvals and came to nothing, and from time to time.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The dealing; it becomes active when the trustees have acknowledged it. Shares of the old one are useless together with the new.</returns>
    /// <exception cref="InvalidOperationException">The bundle has no active dealing, or a trustee has not offered an envelope key for the next epoch; the message names who.</exception>
    /// <exception cref="PhrDataException">The active dealing is missing, damaged, not this patient's, or has other rules than the ledger says.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    /// <remarks>To change trustees or rules, use <see cref="DealAsync"/> with a plan.</remarks>
    public async Task<Dealing> RefreshAsync(BundleId bundle, CancellationToken cancellationToken = default)
    {
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        if (record.ActiveDealing is not { } digest)
        {
            throw new InvalidOperationException("The bundle has no active dealing that could be followed by another: deal with a plan.");
        }

        DealingRecord active = await Services.Ledger.GetDealingAsync(bundle, digest, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException(nameof(Dealing), PhrDataReason.NotFound, $"the ledger has no dealing {digest}.");
        Dealing dealing = (await RequestDossier.LoadDealingAsync(Services, digest, active.HeaderDigest, cancellationToken).ConfigureAwait(false)).Dealing;
        if (dealing.BundleId != bundle || dealing.Patient != Id || dealing.PatientKey != Identity.PublicKeys.ObjectKey || dealing.Policy.RulesDigest != active.Policy.Digest)
        {
            throw new PhrDataException(nameof(Dealing), PhrDataReason.Mismatched, "the active dealing is not this patient's for the bundle, or has other rules than the ledger says.");
        }

        return await DealAsync(bundle, TrusteePlan.Of(dealing.Policy, active.Policy), cancellationToken).ConfigureAwait(false);
    }

    private async Task<BundleHeader> ReviseAsync(
        BundleRecord record, BundleHeader previous, Func<BundleWriter, CancellationToken, Task> change, CancellationToken cancellationToken)
    {
        await using BundleWriter writer = BundleWriter.Revise(
            new SplitSink(Services.Records, Services.Exchange), _keys, previous, new BundleWriterOptions { TimeProvider = Services.Time, Parallelism = Services.Parallelism });
        await change(writer, cancellationToken).ConfigureAwait(false);
        BundleHeader header = await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new ReviseBundle
            {
                Actor = Id,
                BundleId = record.Id,
                PreviousHeaderDigest = previous.Digest,
                HeaderDigest = header.Digest,
                DocumentsRoot = header.DocumentsRoot,
            },
            cancellationToken).ConfigureAwait(false);
        await CancelPendingAsync(record.Id, cancellationToken).ConfigureAwait(false);
        return header;
    }

    private async Task<BundleHeader> LoadOwnHeaderAsync(BundleRecord record, CancellationToken cancellationToken)
    {
        BundleHeader header = BundleHeader.FromBytes(await Services.Exchange.GetBlockAsync(record.HeaderDigest, cancellationToken).ConfigureAwait(false));
        if (!header.IsSignedBy(_keys.PublicKeys))
        {
            throw new PhrDataException("bundle header", PhrDataReason.InvalidSignature, "it is not signed by this patient.");
        }

        return header.BundleId == record.Id && header.LedgerId == Services.Ledger.Id
            ? header
            : throw new PhrDataException("bundle header", PhrDataReason.Mismatched, "it is of another bundle, or bound to another ledger.");
    }

    /// <summary>The trustees of the active dealing whose envelope keys for the next epoch are not there yet.</summary>
    private async Task<IReadOnlyList<ActorId>> FindAwaitedAsync(BundleRecord record, CancellationToken cancellationToken)
    {
        var awaited = new List<ActorId>();
        if (record.ActiveDealing is { } digest && await Services.Ledger.GetDealingAsync(record.Id, digest, cancellationToken).ConfigureAwait(false) is { } active)
        {
            foreach (ActorId trustee in active.Policy.Groups.SelectMany(g => g.Members).Select(m => m.Identity))
            {
                if (await Services.Ledger.GetEnvelopeKeyAsync(trustee, record.Id, record.LastEpoch + 1, cancellationToken).ConfigureAwait(false) is null)
                {
                    awaited.Add(trustee);
                }
            }
        }

        return awaited;
    }
}
