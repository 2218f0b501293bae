using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>
/// What has to be done with keys, and needs no decision: trustees offer envelope keys, check their shares and release what is granted; a patient's keys are shared when the trustees are there, and made active when they
/// have checked; committees are drawn for requests that nobody drew one for; the ledger is told what doctors have opened. It works for everybody whose keys are unlocked at the moment, and waits for the others.
/// </summary>
public sealed partial class Housekeeping(IServiceScopeFactory scopes, KeyRing keys, PhrServices phr, UploadCleaning cleaning, DrillAnswering drills, PortalOptions options, TimeProvider time, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(5);

    private readonly SemaphoreSlim _turn = new(1);
    private readonly WaitingUploads _unfinished = new(MostAtOnce);
    private readonly ConcurrentDictionary<string, (DateTimeOffset Next, TimeSpan Wait)> _later = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(int User, string Bundle, string Step), bool> _done = new();
    private readonly ConcurrentDictionary<(int User, RequestId Request), bool> _opened = new();

    /// <summary>Notes that a doctor looked at what was granted. The ledger is told once, at the next turn; nobody waits for it.</summary>
    public void NoteOpened(int doctor, RequestId request) => _opened.TryAdd((doctor, request), false);

    /// <summary>Notes what came of the disputes that a doctor's client filed when it opened something: the operator of the portal reads it in the log. What failed is filed again when it is opened again.</summary>
    public void NoteDisputes(RequestId request, IReadOnlyList<FiledDispute> disputes)
    {
        ArgumentNullException.ThrowIfNull(disputes);
        foreach (FiledDispute dispute in disputes.Where(dispute => dispute.State != DisputeState.NothingLeft))
        {
            if (dispute.Failure is { } failure)
            {
                LogDisputeFailed(logger, dispute.Proof.Statement.Oracle, request, failure.GetType().Name);
            }
            else
            {
                LogDisputed(logger, dispute.Proof.Statement.Oracle, request);
            }
        }
    }

    /// <summary>Does now what can be done now.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            keys.Sweep();
            if (!phr.IsFounded)
            {
                return;
            }

            await RenewOraclesAsync(cancellationToken);
            IReadOnlyList<KeyLease> present = keys.LeaseAll();
            try
            {
                await RenewKeyRecordsAsync(present, cancellationToken);
                await GuardedAsync("the unfinished uploads", "unfinished uploads", () => cleaning.CleanAsync(present, cancellationToken));
                await WorkAsync(present, cancellationToken);
            }
            finally
            {
                foreach (KeyLease lease in present)
                {
                    lease.Dispose();
                }
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        _turn.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await RunOnceAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                LogFailed(logger, "a turn", e.GetType().Name);
            }
        }
    }

    private async Task WorkAsync(IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        if (present.Count == 0)
        {
            return;
        }

        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        int[] here = [.. present.Select(lease => lease.Keys.UserId)];
        List<SealedBundle> unfinished = await _unfinished.TakeAsync(db, db.Bundles.Where(b => b.State != BundleState.Ready), here, cancellationToken);
        if (unfinished.Count > 0)
        {
            ILookup<int, PortalUser> trusteesOf = await TrusteesOfAsync(db, unfinished, cancellationToken);
            foreach (SealedBundle bundle in unfinished)
            {
                await GuardedAsync("the keys of an upload", bundle.Bundle, () => AdvanceAsync(bundle, [.. trusteesOf[bundle.PatientId]], present, cancellationToken));
                await db.SaveChangesAsync(cancellationToken);
            }
        }

        await ShareForEmergenciesAsync(db, present, here, cancellationToken);
        await GuardedAsync("draws", "draws", () => DrawAsync(present, cancellationToken));
        await GuardedAsync("drills", "drills", () => drills.AnswerAsync(db, present, cancellationToken));
        foreach (KeyLease lease in present.Where(lease => lease.Keys.Role is PortalRole.Guardian or PortalRole.Hospital or PortalRole.RegulatoryAgency))
        {
            await GuardedAsync("a trustee's outbox", $"outbox {lease.Keys.UserId}", () => new TrusteeClient(phr.Services, lease.Keys.Trustee, lease.Keys.TrusteeSecrets).ReleaseAsync(cancellationToken));
        }

        foreach (KeyLease lease in present.Where(lease => lease.Keys.Role is PortalRole.Hospital or PortalRole.Insurer))
        {
            await GuardedAsync("small claims", $"claims {lease.Keys.UserId}", () => PassSmallClaimsAsync(lease, cancellationToken));
        }

        foreach ((int user, RequestId request) in _opened.Where(opened => !opened.Value).Select(opened => opened.Key))
        {
            if (present.FirstOrDefault(lease => lease.Keys.UserId == user) is { } doctor)
            {
                await GuardedAsync("telling that something was opened", $"opened {request}", () => ConfirmAsync(doctor, request, cancellationToken));
            }
        }
    }

    // What a hospital or an insurer has decided beforehand for claims under its limit: the doctor and the agency decide about those. The instruction is sealed with the keys that act on it.
    private async Task PassSmallClaimsAsync(KeyLease lease, CancellationToken cancellationToken)
    {
        bool isInsurer = lease.Keys.Role == PortalRole.Insurer;
        ActorId me = lease.Keys.Main.Id;
        IReadOnlyList<ClaimRecord> mine = await phr.Services.Ledger.ListClaimsAsync(isInsurer ? new ClaimFilter { Insurer = me } : new ClaimFilter { Hospital = me }, cancellationToken);
        ClaimRecord[] waiting = [.. mine.Where(c => c.Status == (isInsurer ? ClaimStatus.AwaitingInsurer : ClaimStatus.AwaitingHospital) && time.GetUtcNow() < c.NotAfter)];
        if (waiting.Length == 0)
        {
            return;
        }

        IReadOnlyList<StandingInstruction> instructions = await StandingInstruction.ListAsync(lease.Keys.MainSecrets, cancellationToken);
        foreach (ClaimRecord claim in waiting)
        {
            if (instructions.FirstOrDefault(i => i.Covers(claim, mine)) is { } instruction)
            {
                var client = new ClaimClient(phr.Services, lease.Keys.Main, lease.Keys.MainSecrets);
                byte[] why = System.Text.Encoding.UTF8.GetBytes($"By our standing instruction for claims below {Components.Words.Money(instruction.Limit, instruction.Currency)}.");
                await (isInsurer ? client.ApproveAsync(claim.Id, claim.Amount, why, cancellationToken) : client.EndorseAsync(claim.Id, why, cancellationToken));
            }
        }
    }

    private static async Task<ILookup<int, PortalUser>> TrusteesOfAsync(PortalDb db, IReadOnlyList<SealedBundle> bundles, CancellationToken cancellationToken)
    {
        int[] patients = [.. bundles.Select(b => b.PatientId).Distinct()];
        return (await db.Trusteeships.Include(t => t.Trustee).Where(t => patients.Contains(t.PatientId)).ToListAsync(cancellationToken)).ToLookup(t => t.PatientId, t => t.Trustee!);
    }

    private async Task ConfirmAsync(KeyLease doctor, RequestId request, CancellationToken cancellationToken)
    {
        try
        {
            await new DoctorClient(phr.Services, doctor.Keys.Main, doctor.Keys.MainSecrets).ConfirmAsync(request, cancellationToken);
        }
        catch (LedgerRejectedException)
        {
            // The grant ended meanwhile, and with it what there is to tell.
        }

        _opened[(doctor.Keys.UserId, request)] = true;
    }

    private async Task AdvanceAsync(SealedBundle row, IReadOnlyList<PortalUser> trustees, IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        BundleId bundle = row.BundleId;
        KeyLease? patient = present.FirstOrDefault(lease => lease.Keys.UserId == row.PatientId);
        if (row.State == BundleState.Sealed && await phr.Services.Ledger.GetBundleAsync(bundle, cancellationToken) is { } record && await FindOnLedgerAsync(record, isEmergency: false, cancellationToken) is { } found)
        {
            // It was proposed, and the portal stopped before it could note that. What makes it active is in the store.
            row.Dealing = found.ToString();
            row.State = BundleState.Dealt;
        }

        if (row.State == BundleState.Sealed)
        {
            foreach (KeyLease lease in present.Where(lease => trustees.Any(t => t.Id == lease.Keys.UserId)))
            {
                await OnceAsync(lease, row, "offer", () => TrusteeOf(lease).OfferEnvelopeKeyAsync(bundle, 1, cancellationToken));
            }

            if (patient is null)
            {
                return;
            }

            var ready = new List<PortalUser>();
            foreach (PortalUser trustee in trustees.Where(t => t.TrusteeId is not null))
            {
                if (await phr.Services.Ledger.GetEnvelopeKeyAsync(trustee.TrusteeId!.Value, bundle, 1, cancellationToken) is not null)
                {
                    ready.Add(trustee);
                }
            }

            bool mayGoOn = ready.Count == trustees.Count || time.GetUtcNow() - row.UploadedAt > options.TrusteePatience;
            if (mayGoOn && TrusteePlans.Of(ready, phr, options) is { } plan)
            {
                Dealing dealing = await PatientOf(patient).DealAsync(bundle, plan, cancellationToken);
                row.Dealing = dealing.Digest.ToString();
                row.State = BundleState.Dealt;
            }
        }

        if (row.State == BundleState.Dealt && Digest.TryParse(row.Dealing, out Digest digest))
        {
            if (await FinishAsync(row, digest, trustees, present, cancellationToken) == DealingState.Active)
            {
                row.State = BundleState.Ready;
            }
        }
    }

    // Trustees who are here check their shares of a dealing, and the patient, if here, makes it active when all have. Tells where it stands then; null for one that the ledger does not know.
    private async Task<DealingState?> FinishAsync(SealedBundle row, Digest digest, IReadOnlyList<PortalUser> trustees, IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        BundleId bundle = row.BundleId;
        foreach (KeyLease lease in present.Where(lease => trustees.Any(t => t.Id == lease.Keys.UserId)))
        {
            DealingRecord? record = await phr.Services.Ledger.GetDealingAsync(bundle, digest, cancellationToken);
            if (record?.Policy.FindSeat(lease.Keys.Trustee.Id) is { } seat && !record.HasAcknowledged(seat))
            {
                await OnceAsync(lease, row, $"acknowledge {digest}", () => TrusteeOf(lease).AcknowledgeAsync(digest, cancellationToken));
            }
        }

        DealingRecord? now = await phr.Services.Ledger.GetDealingAsync(bundle, digest, cancellationToken);
        if (now is { IsPending: true } && !now.Outstanding().Any() && present.FirstOrDefault(lease => lease.Keys.UserId == row.PatientId) is { } patient)
        {
            Dealing dealing = Dealing.FromBytes(await Storage.ContentSourceExtensions.GetBlockAsync(phr.Services.Exchange, digest, cancellationToken));
            await PatientOf(patient).ActivateAsync(dealing, cancellationToken);
            return DealingState.Active;
        }

        return now?.State;
    }

    private TrusteeClient TrusteeOf(KeyLease lease) => new(phr.Services, lease.Keys.Trustee, lease.Keys.TrusteeSecrets);

    private PatientClient PatientOf(KeyLease lease) => new(phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);

    private async Task OnceAsync(KeyLease lease, SealedBundle row, string step, Func<Task> work)
    {
        if (!_done.ContainsKey((lease.Keys.UserId, row.Bundle, step)))
        {
            await work();
            _done[(lease.Keys.UserId, row.Bundle, step)] = true;
        }
    }

    // One person's fault must not stop the others' work: what failed is looked at again later, and later each time. What a fault says may name ids: only its kind is logged.
    private async Task GuardedAsync(string what, string which, Func<Task> work)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_later.TryGetValue(which, out (DateTimeOffset Next, TimeSpan Wait) later) && now < later.Next)
        {
            return;
        }

        try
        {
            await work();
            _later.TryRemove(which, out _);
        }
        catch (Exception e) when (e is PhrDataException or LedgerRejectedException or InvalidOperationException or IOException or EthereumUnavailableException or EthereumTransactionException or Storage.IpfsUnavailableException)
        {
            TimeSpan wait = later.Wait == default ? _interval : TimeSpan.FromTicks(Math.Min(later.Wait.Ticks * 2, _longestWait.Ticks));
            _later[which] = (now + wait, wait);
            LogFailed(logger, what, e.GetType().Name);
        }
    }

    [LoggerMessage(2101, LogLevel.Warning, "Housekeeping could not finish {What} ({Fault}); it tries again.")]
    private static partial void LogFailed(ILogger logger, string what, string fault);

    [LoggerMessage(2102, LogLevel.Warning, "Oracle {Oracle} delivered falsely for request {Request}, and lost its bond for it.")]
    private static partial void LogDisputed(ILogger logger, ActorId oracle, RequestId request);

    [LoggerMessage(2103, LogLevel.Warning, "Oracle {Oracle} delivered falsely for request {Request}. The ledger did not take the dispute ({Fault}); it is filed again at the next opening.")]
    private static partial void LogDisputeFailed(ILogger logger, ActorId oracle, RequestId request, string fault);
}
