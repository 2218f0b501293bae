namespace Phr.Samples.Portal;

/// <summary>A guardian's, a hospital's and an agency's work as trustees.</summary>
public sealed class TrusteeDesk(DeskParts parts, KeyRing keys) : Desk(parts)
{
    /// <summary>Requests about this trustee's patients that are not decided: emergencies first, then those on which this trustee has not said anything yet, each the newest first.</summary>
    public async Task<Paged<RequestView>> WaitingAsync(int page = 1, CancellationToken cancellationToken = default)
    {
        using KeyLease lease = Unlocked();
        TrusteeClient client = ClientOf(lease);
        IReadOnlyList<RequestRecord> records = await Phr.Services.Ledger.ListRequestsAsync(new RequestFilter { Trustee = client.Id }, cancellationToken);
        Paged<RequestRecord> shown = Paging.Of(Waiting(records, client.Id, Time.GetUtcNow()), page, RequestViews.Shown);
        return shown.With(await RequestViews.MakeAsync(shown.Items, Db, request => client.ReviewAsync(request, cancellationToken), Time, cancellationToken));
    }

    /// <summary>Of all requests those that are not decided, in the order in which a trustee sees them.</summary>
    public static IReadOnlyList<RequestRecord> Waiting(IReadOnlyList<RequestRecord> records, ActorId trustee, DateTimeOffset now) =>
        [.. RequestViews.Newest(records).Where(r => r.StatusAt(now) == RequestStatus.Open).OrderByDescending(r => r.EmergencyReason != 0).ThenBy(r => EmergencyDesk.HasDecided(r, trustee))];

    /// <summary>Agrees to a request.</summary>
    public async Task ApproveAsync(string request, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.RequestAsync(request, cancellationToken);
        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => ClientOf(lease).ApproveAsync(record.Id, cancellationToken));
    }

    /// <summary>Speaks against a request.</summary>
    public async Task DenyAsync(string request, int reasonCode, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.RequestAsync(request, cancellationToken);
        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => ClientOf(lease).DenyAsync(record.Id, reasonCode, cancellationToken));
    }

    /// <summary>Until when the desk is on duty; null when it is not.</summary>
    public async Task<DateTimeOffset?> OnDutyUntilAsync() => keys.OnDutyUntil((await Person.RequireAsync()).Id);

    /// <summary>Leaves the desk on duty, or takes it off: envelope keys, checks and releases go on, decisions do not.</summary>
    public async Task SetDutyAsync(TimeSpan? length)
    {
        PortalUser me = await Person.RequireAsync();
        if (length is { } time)
        {
            if (!keys.StayOnDuty(Person.Session ?? string.Empty, time))
            {
                throw new DeskException("Unlock your keys first.");
            }
        }
        else
        {
            keys.EndDuty(me.Id);
        }
    }

    private TrusteeClient ClientOf(KeyLease lease) => new(Phr.Services, lease.Keys.Trustee, lease.Keys.TrusteeSecrets);
}
