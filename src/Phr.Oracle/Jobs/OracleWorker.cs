using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Jobs;
using Phr.Oracle.Telemetry;
using Phr.Storage;

namespace Phr.Oracle;

/// <summary>
/// A re-encryption oracle in one process: follows the ledger, takes the jobs it was drawn for, fetches and verifies header, dealing,
/// approvals and envelopes, re-encrypts, and delivers once. It never sees a plaintext.
/// </summary>
/// <remarks>
/// A delivery is stored before it is published, and only ever that one is published: killed at any instant, or asked again for the next use of
/// the grant, the worker delivers the same bytes. Between the two it looks at the ledger once more, since fetching may have taken long. What is done is known from the ledger, so there is no other state to lose. Of several workers that share
/// one secret store, also in several processes, the one that stores its delivery first decides it for all. Thread safe.
/// </remarks>
public sealed partial class OracleWorker : ActorClient
{
    private const string PublishedPrefix = "oracle-key-record/";
    private const string DeliveryPrefix = "delivery/";

    private static readonly TimeSpan _refusalMargin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _refusalMarginOnChain = TimeSpan.FromMinutes(5);

    private readonly OracleOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<(RequestId, int), DateTimeOffset> _satisfiedSince = new();

    /// <summary>Creates a worker.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The oracle's keys.</param>
    /// <param name="secrets">The oracle's secret store: envelope keys and deliveries made but not yet recorded.</param>
    /// <param name="options">How it works; null for the defaults.</param>
    /// <param name="logger">Receives what it does, without personal data or secrets; may be null.</param>
    /// <exception cref="ArgumentNullException">An argument that is needed is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An interval of the options is negative, or the poll interval is zero.</exception>
    public OracleWorker(
        ConsentServices services, IdentityKeys identity, ISecretStore secrets, OracleOptions? options = null, ILogger<OracleWorker>? logger = null)
        : base(services, identity, secrets)
    {
        _options = options ?? new OracleOptions();
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(_options.PollInterval, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.EnvelopeGrace, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.RefusalMargin ?? TimeSpan.Zero, TimeSpan.Zero, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.ClockSkew, TimeSpan.Zero, nameof(options));
        _logger = logger ?? NullLogger<OracleWorker>.Instance;
    }

    /// <summary>How long before the deadline a refusal is filed. On a chain an oracle's commands get into blocks one after the other, and one that comes after the deadline is refused itself.</summary>
    internal TimeSpan RefusalMargin => _options.RefusalMargin
        ?? (Services.Ledger is not IBlockLedger ? _refusalMargin
        : Services.Ledger.Parameters.DeliveryWindow / 4 is var most && most < _refusalMarginOnChain ? most : _refusalMarginOnChain);

