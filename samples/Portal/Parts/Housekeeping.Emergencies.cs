using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

// The second sharing of each upload's keys, for emergencies. It follows the ordinary one, since the ledger lets one dealing of an upload wait at a time; uploads from before it was made get theirs here, too.
public sealed partial class Housekeeping
{
    // Of patients who are here, and as many of others.
    private const int MostAtOnce = 100;

    private readonly WaitingUploads _unshared = new(MostAtOnce);

    /// <summary>Since when a patient who is here waits for the trustees' envelope keys.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> _waitingSince = new(StringComparer.Ordinal);

    private async Task ShareForEmergenciesAsync(PortalDb db, IReadOnlyList<KeyLease> present, int[] here, CancellationToken cancellationToken)
    {
        List<SealedBundle> rows = await _unshared.TakeAsync(db, db.Bundles.Where(b => b.State == BundleState.Ready && b.EmergencyState != BundleState.Ready), here, cancellationToken);
        if (rows.Count == 0)
        {
            return;
        }

        ILookup<int, PortalUser> trusteesOf = await TrusteesOfAsync(db, rows, cancellationToken);
        foreach (SealedBundle row in rows)
        {
            await GuardedAsync("the keys of an upload for emergencies", $"emergency {row.Bundle}", () => AdvanceForEmergenciesAsync(row, [.. trusteesOf[row.PatientId]], present, cancellationToken));
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    private async Task AdvanceForEmergenciesAsync(SealedBundle row, IReadOnlyList<PortalUser> trustees, IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        if (await phr.Services.Ledger.GetBundleAsync(row.BundleId, cancellationToken) is not { IsRevoked: false } record)
        {
            return;
        }

        if (row.EmergencyState == BundleState.Sealed && await FindOnLedgerAsync(record, isEmergency: true, cancellationToken) is { } found)
        {
            // It was proposed, and the portal stopped before it could note that.
            row.EmergencyDealing = found.ToString();
            row.EmergencyState = BundleState.Dealt;
        }

        if (row.EmergencyState == BundleState.Sealed && record is { PendingDealing: null, PendingReshare: null })
        {
            await DealForEmergenciesAsync(row, record, trustees, present, cancellationToken);
        }

        if (row.EmergencyState == BundleState.Dealt && Digest.TryParse(row.EmergencyDealing, out Digest digest))
        {
            DealingState? state = await FinishAsync(row, digest, trustees, present, cancellationToken);
            row.EmergencyState = state switch
            {
                DealingState.Active => BundleState.Ready,
                DealingState.Registered or DealingState.Acknowledged => BundleState.Dealt,
                _ => BundleState.Sealed,
            };
        }
    }

    // The dealing of a track that is active, or waits to be.
    private async Task<Digest?> FindOnLedgerAsync(BundleRecord record, bool isEmergency, CancellationToken cancellationToken) =>
        (isEmergency ? record.ActiveEmergencyDealing : record.ActiveDealing) is { } active ? active
        : record.PendingDealing is { } pending && await phr.Services.Ledger.GetDealingAsync(record.Id, pending, cancellationToken) is { } dealing && dealing.Policy.Emergency == isEmergency ? pending
        : null;

    private async Task DealForEmergenciesAsync(SealedBundle row, BundleRecord record, IReadOnlyList<PortalUser> trustees, IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        uint epoch = (uint)record.LastEpoch + 1;
        foreach (KeyLease lease in present.Where(lease => trustees.Any(t => t.Id == lease.Keys.UserId)))
        {
            await OnceAsync(lease, row, $"offer {epoch}", () => TrusteeOf(lease).OfferEnvelopeKeyAsync(record.Id, epoch, cancellationToken));
        }

        if (present.FirstOrDefault(lease => lease.Keys.UserId == row.PatientId) is not { } patient
            || record.ActiveDealing is not { } ordinary || await phr.Services.Ledger.GetDealingAsync(record.Id, ordinary, cancellationToken) is not { } dealt)
        {
            return;
        }

        // Those who came for the ordinary shares are waited for; whoever did not come then is not.
        var ready = new List<PortalUser>();
        bool isWhole = true;
        foreach (PortalUser trustee in trustees.Where(t => t.TrusteeId is not null))
        {
            if (await phr.Services.Ledger.GetEnvelopeKeyAsync(trustee.TrusteeId!.Value, record.Id, (int)epoch, cancellationToken) is not null)
            {
                ready.Add(trustee);
            }
            else if (dealt.Policy.FindSeat(trustee.TrusteeId.Value) is not null)
            {
                isWhole = false;
            }
        }

        DateTimeOffset now = time.GetUtcNow();
        bool mayGoOn = isWhole || now - _waitingSince.GetOrAdd(row.Bundle, now) > options.TrusteePatience;
        if (mayGoOn && TrusteePlans.ForEmergencies(ready, phr, options) is { } plan)
        {
            Dealing dealing = await PatientOf(patient).DealAsync(record.Id, plan, cancellationToken);
            row.EmergencyDealing = dealing.Digest.ToString();
            row.EmergencyState = BundleState.Dealt;
            _waitingSince.TryRemove(row.Bundle, out _);
        }
    }
}
