using Microsoft.EntityFrameworkCore;
using Phr.Fhir;
using Phr.Storage;
using Medication = Phr.Fhir.Prescription;

namespace Phr.Samples.Portal;

/// <summary>Prescriptions and their course, for the doctor who gave them and the patient who got them. Each step is signed by whoever takes it, and sealed to both.</summary>
public sealed class PrescriptionDesk(DeskParts parts) : Desk(parts)
{
    private const int Shown = 200;
    private const int MaxNoteLength = 500;

    /// <summary>What stands for a medicine that only the instruction names.</summary>
    private const string AsTheTextSays = "As the instruction says";

    /// <summary>The medicine as the doctor wrote it; empty where only the instruction names it.</summary>
    public static string MedicineOf(Medication prescription)
    {
        ArgumentNullException.ThrowIfNull(prescription);
        return prescription.Medicine.Text is { } text && text != AsTheTextSays ? text : string.Empty;
    }

    /// <summary>The prescriptions of the patient who asks, newest first.</summary>
    public async Task<IReadOnlyList<PrescriptionView>> MineAsync(CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        return await ViewsAsync(Db.Prescriptions.Where(p => p.PatientId == me), cancellationToken);
    }

    /// <summary>The prescriptions that came of an appointment, for its doctor, newest first.</summary>
    public async Task<IReadOnlyList<PrescriptionView>> OfAppointmentAsync(int appointmentId, CancellationToken cancellationToken = default)
    {
        await Guard.AppointmentAsync(appointmentId);
        int me = (await Person.RequireAsync()).Id;
        return await ViewsAsync(Db.Prescriptions.Where(p => p.AppointmentId == appointmentId && p.DoctorId == me), cancellationToken);
    }

    /// <summary>One prescription, for its doctor or its patient.</summary>
    public async Task<PrescriptionView> FindAsync(int id, CancellationToken cancellationToken = default)
    {
        Prescription row = await Guard.PrescriptionAsync(id);
        using KeyLease lease = Unlocked();
        return await OpenAsync(row, lease, cancellationToken);
    }

    /// <summary>The prescription as a FHIR R4 MedicationRequest: the very bytes that the doctor signed while it is active, and with its present status afterwards.</summary>
    public async Task<byte[]> ResourceAsync(int id, CancellationToken cancellationToken = default)
    {
        PrescriptionView view = await FindAsync(id, cancellationToken);
        PrescriptionCourse course = view.Course ?? throw new NotFoundHereException(view.Fault ?? "It cannot be read.");
        PrescriptionStatus status = course.StatusAt(Time.GetUtcNow());
        return status == course.Resource.Status ? view.Signed.ToArray() : FhirR4.WritePrescription(course.Resource with { Status = status });
    }

    /// <summary>Signs a prescription, seals it to the patient, and sends it.</summary>
    /// <param name="appointment">The appointment that it comes of; whether the doctor may prescribe is checked before.</param>
    /// <param name="text">What it says.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task IssueAsync(Appointment appointment, PrescriptionText text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(appointment);
        using KeyLease lease = Unlocked();
        await WriteAsync(appointment, text, null, lease, cancellationToken);
        Postman.Post(appointment.Patient!, "A doctor sent you a prescription", "Sign in to the portal to read it.");
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Puts another prescription in the place of this one, and says so in both. It needs no new look at the records: the doctor goes on with a treatment.</summary>
    public async Task<int> RenewAsync(int id, PrescriptionText text, CancellationToken cancellationToken = default)
    {
        Prescription row = await Guard.PrescriptionAsync(id);
        using KeyLease lease = Unlocked();
        PrescriptionView view = await OpenAsync(row, lease, cancellationToken);
        Require(view, PrescriptionStepKind.Renewed, PrescriptionParty.Doctor);
        (Prescription renewed, Digest paper) = await WriteAsync(await Guard.AppointmentAsync(row.AppointmentId), text, view, lease, cancellationToken);
        await AddStepAsync(row, view, PrescriptionStepKind.Renewed, null, paper, lease, cancellationToken);
        Postman.Post(row.Patient!, "A doctor renewed your prescription", "Sign in to the portal to read the new one.");
        await SaveAsync(cancellationToken);
        return renewed.Id;
    }

