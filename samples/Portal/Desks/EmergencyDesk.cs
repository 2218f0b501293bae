using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>
/// Emergencies, for everybody who has to do with one. A doctor asks; those whom the patient's second sharing names decide; the patient can stop it at any time; and what trustees granted is reviewed by the agency, or by the patient.
/// </summary>
public sealed class EmergencyDesk(DeskParts parts, TrusteeDesk trustees) : Desk(parts)
{
    /// <summary>The most characters of a reason, and of a review.</summary>
    public const int MaxText = ReviewPaper.MaxLength;

    private const int Shown = 25;
    private const int Labelled = 50;

    /// <summary>For how many hours a doctor can ask.</summary>
    public static IReadOnlyList<int> Hours { get; } = [1, 4, 12, 24];

    // --- The doctor.

    /// <summary>How many of the doctor's emergencies wait for their review, and whether no further one is taken for that.</summary>
    public async Task<(int Due, bool IsFull)> ReviewsDueAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        int due = me.ActorId is { } actor && await Phr.Services.Ledger.GetActorAsync(actor, cancellationToken) is { } record ? record.OpenReviews : 0;
        return (due, due >= LedgerLimits.OpenReviews);
    }

    /// <summary>Looks a patient up by number and name, with the uploads that can be asked for in an emergency.</summary>
    /// <exception cref="DeskException">There is nobody of this number and name, or the doctor has no licence.</exception>
    public async Task<EmergencyPatient> FindAsync(int patientId, string name, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        await RequireLicenceAsync(cancellationToken);
        PortalUser patient = await PatientOfAsync(patientId, name, cancellationToken);
        var uploads = new List<(SealedBundle, string)>();
        int unread = 0;
        foreach (SealedBundle bundle in await Db.Bundles.Where(b => b.PatientId == patient.Id && b.EmergencyState == BundleState.Ready).OrderByDescending(b => b.Id).ToListAsync(cancellationToken))
        {
            // Older ones can be asked for by their day: their labels would have to be read one by one.
            if (uploads.Count + unread >= Labelled)
            {
                uploads.Add((bundle, "an older upload"));
                continue;
            }

            try
            {
                var header = BundleHeader.FromBytes(await Phr.Services.Exchange.GetBlockAsync(Digest.Parse(bundle.HeaderDigest), cancellationToken));
                uploads.Add((bundle, string.Join(", ", header.Records().SelectMany(d => d.VisibleLabels).Distinct())));
            }
            catch (Exception e) when (Unreadable.Is(e))
            {
                unread++;
            }
        }

        return new EmergencyPatient(patient, uploads, unread);
    }

    /// <summary>Asks for an upload in an emergency: it is recorded, and patient and trustees are told.</summary>
    /// <exception cref="DeskException">Something is missing, another request is under way, reviews are due, or the ledger refused; the message says which.</exception>
    public async Task<string> AskAsync(EmergencyForm form, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(form);
        PortalUser me = await RequireLicenceAsync(cancellationToken);
        string reason = TextOf(form.Reason) is { Length: > 0 } said ? said : throw new DeskException("Say what has happened: the trustees decide by it.");
        if (form.Cause == EmergencyCause.None || !Enum.IsDefined(form.Cause))
        {
            throw new DeskException("Choose why it is an emergency.");
        }

        if (form.Lifetime <= TimeSpan.Zero || form.Lifetime > Phr.Services.Ledger.Parameters.MaxEmergencyLifetime)
        {
            throw new DeskException("Choose for how long; an emergency lasts a day at most.");
        }

        PortalUser patient = await PatientOfAsync(form.PatientId, form.Name, cancellationToken);
        SealedBundle bundle = await Db.Bundles.SingleOrDefaultAsync(b => b.Id == form.UploadId && b.PatientId == patient.Id && b.EmergencyState == BundleState.Ready, cancellationToken)
            ?? throw new DeskException("Choose one of the patient's uploads.");
        if ((await ReviewsDueAsync(cancellationToken)).IsFull)
        {
            throw new DeskException($"{LedgerLimits.OpenReviews} of your emergencies wait for their review. You can ask in another emergency when one of them has been reviewed; ask the agency for it. The patient, or the trustees, can still grant an ordinary request.");
        }

        using KeyLease lease = Unlocked();
        var client = new DoctorClient(Phr.Services, lease.Keys.Main, lease.Keys.MainSecrets, LicenceCredential.FromBytes(me.Doctor!.Licence!));
        if (await PlainlyAsync(() => FindUnnotedAsync(bundle.BundleId, client.Id, cancellationToken)) is { EmergencyReason: not 0 } before)
        {
            await NoteAsync(me, patient, bundle, client, before.Id, before.Policy, cancellationToken);
        }

        await RequireNoOtherAsync(bundle.BundleId, client.Id, cancellationToken);
        BundleHeader header = await ReadablyAsync(() => client.ReadHeaderAsync(bundle.BundleId, cancellationToken));
        DealingRecord sharing = await PlainlyAsync(() => Phr.Services.Ledger.GetDealingAsync(bundle.BundleId, Digest.Parse(bundle.EmergencyDealing!), cancellationToken))
            ?? throw new DeskException("The ledger does not have this upload's sharing for emergencies. Choose another upload.");
        RequestId request = await PlainlyAsync(() => client.RequestAsync(
            bundle.BundleId,
            new AccessQuestion
            {
                Documents = [.. header.Records().Select(d => d.Id)],
                Purpose = PurposeOfUse.EmergencyTreatment,
                NotAfter = Time.GetUtcNow() + form.Lifetime,
                EmergencyReason = (int)form.Cause,
                Reason = reason,
            },
            cancellationToken));
        await NoteAsync(me, patient, bundle, client, request, sharing.Policy, cancellationToken);
        return request.ToString();
    }

    // Noted and told in one step, so that nothing can come between; the draw, which can take a while, follows.
    private async Task NoteAsync(PortalUser me, PortalUser patient, SealedBundle bundle, DoctorClient client, RequestId request, ConsentPolicy policy, CancellationToken cancellationToken)
    {
        Appointment? appointment = await Db.Appointments.SingleOrDefaultAsync(a => a.DoctorId == me.Id && a.BundleId == bundle.Id, cancellationToken);
        if (appointment is null)
        {
            appointment = new Appointment { PatientId = patient.Id, DoctorId = me.Id, BundleId = bundle.Id, CreatedAt = Time.GetUtcNow(), IsEmergency = true };
            Db.Appointments.Add(appointment);
        }

        appointment.Request = request.ToString();
        Postman.Post(patient, "A doctor asks for your records in an emergency", "Your trustees can grant it without you. If there is no emergency, sign in to the portal at once and stop it; you also see there who asks and why.");
        foreach (PortalUser trustee in await PeopleAsync(policy.Groups.SelectMany(g => g.Members).Select(m => m.Identity), cancellationToken))
        {
            Postman.Post(trustee, "An emergency waits for your decision", "A doctor asks for the records of one of your patients, and it cannot wait. Sign in to the portal to see who asks and why, and to approve or deny. If it is not among your requests yet, it is being prepared: look again in a minute.");
        }

        await Db.SaveChangesAsync(cancellationToken);
        await DrawAsync(client, request, cancellationToken);
    }

    // --- Everybody.

    /// <summary>The emergencies of a patient or a doctor, newest first; for an agency all that trustees granted, with those that wait for their review first.</summary>
    public async Task<Paged<EmergencyView>> ListAsync(int page = 1, CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        ActorId actor = me.ActorId ?? throw new DeskException("Make your keys first.");
        IEnumerable<RequestRecord> records = me.Role switch
        {
            PortalRole.Patient => await RecordsAsync(new RequestFilter { Patient = actor }, cancellationToken),
            PortalRole.Doctor => await RecordsAsync(new RequestFilter { Doctor = actor }, cancellationToken),
            PortalRole.RegulatoryAgency => (await RecordsAsync(new RequestFilter(), cancellationToken)).Where(r => r.ReviewDueAt is not null).OrderBy(r => r.Review is not null),
            _ => throw new NotFoundHereException(),
        };
        Paged<RequestRecord> shown = Paging.Of([.. records], page, Shown);
        return shown.With(await MakeAsync(shown.Items, cancellationToken));
    }

    /// <summary>The emergencies that a trustee could decide on, newest first.</summary>
    public async Task<Paged<EmergencyView>> HistoryAsync(int page = 1, CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        var filter = new RequestFilter { Trustee = me.TrusteeId ?? throw new DeskException("Make your keys first.") };
        Paged<RequestRecord> shown = Paging.Of([.. await RecordsAsync(filter, cancellationToken)], page, Shown);
        return shown.With(await MakeAsync(shown.Items, cancellationToken));
    }

    /// <summary>One emergency.</summary>
    public async Task<EmergencyView> FindAsync(string id, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.EmergencyAsync(id, cancellationToken);
        return (await MakeAsync([record], cancellationToken))[0];
    }

    // --- Trustees.

    /// <summary>Whether a trustee has decided on a request already.</summary>
    public static bool HasDecided(RequestRecord request, ActorId trustee)
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Approvals.Any(a => a.Actor == trustee) || request.Denials.Any(d => d.Actor == trustee);
    }

    /// <summary>Agrees to an emergency. When that makes it granted, patient, doctor and agencies are told.</summary>
    public async Task ApproveAsync(string id, CancellationToken cancellationToken = default)
    {
        RequestRecord before = await Guard.EmergencyAsync(id, cancellationToken);
        await trustees.ApproveAsync(id, cancellationToken);
        RequestRecord? after = await Phr.Services.Ledger.GetRequestAsync(before.Id, cancellationToken);
        if (before.Grant is not null || after?.Grant is null)
        {
            return;
        }

        foreach (PortalUser patient in await PeopleAsync([before.Patient], cancellationToken))
        {
            Postman.Post(patient, "Your trustees agreed to an emergency", "A doctor gets what was asked for. Sign in to the portal to see what, and to stop it. Every emergency that trustees grant is reviewed.");
        }

        foreach (PortalUser doctor in await PeopleAsync([before.Doctor], cancellationToken))
        {
            Postman.Post(doctor, "Your emergency request is granted", "Sign in to the portal. What you do now is reviewed.");
        }

        foreach (PortalUser agency in await Db.Users.Where(u => u.Role == PortalRole.RegulatoryAgency && u.EnrolledAt != null).ToListAsync(cancellationToken))
        {
            Postman.Post(agency, "An emergency waits for its review", "Trustees granted a doctor's request in an emergency. Sign in to the portal to review it.");
        }

        await Db.SaveChangesAsync(cancellationToken);
    }

    // --- The patient.

    /// <summary>Stops an emergency: refuses it, or takes it back where it is granted.</summary>
    public async Task StopAsync(string id, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.EmergencyAsync(id, cancellationToken);
        PortalUser me = await Person.RequireAsync();
        if (record.Patient != me.ActorId)
        {
            throw new NotFoundHereException();
        }

        using KeyLease lease = Unlocked();
        var client = new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets);
        await PlainlyAsync(async () =>
        {
            try
            {
                await client.VetoAsync(record.Id, cancellationToken);
            }
            catch (LedgerRejectedException refused) when (refused.Error == LedgerError.Expired && Time.GetUtcNow() < record.NotAfter)
            {
                // The grant is final meanwhile.
                await client.RevokeAsync(record.Id, cancellationToken: cancellationToken);
            }
        });
        foreach (PortalUser doctor in await PeopleAsync([record.Doctor], cancellationToken))
        {
            Postman.Post(doctor, "A patient stopped your emergency request", "Nothing more is opened by it. Sign in to the portal to see which.");
        }

        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Notes that the patient has read of every emergency that was declared until a time, in milliseconds of Unix time; at the most until now.</summary>
    public async Task MarkSeenAsync(long until, CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        PatientProfile profile = await Db.Patients.SingleAsync(p => p.UserId == me.Id, cancellationToken);
        long seen = Math.Max(Math.Min(until, Time.GetUtcNow().ToUnixTimeMilliseconds()), profile.EmergenciesSeenAt?.ToUnixTimeMilliseconds() ?? 0);
        profile.EmergenciesSeenAt = DateTimeOffset.FromUnixTimeMilliseconds(seen);
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Who decides in an emergency, as the newest upload has it; null before there is one.</summary>
    public async Task<ConsentPolicy?> PolicyAsync(CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        SealedBundle? newest = await Db.Bundles.Where(b => b.PatientId == me && b.EmergencyState == BundleState.Ready).OrderByDescending(b => b.Id).FirstOrDefaultAsync(cancellationToken);
        return newest is not null && Digest.TryParse(newest.EmergencyDealing, out Digest digest) ? (await Phr.Services.Ledger.GetDealingAsync(newest.BundleId, digest, cancellationToken))?.Policy : null;
    }

    // --- Whoever reviews.

    /// <summary>Records what a review found. What is written goes sealed to the doctor and the patient.</summary>
    /// <exception cref="DeskException">Something is missing, whoever asks cannot review it, or the ledger refused.</exception>
    public async Task ReviewAsync(string id, EmergencyFinding finding, string? report, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await Guard.EmergencyAsync(id, cancellationToken);
        PortalUser me = await Person.RequireAsync();
        if (me.Role is not (PortalRole.Patient or PortalRole.RegulatoryAgency) || (me.Role == PortalRole.Patient && record.Patient != me.ActorId))
        {
            throw new NotFoundHereException();
        }

        if (WhyNoReview(record, me) is { } impossible)
        {
            throw new DeskException(impossible);
        }

        if (finding is not (EmergencyFinding.Justified or EmergencyFinding.Unjustified))
        {
            throw new DeskException("Choose what you found.");
        }

        string text = TextOf(report) is { Length: > 0 } said ? said : throw new DeskException("Say what you found and why: the doctor and the patient read it.");
        using KeyLease lease = Unlocked();
        IReadOnlyList<PortalUser> others = [.. (await PeopleAsync([record.Doctor, record.Patient], cancellationToken)).Where(p => p.Id != me.Id)];
        var readers = new List<(ActorId, PublicKey)> { (lease.Keys.Main.Id, lease.Keys.Main.PublicKeys.EnvelopeKey) };

        // A review is due whoever has not come for a year: they read it when they come and go on with the same keys.
        foreach (PortalUser other in others)
        {
            readers.Add((other.ActorId!.Value, (await ReadablyAsync(() => KeyRecordOfAsync(other, cancellationToken))).Keys.EnvelopeKey));
        }

        byte[] paper = ReviewPaper.Seal(text, record.Id, lease.Keys.Main, Phr.Services.Ledger.Id, readers);
        await Phr.Services.Exchange.PutBlockAsync(paper, cancellationToken);
        await PlainlyAsync(() => me.Role == PortalRole.Patient
            ? new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets).ReviewEmergencyAsync(record.Id, finding, Digest.Of(paper), cancellationToken)
            : new AgencyClient(Phr.Services, lease.Keys.Main, lease.Keys.MainSecrets).ReviewEmergencyAsync(record.Id, finding, Digest.Of(paper), cancellationToken));
        foreach (PortalUser other in others)
        {
            Postman.Post(other, "An emergency was reviewed", "Sign in to the portal to read what the review found.");
        }

        await Db.SaveChangesAsync(cancellationToken);
    }

    private static string? WhyNoReview(RequestRecord record, PortalUser me) =>
        record.ReviewDueAt is null ? "There is nothing to review: the trustees have not granted it."
        : record.Review is not null ? "It has been reviewed."
        : me.Role == PortalRole.RegulatoryAgency && me.TrusteeId is { } desk && record.Approvals.Any(a => a.Actor == desk) ? "Your own trustee desk agreed to this request, and nobody reviews a decision of their own. The patient can review it, or another agency."
        : null;

    // A browser sends line ends of two characters, and a request takes one.
    private static string TextOf(string? text)
    {
        string plain = (text ?? string.Empty).ReplaceLineEndings("\n").Trim();
        return plain.Length > MaxText ? throw new DeskException($"Write at most {MaxText.ToString("N0", CultureInfo.InvariantCulture)} characters.")
            : !PlainText.IsBasic(plain) ? throw new DeskException("Write plain text: there are characters in it that cannot be seen, or pictures.")
            : plain;
    }

    // The name is a check on the number: nobody is asked about by a slip of the pen, and numbers alone tell nothing.
    private async Task<PortalUser> PatientOfAsync(int patientId, string name, CancellationToken cancellationToken)
    {
        PortalUser? patient = await Db.Users.SingleOrDefaultAsync(u => u.Id == patientId && u.Role == PortalRole.Patient && u.Actor != null, cancellationToken);
        return patient is not null && string.Equals(patient.DisplayName.Trim(), name.Trim(), StringComparison.OrdinalIgnoreCase)
            ? patient
            : throw new DeskException("There is no patient of this U-ID and name. Compare both with the patient's papers and try again.");
    }

    // The ledger keeps one request of a doctor for an upload at a time.
    private async Task RequireNoOtherAsync(BundleId bundle, ActorId doctor, CancellationToken cancellationToken)
    {
        RequestRecord? last = (await Phr.Services.Ledger.ListRequestsAsync(new RequestFilter { BundleId = bundle, Doctor = doctor }, cancellationToken)).LastOrDefault();
        DateTimeOffset now = Time.GetUtcNow();
        if (last is null || last.IsOver(now))
        {
            return;
        }

        throw new DeskException(last switch
        {
            { Grant: null, EmergencyReason: 0 } => "You have asked for this upload already, without an emergency, and it is not decided yet: one request for an upload is taken at a time. The patient, or the trustees, can grant that one; or choose another upload.",
            { Grant: null } => $"You have asked for this upload in this emergency already. {(last.StatusAt(now) == RequestStatus.AwaitingDraw ? "The patient and the trustees are told; the ledger still draws who will deliver it, and the trustees decide then." : "The patient and the trustees are told.")}",
            _ => "You were granted this upload already. You find it among your appointments.",
        });
    }

    private async Task<IReadOnlyList<PortalUser>> PeopleAsync(IEnumerable<ActorId> actors, CancellationToken cancellationToken)
    {
        string[] ids = [.. actors.Select(a => a.ToString()).Distinct()];
        return await Db.Users.Where(u => (u.Actor != null && ids.Contains(u.Actor)) || (u.DeskActor != null && ids.Contains(u.DeskActor))).OrderBy(u => u.Id).ToListAsync(cancellationToken);
    }

    private async Task<IEnumerable<RequestRecord>> RecordsAsync(RequestFilter filter, CancellationToken cancellationToken) =>
        (await Phr.Services.Ledger.ListRequestsAsync(filter, cancellationToken)).Where(r => r.EmergencyReason != 0).Reverse().OrderByDescending(r => r.RequestedAt);

    private async Task<IReadOnlyList<EmergencyView>> MakeAsync(IReadOnlyList<RequestRecord> records, CancellationToken cancellationToken)
    {
        if (records.Count == 0)
        {
            return [];
        }

        PortalUser me = await Person.RequireAsync();
        using KeyLease lease = Unlocked();
        var names = new Dictionary<ActorId, PortalUser>();
        foreach (PortalUser user in await PeopleAsync(
            records.SelectMany(r => (IEnumerable<ActorId>)[r.Doctor, r.Patient, r.Review?.Reviewer ?? r.Patient, .. r.Approvals.Select(a => a.Actor), .. r.Denials.Select(d => d.Actor)]), cancellationToken))
        {
            names[user.ActorId!.Value] = names[user.TrusteeId!.Value] = user;
        }

        string NameOf(ActorId actor) => names.GetValueOrDefault(actor)?.DisplayName ?? "somebody of another portal";
        DateTimeOffset now = Time.GetUtcNow();
        var views = new List<EmergencyView>();
        foreach (RequestRecord record in records)
        {
            views.Add(new EmergencyView(
                record,
                names.GetValueOrDefault(record.Doctor),
                names.GetValueOrDefault(record.Patient),
                record.StatusAt(now),
                await ReadReasonAsync(record, me, lease, cancellationToken),
                [.. record.Approvals.Select(a => NameOf(a.Actor))],
                [.. record.Denials.Select(d => NameOf(d.Actor))],
                record.Review is { } review ? NameOf(review.Reviewer) : null,
                record.Review is { } reviewed && names.TryGetValue(reviewed.Reviewer, out PortalUser? reviewer) ? await ReadReportAsync(record, reviewed, reviewer, lease, cancellationToken) : null,
                me.Role is PortalRole.Patient or PortalRole.RegulatoryAgency ? WhyNoReview(record, me) : string.Empty));
        }

        return views;
    }

    // The doctor's words are sealed to the patient and to the trustees of the patient's plan: not to everybody who looks.
    private async Task<string?> ReadReasonAsync(RequestRecord record, PortalUser me, KeyLease lease, CancellationToken cancellationToken)
    {
        if (record.DrawnAt is null)
        {
            return null;
        }

        try
        {
            return record.Patient == me.ActorId ? (await new PatientClient(Phr.Services, lease.Keys.Patient!, lease.Keys.MainSecrets).ReviewAsync(record.Id, cancellationToken)).Body.Reason
                : me.TrusteeId is { } trustee && record.Policy.FindSeat(trustee) is not null ? (await new TrusteeClient(Phr.Services, lease.Keys.Trustee, lease.Keys.TrusteeSecrets).ReviewAsync(record.Id, cancellationToken)).Body.Reason
                : null;
        }
        catch (Exception e) when (Unreadable.Is(e))
        {
            return null;
        }
    }

    private async Task<string?> ReadReportAsync(RequestRecord record, EmergencyReviewRecord review, PortalUser reviewer, KeyLease lease, CancellationToken cancellationToken)
    {
        if (review.ReportDigest.IsZero)
        {
            return null;
        }

        try
        {
            byte[] paper = await Phr.Services.Exchange.GetBlockAsync(review.ReportDigest, cancellationToken);
            KeyRecord keys = await KeyRecordOfAsync(reviewer, cancellationToken);
            RequireSignedInTime(keys, review.Time);
            return ReviewPaper.Open(paper, record.Id, keys.Keys, Phr.Services.Ledger.Id, lease.Keys.Main);
        }
        catch (Exception e) when (Unreadable.Is(e) || e is DeskException)
        {
            return null;
        }
    }
}
