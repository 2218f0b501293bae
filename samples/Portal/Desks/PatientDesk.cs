using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Phr.Records;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>A patient's work.</summary>
public sealed class PatientDesk(DeskParts parts, KeyRing keys, StorageQuota quota) : Desk(parts)
{
    /// <summary>The most files of one upload.</summary>
    public const int MaxFiles = 50;

    private const int Shown = 200;
    private const int MaxTitleLength = 200;
    private const int FaultsShown = 5;
    private const int TrusteeBundles = 50;

    /// <summary>Seals one file while it comes in, registers it, and turns to the personal doctor with it.</summary>
    /// <returns>What became of it.</returns>
    /// <exception cref="FileRefusedException">The file is empty, of a kind that is not taken, or a table of laboratory values with faults; the message says what to do.</exception>
    public Task<UploadResult> UploadAsync(Stream content, string fileName, UploadWish wish, CancellationToken cancellationToken) =>
        UploadAsync(new[] { new SentFile(fileName, content) }.ToAsyncEnumerable(), wish, cancellationToken);

    /// <summary>Seals files one after another while they come in, as the documents of one upload, registers it, and turns to the personal doctor with it.</summary>
    /// <returns>What became of it.</returns>
    /// <exception cref="FileRefusedException">A file is empty, of a kind that is not taken, or a table of laboratory values with faults, or there are too many; the message says what to do, and none of them is kept.</exception>
    public async Task<UploadResult> UploadAsync(IAsyncEnumerable<SentFile> files, UploadWish wish, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(files);
        ArgumentNullException.ThrowIfNull(wish);
        PortalUser patient = await Person.RequireAsync();
        using KeyLease lease = Unlocked();
        var kinds = new List<FileKind>();
        await SealAsync(patient, lease, DocumentsAsync(files, kinds, cancellationToken), wish, cancellationToken);
        return new UploadResult(kinds, wish.IsForClaim());
    }

    /// <summary>The doctors whom a patient can choose, where none was named at the registration; else none.</summary>
    public async Task<IReadOnlyList<PortalUser>> DoctorsToChooseAsync(CancellationToken cancellationToken = default) =>
        (await Person.RequireAsync()).Patient!.PersonalDoctorId is not null
            ? []
            : await Db.Users.Include(u => u.Doctor).Where(u => u.Role == PortalRole.Doctor && u.Admission == Admission.Admitted).OrderBy(u => u.DisplayName).ToListAsync(cancellationToken);

    /// <summary>Names the personal doctor, where none was named at the registration, and turns to them with what was uploaded until now.</summary>
    public async Task<PortalUser> ChooseDoctorAsync(int doctorId, CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        if (me.Patient!.PersonalDoctorId is not null)
        {
            throw new DeskException("You have named your personal doctor already.");
        }

        PortalUser doctor = (await DoctorsToChooseAsync(cancellationToken)).FirstOrDefault(d => d.Id == doctorId) ?? throw new DeskException("Choose a doctor from the list.");
        me.Patient.PersonalDoctorId = doctor.Id;

        // What the doctor asked for in an emergency is turned to them like the rest.
        List<Appointment> there = await Db.Appointments.Where(a => a.PatientId == me.Id && a.DoctorId == doctor.Id).ToListAsync(cancellationToken);
        there.ForEach(appointment => appointment.IsEmergency = false);
        int[] known = [.. there.Select(a => a.BundleId)];
        foreach (SealedBundle bundle in await Db.Bundles.Where(b => b.PatientId == me.Id && !known.Contains(b.Id)).OrderBy(b => b.Id).ToListAsync(cancellationToken))
        {
            Db.Appointments.Add(new Appointment { PatientId = me.Id, DoctorId = doctor.Id, Bundle = bundle, CreatedAt = Time.GetUtcNow() });
        }

        await Db.SaveChangesAsync(cancellationToken);
        return doctor;
    }

