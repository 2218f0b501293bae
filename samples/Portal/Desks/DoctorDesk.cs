using Microsoft.EntityFrameworkCore;
using Phr.Fhir;
using Phr.Ml;
using Phr.Records;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>A doctor's work.</summary>
public sealed class DoctorDesk(DeskParts parts, DiagnosisModels models, PrescriptionDesk prescriptions, OutcomeBoard outcomes, Housekeeping housekeeping) : Desk(parts)
{
    /// <summary>The most patients in one file of measurements.</summary>
    public const int MostRows = 100;

    /// <summary>The most pictures in a list.</summary>
    public const int MostPictures = 10;

    private const int Shown = 200;
    private const long LargestForTitle = 4 << 20;
    private const int MostForTitles = 10;

    /// <summary>The doctor's appointments, newest first.</summary>
    public async Task<Paged<AppointmentView>> AppointmentsAsync(int page = 1, CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        Paged<Appointment> rows = await Paging.OfAsync(Appointments.Where(a => a.DoctorId == me).OrderByDescending(a => a.Id), page, Shown, cancellationToken);
        return rows.With(await ViewsAsync(rows.Items, cancellationToken));
    }

    /// <summary>The doctor's appointments with one patient, newest first.</summary>
    public async Task<IReadOnlyList<AppointmentView>> AppointmentsWithAsync(int patientId, CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        return await ViewsAsync(await Appointments.Where(a => a.DoctorId == me && a.PatientId == patientId).OrderByDescending(a => a.Id).ToListAsync(cancellationToken), cancellationToken);
    }

    /// <summary>One appointment.</summary>
    public async Task<AppointmentView> AppointmentAsync(int id, CancellationToken cancellationToken = default) => await ViewAsync(await Guard.AppointmentAsync(id), cancellationToken);

    /// <summary>Asks for all documents of an appointment's upload, and lets the ledger draw the committee.</summary>
    public async Task AskAsync(int appointmentId, string reason, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        Appointment row = await Guard.AppointmentAsync(appointmentId);
        PortalUser me = await RequireLicenceAsync(cancellationToken);
        string plain = PlainText.Lines("The reason", reason, RequestBody.MaxReasonLength);
        if (!PlainText.IsBasic(plain))
        {
            throw new DeskException("The reason is signed and shown to several people: write it in letters, without emoji.");
        }

        AppointmentView view = await ViewAsync(row, cancellationToken);
        if (row.IsEmergency)
        {
            throw new DeskException("This patient has not turned to you: you could see them in an emergency alone.");
        }

        if (view.Stage is not (AppointmentStage.CanAsk or AppointmentStage.Over))
        {
            throw new DeskException(view.Stage switch
            {
                AppointmentStage.Preparing => "The patient's trustees have not checked their shares of the key yet. Try again in a moment.",
                AppointmentStage.Drawing => "You have asked already. Your request is being prepared: the ledger draws who will deliver it, and the patient decides then. There is nothing that you have to do.",
                _ => "You have asked already.",
            });
        }

        await KeysToSealAsync(row.Patient!, cancellationToken);
        using KeyLease lease = Unlocked();
        DoctorClient client = ClientOf(me, lease);
        if (await PlainlyAsync(() => FindUnnotedAsync(row.Bundle!.BundleId, client.Id, cancellationToken)) is { } before)
        {
            await NoteAsync(row, client, before.Id, cancellationToken);
            throw new DeskException("You had asked before, and the portal could not note it then. That request goes on now, with the reason and the time that you gave it.");
        }

        BundleHeader header = await ReadablyAsync(() => client.ReadHeaderAsync(row.Bundle!.BundleId, cancellationToken));
        RequestId request = await PlainlyAsync(() => client.RequestAsync(
            row.Bundle!.BundleId,
            new AccessQuestion { Documents = [.. header.Records().Select(d => d.Id)], Purpose = PurposeOfUse.Treatment, NotAfter = Time.GetUtcNow() + lifetime, Reason = plain },
            cancellationToken));
        await NoteAsync(row, client, request, cancellationToken);
    }

    // Noted and told in one step, so that nothing can come between; the draw, which can take a while, follows.
    private async Task NoteAsync(Appointment row, DoctorClient client, RequestId request, CancellationToken cancellationToken)
    {
        row.Request = request.ToString();
        Postman.Post(row.Patient!, "A doctor asks for your records", "Sign in to the portal to see who asks for what and why, and to accept or refuse.");
        await Db.SaveChangesAsync(cancellationToken);
        await DrawAsync(client, request, cancellationToken);
    }

