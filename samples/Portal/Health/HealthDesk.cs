using Microsoft.EntityFrameworkCore;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>The health of shares: patients ask their trustees to show that they can use them, and trustees see how theirs stand.</summary>
public sealed class HealthDesk(DeskParts parts, Turns turns) : Desk(parts)
{
    /// <summary>How many of a patient's newest uploads a drill is about.</summary>
    public const int DrilledUploads = 5;

    /// <summary>How many of the newest uploads a trustee's page counts.</summary>
    public const int CountedUploads = 100;

    private const int KeptDrills = 5;

    private static readonly TimeSpan _again = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _mailAgain = TimeSpan.FromDays(1);

    /// <summary>Asks every trustee of the newest uploads to use their share of each. Asking again within a minute changes nothing.</summary>
    /// <exception cref="DeskException">There is nothing to try yet.</exception>
    public async Task AskAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        using IDisposable turn = await turns.TakeAsync($"drills of {me.Id}", cancellationToken);
        DateTimeOffset now = Time.GetUtcNow();
        List<Drill> earlier = await Db.Drills.Where(d => d.PatientId == me.Id).OrderByDescending(d => d.Id).ToListAsync(cancellationToken);
        if (earlier.Count > 0 && now - earlier[0].AskedAt < _again)
        {
            return;
        }

        List<PortalUser> trustees = await TrusteesOfAsync(me.Id, cancellationToken);
        var drill = new Drill { PatientId = me.Id, AskedAt = now };
        foreach (SealedBundle bundle in await DealtAsync(b => b.PatientId == me.Id, DrilledUploads, cancellationToken))
        {
            BundleHeader header;
            try
            {
                header = await HeaderOfAsync(bundle, cancellationToken);
            }
            catch (DeskException)
            {
                // No trustee could show anything of it. The page of the uploads says what is the matter.
                continue;
            }

            DealingRecord? dealing = header.FindDrill() is null ? null : await Phr.Services.Ledger.GetDealingAsync(bundle.BundleId, Digest.Parse(bundle.Dealing!), cancellationToken);
            foreach (PortalUser trustee in trustees.Where(t => dealing is not null && t.TrusteeId is { } id && dealing.Policy.FindSeat(id) is not null))
            {
                drill.Trials.Add(new DrillTrial { BundleId = bundle.Id, TrusteeId = trustee.Id });
            }
        }

        if (drill.Trials.Count == 0)
        {
            throw new DeskException("There is nothing to try yet: upload something, and wait until its key is shared among your trustees.");
        }

        if (earlier.Count == 0 || now - earlier[0].AskedAt > _mailAgain)
        {
            foreach (PortalUser trustee in trustees.Where(t => drill.Trials.Any(trial => trial.TrusteeId == t.Id)))
            {
                Postman.Post(trustee, "Show that your share is there", "Somebody whose trustee you are asks whether you still have your share of their keys. Sign in to the portal and unlock your keys: it answers by itself, and nothing is decided.");
            }
        }

        Db.Drills.RemoveRange(earlier.Skip(KeptDrills - 1));
        Db.Drills.Add(drill);
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>The patient's newest drill, with each answer's proof checked; null when there was none.</summary>
    public async Task<DrillView?> NewestAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        if (await Db.Drills.Include(d => d.Trials).ThenInclude(t => t.Bundle).Include(d => d.Trials).ThenInclude(t => t.Trustee).Where(d => d.PatientId == me.Id).OrderByDescending(d => d.Id).FirstOrDefaultAsync(cancellationToken) is not { } drill)
        {
            return null;
        }

        using KeyLease lease = Unlocked();
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        var proved = new HashSet<int>();
        var unread = new HashSet<int>();
        int openable = 0;
        IGrouping<int, DrillTrial>[] uploads = [.. drill.Trials.GroupBy(t => t.BundleId)];
        foreach (IGrouping<int, DrillTrial> upload in uploads)
        {
            SealedBundle bundle = upload.First().Bundle!;
            try
            {
                (IReadOnlyList<DrillTrial> sound, bool opens) = await CountAsync(client, bundle, [.. upload.Where(t => t.Answer is not null)], cancellationToken);
                proved.UnionWith(sound.Select(t => t.Id));
                openable += opens ? 1 : 0;
            }
            catch (Exception e) when (Unreadable.Is(e) || e is DeskException)
            {
                unread.Add(bundle.Id);
            }
        }