    /// <summary>How much the patient stores, and how much they may.</summary>
    public async Task<QuotaView> QuotaAsync(CancellationToken cancellationToken = default) => await quota.ReadAsync((await Person.RequireAsync()).Id, cancellationToken);

    /// <summary>The patient's uploads, newest first, with their sealed titles opened. One that cannot be read now is there, and says so.</summary>
    public async Task<Paged<UploadView>> UploadsAsync(int page = 1, CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        using KeyLease lease = Unlocked();
        var views = new List<UploadView>();
        Paged<SealedBundle> shown = await Paging.OfAsync(Db.Bundles.Where(b => b.PatientId == me).OrderByDescending(b => b.Id), page, Shown, cancellationToken);
        foreach (SealedBundle bundle in shown.Items)
        {
            try
            {
                views.Add(new UploadView(bundle, [.. (await ReadAsync(bundle, lease, cancellationToken)).Select(document => document.Info)]));
            }
            catch (DeskException)
            {
                views.Add(new UploadView(bundle, []) { IsReadable = false });
            }
        }

        return shown.With<UploadView>(views);
    }

    /// <summary>The documents of one upload, with their sealed titles opened.</summary>
    /// <exception cref="DeskException">It cannot be read now.</exception>
    public async Task<IReadOnlyList<(DocumentId Id, DocumentInfo Info)>> DocumentsAsync(int bundleId, CancellationToken cancellationToken = default)
    {
        SealedBundle bundle = await Guard.BundleAsync(bundleId);
        using KeyLease lease = Unlocked();
        return await ReadAsync(bundle, lease, cancellationToken);
    }

    /// <summary>Opens one of the patient's own documents, in memory.</summary>
    /// <exception cref="DeskException">It cannot be read now.</exception>
    public async Task<MemoryDestination> OpenAsync(int bundleId, DocumentId document, CancellationToken cancellationToken)
    {
        SealedBundle bundle = await Guard.BundleAsync(bundleId);
        using KeyLease lease = Unlocked();
        return await ReadablyAsync(() => OpenAsync(bundle, document, lease, cancellationToken));
    }

    private async Task<MemoryDestination> OpenAsync(SealedBundle bundle, DocumentId document, KeyLease lease, CancellationToken cancellationToken)
    {
        BundleHeader header = await HeaderOfAsync(bundle, cancellationToken);
        if (!header.TryGetDocument(document, out _))
        {
            throw new NotFoundHereException();
        }

        var destination = new MemoryDestination(ViewerLimits.MaxBytes);
        try
        {
            await using BundleReader reader = BundleReader.Open(Phr.Services.Records, header);
            await using DocumentTarget target = await destination.CreateAsync(document, InfoOf(header, document, lease.Keys.Patient!), cancellationToken);
            await reader.DecryptAsync(document, lease.Keys.Patient!, target.Stream, null, cancellationToken);
            await target.CompleteAsync(cancellationToken);
            return destination;
        }
        catch
        {
            destination.Dispose();
            throw;
        }
    }

    /// <summary>The patient's trustees, how their shares of the newest uploads' keys stand, and how many of each group must agree.</summary>
    public async Task<(IReadOnlyList<TrusteeView> Trustees, ConsentPolicy? Policy)> TrusteesAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        List<Trusteeship> named = await Db.Trusteeships.Include(t => t.Trustee).Where(t => t.PatientId == me.Id).OrderBy(t => t.Id).ToListAsync(cancellationToken);
        List<SealedBundle> bundles = await Db.Bundles.Where(b => b.PatientId == me.Id).OrderByDescending(b => b.Id).Take(TrusteeBundles).ToListAsync(cancellationToken);
        var dealings = new List<DealingRecord>();
        foreach (SealedBundle bundle in bundles)
        {
            if (Digest.TryParse(bundle.Dealing, out Digest digest) && await Phr.Services.Ledger.GetDealingAsync(bundle.BundleId, digest, cancellationToken) is { } dealing)
            {
                dealings.Add(dealing);
            }
        }

