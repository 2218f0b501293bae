namespace Phr.Samples.Portal;

/// <summary>Tells the ledger that a claim's time is over. Anybody may; it is done with the keys of one of the claim's parties, when one is there.</summary>
public sealed partial class ClaimExpiry(KeyRing keys, PhrServices phr, TimeProvider time, ILogger<ClaimExpiry> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    /// <summary>Ends what can be ended now.</summary>
    public async Task RunOnceAsync(CancellationToken cancellationToken)
    {
        if (!phr.IsFounded)
        {
            return;
        }

        IReadOnlyList<KeyLease> present = keys.LeaseAll();
        try
        {
            if (present.Count == 0)
            {
                return;
            }

            DateTimeOffset now = time.GetUtcNow();
            foreach (ClaimRecord claim in (await phr.Services.Ledger.ListClaimsAsync(new ClaimFilter(), cancellationToken)).Where(c => c.IsOver(now)))
            {
                if (present.FirstOrDefault(lease => IsParty(claim, lease.Keys.Main.Id)) is { } party)
                {
                    await ExpireAsync(claim, party, cancellationToken);
                }
            }
        }
        finally
        {
            foreach (KeyLease lease in present)
            {
                lease.Dispose();
            }
        }
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
                LogFailed(logger, e.GetType().Name);
            }
        }
    }

    private static bool IsParty(ClaimRecord claim, ActorId actor) => claim.Patient == actor || claim.Doctor == actor || claim.Hospital == actor || claim.Insurer == actor;

    private async Task ExpireAsync(ClaimRecord claim, KeyLease party, CancellationToken cancellationToken)
    {
        try
        {
            await new ClaimClient(phr.Services, party.Keys.Main, party.Keys.MainSecrets).ExpireAsync(claim.Id, cancellationToken);
        }
        catch (LedgerRejectedException)
        {
            // Somebody else was faster, or a chain's clock is behind this one: then it is tried again.
        }
    }

    [LoggerMessage(2121, LogLevel.Warning, "Claims whose time is over could not be ended: {Fault}. It is tried again.")]
    private static partial void LogFailed(ILogger logger, string fault);
}
