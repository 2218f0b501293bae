using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>
/// The one place where an id from an address or a form becomes a thing: it is looked up, and whoever asks must be a party to it. Everything else gets the same answer as an id that does not exist.
/// </summary>
public sealed class Guard(PortalDb db, CurrentPerson person, PhrServices phr)
{
    public async Task<SealedBundle> BundleAsync(int id) => await RequireAsync(await db.Bundles.Include(b => b.Patient).SingleOrDefaultAsync(b => b.Id == id));

    /// <summary>One of the patient's own unfinished uploads, by the number of its form.</summary>
    public async Task<UnfinishedUpload> UnfinishedUploadAsync(string? once)
    {
        int who = (await person.PartyAsync()).UserId;

        // What is no number of a form is not even asked for: databases differ in which characters they take.
        return await RequireAsync(!UploadPlan.IsOnce(once) ? null : await db.UnfinishedUploads.SingleOrDefaultAsync(u => u.PatientId == who && u.Once == once));
    }

    public async Task<Appointment> AppointmentAsync(int id) => await RequireAsync(
        await db.Appointments.Include(a => a.Patient!.Patient!.Hospital).Include(a => a.Doctor!.Doctor).Include(a => a.Bundle).Include(a => a.Prescriptions).SingleOrDefaultAsync(a => a.Id == id));

    public async Task<Prescription> PrescriptionAsync(int id) => await RequireAsync(
        await db.Prescriptions.Include(p => p.Patient!.Patient!.Hospital).Include(p => p.Doctor!.Doctor).Include(p => p.Appointment).Include(p => p.Steps).SingleOrDefaultAsync(p => p.Id == id));

    /// <summary>A request on the ledger: for its doctor, its patient and the trustees of the patient's policy.</summary>
    public async Task<RequestRecord> RequestAsync(string? id, CancellationToken cancellationToken = default)
    {
        Party who = await person.PartyAsync();
        RequestRecord? record = RequestId.TryParse(id, out RequestId request) ? await phr.Services.Ledger.GetRequestAsync(request, cancellationToken) : null;
        bool isParty = record is not null
            && (record.Doctor == who.Actor || record.Patient == who.Actor || (who.Trustee is { } trustee && record.Policy.FindSeat(trustee) is not null));
        return isParty ? record! : throw new NotFoundHereException();
    }

    /// <summary>An emergency on the ledger: for the request's parties, and for agencies as soon as there is something to review.</summary>
    public async Task<RequestRecord> EmergencyAsync(string? id, CancellationToken cancellationToken = default)
    {
        Party who = await person.PartyAsync();
        RequestRecord? record = RequestId.TryParse(id, out RequestId request) ? await phr.Services.Ledger.GetRequestAsync(request, cancellationToken) : null;
        return record is null or { EmergencyReason: 0 } ? throw new NotFoundHereException()
            : who.Role == PortalRole.RegulatoryAgency && record.ReviewDueAt is not null ? record
            : await RequestAsync(id, cancellationToken);
    }

    /// <summary>A claim on the ledger: for its patient and doctor, and for hospital, agency and insurer from when on it has come to their level.</summary>
    public async Task<ClaimRecord> ClaimAsync(string? id, CancellationToken cancellationToken = default)
    {
        Party who = await person.PartyAsync();
        ClaimRecord? record = Digest.TryParse(id, out Digest claim) ? await phr.Services.Ledger.GetClaimAsync(claim, cancellationToken) : null;
        return record is not null && ClaimSight.Sees(record, who) ? record : throw new NotFoundHereException();
    }

    /// <summary>What was looked up, if whoever asks is a party to it.</summary>
    public async Task<T> RequireAsync<T>(T? thing)
        where T : class, IHasParties =>
        thing is not null && thing.HasParty(await person.PartyAsync()) ? thing : throw new NotFoundHereException();
}