        var views = new List<TrusteeView>();
        foreach (PortalUser trustee in named.Select(t => t.Trustee!))
        {
            int shares = 0, soundOnes = 0, complaints = 0, waiting = 0;
            foreach (DealingRecord dealing in trustee.TrusteeId is null ? [] : dealings)
            {
                if (dealing.Policy.FindSeat(trustee.TrusteeId!.Value) is { } seat)
                {
                    shares++;
                    soundOnes += dealing.HasAcknowledged(seat) ? 1 : 0;
                    complaints += dealing.Complaints.Any(c => c.Seat == seat) ? 1 : 0;
                }
            }

            foreach (SealedBundle bundle in trustee.TrusteeId is null ? [] : bundles.Where(b => b.State == BundleState.Sealed))
            {
                waiting += await Phr.Services.Ledger.GetEnvelopeKeyAsync(trustee.TrusteeId!.Value, bundle.BundleId, 1, cancellationToken) is null ? 1 : 0;
            }

            views.Add(new TrusteeView(trustee, shares, soundOnes, complaints, waiting, keys.OnDutyUntil(trustee.Id)));
        }

        return (views, dealings.FirstOrDefault()?.Policy);
    }

    /// <summary>The titles of what a request asks for, in its order; those that cannot be read are called a document.</summary>
    public async Task<IReadOnlyList<(DocumentId Id, string Title)>> AskedAsync(RequestView request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Review is not { } review)
        {
            return [];
        }

        string bundle = request.Record.BundleId.ToString();
        int me = (await Person.RequireAsync()).Id;
        SealedBundle? row = await Db.Bundles.SingleOrDefaultAsync(b => b.PatientId == me && b.Bundle == bundle, cancellationToken);
        var titles = new Dictionary<DocumentId, string>();
        try
        {
            titles = row is null ? titles : (await DocumentsAsync(row.Id, cancellationToken)).ToDictionary(d => d.Id, d => d.Info.Title);
        }
        catch (DeskException)
        {
            // They can be decided on without their titles.
        }

        return [.. review.Body.Documents.Select(d => (d, titles.GetValueOrDefault(d, "a document")))];
    }

    /// <summary>Requests for the patient's records, newest first, with what each asks and what speaks against it.</summary>
    /// <param name="page">Which page of them; null for all.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<Paged<RequestView>> RequestsAsync(int? page = null, CancellationToken cancellationToken = default)
    {
        RequestRecord[] all = await RecordsAsync(cancellationToken);
        Paged<RequestRecord> shown = page is { } number ? Paging.Of(all, number, RequestViews.Shown) : new Paged<RequestRecord>(all, 1, Math.Max(1, all.Length), all.Length);
        return shown.With(await ViewsAsync(shown.Items, cancellationToken));
    }

    /// <summary>All requests on which somebody can still decide, emergencies first.</summary>
    public async Task<IReadOnlyList<RequestView>> WaitingAsync(CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = Time.GetUtcNow();
        RequestRecord[] open = [.. (await RecordsAsync(cancellationToken)).Where(r => r.StatusAt(now) is RequestStatus.Open or RequestStatus.VetoWindow).OrderByDescending(r => r.EmergencyReason != 0)];
        return await ViewsAsync(open, cancellationToken);
    }

    /// <summary>Accepts a request: for all that it asks, or for some of the documents.</summary>
    /// <exception cref="DeskException">No document was chosen, or one that was not asked for; or the ledger refused.</exception>
    public async Task AcceptAsync(string request, IReadOnlyList<DocumentId>? documents = null, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.RequestAsync(request, cancellationToken);
        if (documents is { Count: 0 })
        {
            throw new DeskException("Choose at least one document, or refuse the request.");
        }

        using KeyLease lease = Unlocked();
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        try
        {
            await PlainlyAsync(() => client.ConsentAsync(record.Id, documents, cancellationToken));
        }
        catch (ArgumentException e)
        {
            throw new DeskException("One of the documents was not asked for. Load the page again and choose anew.", e);
        }
    }

    /// <summary>Refuses a request that is not granted yet.</summary>
    public async Task RefuseAsync(string request, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.RequestAsync(request, cancellationToken);
        using KeyLease lease = Unlocked();
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        await PlainlyAsync(() => client.VetoAsync(record.Id, cancellationToken));
    }

    /// <summary>Takes a grant back.</summary>
    public async Task RevokeAsync(string request, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.RequestAsync(request, cancellationToken);
        using KeyLease lease = Unlocked();
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        await PlainlyAsync(() => client.RevokeAsync(record.Id, cancellationToken: cancellationToken));
    }

    private async Task<RequestRecord[]> RecordsAsync(CancellationToken cancellationToken)
    {
        PortalUser me = await Person.RequireAsync();
        return [.. RequestViews.Newest(await Phr.Services.Ledger.ListRequestsAsync(new RequestFilter { Patient = me.ActorId }, cancellationToken))];
    }

    private async Task<IReadOnlyList<RequestView>> ViewsAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellationToken)
    {
        using KeyLease lease = Unlocked();
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        return await RequestViews.MakeAsync(records, Db, request => client.ReviewAsync(request, cancellationToken), Time, cancellationToken);
    }

    // The documents of an upload, each judged when it comes, and wiped when the next one is asked for.
    private static async IAsyncEnumerable<DocumentToSeal> DocumentsAsync(IAsyncEnumerable<SentFile> files, List<FileKind> kinds, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] head = new byte[FileKind.HeadLength];
        await foreach (SentFile file in files.WithCancellation(cancellationToken))
        {
            MemoryStream? table = null;
            try
            {
                int read = await file.Content.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
                (FileKind kind, table) = await JudgeAsync(file, head.AsMemory(0, read), kinds.Count, cancellationToken);
                kinds.Add(kind);
                Stream content = table ?? (Stream)new HeadedStream(head.AsMemory(0, read), file.Content);
                yield return new DocumentToSeal(new DocumentInfo(TitleOf(file.Name, kind.Word), kind.MediaType) { VisibleLabels = [kind.Label] }, () => content);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(head);
                CryptographicOperations.ZeroMemory(table is null ? [] : table.GetBuffer());
                table?.Dispose();
            }
        }

        yield return DrillDocument.Make();
    }

    // What kind of file it is, and a table of laboratory values as a whole. Of several, the message names the one that is not taken.
    private static async Task<(FileKind Kind, MemoryStream? Table)> JudgeAsync(SentFile file, ReadOnlyMemory<byte> head, int before, CancellationToken cancellationToken)
    {
        if (before == MaxFiles)
        {
            throw new FileRefusedException($"One upload has at most {MaxFiles} files, and none of these was kept. Choose fewer at a time.");
        }

        try
        {
            FileKind kind = KindOf(head.Span);
            return (kind, kind.Format == RecordFormat.LaboratoryCsv ? await CheckedTableAsync(head, file.Content, cancellationToken) : null);
        }
        catch (FileRefusedException e) when (before > 0)
        {
            throw new FileRefusedException($"None of the files was kept, because of “{TitleOf(file.Name, "a file")}”. {e.Message}", e);
        }
    }

    private async Task SealAsync(PortalUser patient, KeyLease lease, IAsyncEnumerable<DocumentToSeal> documents, UploadWish wish, CancellationToken cancellationToken)
    {
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        BundleHeader header = await PlainlyAsync(() => client.SealEachAsync(documents, cancellationToken));
        var bundle = new SealedBundle
        {
            PatientId = patient.Id,
            Bundle = header.BundleId.ToString(),
            HeaderDigest = header.Digest.ToString(),
            UploadedAt = Time.GetUtcNow(),
            SealedLength = header.Documents.Sum(d => d.CiphertextLength),
            Documents = header.Records().Count,
            ForClaim = wish.IsForClaim(),
            Once = wish.Once,
        };
        Db.Bundles.Add(bundle);
        if (patient.Patient!.PersonalDoctorId is { } doctor)
        {
            Db.Appointments.Add(new Appointment { PatientId = patient.Id, DoctorId = doctor, Bundle = bundle, CreatedAt = Time.GetUtcNow() });
        }

        // What is registered is noted, although the browser may be gone by now.
        Task SaveAsync() => Db.SaveChangesAsync(CancellationToken.None);
        await (wish.Hold?.CommitAsync(SaveAsync) ?? SaveAsync());
    }

    private Task<IReadOnlyList<(DocumentId Id, DocumentInfo Info)>> ReadAsync(SealedBundle bundle, KeyLease lease, CancellationToken cancellationToken) => ReadablyAsync<IReadOnlyList<(DocumentId, DocumentInfo)>>(async () =>
    {
        BundleHeader header = await HeaderOfAsync(bundle, cancellationToken);
        return [.. header.Records().Select(document => (document.Id, InfoOf(header, document.Id, lease.Keys.Patient!)))];
    });

    private async Task<BundleHeader> HeaderOfAsync(SealedBundle bundle, CancellationToken cancellationToken) =>
        BundleHeader.FromBytes(await Phr.Services.Exchange.GetBlockAsync(Digest.Parse(bundle.HeaderDigest), cancellationToken));

    private static DocumentInfo InfoOf(BundleHeader header, DocumentId document, PatientKeys keys)
    {
        using DocumentKey key = header.OpenDocumentKey(document, keys);
        return header.DecryptInfo(document, key);
    }

    // A table with faults would be a track record with gaps: whoever has the file can still mend it now.
    private static async Task<MemoryStream> CheckedTableAsync(ReadOnlyMemory<byte> head, Stream rest, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[LaboratoryCsv.MaxLength + 1];
        bool isSound = false;
        head.CopyTo(bytes);
        int length = head.Length + await rest.ReadAtLeastAsync(bytes.AsMemory(head.Length), bytes.Length - head.Length, throwOnEndOfStream: false, cancellationToken);
        try
        {
            LaboratoryTable table = LaboratoryCsv.ReadAll(bytes.AsSpan(0, length));
            isSound = table.Faults.Count == 0;
            if (!isSound)
            {
                string more = table.Faults.Count > FaultsShown ? $" And {table.Faults.Count - FaultsShown} more." : string.Empty;
                throw new FileRefusedException($"The table of laboratory values has faults, and nothing of it was kept. Mend them and upload it again: {string.Join("; ", table.Faults.Take(FaultsShown))}.{more}");
            }
        }
        catch (PhrDataException e)
        {
            throw new FileRefusedException($"The table of laboratory values cannot be read, and nothing of it was kept. A table has at most {PortalPipeline.Bytes(LaboratoryCsv.MaxLength)} of text in UTF-8; split a larger one.", e);
        }
        finally
        {
            if (!isSound)
            {
                CryptographicOperations.ZeroMemory(bytes);
            }
        }

        return new MemoryStream(bytes, 0, length, writable: false, publiclyVisible: true);
    }

    /// <summary>The kind of a file with these first bytes.</summary>
    /// <exception cref="FileRefusedException">It is empty, or of a kind that is not taken; the message says what it is instead.</exception>
    internal static FileKind KindOf(ReadOnlySpan<byte> head) => head.IsEmpty
        ? throw new FileRefusedException("Choose a file first: what was sent is empty.")
        : FileKind.Of(head) ?? throw new FileRefusedException($"This kind of file is not taken: it is {RecordFormat.Describe(head)}. Nothing was kept. Choose {FileKind.Taken}.");

    /// <summary>A file's name for people: it comes from another machine, so its last part, and only what can be shown.</summary>
    internal static string TitleOf(string fileName, string otherwise)
    {
        string last = fileName[(fileName.LastIndexOfAny(['/', '\\']) + 1)..];
        string plain = string.Concat(last.Where(c => !char.IsControl(c) && !char.IsSurrogate(c) && char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)).Trim();
        return plain.Length == 0 ? otherwise : plain[..Math.Min(plain.Length, MaxTitleLength)];
    }
}