    /// <summary>Takes any other step, as whoever asks.</summary>
    public async Task StepAsync(int id, PrescriptionStepKind kind, string? note = null, CancellationToken cancellationToken = default)
    {
        Prescription row = await Guard.PrescriptionAsync(id);
        string? plain = PlainText.Lines("The note", note, MaxNoteLength) is { Length: > 0 } written ? written : null;
        if (kind == PrescriptionStepKind.Withdrawn && plain is null)
        {
            throw new DeskException("Say why you withdraw it: the patient reads it.");
        }

        using KeyLease lease = Unlocked();
        PrescriptionView view = await OpenAsync(row, lease, cancellationToken);
        PrescriptionParty me = lease.Keys.UserId == row.PatientId ? PrescriptionParty.Patient : PrescriptionParty.Doctor;
        Require(view, kind, me);
        await AddStepAsync(row, view, kind, plain, null, lease, cancellationToken);
        if (me == PrescriptionParty.Doctor)
        {
            Postman.Post(row.Patient!, "Your prescription went on", "Sign in to the portal to see where it stands.");
        }

        await SaveAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<PrescriptionView>> ViewsAsync(IQueryable<Prescription> which, CancellationToken cancellationToken)
    {
        using KeyLease lease = Unlocked();
        var views = new List<PrescriptionView>();
        foreach (Prescription row in await which.Include(p => p.Doctor!.Doctor).Include(p => p.Patient!.Patient!.Hospital).Include(p => p.Steps).OrderByDescending(p => p.Id).Take(Shown).ToListAsync(cancellationToken))
        {
            views.Add(await OpenAsync(row, lease, cancellationToken));
        }

        return views;
    }

    // One that is damaged does not take the others with it: it is shown with what is wrong.
    private async Task<PrescriptionView> OpenAsync(Prescription row, KeyLease lease, CancellationToken cancellationToken)
    {
        PrescriptionView? view = null;
        try
        {
            KeyRecord ofPatient = await KeyRecordOfAsync(row.Patient!, cancellationToken), ofDoctor = await KeyRecordOfAsync(row.Doctor!, cancellationToken);
            IdentityPublicKeys patient = ofPatient.Keys, doctor = ofDoctor.Keys;
            bool isPatient = lease.Keys.UserId == row.PatientId;
            LedgerId ledger = Phr.Services.Ledger.Id;
            byte[] envelope = await Phr.Services.Exchange.GetBlockAsync(Digest.Parse(isPatient ? row.PatientObject : row.DoctorObject), cancellationToken);
            SignedPaper paper = SignedPaper.Open(SignedPaper.Prescription, envelope, lease.Keys.Main, doctor, patient.Id, ledger);

            // The portal noted when it came; the signature says a time of its own. Neither may be after the end of the keys, nor the steps' times after that.
            DateTimeOffset entered = Later(row.SentAt, paper.SignedAt);
            RequireSignedInTime(ofDoctor, entered);
            Medication resource = FhirR4.ReadPrescription(paper.Content);
            if (!resource.Patient.PointsWhere(FhirReference.ToActor("Patient", ledger, patient.Id)) || !resource.Prescriber.PointsWhere(FhirReference.ToActor("Practitioner", ledger, doctor.Id)))
            {
                throw new PhrDataException(SignedPaper.Prescription, PhrDataReason.Mismatched, "it names another patient or doctor.");
            }

            var digest = Digest.Of(paper.Content);
            var course = new PrescriptionCourse(resource, []);
            view = new PrescriptionView(row, course, paper.SignedAt, null) { Paper = digest, Last = digest, Signed = paper.Content };
            foreach (PrescriptionStep step in row.Steps.OrderBy(s => s.Number))
            {
                PrescriptionParty by = step.ById == row.PatientId ? PrescriptionParty.Patient : PrescriptionParty.Doctor;
                byte[] sealedStep = await Phr.Services.Exchange.GetBlockAsync(Digest.Parse(isPatient ? step.PatientObject : step.DoctorObject), cancellationToken);
                SignedPaper signed = SignedPaper.Open(SignedPaper.Step, sealedStep, lease.Keys.Main, by == PrescriptionParty.Patient ? patient : doctor, patient.Id, ledger);
                entered = Later(entered, signed.SignedAt);
                RequireSignedInTime(by == PrescriptionParty.Patient ? ofPatient : ofDoctor, entered);
                StepPaper said = StepPaper.FromBytes(signed.Content);
                bool follows = said.Prescription == view.Paper.ToString() && said.Previous == view.Last.ToString() && said.Number == course.Steps.Count + 1 && course.Allows(said.Kind, by, signed.SignedAt);
                if (!follows)
                {
                    throw new PhrDataException(SignedPaper.Step, PhrDataReason.Mismatched, "it does not follow the one before.");
                }

                course = course with { Steps = [.. course.Steps, new PrescriptionStepView(said.Kind, by, signed.SignedAt, said.Note)] };
                view = view with { Course = course, Last = Digest.Of(signed.Content) };
            }

            return view;
        }
        catch (Exception e) when (Unreadable.Is(e) || e is DeskException or FormatException)
        {
            return view is null
                ? new PrescriptionView(row, null, row.SentAt, $"This prescription cannot be read. {Unreadable.Say(e)} Ask the doctor to send it again.")
                : view with { Fault = $"What happened with it is not known from the point that is shown. {Unreadable.Say(e)}" };
        }
    }

    private void Require(PrescriptionView view, PrescriptionStepKind kind, PrescriptionParty by)
    {
        if (view.Course is not { } course || view.Fault is not null)
        {
            throw new DeskException(view.Fault ?? "It cannot be read.");
        }

        if (!course.Allows(kind, by, Time.GetUtcNow()))
        {
            throw new DeskException($"That cannot be done with it now: it is {Components.Words.Of(course.LevelAt(Time.GetUtcNow()))}. Load the page again to see where it stands.");
        }
    }

    private async Task<(Prescription Row, Digest Paper)> WriteAsync(Appointment appointment, PrescriptionText text, PrescriptionView? renewed, KeyLease lease, CancellationToken cancellationToken)
    {
        Check(text);
        PortalUser me = await RequireLicenceAsync(cancellationToken);
        IdentityPublicKeys patient = await KeysToSealAsync(appointment.Patient!, cancellationToken), doctor = lease.Keys.Main.PublicKeys;
        LedgerId ledger = Phr.Services.Ledger.Id;
        var now = DateTimeOffset.FromUnixTimeSeconds(Time.GetUtcNow().ToUnixTimeSeconds());
        var identifier = new FhirIdentifier { System = FhirIdentifier.UriSystem, Value = $"urn:uuid:{Guid.NewGuid():d}" };
        byte[] content;
        try
        {
            content = FhirR4.WritePrescription(new Medication
            {
                Identifier = identifier,
                Status = PrescriptionStatus.Active,
                Medicine = new FhirConcept { Text = text.Medicine.Trim() is { Length: > 0 } medicine ? medicine : AsTheTextSays },
                Patient = FhirReference.ToActor("Patient", ledger, patient.Id) with { Display = PlainText.FhirName(appointment.Patient!.DisplayName) },
                Prescriber = FhirReference.ToActor("Practitioner", ledger, doctor.Id) with { Display = PlainText.FhirName(me.DisplayName) },
                WrittenAt = now,
                Dosage = text.Text.Trim(),
                Course = renewed?.Course!.Resource.Course ?? identifier,
                Renews = renewed?.Course!.Resource.Identifier,
                Repeats = text.Repeats,
                SupplyDays = text.SupplyDays,
                ValidFrom = now,
                ValidUntil = now.AddDays(text.ValidDays),
            });
        }
        catch (ArgumentException e)
        {
            throw new DeskException("The prescription has characters that cannot be shown, or a name that is too long. Write it again without them.", e);
        }

        byte[][] papers = SignedPaper.Seal(SignedPaper.Prescription, content, lease.Keys.Main, patient.Id, ledger, now, patient, doctor);
        var row = new Prescription
        {
            AppointmentId = appointment.Id,
            PatientId = appointment.PatientId,
            Patient = appointment.Patient,
            DoctorId = me.Id,
            Doctor = me,
            SentAt = now,
            PatientObject = await PutAsync(papers[0], cancellationToken),
            DoctorObject = await PutAsync(papers[1], cancellationToken),
        };
        Db.Prescriptions.Add(row);
        var paper = Digest.Of(content);
        await AddStepAsync(row, new PrescriptionView(row, new PrescriptionCourse(FhirR4.ReadPrescription(content), []), now, null) { Paper = paper, Last = paper }, PrescriptionStepKind.Sent, null, null, lease, cancellationToken);
        return (row, paper);
    }

    private async Task AddStepAsync(Prescription row, PrescriptionView view, PrescriptionStepKind kind, string? note, Digest? renewal, KeyLease lease, CancellationToken cancellationToken)
    {
        IdentityPublicKeys patient = await KeysToSealAsync(row.Patient!, cancellationToken), doctor = await KeysToSealAsync(row.Doctor!, cancellationToken);
        int number = view.Course!.Steps.Count + 1;
        byte[] content = new StepPaper(1, view.Paper.ToString(), number, view.Last.ToString(), kind, note, renewal?.ToString()).ToBytes();
        byte[][] papers = SignedPaper.Seal(SignedPaper.Step, content, lease.Keys.Main, patient.Id, Phr.Services.Ledger.Id, Time.GetUtcNow(), patient, doctor);
        row.Steps.Add(new PrescriptionStep { Number = number, ById = lease.Keys.UserId, PatientObject = await PutAsync(papers[0], cancellationToken), DoctorObject = await PutAsync(papers[1], cancellationToken) });
    }

    private async Task<string> PutAsync(byte[] paper, CancellationToken cancellationToken)
    {
        await Phr.Services.Exchange.PutBlockAsync(paper, cancellationToken);
        return Digest.Of(paper).ToString();
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    // The step's number is unique: of two windows one wins.
    private async Task SaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e)
        {
            throw new DeskException("Another step was taken at the same moment. Load the page again to see where it stands.", e);
        }
    }

    private static void Check(PrescriptionText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (string.IsNullOrWhiteSpace(text.Text) || text.Text.Trim().Length > PrescriptionText.MaxLength)
        {
            throw new DeskException($"Write the prescription, with at most {PrescriptionText.MaxLength} characters.");
        }

        if (text.Medicine.Length > PrescriptionText.MaxMedicineLength)
        {
            throw new DeskException($"Write the medicine's name with at most {PrescriptionText.MaxMedicineLength} characters.");
        }

        if (text.Repeats is < 0 or > PrescriptionText.MaxRepeats || text.SupplyDays is < 1 or > PrescriptionText.MaxValidDays || text.ValidDays is < 1 or > PrescriptionText.MaxValidDays)
        {
            throw new DeskException($"Repeats lie between 0 and {PrescriptionText.MaxRepeats}, days between 1 and {PrescriptionText.MaxValidDays}. Write them as whole numbers.");
        }
    }
}
