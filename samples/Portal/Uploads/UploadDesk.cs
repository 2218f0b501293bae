using System.Buffers;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Uploads that come in parts, and go on after a break; and that a form which is sent twice uploads once.</summary>
/// <remarks>
/// Begin says what the file is; parts come in any order after the first, each checked against the digest that was said for it and sealed before it touches the disk; finish opens them one after another, in memory, into the
/// sealing of a record. Every step can be repeated: it then answers how things stand.
/// </remarks>
public sealed class UploadDesk(DeskParts parts, PatientDesk patients, PartFolder folder, Turns turns, StorageQuota quota, PortalOptions options) : Desk(parts)
{
    private const int MaxNameLength = 1000;

    /// <summary>Uploads whole files as the documents of one upload, unless the same form has done so.</summary>
    /// <returns>What became of it; without kinds where the form had been sent before.</returns>
    /// <exception cref="DeskException">A file is not taken, and none of them is kept; the message says why.</exception>
    public async Task<UploadResult> UploadWholeAsync(IAsyncEnumerable<SentFile> files, UploadWish wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(wish);
        int me = (await Person.RequireAsync()).Id;
        bool isOnce = UploadPlan.IsOnce(wish.Once);
        using StorageHold hold = quota.Hold(me, isOnce ? wish.Once : null);
        files = HeldAsync(files, hold, CancellationToken.None);
        wish = wish with { Hold = hold };
        if (!isOnce)
        {
            await hold.ReserveAsync(wish.AtLeast, cancellationToken);
            return await patients.UploadAsync(files, wish with { Once = null }, cancellationToken);
        }

        using KeyLease lease = Unlocked();
        using IDisposable turn = await turns.TakeAsync(TurnOf(me, wish.Once!), cancellationToken);
        if (await FindDoneAsync(me, wish.Once!, cancellationToken) is { Result: { } before })
        {
            return before;
        }

        // A browser that goes away ends the content; what has come in whole is done to its end.
        await hold.ReserveAsync(wish.AtLeast, cancellationToken);
        UploadResult result = await patients.UploadAsync(files, wish, CancellationToken.None);
        if (await Db.UnfinishedUploads.SingleOrDefaultAsync(u => u.PatientId == me && u.Once == wish.Once, CancellationToken.None) is { } begun)
        {
            await RemoveAsync(begun, lease);
        }

        return result;
    }

    /// <summary>Begins an upload, or finds the one that goes on: the one that is named, or an unfinished one of the very same file.</summary>
    /// <exception cref="DeskException">It cannot begin; the message says why.</exception>
    public async Task<UploadState> BeginAsync(UploadPlan plan, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        PortalUser me = await Person.RequireAsync();
        using KeyLease lease = Unlocked();
        UnfinishedUpload? named = plan.GoOn is null ? null : await Guard.UnfinishedUploadAsync(plan.GoOn);
        Require(plan.Length > 0, "Choose a file first: what was chosen is empty.");
        Require(plan.Length <= options.LargestUpload, TooLarge(options));
        Require(
            UploadPlan.IsOnce(plan.Once) && plan.PartLength == (named?.PartLength ?? options.UploadPart) && plan.Length <= (long)plan.PartLength * UploadPlan.MaxParts
            && plan.Digests.Length == UnfinishedUpload.PartsOf(plan.Length, plan.PartLength) * UploadPlan.DigestLength && plan.Name is { Length: <= MaxNameLength },
            "The page is too old, or what it sent was damaged. Load it again and choose the file anew.");
        using IDisposable turn = await turns.TakeAsync(TurnOf(me.Id), cancellationToken);
        if (await FindDoneAsync(me.Id, plan.Once!, cancellationToken) is { } done)
        {
            return done;
        }

        if (named is not null)
        {
            using UploadSeal? seal = await UploadSeal.OpenAsync(named.Once, lease.Keys, cancellationToken);
            _ = seal ?? throw new DeskException("The upload that shall go on cannot be read any more. Discard it, and upload the file anew.");
            Require(
                named.Length == plan.Length && IsSame(seal.Content, plan),
                $"This is another file than the one that was begun: that was {seal.Content.Name}, with {PortalPipeline.Bytes(named.Length)}. Choose that one, or discard the unfinished upload and begin anew.");
            return StateOf(named);
        }

        List<UnfinishedUpload> begun = await Db.UnfinishedUploads.Where(u => u.PatientId == me.Id).ToListAsync(cancellationToken);
        foreach (UnfinishedUpload candidate in begun.Where(u => u.Length == plan.Length && u.PartLength == plan.PartLength))
        {
            using UploadSeal? seal = await UploadSeal.OpenAsync(candidate.Once, lease.Keys, cancellationToken);
            if (seal is not null && IsSame(seal.Content, plan))
            {
                return StateOf(candidate);
            }
        }

        Require(begun.Count < options.UnfinishedUploads, $"You have {begun.Count} unfinished uploads already. Go on with one of them, or discard it, on the page of your records.");
        Require(begun.All(u => u.Once != plan.Once), "This page has begun an upload of another file. Load it again and choose the file anew.");
        DateTimeOffset now = Time.GetUtcNow();
        var upload = new UnfinishedUpload { PatientId = me.Id, Once = plan.Once!, Length = plan.Length, PartLength = plan.PartLength, ForClaim = plan.ForClaim, BegunAt = now, TouchedAt = now };
        await quota.TakeAsync(
            me.Id,
            plan.Length,
            async () =>
            {
                await UploadSeal.CreateAsync(upload.Once, new UploadPaper(plan.Name!, plan.Digests), lease.Keys, cancellationToken);
                Db.UnfinishedUploads.Add(upload);
                await Db.SaveChangesAsync(cancellationToken);
            },
            cancellationToken);
        return StateOf(upload);
    }

