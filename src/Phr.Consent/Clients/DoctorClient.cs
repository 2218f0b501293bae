using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>A doctor's work: ask for documents, wait for the grant, open what was granted, and rate the oracles.</summary>
/// <remarks>The secret of each request's receiving key is in the secret store until the request is opened or over.</remarks>
public sealed class DoctorClient : ActorClient
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly LicenceCredential? _licence;

    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The doctor's keys.</param>
    /// <param name="secrets">The doctor's secret store.</param>
    /// <param name="licence">The doctor's licence; without one nothing can be asked for.</param>
    /// <exception cref="ArgumentNullException">An argument other than the licence is null.</exception>
    public DoctorClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets, LicenceCredential? licence = null)
        : base(services, identity, secrets) => _licence = licence;

    /// <summary>Reads the header of a bundle: its documents' ids and the labels that the patient made visible.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The header.</returns>
    /// <exception cref="PhrDataException">The ledger does not know the bundle, or the header is missing or damaged.</exception>
    public async Task<BundleHeader> ReadHeaderAsync(BundleId bundle, CancellationToken cancellationToken = default)
    {
        BundleRecord record = await Services.Ledger.GetBundleAsync(bundle, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("bundle", PhrDataReason.NotFound, $"the ledger has no bundle {bundle}.");
        return BundleHeader.FromBytes(await Services.Exchange.GetBlockAsync(record.HeaderDigest, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks for documents: makes a receiving key for this request alone, seals the request's text to trustees and patient, and records it.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="question">What is asked, what for, and until when.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The request's id. Its committee is drawn by <see cref="DrawCommitteeAsync"/>, which anyone may call.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="question"/> is null.</exception>
    /// <exception cref="ArgumentException">A document is not in the bundle, there are more than an oracle can deliver at once, or the reason is too long or not plain text.</exception>
    /// <exception cref="InvalidOperationException">The client has no licence, or the bundle has no active dealing, or none over its present header.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused; the failing leaf of the patient's rule is named.</exception>
    public async Task<RequestId> RequestAsync(BundleId bundle, AccessQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        LicenceCredential licence = _licence ?? throw new InvalidOperationException("A doctor needs a licence to ask for documents.");
        BundleRecord record = await Services.Ledger.GetBundleAsync(bundle, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("bundle", PhrDataReason.NotFound, $"the ledger has no bundle {bundle}.");
        if (record.ActiveDealing is not { } dealingDigest)
        {
            throw new InvalidOperationException("The bundle has no active dealing: its trustees have not acknowledged their shares yet.");
        }

        if (await Services.Ledger.GetDealingAsync(dealingDigest, cancellationToken).ConfigureAwait(false) is { } active && active.HeaderDigest != record.HeaderDigest)
        {
            throw new InvalidOperationException("The bundle was revised: its trustees do not hold shares under the new header yet.");
        }

        VerifiedDealing dealing = await RequestDossier.LoadDealingAsync(Services, dealingDigest, record.HeaderDigest, cancellationToken).ConfigureAwait(false);
        DocumentId[] documents = [.. question.Documents];
        if (documents.Length == 0 || documents.Any(d => !dealing.Header.TryGetDocument(d, out _)) || documents.Distinct().Count() != documents.Length)
        {
            throw new ArgumentException("Name documents of the bundle, each once.", nameof(question));
        }

        int trustees = dealing.Dealing.Policy.Groups.Sum(g => g.Members.Count);
        if (documents.Length > OracleDelivery.MaxFragments / trustees)
        {
            throw new ArgumentException(
                $"With {trustees} trustees an oracle can deliver {OracleDelivery.MaxFragments / trustees} documents at once; ask for the {documents.Length} in several requests.", nameof(question));
        }

        if (question.Reason.Length > RequestBody.MaxReasonLength)
        {
            throw new ArgumentException($"The reason is longer than {RequestBody.MaxReasonLength} characters.", nameof(question));
        }

        if (!RequestBody.IsPlain(question.Reason))
        {
            throw new ArgumentException("The reason has control or formatting characters.", nameof(question));
        }

        DateTimeOffset notAfter = DateTimeOffset.FromUnixTimeSeconds(question.NotAfter.ToUnixTimeSeconds());
        KeyRecord keyRecord = await LoadKeyRecordAsync(Id, cancellationToken).ConfigureAwait(false);
        using SecretKey receivingKey = SecretKey.Generate();
        RequestBody body = RequestBody.Create(
            Identity, dealing.Header, dealingDigest, receivingKey.PublicKey, notAfter, question.Purpose, question.Reason, documents, keyRecord, licence);
        var salt = Digest.Random();
        var recipients = new List<(ActorId, PublicKey)>();
        recipients.AddRange(dealing.Dealing.Policy.Groups.SelectMany(g => g.Members).Select(m => (m.Identity, m.EnvelopeKey)));
        recipients.Add((dealing.Dealing.Patient, (await LoadKeyRecordAsync(dealing.Dealing.Patient, cancellationToken).ConfigureAwait(false)).Keys.EnvelopeKey));
        byte[] package = SealedRequestBody.Seal(body, salt, Identity, recipients);
        var command = new RequestAccess
        {
            Actor = Id,
            BundleId = bundle,
            HeaderDigest = record.HeaderDigest,
            DealingDigest = dealingDigest,
            Epoch = (int)dealing.Dealing.Epoch,
            DocumentsCommitment = body.DocumentsCommitment,
            DocumentCount = documents.Length,
            BodyCommitment = body.CommitmentWith(salt),
            BodyDigest = Digest.Of(package),
            PurposeDigest = body.PurposeDigest,
            ReceivingKey = receivingKey.PublicKey,
            NotAfter = notAfter,
            Nonce = body.Nonce,
            Receiver = RequestReceiver.Person(Id),
        };
        RequestId id = command.ComputeId(Services.Ledger.Id);
        command = command.WithPossession(receivingKey, Services.Ledger.Id);
        byte[] secret = new byte[SecretKey.Length];
        try
        {
            receivingKey.ExportTo(secret);
            await Secrets.PutAsync(ReceivingKeyName(id), secret, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
        }

        try
        {
            await Services.Exchange.PutBlockAsync(package, cancellationToken).ConfigureAwait(false);
            await SubmitAsync(command, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerRejectedException)
        {
            await Secrets.DeleteAsync(ReceivingKeyName(id), CancellationToken.None).ConfigureAwait(false);
            throw;
        }

        return id;
    }

    /// <summary>Draws the committee of a request, once its seed block is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the committee.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: too early, or the window was missed.</exception>
    public Task DrawCommitteeAsync(RequestId request, CancellationToken cancellationToken = default) =>
        SubmitAsync(new DrawCommittee { Actor = Id, RequestId = request }, cancellationToken);

    /// <summary>Waits until a request is granted and the grant is final, or until it came to nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The request: <see cref="RequestRecord.IsFinal"/> tells a grant; its status tells why there is none.</returns>
    /// <exception cref="PhrDataException">The ledger does not know the request.</exception>
    public Task<RequestRecord> WaitForGrantAsync(RequestId request, CancellationToken cancellationToken = default) =>
        WaitAsync(request, r => r.IsFinal(Now), cancellationToken);

    /// <summary>Waits until enough oracles have delivered, or until the request came to nothing.</summary>
    /// <param name="request">The request.</param>
    /// <param name="deliveries">How many deliveries to wait for; null for the committee's threshold.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The request.</returns>
    /// <exception cref="PhrDataException">The ledger does not know the request.</exception>
    public Task<RequestRecord> WaitForDeliveriesAsync(RequestId request, int? deliveries = null, CancellationToken cancellationToken = default) =>
        WaitAsync(request, r => r.Deliveries.Count >= (deliveries ?? r.Threshold), cancellationToken);

    /// <summary>Opens what has been delivered: verifies every contribution, combines, decrypts, and names whoever contributed badly.</summary>
    /// <param name="request">The request.</param>
    /// <param name="destination">Where each document goes.</param>
    /// <param name="progress">Receives plaintext bytes written so far over all documents; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What was opened, what is missing of what anyone approved, and every fault. When nothing could be opened, nothing was written.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="destination"/> is null.</exception>
    /// <exception cref="PhrDataException">Something that the request pins is missing or fails a check, or a document is damaged.</exception>
    public async Task<OpenResult> OpenAsync(
        RequestId request, IDocumentDestination destination, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        if (Now >= dossier.Request.NotAfter)
        {
            await Secrets.DeleteAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
            return OpenResult.Nothing($"The request ended at {dossier.Request.NotAfter:u}.");
        }

        using SecretValue? secret = await Secrets.GetAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
        if (secret is null)
        {
            return OpenResult.Nothing("The receiving key of this request has been erased: it was opened before, or it is over.");
        }

        using SecretKey receivingKey = SecretKey.FromBytes(secret.Bytes);
        var combiner = new DocumentKeyCombiner(dossier.Terms, dossier.Dealing, receivingKey);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(Services, cancellationToken).ConfigureAwait(false);
        foreach (VerifiedApproval approval in approvals)
        {
            combiner.AddApproval(approval);
        }

        var served = new List<int>();
        var unreadable = new List<ContributionFault>();
        foreach (DeliveryRecord delivery in dossier.Request.Deliveries)
        {
            try
            {
                byte[] envelope = await Services.Exchange.GetBlockAsync(delivery.EnvelopeDigest, cancellationToken).ConfigureAwait(false);
                OracleDelivery opened = OracleDelivery.Open(dossier.Terms, delivery.Index, receivingKey, envelope);
                if (opened.Digest != delivery.DeliveryDigest)
                {
                    throw new PhrDataException("delivery", PhrDataReason.DigestMismatch, "it is not the one that the oracle recorded on the ledger.");
                }

                if (combiner.AddDelivery(opened, delivery.Index))
                {
                    served.Add(delivery.Index);
                }
            }
            catch (PhrDataException e)
            {
                ActorId oracle = dossier.Terms.Committee.Seats[delivery.Index - 1].Oracle;
                unreadable.Add(new ContributionFault(FaultyParty.Oracle, oracle, delivery.Index, 0, 0, default, e.Reason, e.Message));
            }
        }

        var keys = new List<(DocumentId Id, DocumentKey Key)>();
        try
        {
            var missing = new List<(DocumentId Id, string Why)>();
            DocumentId[] granted = [.. approvals.SelectMany(a => a.Approval.Documents).Select(d => d.Id).Distinct()];
            foreach (DocumentId id in granted)
            {
                if (combiner.TryCombine(id, out DocumentKey? key, out string why))
                {
                    keys.Add((id, key));
                }
                else
                {
                    missing.Add((id, why));
                }
            }

            ContributionFault[] faults = [.. unreadable, .. combiner.Faults];
            List<OpenedFile> files = await DecryptAsync(dossier, keys, destination, progress, cancellationToken).ConfigureAwait(false);
            return new OpenResult(files, Describe(missing, granted.Length), faults, served);
        }
        finally
        {
            foreach ((_, DocumentKey key) in keys)
            {
                key.Dispose();
            }
        }
    }

    /// <summary>Rates every oracle of an opened request: full marks for those who served, none for those found at fault.</summary>
    /// <param name="request">The request.</param>
    /// <param name="result">What opening it gave.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the ratings.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="result"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task RateAsync(RequestId request, OpenResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        RequestRecord record = await LoadRequestAsync(request, cancellationToken).ConfigureAwait(false);
        foreach (DeliveryRecord delivery in record.Deliveries.Where(d => record.Ratings.All(r => r.Index != d.Index)))
        {
            bool faulty = result.Faults.Any(f => f.Party == FaultyParty.Oracle && f.Index == delivery.Index);
            await SubmitAsync(
                new RateOracle { Actor = Id, RequestId = request, Index = delivery.Index, Rating = faulty ? 0 : 100, EvidenceDigest = delivery.DeliveryDigest },
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the ledger that the documents were opened, settles the request, and erases its receiving key: what was delivered cannot be opened again.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task CloseAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        await Secrets.DeleteAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
        RequestRecord record = await LoadRequestAsync(request, cancellationToken).ConfigureAwait(false);
        if (record.OpenedAt is null)
        {
            await SubmitAsync(new ConfirmOpened { Actor = Id, RequestId = request }, cancellationToken).ConfigureAwait(false);
        }

        if (record.SettledAt is null)
        {
            await SubmitAsync(new SettleRequest { Actor = Id, RequestId = request }, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Withdraws a request that is not granted yet. It counts as abandoned, and the next one has to wait.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task CancelAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        await SubmitAsync(new CancelRequest { Actor = Id, RequestId = request }, cancellationToken).ConfigureAwait(false);
        await Secrets.DeleteAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
    }

    private static string Describe(IReadOnlyCollection<(DocumentId Id, string Why)> missing, int granted) =>
        granted == 0 ? "No approval has been given."
        : string.Join(' ', missing.GroupBy(m => m.Why).Select(g => g.Count() == granted && granted > 1
            ? $"None of the {granted} documents opens: {g.Key}"
            : $"Document {string.Join(", ", g.Select(m => m.Id))}: {g.Key}"));

    private async Task<List<OpenedFile>> DecryptAsync(
        RequestDossier dossier, List<(DocumentId Id, DocumentKey Key)> keys, IDocumentDestination destination, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        await using BundleReader reader = BundleReader.Open(Services.Records, dossier.Dealing.Header);
        var files = new List<OpenedFile>(keys.Count);
        long before = 0;
        foreach ((DocumentId id, DocumentKey key) in keys)
        {
            DocumentInfo info = reader.DecryptInfo(id, key);
            await using DocumentTarget target = await destination.CreateAsync(id, info, cancellationToken).ConfigureAwait(false);
            long start = before;
            IProgress<long>? each = progress is null ? null : new OffsetProgress(progress, start);
            OpenedDocument opened = await reader.DecryptAsync(id, key, target.Stream, each, cancellationToken).ConfigureAwait(false);
            await target.CompleteAsync(cancellationToken).ConfigureAwait(false);
            before += opened.Info.Length ?? 0;
            files.Add(new OpenedFile(id, opened, target.Name));
        }

        return files;
    }

    private async Task<RequestRecord> WaitAsync(RequestId request, Func<RequestRecord, bool> done, CancellationToken cancellationToken)
    {
        LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        RequestRecord record = await LoadRequestAsync(request, cancellationToken).ConfigureAwait(false);
        if (done(record) || record.IsOver(Now))
        {
            return record;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IAsyncEnumerator<LedgerEntry> entries = Services.Ledger.FollowAsync(head.Number, stop.Token).GetAsyncEnumerator(stop.Token);
        Task<bool>? next = null;
        try
        {
            while (!done(record) && !record.IsOver(Now))
            {
                next ??= entries.MoveNextAsync().AsTask();
                DateTimeOffset instant = record.Grant is { } grant && grant.VetoUntil > Now ? grant.VetoUntil : record.NotAfter;
                using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                TimeSpan wait = instant - Now;
                Task time = Task.Delay(wait < LongestWait ? wait : LongestWait, Services.Time, timer.Token);
                await Task.WhenAny(next, time).ConfigureAwait(false);
                await timer.CancelAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                if (next.IsCompleted)
                {
                    await next.ConfigureAwait(false);
                    next = null;
                }

                record = await LoadRequestAsync(request, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            if (next is not null)
            {
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await entries.DisposeAsync().ConfigureAwait(false);
        }

        return record;
    }

    private static string ReceivingKeyName(RequestId request) => $"receiving-key/{request}";

    private sealed class OffsetProgress(IProgress<long> progress, long offset) : IProgress<long>
    {
        public void Report(long value) => progress.Report(offset + value);
    }
}