        ILookup<int, DateTimeOffset?> answered = (await Db.DrillTrials.Where(t => t.Drill!.PatientId == me.Id && t.Answer != null).Select(t => new { t.TrusteeId, t.TriedAt }).ToListAsync(cancellationToken))
            .ToLookup(t => t.TrusteeId, t => t.TriedAt);
        return new DrillView(
            drill.AskedAt,
            [.. (await TrusteesOfAsync(me.Id, cancellationToken)).Select(trustee =>
            {
                DrillTrial[] asked = [.. drill.Trials.Where(t => t.TrusteeId == trustee.Id)], own = [.. asked.Where(t => !unread.Contains(t.BundleId))];
                return new TrusteeHealth(trustee, own.Length, own.Count(t => proved.Contains(t.Id)), own.Count(t => t.TriedAt is not null && !proved.Contains(t.Id)), answered[trustee.Id].Max()) { Unread = asked.Length - own.Length };
            })],
            uploads.Length,
            openable,
            unread.Count);
    }

    /// <summary>How this trustee's shares stand, for each of their patients.</summary>
    public async Task<IReadOnlyList<ShareHealth>> OwnAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        List<Trusteeship> trusteeships = await Db.Trusteeships.Include(t => t.Patient).Where(t => t.TrusteeId == me.Id).OrderBy(t => t.Id).ToListAsync(cancellationToken);
        int[] patients = [.. trusteeships.Select(t => t.PatientId)];
        var counts = new Dictionary<int, (int Shares, int Checked, int Complaints)>();
        foreach (SealedBundle bundle in me.TrusteeId is null ? [] : await DealtAsync(b => patients.Contains(b.PatientId), CountedUploads, cancellationToken))
        {
            if (await Phr.Services.Ledger.GetDealingAsync(bundle.BundleId, Digest.Parse(bundle.Dealing!), cancellationToken) is { } dealing && dealing.Policy.FindSeat(me.TrusteeId!.Value) is { } seat)
            {
                (int shares, int soundOnes, int complaints) = counts.GetValueOrDefault(bundle.PatientId);
                counts[bundle.PatientId] = (shares + 1, soundOnes + (dealing.HasAcknowledged(seat) ? 1 : 0), complaints + (dealing.Complaints.Any(c => c.Seat == seat) ? 1 : 0));
            }
        }

        var trials = (await Db.DrillTrials.Where(t => t.TrusteeId == me.Id).Select(t => new { t.Drill!.PatientId, t.DrillId, t.Drill.AskedAt, t.TriedAt, HasAnswer = t.Answer != null }).ToListAsync(cancellationToken)).ToLookup(t => t.PatientId);
        return [.. trusteeships.Select(trusteeship =>
        {
            (int shares, int soundOnes, int complaints) = counts.GetValueOrDefault(trusteeship.PatientId);
            var all = trials[trusteeship.PatientId].OrderByDescending(t => t.DrillId).ToList();
            var newest = all.Where(t => t.DrillId == all[0].DrillId).ToList();
            return new ShareHealth(
                trusteeship.Patient!, shares, soundOnes, complaints, newest.FirstOrDefault()?.AskedAt, newest.Count, newest.Count(t => t.HasAnswer), newest.Count(t => t.TriedAt is not null && !t.HasAnswer),
                all.Where(t => t.HasAnswer).Max(t => t.TriedAt));
        })];
    }

    // Each answer's proof is checked, and that it is of the seat of the trustee in whose name it is noted; then the sound ones are combined.
    private async Task<(IReadOnlyList<DrillTrial> Sound, bool Opens)> CountAsync(PatientClient client, SealedBundle bundle, IReadOnlyList<DrillTrial> answers, CancellationToken cancellationToken)
    {
        BundleHeader header = await HeaderOfAsync(bundle, cancellationToken);
        var dealing = Digest.Parse(bundle.Dealing!);
        if (header.FindDrill() is not { } document || await Phr.Services.Ledger.GetDealingAsync(bundle.BundleId, dealing, cancellationToken) is not { } record)
        {
            return ([], false);
        }

        var sound = new List<DrillTrial>();
        foreach (DrillTrial trial in answers)
        {
            try
            {
                var digest = Digest.Parse(trial.Answer!);
                DrillAnswer answer = DrillAnswer.FromBytes(await Phr.Services.Exchange.GetBlockAsync(digest, cancellationToken));
                await client.CountDrillAsync(dealing, document, [digest], cancellationToken);
                if (trial.Trustee!.TrusteeId is { } trustee && record.Policy.FindSeat(trustee) is { } seat && (seat.Group, seat.Member) == (answer.Seat.Group, answer.Seat.Member))
                {
                    sound.Add(trial);
                }
            }
            catch (PhrDataException)
            {
                // It counts as none.
            }
        }

        DrillReport report = await client.CountDrillAsync(dealing, document, [.. sound.Select(t => Digest.Parse(t.Answer!))], cancellationToken);
        bool opens = report.TryOpen(out DocumentKey? key);
        key?.Dispose();
        return (sound, opens);
    }

    private Task<BundleHeader> HeaderOfAsync(SealedBundle bundle, CancellationToken cancellationToken) =>
        ReadablyAsync(async () => BundleHeader.FromBytes(await Phr.Services.Exchange.GetBlockAsync(Digest.Parse(bundle.HeaderDigest), cancellationToken)));

    private Task<List<PortalUser>> TrusteesOfAsync(int patient, CancellationToken cancellationToken) =>
        Db.Trusteeships.Where(t => t.PatientId == patient).OrderBy(t => t.Id).Select(t => t.Trustee!).ToListAsync(cancellationToken);

    private Task<List<SealedBundle>> DealtAsync(System.Linq.Expressions.Expression<Func<SealedBundle, bool>> whose, int most, CancellationToken cancellationToken) =>
        Db.Bundles.Where(whose).Where(b => b.Dealing != null).OrderByDescending(b => b.Id).Take(most).ToListAsync(cancellationToken);
}
