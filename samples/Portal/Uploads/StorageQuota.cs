using System.Numerics;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>
/// How much one patient may store in all. Three things count, in bytes as they are sealed: what is uploaded, what unfinished uploads will be, and what is coming in as a whole at this moment. Who looks whether there is room
/// and who takes it does so in one turn, so that two uploads which fit one by one, and not together, do not both come in.
/// </summary>
public sealed class StorageQuota(PortalDb db, StorageHolds holds, Turns turns, PortalOptions options)
{
    private const int ChunkLength = 65_536;
    private const int TagLength = 16;

    /// <summary>How many bytes a file takes when it is sealed, with the document for drills beside it: padded to a Padmé length, with a tag for each chunk (docs/bundle-format.md).</summary>
    public static long SealedLength(long length) => CiphertextLength(length) + CiphertextLength(DrillDocument.Length);

    /// <summary>How a patient stands.</summary>
    public Task<QuotaView> ReadAsync(int patient, CancellationToken cancellationToken = default) => ReadAsync(patient, null, cancellationToken);

    /// <summary>How every patient stands who stores something, the fullest first: for the operator.</summary>
    public async Task<IReadOnlyList<(PortalUser Patient, QuotaView Quota)>> ListAsync(int most, CancellationToken cancellationToken = default)
    {
        Dictionary<int, long> used = await db.Bundles.GroupBy(b => b.PatientId).Select(g => new { Patient = g.Key, Sum = g.Sum(b => b.SealedLength) }).ToDictionaryAsync(g => g.Patient, g => g.Sum, cancellationToken);
        ILookup<int, long> waiting = (await db.UnfinishedUploads.Select(u => new { u.PatientId, u.Length }).ToListAsync(cancellationToken)).ToLookup(u => u.PatientId, u => SealedLength(u.Length));
        int[] whose = [.. used.Keys.Union(waiting.Select(g => g.Key)).OrderByDescending(id => used.GetValueOrDefault(id) + waiting[id].Sum()).Take(most)];
        Dictionary<int, PortalUser> people = await db.Users.Where(u => whose.Contains(u.Id)).ToDictionaryAsync(u => u.Id, cancellationToken);
        return [.. whose.Select(id => (people[id], new QuotaView(used.GetValueOrDefault(id), waiting[id].Sum(), options.PatientQuota)))];
    }

    /// <summary>Notes something that takes room, if there is room.</summary>
    /// <exception cref="QuotaExceededException">There is not; nothing was noted.</exception>
    public async Task TakeAsync(int patient, long length, Func<Task> note, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(note);
        using IDisposable turn = await TurnAsync(patient, cancellationToken);
        await RequireAsync(patient, null, SealedLength(length), cancellationToken);
        await note();
    }

    /// <summary>Begins to take room for an upload that comes in as a whole.</summary>
    /// <param name="patient">Whose it is.</param>
    /// <param name="once">The number of its form: an unfinished upload of the same form goes when it is there.</param>
    internal StorageHold Hold(int patient, string? once) => new(this, holds, patient, once);

    internal Task<IDisposable> TurnAsync(int patient, CancellationToken cancellationToken) => turns.TakeAsync($"room of {patient}", cancellationToken);

    /// <summary>What is left for more than is held already.</summary>
    internal async Task RequireAsync(int patient, string? once, long more, CancellationToken cancellationToken)
    {
        QuotaView now = await ReadAsync(patient, once, cancellationToken);
        long room = Math.Max(0, now.Room - holds.Of(patient));
        if (more > room)
        {
            throw new QuotaExceededException(
                $"There is no room for it: of the {PortalPipeline.Bytes(options.PatientQuota)} that this portal keeps for each patient, {PortalPipeline.Bytes(room)} are left, and a file takes a little more sealed than it has itself. Nothing of it was kept. Discard an unfinished upload, choose a smaller file, or ask the operator of the portal for more room.");
        }
    }

    /// <summary>How many bytes one file takes by itself.</summary>
    internal static long CiphertextLength(long length)
    {
        long padded = length;
        if (length >= 2)
        {
            int exponent = BitOperations.Log2((ulong)length);
            long mask = (1L << (exponent - BitOperations.Log2((uint)exponent) - 1)) - 1;
            padded = (length + mask) & ~mask;
        }

        return padded + (TagLength * Math.Max(1, (padded + ChunkLength - 1) / ChunkLength));
    }

    private async Task<QuotaView> ReadAsync(int patient, string? once, CancellationToken cancellationToken)
    {
        long used = await db.Bundles.Where(b => b.PatientId == patient).SumAsync(b => b.SealedLength, cancellationToken);
        List<long> waiting = await db.UnfinishedUploads.Where(u => u.PatientId == patient && (once == null || u.Once != once)).Select(u => u.Length).ToListAsync(cancellationToken);
        return new QuotaView(used, waiting.Sum(SealedLength), options.PatientQuota);
    }
}