    /// <summary>Opens what was granted, in memory, to be looked at: the patient reads on the ledger that it was opened, and since when. The caller disposes it.</summary>
    /// <exception cref="DeskException">It cannot be opened now; the message says what is missing.</exception>
    public async Task<MemoryDestination> OpenAsync(int appointmentId, CancellationToken cancellationToken = default)
    {
        (MemoryDestination opened, RequestId request) = await OpenUntoldAsync(appointmentId, cancellationToken);
        housekeeping.NoteOpened((await Person.RequireAsync()).Id, request);
        return opened;
    }

    /// <summary>Opens what was granted, looks at one document in memory, and wipes everything again.</summary>
    /// <param name="appointmentId">The appointment.</param>
    /// <param name="number">Which document, from 0.</param>
    /// <param name="look">What is made of the document; it must keep none of its bytes. It also gets the documents that were opened.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NotFoundHereException">There is no such document.</exception>
    /// <exception cref="DeskException">It cannot be opened or shown; the message says why.</exception>
    public async Task<T> LookAsync<T>(int appointmentId, int number, Func<MemoryFile, IReadOnlyList<MemoryFile>, T> look, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(look);
        using MemoryDestination opened = await OpenAsync(appointmentId, cancellationToken);
        if (number < 0 || number >= opened.Files.Count)
        {
            throw new NotFoundHereException();
        }

        try
        {
            return look(opened.Files[number], opened.Files);
        }
        catch (PhrDataException e)
        {
            throw new DeskException($"It is sealed as the patient left it, but what is in it cannot be shown: {e.Message}", e);
        }
    }

    /// <summary>Asks the portal's model about a granted file of measurements, in memory.</summary>
    /// <param name="appointmentId">The appointment.</param>
    /// <param name="number">Which document, from 0.</param>
    /// <param name="row">Which of the file's rows, from 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="NotFoundHereException">There is no such document or row, or it is no file of measurements.</exception>
    /// <exception cref="DeskException">There is no model, or the file does not fit it; the message says where, and tells no values.</exception>
    public async Task<SuggestionView> SuggestAsync(int appointmentId, int number, int row, CancellationToken cancellationToken = default)
    {
        // Whose document it is comes first: a stranger learns nothing of the model either.
        await Guard.AppointmentAsync(appointmentId);
        DiagnosisModel model = await models.FindAsync(cancellationToken) ?? throw new DeskException("This portal has no model to ask.");
        (string title, Dataset rows) = await LookAsync(
            appointmentId,
            number,
            (file, _) =>
            {
                if (file.Info.MediaType != FileKind.Measurements)
                {
                    throw new NotFoundHereException();
                }

                try
                {
                    using Stream stream = file.OpenRead();
                    return (file.Info.Title, Dataset.ReadCsv(stream, model.Schema, new CsvReadOptions { Purpose = CsvPurpose.Prediction, Origin = "the file", MaximumRows = MostRows }));
                }
                catch (InvalidDataException e)
                {
                    throw new DeskException($"The model cannot be asked about this file. {e.Message}", e);
                }
            },
            cancellationToken);
        if (row < 1 || row > rows.Count)
        {
            throw new NotFoundHereException();
        }

        try
        {
            return new SuggestionView(title, row, rows.Count, model.PredictValues(rows.Row(row - 1)), model.Card, model.Schema, model.Digest);
        }
        catch (InvalidDataException e)
        {
            throw new DeskException($"The model cannot be asked about this row. {e.Message}", e);
        }
    }

    /// <summary>A form for the values that the portal's model asks for, filled from the FHIR observations among the granted documents as far as they go.</summary>
    /// <exception cref="DeskException">There is no model, it asks for too much, or nothing was granted that can be opened.</exception>
    public async Task<MeasurementForm> MeasurementsAsync(int appointmentId, CancellationToken cancellationToken = default)
    {
        DiagnosisModel model = await ModelForFormAsync(appointmentId, cancellationToken);
        using MemoryDestination opened = await OpenAsync(appointmentId, cancellationToken);
        var readings = new List<(string, LaboratoryReading)>();
        foreach (MemoryFile file in opened.Files.Where(f => RecordFormat.FromMediaType(f.Info.MediaType) == RecordFormat.FhirJson))
        {
            if (FhirR4.TryReadLaboratory(file.Bytes.Span, out LaboratoryReading? reading, out _))
            {
                readings.Add((file.Info.Title, reading));
            }
        }

        return MeasurementForm.Fill(model.Schema, readings);
    }

