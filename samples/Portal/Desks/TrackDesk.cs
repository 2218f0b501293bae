using Microsoft.EntityFrameworkCore;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>Track records: a patient's own, and for a doctor what the patient granted. Documents are opened in memory for each look, and wiped after it.</summary>
public sealed class TrackDesk(DeskParts parts, PatientDesk patientDesk, DoctorDesk doctorDesk) : Desk(parts)
{
    private const int Most = 200;

    /// <summary>The zone in which whoever looks reads times and chooses days.</summary>
    public TimeZoneInfo Zone => Person.User?.TimeZone is { } name && TimeZoneInfo.TryFindSystemTimeZoneById(name, out TimeZoneInfo? zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>The track record of the patient who asks, from their own documents.</summary>
    public async Task<TrackSheet> OwnAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        var pile = new LaboratoryPile();
        var events = new List<TrackEvent>();
        var titles = new Dictionary<DocumentId, string>();
        foreach (SealedBundle bundle in await Db.Bundles.Where(b => b.PatientId == me.Id).OrderByDescending(b => b.Id).Take(Most).ToListAsync(cancellationToken))
        {
            IReadOnlyList<(DocumentId Id, DocumentInfo Info)> documents;
            try
            {
                documents = await patientDesk.DocumentsAsync(bundle.Id, cancellationToken);
            }
            catch (DeskException e)
            {
                events.Add(new TrackEvent(bundle.UploadedAt, "Upload", me.DisplayName, Unreadable.Title));
                pile.Leave($"upload {bundle.Id}", e.Message);
                continue;
            }

            events.Add(new TrackEvent(bundle.UploadedAt, "Upload", me.DisplayName, string.Join(", ", documents.Select(d => d.Info.Title))));
            foreach ((DocumentId id, DocumentInfo info) in documents)
            {
                titles[id] = info.Title;
                if (LaboratoryPile.IsFor(info.MediaType) && pile.Wants(info.Title, bundle.SealedLength))
                {
                    await AddAsync(pile, info.Title, () => patientDesk.OpenAsync(bundle.Id, id, cancellationToken));
                }
            }
        }

        List<Appointment> turned = await Db.Appointments.Include(a => a.Doctor).Where(a => a.PatientId == me.Id).OrderByDescending(a => a.Id).Take(Most).ToListAsync(cancellationToken);
        events.AddRange(turned.Select(a => new TrackEvent(a.CreatedAt, MeetingOf(a), a.Doctor!.DisplayName, string.Empty)));
        List<Prescription> prescriptions = await Db.Prescriptions.Include(p => p.Doctor).Where(p => p.PatientId == me.Id).OrderByDescending(p => p.Id).Take(Most).ToListAsync(cancellationToken);
        events.AddRange(prescriptions.Select(p => new TrackEvent(p.SentAt, "Prescription", p.Doctor!.DisplayName, string.Empty)));

        events.AddRange(pile.Encounters);
        IReadOnlyList<RequestView> requests = (await patientDesk.RequestsAsync(null, cancellationToken)).Items;
        var granted = new Dictionary<RequestId, IReadOnlyList<DocumentId>>();
        foreach (RequestRecord record in requests.Select(r => r.Record).Where(r => r.DocumentCount > 1))
        {
            if (record.Approval(TrusteeSeat.Patient) is not { } approval)
            {
                continue;
            }

            try
            {
                granted[record.Id] = [.. TrusteeApproval.FromBytes(await Phr.Services.Exchange.GetBlockAsync(approval.ApprovalDigest, cancellationToken)).Documents.Select(d => d.Id)];
            }
            catch (Exception e) when (Unreadable.Is(e))
            {
                // Then the line names all that was asked for.
            }
        }

        return new TrackSheet(
            pile.ToTrackRecord(),
            Newest(events),
            [.. requests.Select(r => new AccessLine(
                r.Record,
                r.Asker?.DisplayName ?? "a doctor of another portal",
                r.Review is { } review ? string.Join(", ", granted.GetValueOrDefault(r.Record.Id, review.Body.Documents).Select(d => titles.GetValueOrDefault(d, "a document"))) : string.Empty,
                r.Review is { } asked ? Components.Words.Of(asked.Body.Purpose) : string.Empty,
                r.Review?.Body.Reason ?? string.Empty,
                r.Status))],
            pile.Notices);
    }

