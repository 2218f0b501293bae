using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>What stands above every page: emergencies that the patient has not read, that wait for a trustee, or for the agency's review. Needs no keys, and asks the ledger alone: a page asks the database beside it.</summary>
public sealed class EmergencyNotices(CurrentPerson person, PhrServices phr, TimeProvider time)
{
    /// <summary>What there is for whoever asks. Where the ledger cannot be asked, that is the notice: the page below may need it less.</summary>
    public async Task<IReadOnlyList<EmergencyNotice>> FindAsync(CancellationToken cancellationToken = default)
    {
        if (!phr.IsFounded || person.User is not { ActorId: { } actor } me)
        {
            return [];
        }

        try
        {
            return await FindAsync(me, actor, cancellationToken);
        }
        catch (Exception e) when (e is EthereumUnavailableException or IpfsUnavailableException or IOException)
        {
            return [new EmergencyNotice("Whether there is an emergency cannot be looked up at the moment. Load this page again in some minutes.", me.Role == PortalRole.Patient ? "/patient/emergencies" : Rooms.HomeOf(me.Role))];
        }
    }

    private async Task<IReadOnlyList<EmergencyNotice>> FindAsync(PortalUser me, ActorId actor, CancellationToken cancellationToken)
    {
        var notices = new List<EmergencyNotice>();
        DateTimeOffset now = time.GetUtcNow();
        if (me.Role == PortalRole.Patient)
        {
            DateTimeOffset seen = me.Patient?.EmergenciesSeenAt ?? DateTimeOffset.MinValue;
            if ((await ListAsync(new RequestFilter { Patient = actor }, cancellationToken)).Any(r => r.RequestedAt > seen))
            {
                notices.Add(new EmergencyNotice("A doctor asked for your records in an emergency. Look who, why, and what became of it.", "/patient/emergencies"));
            }
        }
        else if (Rooms.Roles[Rooms.Trustee].Contains(me.Role))
        {
            ActorId trustee = me.TrusteeId!.Value;
            int waiting = (await ListAsync(new RequestFilter { Trustee = trustee }, cancellationToken)).Count(r => r.StatusAt(now) == RequestStatus.Open && !EmergencyDesk.HasDecided(r, trustee));
            if (waiting > 0)
            {
                notices.Add(new EmergencyNotice(waiting == 1 ? "An emergency waits for your decision." : $"{waiting} emergencies wait for your decision.", "/trustee"));
            }
        }

        if (me.Role == PortalRole.RegulatoryAgency)
        {
            int due = (await ListAsync(new RequestFilter(), cancellationToken)).Count(r => r is { ReviewDueAt: not null, Review: null });
            if (due > 0)
            {
                notices.Add(new EmergencyNotice(due == 1 ? "An emergency waits for its review." : $"{due} emergencies wait for their review.", "/agency/reviews"));
            }
        }

        return notices;
    }

    private async Task<IEnumerable<RequestRecord>> ListAsync(RequestFilter filter, CancellationToken cancellationToken) =>
        (await phr.Services.Ledger.ListRequestsAsync(filter, cancellationToken)).Where(r => r.EmergencyReason != 0);
}