    /// <summary>Asks the portal's model about values that the doctor wrote. They are kept nowhere.</summary>
    /// <param name="appointmentId">The appointment; what it is for must be granted.</param>
    /// <param name="texts">The text of the field at each place, in the order of the schema's features.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The form with what is wrong in it, and, where nothing is, what the model says.</returns>
    /// <exception cref="DeskException">There is no model, it asks for too much, or nothing was granted that can be opened.</exception>
    public async Task<(MeasurementForm Form, SuggestionView? Suggestion)> SuggestAsync(int appointmentId, Func<int, string?> texts, CancellationToken cancellationToken = default)
    {
        DiagnosisModel model = await ModelForFormAsync(appointmentId, cancellationToken);
        await RequireLicenceAsync(cancellationToken);
        if ((await AppointmentAsync(appointmentId, cancellationToken)).Stage != AppointmentStage.CanOpen)
        {
            throw new DeskException("A model can be asked about a patient who has accepted your request.");
        }

        MeasurementForm form = MeasurementForm.Read(model.Schema, texts);
        return (form, form.IsSound ? new SuggestionView("what you wrote", 1, 1, model.PredictValues(form.ToRow()), model.Card, model.Schema, model.Digest) : null);
    }

    private async Task<DiagnosisModel> ModelForFormAsync(int appointmentId, CancellationToken cancellationToken)
    {
        await Guard.AppointmentAsync(appointmentId);
        DiagnosisModel model = await models.FindAsync(cancellationToken) ?? throw new DeskException("This portal has no model to ask.");
        return model.Schema.Features.Count <= MeasurementForm.MaxFields
            ? model
            : throw new DeskException($"The model asks for {model.Schema.Features.Count} values, which is too much for a form. Ask the patient for a table of measurements, and ask the model about that.");
    }

    /// <summary>The documents of what can be opened, for a list: of small uploads, and of those that were opened in this session. Nothing but their titles and types is shown, so that it does not count as opened.</summary>
    public async Task<IReadOnlyDictionary<int, IReadOnlyList<DocumentInfo>>> DocumentsAsync(IReadOnlyList<AppointmentView> views, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(views);
        using KeyLease lease = Unlocked();
        if (!(await Licences.ReadAsync(await Person.RequireAsync(), cancellationToken)).Holds)
        {
            return new Dictionary<int, IReadOnlyList<DocumentInfo>>();
        }

        int opened = 0;
        foreach (AppointmentView view in views.Where(v => v.Stage == AppointmentStage.CanOpen && v.Row.Bundle!.SealedLength <= LargestForTitle && !lease.Keys.Opened.ContainsKey(v.Row.Id)))
        {
            if (++opened > MostForTitles)
            {
                break;
            }

            try
            {
                (MemoryDestination files, _) = await OpenUntoldAsync(view.Row.Id, cancellationToken);
                files.Dispose();
            }
            catch (DeskException)
            {
                // Its page says what is missing.
            }
        }

        return views.Where(v => v.Stage == AppointmentStage.CanOpen && lease.Keys.Opened.ContainsKey(v.Row.Id)).ToDictionary(v => v.Row.Id, v => lease.Keys.Opened[v.Row.Id]);
    }

    /// <summary>Whether a list shows the pictures of an appointment: small ones, which this doctor has looked at before. To show others would be to open them.</summary>
    public static bool ShowsPictures(AppointmentView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return view is { Stage: AppointmentStage.CanOpen, Request.OpenedAt: not null } && view.Row.Bundle!.SealedLength <= LargestForTitle;
    }

    /// <summary>Signs a prescription, seals it to the patient, and sends it.</summary>
    public async Task PrescribeAsync(int appointmentId, PrescriptionText prescription, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(prescription);
        prescription = prescription with { Text = PlainText.Lines("The prescription", prescription.Text, PrescriptionText.MaxLength) };
        if (prescription.Text.Length == 0)
        {
            throw new DeskException("Write the prescription: what to take, and how.");
        }

        AppointmentView view = await AppointmentAsync(appointmentId, cancellationToken);
        if (view.Stage != AppointmentStage.CanOpen)
        {
            throw new DeskException("A prescription can be given when the patient has accepted your request and the scan can be opened.");
        }

        // Who granted stands on the ledger. An account that has another identity by now is not the one to seal to.
        if (view.Request!.Patient != view.Row.Patient!.ActorId)
        {
            throw new DeskException("The patient's account has another identity than the one that granted your request. Nothing was sent: tell the patient and the operator.");
        }

        await prescriptions.IssueAsync(view.Row, prescription, cancellationToken);
    }

