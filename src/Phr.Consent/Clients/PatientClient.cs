using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>A patient's work: seal documents, name trustees, answer requests, veto, revoke.</summary>
public sealed partial class PatientClient : ActorClient
{
    private readonly PatientKeys _keys;
    private readonly Outbox _outbox;

    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="keys">The patient's keys.</param>
    /// <param name="secrets">The patient's secret store, on their own device.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public PatientClient(ConsentServices services, PatientKeys keys, ISecretStore secrets)
        : base(services, (keys ?? throw new ArgumentNullException(nameof(keys))).Identity, secrets)
    {
        _keys = keys;
        _outbox = new Outbox(secrets);
    }

    /// <summary>Registers the patient, if the ledger does not know them yet.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the registration.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task RegisterAsync(CancellationToken cancellationToken = default) => RegisterAsync(ActorRoles.Patient, null, cancellationToken);

    /// <summary>Says on the ledger that the patient is there, and nothing else. Worth doing now and then under a policy that lets trustees decide once the patient was not seen for a time; every other command says it, too.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task ConfirmPresenceAsync(CancellationToken cancellationToken = default) => SubmitAsync(new ConfirmPresence { Actor = Id }, cancellationToken);

    /// <summary>Seals documents into a new bundle, stores the ciphertexts, and registers the bundle's digest on the ledger.</summary>
    /// <param name="documents">The documents, in order; 1..1,024.</param>
    /// <param name="progress">Receives progress; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation; then nothing is registered.</param>
    /// <returns>The signed header.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="documents"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task<BundleHeader> SealAsync(
        IReadOnlyList<DocumentToSeal> documents, IProgress<SealProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return SealAllAsync(documents.ToAsyncEnumerable(), documents.Count, progress, cancellationToken);
    }

    /// <summary>Seals documents that come one after another, as files of a form do, into a new bundle, stores the ciphertexts, and registers the bundle's digest on the ledger.</summary>
    /// <param name="documents">The documents, in order; 1..1,024. The next one is asked for when the one before it is sealed to its end.</param>
    /// <param name="cancellationToken">Cancels the operation; then nothing is registered.</param>
    /// <returns>The signed header.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="documents"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    /// <remarks>What <paramref name="documents"/> throws ends the operation, and nothing is registered.</remarks>
    public Task<BundleHeader> SealEachAsync(IAsyncEnumerable<DocumentToSeal> documents, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return SealAllAsync(documents, 0, null, cancellationToken);
    }

    private async Task<BundleHeader> SealAllAsync(IAsyncEnumerable<DocumentToSeal> documents, int count, IProgress<SealProgress>? progress, CancellationToken cancellationToken)
    {
        await using BundleWriter writer = BundleWriter.Create(
            new SplitSink(Services.Records, Services.Exchange), _keys, Services.Ledger.Id, new BundleWriterOptions { TimeProvider = Services.Time, Parallelism = Services.Parallelism });
        BundleHeader header = await AddAllAsync(writer, documents, count, progress, cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new RegisterBundle { Actor = Id, BundleId = header.BundleId, HeaderDigest = header.Digest, DocumentsRoot = header.DocumentsRoot },
            cancellationToken).ConfigureAwait(false);
        return header;
    }

    /// <summary>Shares a bundle's keys among trustees: makes the policy from everyone's published keys, deals, and proposes the dealing on the ledger.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="plan">Who decides, and how. Every trustee must have offered an envelope key for the coming epoch.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The dealing; it becomes active when the trustees have acknowledged it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="plan"/> is null.</exception>
    /// <exception cref="InvalidOperationException">A trustee has not offered an envelope key yet; the message names who.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task<Dealing> DealAsync(BundleId bundle, TrusteePlan plan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plan);
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        BundleHeader header = BundleHeader.FromBytes(await Services.Exchange.GetBlockAsync(record.HeaderDigest, cancellationToken).ConfigureAwait(false));
        Dealing? previous = (plan.Emergency ? record.ActiveEmergencyDealing : record.ActiveDealing) is { } active
            ? Dealing.FromBytes(await Services.Exchange.GetBlockAsync(active, cancellationToken).ConfigureAwait(false))
            : null;
        uint epoch = (uint)record.LastEpoch + 1;
        var groups = new List<TrusteeGroup>();
        var rules = new List<PolicyGroup>();
        foreach (TrusteeGroupPlan group in plan.Groups)
        {
            var members = new List<TrusteeMember>();
            foreach (ActorId trustee in group.Members)
            {
                members.Add((await LoadTrusteeAsync(trustee, bundle, epoch, cancellationToken).ConfigureAwait(false)).Member);
            }

            groups.Add(new TrusteeGroup(group.Name, group.Threshold, members));
            rules.Add(new PolicyGroup
            {
                Name = group.Name,
                Threshold = group.Threshold,
                Members = [.. members.Select(m => new PolicyMember { Identity = m.Identity, Organisation = m.Organisation })],
            });
        }

        var ledgerPolicy = new ConsentPolicy
        {
            GroupThreshold = plan.GroupThreshold,
            Groups = rules,
            CommitteeThreshold = plan.CommitteeThreshold,
            CommitteeSize = plan.CommitteeSize,
            VetoWindow = plan.VetoWindow,
            IncapacityAfter = plan.IncapacityAfter,
            Emergency = plan.Emergency,
            AccessRule = plan.AccessRule,
            ReceiverKinds = plan.ReceiverKinds,
        };
        var policy = new TrusteePolicy(plan.GroupThreshold, groups, new TrusteePolicyOptions
        {
            CommitteeThreshold = plan.CommitteeThreshold,
            CommitteeSize = plan.CommitteeSize,
            LicenceAuthorities = await LoadAnchorsAsync(plan.LicenceAuthorities, cancellationToken).ConfigureAwait(false),
            OracleOperators = await LoadAnchorsAsync(plan.OracleOperators, cancellationToken).ConfigureAwait(false),
            RulesDigest = ledgerPolicy.Digest,
        });
        DealingResult result = Dealing.Create(_keys, header, policy, previous, epoch);
        foreach (ShareEnvelope envelope in result.Envelopes)
        {
            await Services.Exchange.PutBlockAsync(envelope.Bytes, cancellationToken).ConfigureAwait(false);
        }

        Dealing dealing = result.Dealing.Dealing;
        await Services.Exchange.PutBlockAsync(dealing.ToBytes(), cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new ProposeDealing
            {
                Actor = Id,
                BundleId = bundle,
                HeaderDigest = header.Digest,
                Epoch = (int)epoch,
                PreviousDealingDigest = dealing.PreviousDigest,
                DealingDigest = dealing.Digest,
                Policy = ledgerPolicy,
            },
            cancellationToken).ConfigureAwait(false);
        return dealing;
    }

    /// <summary>Makes a dealing active that every trustee acknowledged.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dealing"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: somebody has not acknowledged, or the delay is not over.</exception>
    public Task ActivateAsync(Dealing dealing, CancellationToken cancellationToken = default) => ActivateAsync(dealing, [], cancellationToken);

    /// <summary>Makes a dealing active without some of its trustees.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <param name="without">The seats to do without: at least all that have not acknowledged, those that complained among them.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: another seat has not acknowledged, the acknowledgements do not satisfy the policy, or the delay is not over.</exception>
    public Task ActivateAsync(Dealing dealing, IReadOnlyList<TrusteeSeat> without, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(without);
        return SubmitAsync(new ActivateDealing { Actor = Id, BundleId = dealing.BundleId, DealingDigest = dealing.Digest, Without = without }, cancellationToken);
    }

    /// <summary>Opens a request and makes the checks that a trustee would make.</summary>
    /// <param name="request">The request; its committee must be drawn.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What is asked, and what speaks against it.</returns>
    /// <exception cref="PhrDataException">Something that the request pins is missing or fails a check.</exception>
    public async Task<RequestReview> ReviewAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        RequestBody body = await OpenBodyAsync(dossier.Request, Identity.EnvelopeKey, cancellationToken).ConfigureAwait(false);
        return await RequestReviewer.ReviewAsync(Services, dossier, body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Consents to a request in person: no trustee is needed, and the grant is final at once.</summary>
    /// <param name="request">The request.</param>
    /// <param name="documents">Which of the documents asked for; null for all.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the consent and the fragments are with the committee.</returns>
    /// <exception cref="ArgumentException">A document was not asked for.</exception>
    /// <exception cref="InvalidOperationException">A check speaks against the request; the message has every objection.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task ConsentAsync(RequestId request, IReadOnlyList<DocumentId>? documents = null, CancellationToken cancellationToken = default)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        RequestBody body = await OpenBodyAsync(dossier.Request, Identity.EnvelopeKey, cancellationToken).ConfigureAwait(false);
        RequestReview review = await RequestReviewer.ReviewAsync(Services, dossier, body, cancellationToken).ConfigureAwait(false);
        if (!review.IsAcceptable)
        {
            throw new InvalidOperationException($"The request cannot be consented to. {string.Join(' ', review.Objections)}");
        }

        documents ??= body.Documents;
        if (documents.Except(body.Documents).Any())
        {
            throw new ArgumentException("A document was not asked for.", nameof(documents));
        }

        if (dossier.Request.Approval(TrusteeSeat.Patient) is null)
        {
            TrusteeApproval? approval = await _outbox.FindApprovalAsync(request, dossier.Request.Round, cancellationToken).ConfigureAwait(false);
            if (approval is null)
            {
                ApprovalResult result = TrusteeApproval.CreateByPatient(_keys, dossier.Dealing, dossier.Terms, documents);
                await _outbox.StoreAsync(request, dossier.Request.Round, result, cancellationToken).ConfigureAwait(false);
                approval = result.Approval.Approval;
            }

            await Services.Exchange.PutBlockAsync(approval.ToBytes(), cancellationToken).ConfigureAwait(false);
            await SubmitAsync(
                new ConsentToRequest { Actor = Id, RequestId = request, ApprovalDigest = approval.Digest }, cancellationToken).ConfigureAwait(false);
        }

        await TrusteeClient.ReleaseDueAsync(Services, _outbox, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops a request before its grant is final.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the veto.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: the window is over; revoke instead.</exception>
    public Task VetoAsync(RequestId request, CancellationToken cancellationToken = default) =>
        SubmitAsync(new VetoRequest { Actor = Id, RequestId = request }, cancellationToken);

    /// <summary>Asks for a second committee, once, when too few of the first served in time. The doctor can ask for it too, and decisions are made again for it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: the oracles still have time, or there was a second committee already.</exception>
    public Task RedrawCommitteeAsync(RequestId request, CancellationToken cancellationToken = default) =>
        SubmitAsync(new RedrawCommittee { Actor = Id, RequestId = request }, cancellationToken);

    /// <summary>Revokes a grant: no honest oracle delivers from now on. What was delivered before stays open.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reasonCode">A code of the patient's own choice.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task RevokeAsync(RequestId request, int reasonCode = 0, CancellationToken cancellationToken = default) =>
        SubmitAsync(new RevokeGrant { Actor = Id, RequestId = request, ReasonCode = reasonCode }, cancellationToken);

    /// <summary>Says what a review of an emergency found, which trustees granted.</summary>
    /// <param name="request">The request: <see cref="RequestRecord.ReviewDueAt"/> is set.</param>
    /// <param name="finding">What was found. Unjustified counts for the doctor as an abandoned request does.</param>
    /// <param name="reportDigest">A salted digest of the report; zero for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: there is nothing to review, or it is reviewed.</exception>
    public Task ReviewEmergencyAsync(RequestId request, EmergencyFinding finding, Digest reportDigest = default, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ReviewEmergency { Actor = Id, RequestId = request, Finding = finding, ReportDigest = reportDigest }, cancellationToken);

    private async Task<BundleHeader> AddAllAsync(
        BundleWriter writer, IAsyncEnumerable<DocumentToSeal> documents, int count, IProgress<SealProgress>? progress, CancellationToken cancellationToken)
    {
        var terms = new Dictionary<DocumentId, IReadOnlyList<SearchTerm>>();
        await foreach (DocumentToSeal document in documents.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            int index = terms.Count;
            await using Stream content = document.Open();
            IProgress<long>? each = progress is null ? null : new Relay(bytes => progress.Report(new SealProgress(index, count, bytes)));
            terms.Add(await writer.AddAsync(content, document.Info, each, cancellationToken).ConfigureAwait(false), document.SearchTerms);
        }

        if (terms.Values.Any(static t => t.Count > 0))
        {
            await AddIndexAsync(writer, terms, cancellationToken).ConfigureAwait(false);
        }

        return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<TrustAnchor>> LoadAnchorsAsync(IReadOnlyList<ActorId> actors, CancellationToken cancellationToken)
    {
        var anchors = new List<TrustAnchor>(actors.Count);
        foreach (ActorId actor in actors)
        {
            anchors.Add(new TrustAnchor(actor, (await LoadKeyRecordAsync(actor, cancellationToken).ConfigureAwait(false)).Keys.ObjectKey));
        }

        return anchors;
    }

    private sealed class Relay(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