    /// <summary>Makes a fresh envelope key and keeps its secret. The operator endorses the result, and <see cref="PublishKeysAsync"/> publishes it.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The oracle's public keys with the new envelope key.</returns>
    public async Task<IdentityPublicKeys> RenewEnvelopeKeyAsync(CancellationToken cancellationToken = default)
    {
        using SecretKey key = SecretKey.Generate();
        byte[] secret = new byte[SecretKey.Length];
        try
        {
            key.ExportTo(secret);
            await Secrets.PutAsync(EnvelopeKeyName(key.PublicKey), secret, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }

        return Identity.PublicKeys.WithEnvelopeKey(key.PublicKey);
    }

    /// <summary>Publishes the oracle's key record with its operator's endorsement: registers the oracle, or replaces its record when it is registered already.</summary>
    /// <param name="keys">The keys that <see cref="RenewEnvelopeKeyAsync"/> gave.</param>
    /// <param name="endorsement">The operator's endorsement of those keys.</param>
    /// <param name="validUntil">Until when, as endorsed; at most 30 days ahead.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it. A new oracle then waits for an agency to admit it.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task PublishKeysAsync(
        IdentityPublicKeys keys, OperatorEndorsement endorsement, DateTimeOffset validUntil, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(endorsement);
        ActorRecord? actor = await Services.Ledger.GetActorAsync(Id, cancellationToken).ConfigureAwait(false);

        // From now on by the earlier of the two clocks: were this machine's ahead, committees that are drawn meanwhile, by the ledger's, could not use the record.
        DateTimeOffset from = Earlier(Services.Time.GetUtcNow(), (await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false)).Time);
        DateTimeOffset earliest = validUntil - Services.Ledger.Parameters.MaxOracleKeyLifetime;
        var record = KeyRecord.Create(Identity, Services.Ledger.Id, new KeyRecordOptions
        {
            ValidFrom = from < earliest ? earliest : from,
            ValidUntil = validUntil,
            EnvelopeKey = keys.EnvelopeKey,
            Endorsement = endorsement,
        });
        await Services.Exchange.PutBlockAsync(record.ToBytes(), cancellationToken).ConfigureAwait(false);
        LedgerCommand command = actor is null
            ? new RegisterActor
            {
                Actor = Id,
                Roles = ActorRoles.Oracle,
                KeyRecordDigest = record.Digest,
                ValidUntil = record.ValidUntil,
                Operator = endorsement.OperatorId,
            }
            : new ReplaceKey { Actor = Id, NewLedgerAddress = actor.LedgerAddress, KeyRecordDigest = record.Digest, ValidUntil = record.ValidUntil };
        await SubmitAsync(command, cancellationToken).ConfigureAwait(false);