    /// <summary>The outcome that the doctor confirmed for an appointment and the portal's model; null for none.</summary>
    public async Task<string?> ConfirmedAsync(int appointmentId, CancellationToken cancellationToken = default)
    {
        await Guard.AppointmentAsync(appointmentId);
        if (await models.FindAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        using KeyLease lease = Unlocked();
        using SecretValue? said = await lease.Keys.MainSecrets.GetAsync(OutcomeName(model, appointmentId), cancellationToken);
        return said is null ? null : System.Text.Encoding.UTF8.GetString(said.Bytes);
    }

    /// <summary>Counts what it was, once for an appointment and a model. That it was confirmed is kept among the doctor's own sealed secrets; a count is all that leaves the room.</summary>
    /// <exception cref="DeskException">The model knows no such class, or it was counted already.</exception>
    public async Task ConfirmAsync(int appointmentId, string? suggested, string? outcome, CancellationToken cancellationToken = default)
    {
        await Guard.AppointmentAsync(appointmentId);
        DiagnosisModel model = await models.FindAsync(cancellationToken) ?? throw new DeskException("This portal has no model to ask.");
        List<string> classes = [.. model.Schema.Classes];
        (int was, int truth) = (classes.IndexOf(suggested ?? string.Empty), classes.IndexOf(outcome ?? string.Empty));
        if (was < 0 || truth < 0)
        {
            throw new DeskException("Choose one of the outcomes that the model knows.");
        }

        if ((await AppointmentAsync(appointmentId, cancellationToken)).Stage != AppointmentStage.CanOpen)
        {
            throw new DeskException("An outcome can be confirmed while what the patient granted can be opened.");
        }

        using KeyLease lease = Unlocked();
        if (!await lease.Keys.MainSecrets.TryAddAsync(OutcomeName(model, appointmentId), System.Text.Encoding.UTF8.GetBytes(classes[truth]), cancellationToken))
        {
            throw new DeskException("You have confirmed the outcome of this appointment already. It is counted once.");
        }

        await outcomes.CountAsync((model.Digest.ToString(), model.Card.Title), classes, was, truth, cancellationToken);
    }

    private static string OutcomeName(DiagnosisModel model, int appointmentId) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"outcomes/{model.Digest.ToString().Replace(':', '-').ToLowerInvariant()}/{appointmentId}");

    private async Task<(MemoryDestination Opened, RequestId Request)> OpenUntoldAsync(int appointmentId, CancellationToken cancellationToken)
    {
        Appointment row = await Guard.AppointmentAsync(appointmentId);
        RequestId request = row.RequestId ?? throw new DeskException("Ask for the records first.");
        PortalUser me = await RequireLicenceAsync(cancellationToken);
        if ((await ViewAsync(row, cancellationToken)).Stage == AppointmentStage.Over)
        {
            throw new DeskException("It cannot be opened any more: the request was refused or taken back, or its time is over.");
        }

        using KeyLease lease = Unlocked();
        DoctorClient client = ClientOf(me, lease);
        var destination = new MemoryDestination(ViewerLimits.MaxBytes);
        try
        {
            OpenResult result = await ReadablyAsync(() => PlainlyAsync(() => client.OpenAsync(request, destination, null, cancellationToken)));
            housekeeping.NoteDisputes(request, result.Disputes);
            if (!result.Succeeded)
            {
                throw new DeskException($"It cannot be opened yet. {result.Missing}");
            }
        }
        catch
        {
            // Of several documents some may be open already.
            destination.Dispose();
            throw;
        }

        lease.Keys.Opened[row.Id] = [.. destination.Files.Select(file => file.Info)];
        return (destination, request);
    }

    private DoctorClient ClientOf(PortalUser me, KeyLease lease) =>
        new(Phr.Services, lease.Keys.Main, lease.Keys.MainSecrets, me.Doctor?.Licence is { } licence ? LicenceCredential.FromBytes(licence) : null);

    private IQueryable<Appointment> Appointments => Db.Appointments.Include(a => a.Patient!.Patient!.Hospital).Include(a => a.Doctor!.Doctor).Include(a => a.Bundle).Include(a => a.Prescriptions);

    private async Task<IReadOnlyList<AppointmentView>> ViewsAsync(IReadOnlyList<Appointment> rows, CancellationToken cancellationToken)
    {
        var views = new List<AppointmentView>();
        foreach (Appointment row in rows)
        {
            views.Add(await ViewAsync(row, cancellationToken));
        }

        return views;
    }

    private async Task<AppointmentView> ViewAsync(Appointment row, CancellationToken cancellationToken)
    {
        if (row.RequestId is not { } id || await Phr.Services.Ledger.GetRequestAsync(id, cancellationToken) is not { } request)
        {
            return new AppointmentView(row, null, row.Bundle!.State == BundleState.Ready ? AppointmentStage.CanAsk : AppointmentStage.Preparing);
        }

        DateTimeOffset now = Time.GetUtcNow();
        AppointmentStage stage = request.StatusAt(now) switch
        {
            _ when request.IsOver(now) => AppointmentStage.Over,
            RequestStatus.AwaitingDraw => AppointmentStage.Drawing,
            RequestStatus.Open or RequestStatus.VetoWindow => AppointmentStage.Asked,
            RequestStatus.Granted when request.Deliveries.Count < request.Threshold => AppointmentStage.Delivering,
            RequestStatus.Granted or RequestStatus.Settled => AppointmentStage.CanOpen,
            _ => AppointmentStage.Over,
        };
        return new AppointmentView(row, request, stage);
    }
}
