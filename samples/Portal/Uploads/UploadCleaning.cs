using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Removes unfinished uploads that were kept for too long, and what was left behind where the portal ended between two steps.</summary>
public sealed class UploadCleaning(IServiceScopeFactory scopes, PartFolder folder, Turns turns, PortalOptions options, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(30);

    private DateTimeOffset _next = DateTimeOffset.MinValue;

    /// <summary>Cleans, unless it was done a moment ago. Keys are erased for whoever is there; others' open nothing, since the parts are gone.</summary>
    /// <remarks>Not thread safe: housekeeping takes its turns.</remarks>
    public async Task CleanAsync(IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(present);
        DateTimeOffset now = time.GetUtcNow();
        if (now < _next)
        {
            return;
        }

        _next = now + (_interval < options.UnfinishedUploadsKept ? _interval : options.UnfinishedUploadsKept);
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        DateTimeOffset since = now - options.UnfinishedUploadsKept;
        foreach (UnfinishedUpload upload in await db.UnfinishedUploads.Where(u => u.TouchedAt < since).ToListAsync(cancellationToken))
        {
            using IDisposable? turn = turns.TryTake(UploadDesk.TurnOf(upload.PatientId, upload.Once));
            if (turn is not null)
            {
                await db.UnfinishedUploads.Where(u => u.Id == upload.Id && u.TouchedAt < since).ExecuteDeleteAsync(cancellationToken);
            }
        }

        // A folder is there after its row, and a secret before it. Who begins one at this moment, or sends its first part, has the turn.
        HashSet<(int Patient, string Once)> rows = [.. await KnownAsync(db, cancellationToken)];
        foreach ((int patient, string once) in folder.ListAll().Where(one => !rows.Contains(one)))
        {
            using IDisposable? turn = turns.TryTake(UploadDesk.TurnOf(patient, once));
            if (turn is not null && !await db.UnfinishedUploads.AnyAsync(u => u.PatientId == patient && u.Once == once, cancellationToken))
            {
                folder.Remove(patient, once);
            }
        }

        foreach (KeyLease lease in present.Where(lease => lease.Keys.Role == PortalRole.Patient))
        {
            int patient = lease.Keys.UserId;
            using IDisposable? turn = turns.TryTake(UploadDesk.TurnOf(patient));
            if (turn is not null)
            {
                List<(int Patient, string Once)> known = await KnownAsync(db, cancellationToken);
                await UploadSeal.EraseOthersAsync(known.Where(u => u.Patient == patient).Select(u => u.Once).ToHashSet(StringComparer.Ordinal), lease.Keys, cancellationToken);
            }
        }
    }

    private static async Task<List<(int Patient, string Once)>> KnownAsync(PortalDb db, CancellationToken cancellationToken) =>
        [.. (await db.UnfinishedUploads.Select(u => new { u.PatientId, u.Once }).ToListAsync(cancellationToken)).Select(u => (u.PatientId, u.Once))];
}
