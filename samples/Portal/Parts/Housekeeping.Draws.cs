namespace Phr.Samples.Portal;

// The draw of a request's committee comes some blocks after the request. Whoever asked waits for it; where that failed, or the portal was stopped meanwhile, it is made here: it needs no decision, and anybody may.
public sealed partial class Housekeeping
{
    private static readonly TimeSpan _betweenDraws = TimeSpan.FromSeconds(5);

    // So long it is left to whoever asked.
    private static readonly TimeSpan _drawGrace = TimeSpan.FromMinutes(1);

    private DateTimeOffset _drawsLooked;

    private async Task DrawAsync(IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now - _drawsLooked < _betweenDraws)
        {
            return;
        }

        IReadOnlyList<RequestRecord> waiting = await phr.Services.Ledger.ListRequestsAsync(new RequestFilter { Status = RequestStatus.AwaitingDraw }, cancellationToken);
        foreach (RequestRecord request in waiting.Where(request => now - request.RequestedAt >= _drawGrace && !request.IsOver(now)))
        {
            // By somebody who has to do with it.
            if (present.Select(lease => ActorIn(request, lease.Keys)).FirstOrDefault(keys => keys is not null) is { } actor)
            {
                await GuardedAsync("the draw of a committee", $"draw {request.Id}", () => DrawAsync(request.Id, actor, cancellationToken));
            }
        }

        _drawsLooked = now;
    }

    private async Task DrawAsync(RequestId request, IdentityKeys actor, CancellationToken cancellationToken)
    {
        try
        {
            await phr.Services.Ledger.SubmitAsync(new DrawCommittee { Actor = actor.Id, RequestId = request }, actor.LedgerKey, cancellationToken);
        }
        catch (LedgerRejectedException e) when (e.Error == LedgerError.AlreadyExists)
        {
            // Somebody else was faster.
        }
    }

    private static IdentityKeys? ActorIn(RequestRecord request, UnlockedKeys keys) =>
        keys.Main.Id == request.Doctor || keys.Main.Id == request.Patient ? keys.Main
        : request.Policy.FindSeat(keys.Trustee.Id) is not null ? keys.Trustee
        : null;
}