    /// <summary>Takes one part, and seals it. One that is here already stays as it is.</summary>
    /// <exception cref="FileRefusedException">The first part shows that the file is of a kind that is not taken; nothing of it is kept.</exception>
    /// <exception cref="DeskException">The part is not what was said at the beginning, or comes before the first.</exception>
    public async Task<UploadState> TakePartAsync(string once, int part, Stream body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(body);
        UnfinishedUpload upload = await Guard.UnfinishedUploadAsync(once);
        if (part < 0 || part >= upload.Parts)
        {
            throw new NotFoundHereException();
        }

        using KeyLease lease = Unlocked();
        using UploadSeal seal = await OpenSealAsync(upload, lease, cancellationToken);
        int length = upload.LengthOf(part);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(length + 1);
        int read = 0;
        try
        {
            read = await body.ReadAtLeastAsync(buffer.AsMemory(0, length + 1), length + 1, throwOnEndOfStream: false, cancellationToken);
            Memory<byte> plaintext = buffer.AsMemory(0, Math.Min(read, length));
            Require(read == length && SHA256.HashData(plaintext.Span).AsSpan().SequenceEqual(seal.Content.DigestOf(part)), "A part arrived damaged, or the file has changed since it was chosen. Choose it again.");
            using IDisposable turn = await turns.TakeAsync(TurnOf(upload.PatientId, once), cancellationToken);
            if (!await Db.UnfinishedUploads.AnyAsync(u => u.Id == upload.Id, cancellationToken))
            {
                throw new NotFoundHereException();
            }

            if (part == 0)
            {
                await RequireKindAsync(plaintext, upload, lease);
            }
            else
            {
                Require(folder.Has(upload, 0), "The first part comes first: it shows what kind of file it is.");
            }

            if (!folder.Has(upload, part))
            {
                await folder.WriteAsync(upload, part, seal.Seal(part, plaintext.Span), cancellationToken);
            }

            upload.TouchedAt = Time.GetUtcNow();
            await Db.SaveChangesAsync(cancellationToken);
            return StateOf(upload);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(buffer.AsSpan(0, read));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Makes a record of an upload whose parts are all here.</summary>
    /// <returns>How it stands: done, or which parts are here where one was missing or did not open.</returns>
    /// <exception cref="FileRefusedException">What is in the file is not taken; nothing of it is kept.</exception>
    /// <remarks>What was begun is done to its end, although the browser may be gone meanwhile.</remarks>
    public async Task<UploadState> FinishAsync(string once, CancellationToken cancellationToken)
    {
        int me = (await Person.RequireAsync()).Id;
        using IDisposable turn = await turns.TakeAsync(TurnOf(me, once), cancellationToken);
        if (await FindDoneAsync(me, once, cancellationToken) is { } done)
        {
            return done;
        }

        UnfinishedUpload upload = await Guard.UnfinishedUploadAsync(once);
        using KeyLease lease = Unlocked();
        using UploadSeal seal = await OpenSealAsync(upload, lease, cancellationToken);
        if (folder.List(upload).Count < upload.Parts)
        {
            return StateOf(upload);
        }

        await using var content = new PartsStream(upload, seal, folder);
        Db.UnfinishedUploads.Remove(upload);
        UploadResult result;
        try
        {
            // Saves the removal, too: there is the one or the other, whatever happens.
            result = await patients.UploadAsync(content, seal.Content.Name, new UploadWish(upload.ForClaim) { Once = once }, CancellationToken.None);
        }
        catch (FileRefusedException)
        {
            Db.Entry(upload).State = EntityState.Unchanged;
            await RemoveAsync(upload, lease);
            throw;
        }
        catch (PhrDataException) when (content.Part < upload.Parts)
        {
            // A part that does not open was damaged where it lay: it has to come again.
            Db.Entry(upload).State = EntityState.Unchanged;
            folder.Remove(upload, content.Part);
            return StateOf(upload);
        }

        await EraseAsync(upload, lease);
        return new UploadState(once, upload.Parts, []) { Result = result };
    }

    /// <summary>Discards an unfinished upload: its parts, and the key that opens them.</summary>
    public async Task DiscardAsync(string once, CancellationToken cancellationToken = default)
    {
        UnfinishedUpload upload = await Guard.UnfinishedUploadAsync(once);
        using KeyLease lease = Unlocked();
        using IDisposable turn = await turns.TakeAsync(TurnOf(upload.PatientId, once), cancellationToken);
        if (await Db.UnfinishedUploads.AnyAsync(u => u.Id == upload.Id, cancellationToken))
        {
            await RemoveAsync(upload, lease);
        }
    }

    /// <summary>How much the patient stores, and how much they may.</summary>
    public Task<QuotaView> QuotaAsync(CancellationToken cancellationToken = default) => patients.QuotaAsync(cancellationToken);

    /// <summary>The patient's unfinished uploads, oldest first.</summary>
    public async Task<IReadOnlyList<UnfinishedView>> UnfinishedAsync(CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        using KeyLease lease = Unlocked();
        var views = new List<UnfinishedView>();
        foreach (UnfinishedUpload upload in await Db.UnfinishedUploads.Where(u => u.PatientId == me).OrderBy(u => u.Id).ToListAsync(cancellationToken))
        {
            views.Add(await ViewAsync(upload, lease, cancellationToken));
        }

        return views;
    }

    /// <summary>One of the patient's unfinished uploads.</summary>
    public async Task<UnfinishedView> UnfinishedAsync(string once, CancellationToken cancellationToken = default)
    {
        UnfinishedUpload upload = await Guard.UnfinishedUploadAsync(once);
        using KeyLease lease = Unlocked();
        return await ViewAsync(upload, lease, cancellationToken);
    }

    /// <summary>What is said of a file that is too large.</summary>
    internal static string TooLarge(PortalOptions options) => $"The file is too large: one has at most {PortalPipeline.Bytes(options.LargestUpload)}. Nothing of it was kept. Choose a smaller one, or ask whoever made it for its parts.";

    /// <summary>The turn for what happens to all unfinished uploads of a person.</summary>
    internal static string TurnOf(int patient) => $"uploads of {patient}";

    /// <summary>The turn for what happens to one upload.</summary>
    internal static string TurnOf(int patient, string once) => $"upload {once} of {patient}";

    // Room is taken for all files of an upload together, as they come.
    private static async IAsyncEnumerable<SentFile> HeldAsync(IAsyncEnumerable<SentFile> files, StorageHold hold, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SentFile file in files.WithCancellation(cancellationToken))
        {
            hold.BeginFile();
            await using var held = new HeldStream(file.Content, hold);
            yield return file with { Content = held };
        }
    }

    private static bool IsSame(UploadPaper paper, UploadPlan plan) => paper.Digests.Span.SequenceEqual(plan.Digests.Span);

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new DeskException(message);
        }
    }

    private async Task<UploadSeal> OpenSealAsync(UnfinishedUpload upload, KeyLease lease, CancellationToken cancellationToken) =>
        await UploadSeal.OpenAsync(upload.Once, lease.Keys, cancellationToken) ?? throw new DeskException("This upload cannot be read any more. Discard it, and upload the file anew.");

    private async Task<UnfinishedView> ViewAsync(UnfinishedUpload upload, KeyLease lease, CancellationToken cancellationToken)
    {
        using UploadSeal? seal = await UploadSeal.OpenAsync(upload.Once, lease.Keys, cancellationToken);
        return new UnfinishedView(upload, seal is null ? null : PatientDesk.TitleOf(seal.Content.Name, "a file"), folder.List(upload).Count, upload.TouchedAt + options.UnfinishedUploadsKept);
    }

    private async Task RequireKindAsync(ReadOnlyMemory<byte> first, UnfinishedUpload upload, KeyLease lease)
    {
        try
        {
            PatientDesk.KindOf(first.Span[..Math.Min(first.Length, FileKind.HeadLength)]);
        }
        catch (FileRefusedException)
        {
            await RemoveAsync(upload, lease);
            throw;
        }
    }

    // Of what has come in nothing stays, although whoever asked may be gone.
    private async Task RemoveAsync(UnfinishedUpload upload, KeyLease lease)
    {
        Db.UnfinishedUploads.Remove(upload);
        await Db.SaveChangesAsync(CancellationToken.None);
        await EraseAsync(upload, lease);
    }

    private async Task EraseAsync(UnfinishedUpload upload, KeyLease lease)
    {
        await UploadSeal.EraseAsync(upload.Once, lease.Keys, CancellationToken.None);
        folder.Remove(upload);
    }

    private UploadState StateOf(UnfinishedUpload upload) => new(upload.Once, upload.Parts, folder.List(upload));

    // An upload with this number that is there already.
    private async Task<UploadState?> FindDoneAsync(int patient, string once, CancellationToken cancellationToken) =>
        await Db.Bundles.Where(b => b.PatientId == patient && b.Once == once).Select(b => (bool?)b.ForClaim).SingleOrDefaultAsync(cancellationToken) is { } forClaim
            ? new UploadState(once, 0, []) { Result = new UploadResult([], forClaim) }
            : null;
}
