using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>A doctor's work: ask for documents, wait for the grant, open what was granted, and rate the oracles.</summary>
/// <remarks>The secret of each request's receiving key is in the secret store until the request is opened or over.</remarks>
public sealed partial class DoctorClient : ActorClient
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    private readonly LicenceCredential? _licence;
    private readonly TimeSpan _disputeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The doctor's keys.</param>
    /// <param name="secrets">The doctor's secret store.</param>
    /// <param name="licence">The doctor's licence; without one nothing can be asked for.</param>
    /// <exception cref="ArgumentNullException">An argument other than the licence is null.</exception>
    public DoctorClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets, LicenceCredential? licence = null)
        : base(services, identity, secrets) => _licence = licence;

    /// <summary>Where to get deliveries from first; what it does not have comes from the content store.</summary>
    /// <value>Default null: all come from the content store.</value>
    public IDeliverySource? Deliveries { get; init; }

    /// <summary>Whether opening shows the ledger at once what it finds to be provably false, and tells in <see cref="OpenResult.Disputes"/> what came of it.</summary>
    /// <value>Default true. With false nothing is shown before <see cref="RateAsync"/> or <see cref="DisputeAsync"/> is called: reputation stands on somebody doing that.</value>
    public bool DisputesWhenOpening { get; init; } = true;

    /// <summary>How long opening waits for the ledger to take the disputes that it files. What was opened is given then all the same, and what was not taken is told as failed: a later opening shows it again.</summary>
    /// <value>Default 30 seconds; more than zero, at most an hour.</value>
    /// <exception cref="ArgumentOutOfRangeException">It is outside that.</exception>
    public TimeSpan DisputeTimeout
    {
        get => _disputeTimeout;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LongestWait);
            _disputeTimeout = value;
        }
    }

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
    /// <exception cref="ArgumentException">A document is not in the bundle, there are more than an oracle can deliver at once, or the reason is too long or not plain text, or the number of openings or the reason code out of range.</exception>
    /// <exception cref="PhrDataException">The ledger does not know the bundle, or what belongs to it is missing or damaged; or the doctor's key record does not hold now, or, where it is no emergency, the patient's.</exception>
    /// <exception cref="InvalidOperationException">The client has no licence, or the bundle has no active dealing, or none over its present header; or the doctor is no member of the team that shall receive.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused; the failing leaf of the patient's rule is named.</exception>
    public async Task<RequestId> RequestAsync(BundleId bundle, AccessQuestion question, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        LicenceCredential licence = _licence ?? throw new InvalidOperationException("A doctor needs a licence to ask for documents.");
        BundleRecord record = await Services.Ledger.GetBundleAsync(bundle, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("bundle", PhrDataReason.NotFound, $"the ledger has no bundle {bundle}.");
        bool emergency = question.EmergencyReason != 0;
        if ((emergency ? record.ActiveEmergencyDealing : record.ActiveDealing) is not { } dealingDigest)
        {
            throw new InvalidOperationException(emergency
                ? "The patient has named nobody for emergencies: ask without a reason code for one."
                : "The bundle has no active dealing: its trustees have not acknowledged their shares yet.");
        }

        if (await Services.Ledger.GetDealingAsync(bundle, dealingDigest, cancellationToken).ConfigureAwait(false) is { } active && active.HeaderDigest != record.HeaderDigest)
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

        if (question.EmergencyReason is < 0 or > LedgerLimits.ReasonCode)
        {
            throw new ArgumentException($"A reason code is at most {LedgerLimits.ReasonCode}.", nameof(question));
        }

        if (question.Uses is < 1 or > LedgerLimits.Uses)
        {
            throw new ArgumentException($"A request is for 1 to {LedgerLimits.Uses} openings.", nameof(question));
        }

        if (!RequestBody.IsPlain(question.Reason))
        {
            throw new ArgumentException("The reason has control or formatting characters.", nameof(question));
        }

        DateTimeOffset notAfter = DateTimeOffset.FromUnixTimeSeconds(question.NotAfter.ToUnixTimeSeconds());
        KeyRecord keyRecord = await LoadKeyRecordAsync(Id, cancellationToken).ConfigureAwait(false);
        TeamCharter? charter = question.Team is { } team ? (await TeamDirectory.LoadAsync(Services, team, cancellationToken).ConfigureAwait(false)).Charter : null;
        if (charter is not null && charter.FindMember(Id)?.ObjectKey != Identity.PublicKeys.ObjectKey)
        {
            throw new InvalidOperationException("The doctor is no member of the team, or has another key there.");
        }

        await CloseLapsedAsync(bundle, cancellationToken).ConfigureAwait(false);

        // A doctor draws the secret of the receiving key; a member of a team draws the request's part of it.
        using SecretKey drawn = SecretKey.Generate();
        PublicKey receivingKey = charter is null ? drawn.PublicKey : TeamRequestKey.Combine(charter.PublicKey, drawn.PublicKey);
        RequestBody body = RequestBody.Create(
            Identity, dealing.Header, dealingDigest, receivingKey, notAfter, question.Purpose, question.Reason, documents, keyRecord, licence,
            charter is null ? null : (charter.Team, charter.KeyEpoch, drawn));
        var salt = Digest.Random();
        var recipients = new List<(ActorId, PublicKey)>();
        recipients.AddRange(dealing.Dealing.Policy.Groups.SelectMany(g => g.Members).Select(m => (m.Identity, m.EnvelopeKey)));

        // Who has not come for a year may be the very one who cannot answer: an emergency goes on without them. They read its words when they come and go on with the same keys.
        KeyRecord patient = await LoadKeyRecordAsync(dealing.Dealing.Patient, mayHaveEnded: emergency, cancellationToken).ConfigureAwait(false);
        recipients.Add((dealing.Dealing.Patient, patient.Keys.EnvelopeKey));
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
            ReceivingKey = receivingKey,
            NotAfter = notAfter,
            Nonce = body.Nonce,
            Receiver = charter is null ? RequestReceiver.Person(Id) : RequestReceiver.Team(charter.Team, charter.KeyEpoch),
            Snapshot = await FindSnapshotAsync(cancellationToken).ConfigureAwait(false),
            Uses = question.Uses,
            EmergencyReason = question.EmergencyReason,
            EvidenceRoot = dealing.EvidenceRoot,
        };
        RequestId id = command.ComputeId(Services.Ledger.Id);
        command = charter is null ? command.WithPossession(drawn, Services.Ledger.Id) : command.WithTeamPossession(drawn, Services.Ledger.Id);
        await StoreKeyAsync(ReceivingKeyName(id), drawn, cancellationToken).ConfigureAwait(false);

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

    // The ledger keeps one request of a doctor for a bundle: what was opened must be settled before the next, even if that spares who has still time; where the last one ran out, it wants to be told.
    private async Task CloseLapsedAsync(BundleId bundle, CancellationToken cancellationToken)
    {
        var mine = new RequestFilter { BundleId = bundle, Doctor = Id };
        RequestRecord? last = (await Services.Ledger.ListRequestsAsync(mine, cancellationToken).ConfigureAwait(false)).LastOrDefault();
        if (last is { Ended: null, SettledAt: null, OpenedAt: not null })
        {
            await SettleAsync(last.Id, cancellationToken).ConfigureAwait(false);
        }
        else if (last is { Ended: null, SettledAt: null } && Now >= last.NotAfter)
        {
            await SubmitAsync(new ExpireRequest { Actor = Id, RequestId = last.Id }, cancellationToken).ConfigureAwait(false);
        }
    }

    // The present snapshot; where there is none, or it lists other oracles than could be drawn now and the ledger takes another one, a new one.
    private async Task<int> FindSnapshotAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            RegistrySnapshot? present = await Services.Ledger.GetSnapshotAsync(null, cancellationToken).ConfigureAwait(false);
            int[] eligible = [.. (await Services.Ledger.ListOraclesAsync(cancellationToken).ConfigureAwait(false)).Where(oracle => oracle.IsEligible).Select(oracle => oracle.Index).Order()];
            LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
            bool due = present is null || head.Block >= present.Block + (ulong)Services.Ledger.Parameters.SnapshotInterval;
            if (!due || eligible.Length == 0 || (present is not null && present.Entries.Select(entry => entry.Number).SequenceEqual(eligible)))
            {
                return present?.Number ?? 0;
            }

            try
            {
                await TakeSnapshotAsync(cancellationToken).ConfigureAwait(false);
                return (await Services.Ledger.GetSnapshotAsync(null, cancellationToken).ConfigureAwait(false))?.Number ?? 0;
            }
            catch (LedgerRejectedException refused) when (refused.Error == LedgerError.NotYet)
            {
                // Somebody else was faster. On a chain theirs is not final yet, and may be lost in a re-organisation: then it is taken here after all.
                if ((await Services.Ledger.GetSnapshotAsync(null, cancellationToken).ConfigureAwait(false))?.Number == present?.Number)
                {
                    await Task.Delay(LookAgain, Services.Time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Draws the committee of a request, once its seed block is there.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the committee.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: too early, or the window was missed.</exception>
    public Task DrawCommitteeAsync(RequestId request, CancellationToken cancellationToken = default) =>
        SubmitAsync(new DrawCommittee { Actor = Id, RequestId = request }, cancellationToken);

    /// <summary>Asks for a second committee, once, when too few of the first served: the time for deliveries is over, or so many refused or delivered badly that it cannot serve any more. Rate what was delivered first.</summary>
    /// <param name="request">The request. Its approvals are void: draw the committee with <see cref="DrawCommitteeAsync"/>, and the trustees, or the patient, decide again.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it. Oracles that failed are passed over where there are others.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: the oracles still have time, or there was a second committee already.</exception>
    public async Task RedrawCommitteeAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        await FindSnapshotAsync(cancellationToken).ConfigureAwait(false);
        await SubmitAsync(new RedrawCommittee { Actor = Id, RequestId = request }, cancellationToken).ConfigureAwait(false);
    }

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
    /// <remarks>What is provably false among the deliveries is shown to the ledger before this returns or fails, unless <see cref="DisputesWhenOpening"/> says otherwise; that nothing came of it never stands in the way of a document.</remarks>
    public async Task<OpenResult> OpenAsync(
        RequestId request, IDocumentDestination destination, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        if (dossier.Request.Receiver.Kind == ReceiverKinds.Team)
        {
            return OpenResult.Nothing("A team receives what this request asks for: its members open it together.");
        }

        if (await FindEndAsync(dossier.Request, cancellationToken).ConfigureAwait(false) is { } over)
        {
            return over;
        }

        using SecretKey? receivingKey = await FindKeyAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
        if (receivingKey is null)
        {
            return OpenResult.Nothing("The receiving key of this request has been erased: it was opened before, or it is over.");
        }

        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(Services, cancellationToken).ConfigureAwait(false);
        return await OpenAsync(
            dossier,
            approvals,
            new DocumentKeyCombiner(dossier.Terms, dossier.Dealing, receivingKey),
            (index, envelope) => OracleDelivery.Open(dossier.Terms, index, receivingKey, envelope),
            [],
            (destination, progress),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes the question with which a member asks the others to open together what was granted to the team. Any member may, also one who joined after the grant.</summary>
    /// <param name="request">The granted request, of which the team is the receiver.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The question, for <see cref="TeamClient.AnswerAsync"/> on other members' devices: as many as the team's threshold less one, among them one that has the request's own secret, unless this one has it. It covers the approvals and deliveries that are there now.</returns>
    /// <exception cref="InvalidOperationException">No team receives, this doctor is no member, or nothing was approved yet.</exception>
    /// <exception cref="PhrDataException">Something that the request pins, or the team, is missing or fails a check.</exception>
    public async Task<TeamOpeningRequest> AskTeamAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        if (dossier.Request.Receiver.Kind != ReceiverKinds.Team)
        {
            throw new InvalidOperationException("No team receives what this request asks for.");
        }

        (_, TeamCharter charter) = await TeamDirectory.LoadAsync(Services, dossier.Request.Receiver.Id, cancellationToken).ConfigureAwait(false);
        if (charter.FindMember(Id)?.ObjectKey != Identity.PublicKeys.ObjectKey)
        {
            throw new InvalidOperationException("The doctor is no member of the team, or has another key there.");
        }

        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(Services, cancellationToken).ConfigureAwait(false);
        List<TeamPoint> points = await TeamClient.LoadPointsAsync(Services, dossier, approvals, cancellationToken).ConfigureAwait(false);
        if (points.Count == 0)
        {
            throw new InvalidOperationException("Nothing was approved yet.");
        }

        using SecretKey replyKey = SecretKey.Generate();
        var question = TeamOpeningRequest.Create(
            Identity,
            charter,
            new TeamOpeningTerms
            {
                Request = request,
                ReceivingKey = dossier.Request.ReceivingKey,
                KeyEpoch = dossier.Request.Receiver.KeyEpoch,
                Points = [.. points.DistinctBy(p => p.Point).Take(TeamOpeningRequest.MaxPoints)],
            },
            replyKey);
        await StoreKeyAsync(ReplyKeyName(request, question), replyKey, cancellationToken).ConfigureAwait(false);
        return question;
    }

    /// <summary>Opens, as a member of the team that receives, with the other members' answers; names whoever of them, of the trustees and of the oracles contributed badly.</summary>
    /// <param name="question">The question from <see cref="AskTeamAsync"/>.</param>
    /// <param name="answers">The other members' answers.</param>
    /// <param name="destination">Where each document goes.</param>
    /// <param name="progress">Receives plaintext bytes written so far over all documents; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What was opened, what is missing, and every fault.</returns>
    /// <exception cref="ArgumentNullException">An argument other than the progress is null.</exception>
    /// <exception cref="InvalidOperationException">This device has no shares under the team's present charter.</exception>
    /// <exception cref="PhrDataException">Something that the request pins, or the team, is missing or fails a check, the roster changed since the question was made, or a document is damaged.</exception>
    /// <remarks>The request's own secret, once handed on, stays on this device until <see cref="ForgetAsync"/>, so that it can help in turn. False deliveries are disputed as by <see cref="OpenAsync(RequestId, IDocumentDestination, IProgress{long}, CancellationToken)"/>.</remarks>
    public async Task<OpenResult> OpenWithTeamAsync(
        TeamOpeningRequest question,
        IReadOnlyCollection<TeamAnswer> answers,
        IDocumentDestination destination,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(answers);
        ArgumentNullException.ThrowIfNull(destination);
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, question.Request, cancellationToken).ConfigureAwait(false);
        if (await FindEndAsync(dossier.Request, cancellationToken).ConfigureAwait(false) is { } over)
        {
            return over;
        }

        if (dossier.Request.Receiver != RequestReceiver.Team(question.Team, question.KeyEpoch) || dossier.Request.ReceivingKey != question.ReceivingKey)
        {
            throw new PhrDataException("team opening", PhrDataReason.Mismatched, "the question is about another request than the ledger has.");
        }

        (_, TeamCharter charter) = await TeamDirectory.LoadAsync(Services, question.Team, cancellationToken).ConfigureAwait(false);
        using TeamShares shares = await new TeamShareStore(Secrets).FindAsync(charter, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("This device has no shares under the team's present charter: it did not accept the round.");
        using SecretKey? replyKey = await FindKeyAsync(ReplyKeyName(question.Request, question), cancellationToken).ConfigureAwait(false);
        if (replyKey is null)
        {
            return OpenResult.Nothing("The reply key of this question has been erased: ask again.");
        }

        using SecretKey? requestKey = await FindKeyAsync(ReceivingKeyName(question.Request), cancellationToken).ConfigureAwait(false);
        using var opening = new TeamOpening(question, charter, new TeamHelper { Identity = Identity, Shares = shares, RequestKey = requestKey }, replyKey);
        foreach (TeamAnswer answer in answers)
        {
            opening.Add(answer.Member, answer.Bytes.Span);
        }

        ContributionFault[] faults = [.. opening.Faults.Select(f => new ContributionFault(FaultyParty.TeamMember, f.Member, 0, 0, 0, default, f.Reason, f.Detail))];
        if (!opening.TryCombine(out TeamReceiver? receiver, out string missing))
        {
            return new OpenResult([], $"The team has not opened it: {missing}", faults, []);
        }

        using (receiver)
        {
            if (requestKey is null)
            {
                await StoreKeyAsync(ReceivingKeyName(question.Request), opening.RequestKey!, cancellationToken).ConfigureAwait(false);
            }

            // What came after the question is opened by the next one.
            (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(Services, cancellationToken).ConfigureAwait(false);
            HashSet<Digest> asked = [.. question.Points.Where(receiver.Covers).Select(p => p.Source)];
            return await OpenAsync(
                dossier,
                [.. approvals.Where(a => TeamPoint.Of(a.Approval).All(receiver.Covers))],
                new DocumentKeyCombiner(dossier.Terms, dossier.Dealing, receiver),
                (index, envelope) => asked.Contains(Digest.Of(envelope)) ? OracleDelivery.Open(dossier.Terms, index, receiver, envelope) : null,
                faults,
                (destination, progress),
                cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Erases what this device keeps to open a request: its receiving key, or a team request's own secret, and the reply keys. When every device has, what was delivered cannot be opened again.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when it is erased.</returns>
    public async Task ForgetAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        await Secrets.DeleteAsync(ReceivingKeyName(request), cancellationToken).ConfigureAwait(false);
        foreach (string name in await Secrets.ListAsync($"team-reply/{request}/", cancellationToken).ConfigureAwait(false))
        {
            await Secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Rates every oracle of an opened request: full marks for those who served, none for those found at fault. What is provably false and was not disputed when it was opened is disputed now, with its evidence, as by <see cref="DisputeAsync"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="result">What opening it gave.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many disputes the ledger took now, each for the whole bond of an oracle; 0 where nothing was provably false, or opening had shown it already.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="result"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task<int> RateAsync(RequestId request, OpenResult result, CancellationToken cancellationToken = default)
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

        return await DisputeAsync(result, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Shows the ledger every delivery that opening found to be provably false: its oracle loses its bond.</summary>
    /// <param name="result">What opening gave.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many disputes the ledger took; where somebody else was first, or the oracle lost its bond for another delivery meanwhile, there is nothing left to take.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="result"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused for another reason.</exception>
    /// <remarks>The fragments that it shows become public. They are false or useless, and open nothing; who reads the ledger learns that the request was for these capsules.</remarks>
    public async Task<int> DisputeAsync(OpenResult result, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(result);
        int taken = 0;
        foreach (DeliveryProof proof in result.Proofs)
        {
            taken += await FileAsync(proof, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return taken;
    }

    // A bond that was taken since the oracle signed makes the statement stale: then there is nothing left to take, and no command is worth its price.
    private async Task<bool> FileAsync(DeliveryProof proof, CancellationToken cancellationToken)
    {
        var delivery = DisputedDelivery.Of(proof.Statement);
        if (await Services.Ledger.GetActorAsync(delivery.Oracle, cancellationToken).ConfigureAwait(false) is { } oracle && oracle.Slashes > delivery.Slashes)
        {
            return false;
        }

        try
        {
            await SubmitAsync(
                new DisputeDelivery { Actor = Id, Delivery = delivery, DeliverySignature = proof.Signature, Evidence = proof.Evidence },
                cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (LedgerRejectedException e) when (e.Error == LedgerError.StaleEpoch)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<FiledDispute>> FileAsync(IReadOnlyList<DeliveryProof> proofs, CancellationToken cancellationToken)
    {
        if (!DisputesWhenOpening || proofs.Count == 0)
        {
            return [];
        }

        var filed = new List<FiledDispute>(proofs.Count);
        using var time = new CancellationTokenSource(DisputeTimeout, Services.Time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(time.Token, cancellationToken);
        foreach (DeliveryProof proof in proofs)
        {
            try
            {
                filed.Add(await FileAsync(proof, both.Token).ConfigureAwait(false) ? new FiledDispute(proof, DisputeState.Taken) : new FiledDispute(proof, DisputeState.NothingLeft));
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever the ledger or the way to it has: the document that was opened is there.
                Exception failure = e is OperationCanceledException && time.IsCancellationRequested ? new TimeoutException($"The ledger did not take the dispute within {DisputeTimeout}.", e) : e;
                filed.Add(new FiledDispute(proof, DisputeState.Failed) { Failure = failure });
            }
        }

        return filed;
    }

    /// <summary>Tells the ledger that the documents were opened, and keeps the request's receiving key: as long as the request runs they can be opened again. It is told once; a second time does nothing.</summary>
    /// <param name="request">The request.</param>
    /// <remarks>From then on the patient reads on the ledger that, and since when, the documents are open, and anybody may settle the request. <see cref="CloseAsync"/> ends it at once.</remarks>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="PhrDataException">The ledger does not know the request.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: fewer oracles delivered than are needed to open, the request is over, or it is another doctor's.</exception>
    public Task ConfirmAsync(RequestId request, CancellationToken cancellationToken = default) => ConfirmOpenedAsync(request, cancellationToken);

    /// <summary>Tells the ledger that the documents were opened, and erases the request's receiving key: what was delivered cannot be opened again.</summary>
    /// <param name="request">The request.</param>
    /// <remarks>
    /// Where every oracle of the committee has answered, or the deadline is over, this settles the request too. Otherwise those who did not answer have still time, and a settlement now would spare
    /// them: so it is left to the oracles, who settle when the deadline is over.
    /// </remarks>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when it is done.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task CloseAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        await ForgetAsync(request, cancellationToken).ConfigureAwait(false);
        RequestRecord record = await ConfirmOpenedAsync(request, cancellationToken).ConfigureAwait(false);
        bool everyone = record.Deliveries.Count + record.Refusals.Count >= record.Committee.Count;
        if (everyone || record.DeliveryDeadline(Services.Ledger.Parameters) < Services.Time.GetUtcNow())
        {
            await SettleAsync(request, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Uses a grant of several uses again: tells the ledger that the documents were opened, settles the present use, and asks the committee to deliver once more.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the next delivery window is open. Rate the oracles of the present one before.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: the uses that were asked for are behind, or the grant is over.</exception>
    public async Task UseAgainAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        await SettleAsync(request, cancellationToken).ConfigureAwait(false);
        await SubmitAsync(new UseAgain { Actor = Id, RequestId = request }, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RequestRecord> ConfirmOpenedAsync(RequestId request, CancellationToken cancellationToken)
    {
        RequestRecord record = await LoadRequestAsync(request, cancellationToken).ConfigureAwait(false);
        if (record.OpenedAt is null)
        {
            await SubmitAsync(new ConfirmOpened { Actor = Id, RequestId = request }, cancellationToken).ConfigureAwait(false);
        }

        return record;
    }

    private async Task SettleAsync(RequestId request, CancellationToken cancellationToken)
    {
        RequestRecord record = await ConfirmOpenedAsync(request, cancellationToken).ConfigureAwait(false);
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

    private async Task<OpenResult> OpenAsync(
        RequestDossier dossier,
        IReadOnlyList<VerifiedApproval> approvals,
        DocumentKeyCombiner combiner,
        Func<int, byte[], OracleDelivery?> open,
        IReadOnlyList<ContributionFault> earlier,
        (IDocumentDestination Destination, IProgress<long>? Progress) output,
        CancellationToken cancellationToken)
    {
        foreach (VerifiedApproval approval in approvals)
        {
            combiner.AddApproval(approval);
        }

        var served = new List<int>();
        var proofs = new List<DeliveryProof>();
        var unreadable = new List<ContributionFault>(earlier);
        IReadOnlyList<ReadOnlyMemory<byte>> pulled = Deliveries is null ? [] : await Deliveries.FetchAsync(dossier.Request, cancellationToken).ConfigureAwait(false);
        Dictionary<Digest, ReadOnlyMemory<byte>> direct = pulled.DistinctBy(envelope => Digest.Of(envelope.Span)).ToDictionary(envelope => Digest.Of(envelope.Span));
        foreach (DeliveryRecord delivery in dossier.Request.Deliveries)
        {
            try
            {
                byte[] envelope = direct.TryGetValue(delivery.EnvelopeDigest, out ReadOnlyMemory<byte> here)
                    ? here.ToArray()
                    : await Services.Exchange.GetBlockAsync(delivery.EnvelopeDigest, cancellationToken).ConfigureAwait(false);
                if (open(delivery.Index, envelope) is not { } opened)
                {
                    continue;
                }

                if (opened.Digest != delivery.DeliveryDigest)
                {
                    throw new PhrDataException("delivery", PhrDataReason.DigestMismatch, "it is not the one that the oracle recorded on the ledger.");
                }

                if (combiner.AddDelivery(opened, delivery.Index))
                {
                    served.Add(delivery.Index);
                }
                else if (DeliveryProof.Find(opened, dossier) is { } proof)
                {
                    proofs.Add(proof);
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
            List<OpenedFile> files;
            try
            {
                files = await DecryptAsync(dossier, keys, output.Destination, output.Progress, cancellationToken).ConfigureAwait(false);
            }
            catch when (!cancellationToken.IsCancellationRequested)
            {
                // A lie stays one when a document turns out damaged.
                await FileAsync(proofs, cancellationToken).ConfigureAwait(false);
                throw;
            }

            return new OpenResult(files, Describe(missing, granted.Length), faults, served)
            {
                Proofs = proofs,
                Disputes = await FileAsync(proofs, cancellationToken).ConfigureAwait(false),
            };
        }
        finally
        {
            foreach ((_, DocumentKey key) in keys)
            {
                key.Dispose();
            }
        }
    }

    private async Task<OpenResult?> FindEndAsync(RequestRecord request, CancellationToken cancellationToken)
    {
        if (Now < request.NotAfter)
        {
            return null;
        }

        await ForgetAsync(request.Id, cancellationToken).ConfigureAwait(false);
        return OpenResult.Nothing($"The request ended at {request.NotAfter:u}.");
    }

    private async Task<SecretKey?> FindKeyAsync(string name, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await Secrets.GetAsync(name, cancellationToken).ConfigureAwait(false);
        return stored is null ? null : SecretKey.FromBytes(stored.Bytes);
    }

    private async Task StoreKeyAsync(string name, SecretKey key, CancellationToken cancellationToken)
    {
        byte[] bytes = GC.AllocateArray<byte>(SecretKey.Length, pinned: true);
        try
        {
            key.ExportTo(bytes);
            await Secrets.PutAsync(name, bytes, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
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
        reader.Parallelism = Services.Parallelism;
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

    internal static string ReceivingKeyName(RequestId request) => $"receiving-key/{request}";

    private static string ReplyKeyName(RequestId request, TeamOpeningRequest question) => $"team-reply/{request}/{question.Digest}";

    private sealed class OffsetProgress(IProgress<long> progress, long offset) : IProgress<long>
    {
        public void Report(long value) => progress.Report(offset + value);
    }
}