        // Only what was published is ever erased as replaced; a key that waits for its endorsement is not.
        await Secrets.PutAsync(PublishedName(record.Digest), PublishedKey.ToBytes(keys.EnvelopeKey, Services.Time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Erases the secrets of envelope keys that were published, have been replaced, and serve no request that is not over. <see cref="ProcessPendingAsync"/> does it by itself.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>How many were erased. From then on nobody opens what was sealed to them.</returns>
    public async Task<int> EraseReplacedKeysAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<string> published = await Secrets.ListAsync(PublishedPrefix, cancellationToken).ConfigureAwait(false);
        if (published.Count < 2 || await Services.Ledger.GetActorAsync(Id, cancellationToken).ConfigureAwait(false) is not { } actor)
        {
            return 0;
        }

        // A committee is pinned with the key records that its members had when it was drawn.
        var needed = new HashSet<string>(StringComparer.Ordinal) { PublishedName(actor.KeyRecordDigest) };
        DateTimeOffset now = Services.Time.GetUtcNow();
        foreach (RequestRecord request in await Services.Ledger.ListRequestsAsync(new RequestFilter(), cancellationToken).ConfigureAwait(false))
        {
            if (!request.IsOver(now))
            {
                needed.UnionWith(request.Committee.Where(m => m.Oracle == Id).Select(m => PublishedName(m.KeyRecordDigest)));
            }
        }

        var known = new List<(string Name, PublishedKey Key)>();
        foreach (string name in published)
        {
            using SecretValue? stored = await Secrets.GetAsync(name, cancellationToken).ConfigureAwait(false);
            if (stored is not null)
            {
                known.Add((name, PublishedKey.FromBytes(stored.Bytes)));
            }
        }

        // Another process may have seen a newer record in force already, while this one's look at the ledger is behind.
        if (known.Find(one => one.Name == PublishedName(actor.KeyRecordDigest)).Key is not { } current)
        {
            return 0;
        }

        HashSet<PublicKey> kept = [.. known.Where(one => needed.Contains(one.Name) || one.Key.At > current.At).Select(one => one.Key.Key)];
        int erased = 0;
        foreach ((string name, PublishedKey old) in known.Where(one => !needed.Contains(one.Name) && one.Key.At <= current.At))
        {
            erased += !kept.Contains(old.Key) && await Secrets.DeleteAsync(EnvelopeKeyName(old.Key), cancellationToken).ConfigureAwait(false) ? 1 : 0;
            await Secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
        }

        return erased;
    }

    /// <summary>Follows the ledger and serves until cancelled.</summary>
    /// <param name="cancellationToken">Ends the work; what was begun is finished or taken up again next time.</param>
    /// <returns>A task that ends when cancelled.</returns>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        IAsyncEnumerator<LedgerEntry> entries = Services.Ledger.FollowAsync(head.Number, stop.Token).GetAsyncEnumerator(stop.Token);
        Task<bool>? next = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await ProcessPendingAsync(cancellationToken).ConfigureAwait(false);
                next ??= entries.MoveNextAsync().AsTask();
                using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
                Task tick = Task.Delay(_options.PollInterval, Services.Time, timer.Token);
                await Task.WhenAny(next, tick).ConfigureAwait(false);
                await timer.CancelAsync().ConfigureAwait(false);
                if (next.IsCompleted)
                {
                    if (!await next.ConfigureAwait(false))
                    {
                        throw new InvalidOperationException("The ledger stopped telling what happens; run the worker again.");
                    }

                    next = null;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
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
    }

    /// <summary>Looks once at every open job of this oracle and does what can be done now.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What became of each job.</returns>
    public async Task<IReadOnlyList<JobOutcome>> ProcessPendingAsync(CancellationToken cancellationToken = default)
    {
        var outcomes = new List<JobOutcome>();
        IReadOnlyList<RequestRecord> requests = await Services.Ledger
            .ListRequestsAsync(new RequestFilter { Oracle = Id, Status = RequestStatus.Granted }, cancellationToken).ConfigureAwait(false);
        foreach (RequestRecord request in requests)
        {
            JobOutcome outcome = await TryProcessAsync(request, included: null, cancellationToken).ConfigureAwait(false);
            if (outcome.State is not JobState.AlreadyDone)
            {
                outcomes.Add(outcome);
            }
        }

        await SettleDueAsync(cancellationToken).ConfigureAwait(false);
        await EraseFinishedAsync(cancellationToken).ConfigureAwait(false);
        return outcomes;
    }

    /// <summary>Looks once at one job of this oracle and does what can be done now.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="cancellationToken">Cancels the operation; what was begun is taken up again next time.</param>
    /// <returns>What became of the job.</returns>
    public Task<JobOutcome> ProcessAsync(RequestId requestId, CancellationToken cancellationToken = default) => ProcessAsync(requestId, included: null, cancellationToken);

    /// <summary>The same, and tells in which block the delivery or the refusal stands when nothing is left but to wait until that is final.</summary>
    internal async Task<JobOutcome> ProcessAsync(RequestId requestId, Action<ulong>? included, CancellationToken cancellationToken)
    {
        RequestRecord? request = await Services.Ledger.GetRequestAsync(requestId, cancellationToken).ConfigureAwait(false);
        return request?.FindCommitteeIndex(Id) is null ? new JobOutcome(requestId, JobState.NotServed, "the ledger names no seat of this oracle for the request.")
            : request.Status != RequestStatus.Granted ? new JobOutcome(requestId, JobState.NotServed, $"the request is {request.Status}.")
            : await TryProcessAsync(request, included, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Files a signed refusal for a job that this oracle will not do, so that it is not counted as absent.</summary>
    /// <param name="requestId">The request.</param>
    /// <param name="reasonCode">Why: one of <see cref="RefusalReasons"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Refused; or what stands in the way: the job is done already, or nobody waits for it.</returns>
    public Task<JobOutcome> RefuseAsync(RequestId requestId, int reasonCode, CancellationToken cancellationToken = default) => RefuseAsync(requestId, reasonCode, included: null, cancellationToken);

    /// <summary>The same, and tells in which block the refusal stands.</summary>
    internal async Task<JobOutcome> RefuseAsync(RequestId requestId, int reasonCode, Action<ulong>? included, CancellationToken cancellationToken)
    {
        RequestRecord? request = await Services.Ledger.GetRequestAsync(requestId, cancellationToken).ConfigureAwait(false);
        if (request?.FindCommitteeIndex(Id) is not { } index || request.Status != RequestStatus.Granted)
        {
            return new JobOutcome(requestId, JobState.NotServed, "the ledger names no seat of this oracle for the request, or waits for nobody.");
        }

        JobOutcome outcome = new(requestId, JobState.Refused, $"refused for reason {reasonCode}.");
        if (IsDone(request, index))
        {
            return new JobOutcome(requestId, JobState.AlreadyDone, string.Empty);
        }

        try
        {
            await SubmitAsync(new RefuseDelivery { Actor = Id, RequestId = requestId, Index = index, ReasonCode = reasonCode }, included, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerRejectedException e)
        {
            outcome = new JobOutcome(requestId, JobState.NotServed, e.Message);
        }

        LogOutcome(requestId, outcome.State, outcome.Detail);
        return outcome;
    }

    /// <summary>Erases deliveries that nobody can ask for again and the secrets of replaced envelope keys. <see cref="ProcessPendingAsync"/> does it by itself.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when they are gone.</returns>
    public async Task EraseFinishedAsync(CancellationToken cancellationToken = default)
    {
        await EraseFinishedDeliveriesAsync(cancellationToken).ConfigureAwait(false);
        await EraseReplacedKeysAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool IsDone(RequestRecord request, int index) => request.Deliveries.Any(d => d.Index == index) || request.Refusals.Any(r => r.Index == index);

    private async Task<JobOutcome> TryProcessAsync(RequestRecord request, Action<ulong>? included, CancellationToken cancellationToken)
    {
        JobOutcome outcome;
        try
        {
            outcome = await ProcessAsync(request, included, cancellationToken).ConfigureAwait(false);
        }
        catch (LedgerRejectedException e)
        {
            // A denial that came in between (revocation, expiry, another process of this oracle) is no fault.
            outcome = new JobOutcome(request.Id, JobState.NotServed, e.Message);
        }
        catch (Exception e) when (e is PhrDataException or ArgumentException or IOException or UnauthorizedAccessException or IpfsUnavailableException)
        {
            // One job that cannot be done must not stop the others, and ends in a refusal rather than in silence.
            outcome = await WaitOrRefuseAsync(request, request.FindCommitteeIndex(Id)!.Value, Fault.Describe(e), included, cancellationToken).ConfigureAwait(false);
        }

        if (outcome.State is not JobState.AlreadyDone)
        {
            LogOutcome(request.Id, outcome.State, outcome.Detail);
        }

        return outcome;
    }

    private async Task<JobOutcome> ProcessAsync(RequestRecord request, Action<ulong>? included, CancellationToken cancellationToken)
    {
        int index = request.FindCommitteeIndex(Id)!.Value;
        if (IsDone(request, index))
        {
            return new JobOutcome(request.Id, JobState.AlreadyDone, string.Empty);
        }

        if (await FindObstacleAsync(request, cancellationToken).ConfigureAwait(false) is { } obstacle)
        {
            return new JobOutcome(request.Id, JobState.NotServed, obstacle);
        }

        if (await FindObjectionAsync(request, cancellationToken).ConfigureAwait(false) is { } objection)
        {
            // Who keeps to the rules must not be counted as absent for it.
            JobOutcome refused = await WaitOrRefuseAsync(request, index, objection, included, cancellationToken, RefusalReasons.ReceiverNotEntitled).ConfigureAwait(false);
            return refused.State == JobState.Waiting ? refused with { State = JobState.NotServed } : refused;
        }

        RequestDossier dossier;
        try
        {
            dossier = await RequestDossier.LoadAsync(Services, request.Id, cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException e)
        {
            return await WaitOrRefuseAsync(request, index, e.Message, included, cancellationToken).ConfigureAwait(false);
        }

        // The fragments and the envelope key are gone before the ledger is asked to record it, which may take a quarter of an hour.
        (OracleDelivery? delivery, string problem, bool mustWait) = await MakeAsync(dossier, index, cancellationToken).ConfigureAwait(false);
        return delivery is not null ? await PublishAsync(dossier, index, delivery, included, cancellationToken).ConfigureAwait(false)
            : mustWait ? new JobOutcome(request.Id, JobState.Waiting, problem)
            : await WaitOrRefuseAsync(request, index, problem, included, cancellationToken).ConfigureAwait(false);
    }

    // The delivery that was made before, or a new one, stored; else what is missing, and whether that ends by itself.
    private async Task<(OracleDelivery? Delivery, string Problem, bool MustWait)> MakeAsync(RequestDossier dossier, int index, CancellationToken cancellationToken)
    {
        RequestRecord request = dossier.Request;
        using SecretValue? stored = await Secrets.GetAsync(DeliveryName(request), cancellationToken).ConfigureAwait(false);
        if (stored is not null)
        {
            // Who stored it may have been killed before it was durable, and what is published must be found again.
            await Secrets.TryAddAsync(DeliveryName(request), stored.Bytes.ToArray(), cancellationToken).ConfigureAwait(false);
            return (OracleDelivery.FromBytes(stored.Bytes), string.Empty, false);
        }

        using SecretValue? secret = await Secrets.GetAsync(EnvelopeKeyName(dossier.Terms.Committee.Seats[index - 1].EnvelopeKey), cancellationToken).ConfigureAwait(false);
        if (secret is null)
        {
            return (null, "the secret of the envelope key that the committee names is not here.", false);
        }

        using SecretKey envelopeKey = SecretKey.FromBytes(secret.Bytes);
        (List<OpenedFragments> opened, bool complete, string problem) = await OpenAllAsync(dossier, index, envelopeKey, cancellationToken).ConfigureAwait(false);
        try
        {
            bool satisfied = opened.Any(o => o.Approval.Approval.Group == 0)
                || dossier.Dealing.Dealing.Policy.Shape.IsSatisfiedBy(opened.Select(o => (o.Approval.Approval.Group, o.Approval.Approval.Member)));
            if (!satisfied || (!complete && !GraceIsOver(request)))
            {
                return (null, problem, satisfied);
            }

            // Two different deliveries for one job would be evidence against this oracle: another process's, if it was quicker, is the one.
            OracleDelivery delivery = OracleDelivery.Create(opened, Identity);
            return await Secrets.TryAddAsync(DeliveryName(request), delivery.ToBytes(), cancellationToken).ConfigureAwait(false)
                ? (delivery, string.Empty, false)
                : (null, "another process of this oracle made the delivery.", true);
        }
        finally
        {
            foreach (OpenedFragments fragments in opened)
            {
                fragments.Dispose();
            }
        }
    }

    // Erases deliveries that nobody can ask for again: of a request that is over, of an earlier round, or of the last use when it is settled. Until then the same
    // bytes must be at hand, for the next use or when the block that has the record is reorganised away: a second delivery for one job would differ from it.
    private async Task EraseFinishedDeliveriesAsync(CancellationToken cancellationToken)
    {
        // Of two processes the one whose look at the ledger, or whose clock, is behind must still find what it would else make anew.
        LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset time = Services.Time.GetUtcNow() - _options.ClockSkew;
        foreach (string name in await Secrets.ListAsync(DeliveryPrefix, cancellationToken).ConfigureAwait(false))
        {
            string[] parts = name[DeliveryPrefix.Length..].Split('/');
            if (parts.Length != 2 || !RequestId.TryParse(parts[0], out RequestId id) || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int round)
                || await Services.Ledger.GetRequestAsync(id, cancellationToken).ConfigureAwait(false) is not { } request)
            {
                continue;
            }

            // A denial counts as soon as it is seen, and a re-organisation can take it back until its block is final.
            bool mayComeBack = request.EndedAt > head.Time;
            if (!mayComeBack && (request.IsOver(time) || round < request.Round || (round == request.Round && request.SettledAt is not null && request.Used + 1 >= request.Uses)))
            {
                await Secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // The ledger's word on the grant, by both clocks.
    private async Task<string?> FindObstacleAsync(RequestRecord request, CancellationToken cancellationToken)
    {
        LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = Services.Time.GetUtcNow();
        if (head.Time > now + _options.ClockSkew)
        {
            return $"the ledger's time is {head.Time - now} ahead of this machine's clock.";
        }

        // The end counts by the later clock, the end of the veto window by the earlier one.
        DateTimeOffset earlier = Earlier(head.Time, now);
        now = head.Time > now ? head.Time : now;
        return !request.IsFinal(now) || earlier < request.Grant!.VetoUntil ? "the grant is not final, or it is over." : null;
    }

    // Denials count as soon as they are seen, by the later of this clock and the ledger's.
    private async Task<string?> FindObjectionAsync(RequestRecord request, CancellationToken cancellationToken)
    {
        LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = Services.Time.GetUtcNow();
        now = head.Time > now ? head.Time : now;
        ActorRecord? doctor = await Services.Ledger.GetActorAsync(request.Doctor, cancellationToken).ConfigureAwait(false);
        if (doctor?.IsLicensedAt(now) != true)
        {
            return "the doctor is not active, or has no valid licence.";
        }

        if (request.Receiver.Kind != ReceiverKinds.Team)
        {
            return null;
        }

        // What is re-wrapped after a member left must not reach the key that it had a part of.
        TeamRecord? team = await Services.Ledger.GetTeamAsync(request.Receiver.Id, cancellationToken).ConfigureAwait(false);
        ActorRecord? standing = await Services.Ledger.GetActorAsync(request.Receiver.Id, cancellationToken).ConfigureAwait(false);
        return team is null || standing?.IsActiveAt(now) != true ? "the team that receives is not active."
            : team.Terms.KeyEpoch != request.Receiver.KeyEpoch ? "the team that receives has a newer key."
            : !team.Terms.Includes(request.Doctor) ? "the doctor who asked is no member of the team any more."
            : null;
    }

    private async Task<(List<OpenedFragments> Opened, bool Complete, string Problem)> OpenAllAsync(
        RequestDossier dossier, int index, SecretKey envelopeKey, CancellationToken cancellationToken)
    {
        (IReadOnlyList<VerifiedApproval> approvals, IReadOnlyList<PhrDataException> refused) = await dossier.LoadApprovalsAsync(Services, cancellationToken).ConfigureAwait(false);
        var opened = new List<OpenedFragments>();
        bool complete = refused.All(r => r.Reason != PhrDataReason.NotFound);
        string problem = refused.Count > 0 ? refused[0].Message : "envelopes are still missing.";
        foreach (VerifiedApproval approval in approvals)
        {
            try
            {
                byte[] envelope = await Services.Exchange.GetBlockAsync(approval.Approval.EnvelopeDigests[index - 1], cancellationToken).ConfigureAwait(false);
                opened.Add(approval.OpenFragments(index, envelopeKey, envelope));
            }
            catch (PhrDataException e)
            {
                complete &= e.Reason != PhrDataReason.NotFound;
                problem = e.Message;
            }
        }

        return (opened, complete, problem);
    }

    private bool GraceIsOver(RequestRecord request)
    {
        DateTimeOffset now = Services.Time.GetUtcNow();
        return now - _satisfiedSince.GetOrAdd((request.Id, request.Round), now) >= _options.EnvelopeGrace;
    }

    private async Task<JobOutcome> WaitOrRefuseAsync(
        RequestRecord request, int index, string problem, Action<ulong>? included, CancellationToken cancellationToken, int reason = RefusalReasons.EnvelopesMissingOrBad)
    {
        DateTimeOffset deadline = request.DeliveryDeadline(Services.Ledger.Parameters)!.Value;
        DateTimeOffset now = Services.Time.GetUtcNow();
        if (now < deadline - RefusalMargin || now > deadline)
        {
            return new JobOutcome(request.Id, JobState.Waiting, problem);
        }

        try
        {
            await SubmitAsync(
                new RefuseDelivery { Actor = Id, RequestId = request.Id, Index = index, ReasonCode = reason }, included, cancellationToken).ConfigureAwait(false);
            return new JobOutcome(request.Id, JobState.Refused, problem);
        }
        catch (LedgerRejectedException e)
        {
            // Another process of this oracle was quicker, or nobody waits any more: no fault of the job.
            return new JobOutcome(request.Id, JobState.NotServed, e.Message);
        }
    }

    private async Task<JobOutcome> PublishAsync(RequestDossier dossier, int index, OracleDelivery delivery, Action<ulong>? included, CancellationToken cancellationToken)
    {
        if (await FindChangeAsync(dossier.Request, index, cancellationToken).ConfigureAwait(false) is { } change)
        {
            return change;
        }

        byte[] envelope = delivery.Seal(dossier.Terms);
        await Services.Exchange.PutBlockAsync(envelope, cancellationToken).ConfigureAwait(false);
        LedgerReceipt receipt = await SubmitAsync(
            new RecordDelivery
            {
                Actor = Id,
                RequestId = dossier.Request.Id,
                Index = index,
                DeliveryDigest = delivery.Digest,
                EnvelopeDigest = Digest.Of(envelope),
            },
            included,
            cancellationToken).ConfigureAwait(false);
        _satisfiedSince.TryRemove((dossier.Request.Id, dossier.Request.Round), out _);
        return new JobOutcome(dossier.Request.Id, JobState.Delivered, string.Empty) { RecordedAt = receipt.Entry.Time };
    }

    // What became of the request while header, approvals and envelopes were fetched, which may have taken long: the grant may be revoked by now, or another process may have delivered, been
    // confirmed, and erased what it delivered, so that what was made here is another delivery for one job. Neither may leave this process.
    private async Task<JobOutcome?> FindChangeAsync(RequestRecord before, int index, CancellationToken cancellationToken)
    {
        RequestRecord? now = await Services.Ledger.GetRequestAsync(before.Id, cancellationToken).ConfigureAwait(false);
        if (now is null || now.FindCommitteeIndex(Id) != index || now.Round != before.Round || now.Used != before.Used)
        {
            return new JobOutcome(before.Id, JobState.NotServed, "the ledger does not ask this oracle for it any more.");
        }

        return IsDone(now, index) ? new JobOutcome(before.Id, JobState.AlreadyDone, string.Empty)
            : now.Status != RequestStatus.Granted ? new JobOutcome(before.Id, JobState.NotServed, $"the request is {now.Status}.")
            : (await FindObstacleAsync(now, cancellationToken).ConfigureAwait(false) ?? await FindObjectionAsync(now, cancellationToken).ConfigureAwait(false)) is { } obstacle
                ? new JobOutcome(before.Id, JobState.NotServed, obstacle)
                : null;
    }

    private static DateTimeOffset Earlier(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static string PublishedName(Digest keyRecord) => PublishedPrefix + keyRecord;

    private static string EnvelopeKeyName(PublicKey key) => $"oracle-envelope-key/{key}";

    private static string DeliveryName(RequestRecord request) => $"{DeliveryPrefix}{request.Id}/{request.Round}";

    [LoggerMessage(EventId = EventIds.JobLookedAt, Level = LogLevel.Information, Message = "Request {Request}: {State}. {Detail}")]
    private partial void LogOutcome(RequestId request, JobState state, string detail);
}