    /// <summary>The track record of an appointment's patient, from what this doctor was granted, in all of their appointments.</summary>
    /// <returns>Whose it is, and the sheet; null before the patient has granted anything.</returns>
    public async Task<(PortalUser Patient, TrackSheet? Sheet)> GrantedAsync(int appointmentId, CancellationToken cancellationToken = default)
    {
        Appointment asked = await Guard.AppointmentAsync(appointmentId);
        PortalUser me = await Person.RequireAsync();
        IReadOnlyList<AppointmentView> views = await doctorDesk.AppointmentsWithAsync(asked.PatientId, cancellationToken);
        AppointmentView[] open = [.. views.Where(v => v.Stage == AppointmentStage.CanOpen)];
        if (open.Length == 0)
        {
            return (asked.Patient!, null);
        }

        var pile = new LaboratoryPile();
        foreach (AppointmentView view in open)
        {
            string name = $"upload {view.Row.BundleId}";
            try
            {
                BundleHeader header = await ReadablyAsync(async () => BundleHeader.FromBytes(await Phr.Services.Exchange.GetBlockAsync(Digest.Parse(view.Row.Bundle!.HeaderDigest), cancellationToken)));
                if (header.Documents.Any(d => d.VisibleLabels.Contains(FileKind.LaboratoryLabel) || d.VisibleLabels.Contains(FileKind.ResourceLabel)) && pile.Wants(name, view.Row.Bundle!.SealedLength))
                {
                    await AddAsync(pile, name, () => doctorDesk.OpenAsync(view.Row.Id, cancellationToken));
                }
            }
            catch (DeskException e)
            {
                pile.Leave(name, e.Message);
            }
        }

        IReadOnlyDictionary<int, IReadOnlyList<DocumentInfo>> documents = await doctorDesk.DocumentsAsync(open, cancellationToken);
        string TitlesOf(AppointmentView view) => string.Join(", ", documents.GetValueOrDefault(view.Row.Id, []).Select(d => d.Title));
        return (asked.Patient!, new TrackSheet(
            pile.ToTrackRecord(),
            Newest(
            [
                .. open.Select(v => new TrackEvent(v.Row.Bundle!.UploadedAt, "Upload", asked.Patient!.DisplayName, TitlesOf(v))),
                .. views.Select(v => new TrackEvent(v.Row.CreatedAt, MeetingOf(v.Row), me.DisplayName, string.Empty)),
                .. views.SelectMany(v => v.Row.Prescriptions).Select(p => new TrackEvent(p.SentAt, "Prescription", me.DisplayName, string.Empty)),
                .. pile.Encounters,
            ]),
            [.. views.Where(v => v.Request is not null).OrderByDescending(v => v.Request!.RequestedAt)
                .Select(v => new AccessLine(v.Request!, me.DisplayName, TitlesOf(v), string.Empty, string.Empty, v.Request!.StatusAt(Time.GetUtcNow())))],
            pile.Notices));
    }

    private static string MeetingOf(Appointment appointment) => appointment.IsEmergency ? "A doctor asked in an emergency" : "Turned to a doctor";

    private static IReadOnlyList<TrackEvent> Newest(IEnumerable<TrackEvent> events) => [.. events.OrderByDescending(e => e.At)];

    // One document that cannot be opened does not take the others with it.
    private static async Task AddAsync(LaboratoryPile pile, string title, Func<Task<MemoryDestination>> openAsync)
    {
        try
        {
            using MemoryDestination opened = await openAsync();
            foreach (MemoryFile file in opened.Files.Where(f => LaboratoryPile.IsFor(f.Info.MediaType)))
            {
                pile.Add(file);
            }
        }
        catch (Exception e) when (e is DeskException or PhrDataException)
        {
            pile.Leave(title, e.Message);
        }
    }
}
