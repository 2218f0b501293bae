using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Phr.Fhir;

namespace Phr.Samples.Portal;

/// <summary>Insurance claims on the ledger, for everybody who has to do with one: the patient files, the doctor, the hospital and the agency endorse, the insurer approves.</summary>
public sealed class ClaimDesk(DeskParts parts) : Desk(parts)
{
    private const int MaxReason = 2000;
    private const decimal LargestAmount = 1_000_000_000m;

    /// <summary>The claims that name whoever looks and have come to their level; for an agency those that it reviews. Newest first.</summary>
    public async Task<IReadOnlyList<InsuranceLine>> ClaimsAsync(CancellationToken cancellationToken = default)
    {
        PortalUser me = await Person.RequireAsync();
        ActorId actor = me.ActorId ?? throw new DeskException("Make your keys first.");
        Party who = await Person.PartyAsync();
        ClaimFilter filter = me.Role switch
        {
            PortalRole.Patient => new ClaimFilter { Patient = actor },
            PortalRole.Doctor => new ClaimFilter { Doctor = actor },
            PortalRole.Hospital => new ClaimFilter { Hospital = actor },
            PortalRole.Insurer => new ClaimFilter { Insurer = actor },
            PortalRole.RegulatoryAgency => new ClaimFilter(),
            _ => throw new NotFoundHereException(),
        };
        IReadOnlyList<ClaimRecord> claims = await Phr.Services.Ledger.ListClaimsAsync(filter, cancellationToken);
        DateTimeOffset now = Time.GetUtcNow();
        ClaimRecord[] shown = [.. claims.Where(c => ClaimSight.Sees(c, who)).Select(c => c.At(now)).OrderByDescending(c => c.FiledAt)];
        string[] actors = [.. shown.SelectMany(c => new[] { c.Patient.ToString(), c.Insurer.ToString() }).Distinct()];
        Dictionary<string, PortalUser> people = await Db.Users.Where(u => u.Actor != null && actors.Contains(u.Actor)).ToDictionaryAsync(u => u.Actor!, cancellationToken);
        return [.. shown.Select(c => new InsuranceLine(c, people.GetValueOrDefault(c.Patient.ToString()), people.GetValueOrDefault(c.Insurer.ToString())))];
    }

    /// <summary>The treatments that a patient can claim for, and the insurers that are there.</summary>
    public async Task<(IReadOnlyList<Appointment> Treatments, IReadOnlyList<PortalUser> Insurers)> ChoicesAsync(CancellationToken cancellationToken = default)
    {
        int me = (await Person.RequireAsync()).Id;
        return (
            await Db.Appointments.Include(a => a.Doctor).Include(a => a.Bundle).Where(a => a.PatientId == me).OrderByDescending(a => a.Id).ToListAsync(cancellationToken),
            await Db.Users.Where(u => u.Role == PortalRole.Insurer && u.EnrolledAt != null && u.Admission == Admission.Admitted).OrderBy(u => u.DisplayName).ToListAsync(cancellationToken));
    }

    /// <summary>One claim, with what is sealed to whoever looks.</summary>
    public async Task<ClaimView> ClaimAsync(string id, CancellationToken cancellationToken = default)
    {
        DateTimeOffset now = Time.GetUtcNow();
        ClaimRecord record = (await Guard.ClaimAsync(id, cancellationToken)).At(now);
        PortalUser me = await Person.RequireAsync();
        using KeyLease lease = Unlocked();
        ClaimClient client = ClientOf(lease);
        ClaimEvidence? evidence = await ReadAsync(async () => JsonSerializer.Deserialize<ClaimEvidence>(await client.ReadEvidenceAsync(record.Id, cancellationToken)));
        string[] actors = [.. record.Steps.Select(step => step.Actor.ToString()).Distinct()];
        Dictionary<string, string> names = await Db.Users.Where(u => u.Actor != null && actors.Contains(u.Actor)).ToDictionaryAsync(u => u.Actor!, u => u.DisplayName, cancellationToken);
        var steps = new List<ClaimStepView>();
        foreach (ClaimStep step in record.Steps)
        {
            string? paper = await ReadAsync(async () => Encoding.UTF8.GetString(await client.ReadPaperAsync(record.Id, step, cancellationToken)));
            steps.Add(new ClaimStepView(step, step.Actor.IsZero ? "nobody" : names.GetValueOrDefault(step.Actor.ToString(), "somebody of another portal"), string.IsNullOrEmpty(paper) ? null : paper));
        }

        bool isMyTurn = record.Status switch
        {
            ClaimStatus.AwaitingDoctor => record.Doctor == me.ActorId,
            ClaimStatus.AwaitingHospital => record.Hospital == me.ActorId,
            ClaimStatus.AwaitingAgency or ClaimStatus.AwaitingAppeal => me.Role == PortalRole.RegulatoryAgency,
            ClaimStatus.AwaitingInsurer => record.Insurer == me.ActorId,
            _ => false,
        };
        return new ClaimView(record, evidence, steps, isMyTurn, record.Patient == me.ActorId && record.MayAppeal && now < record.NotAfter);
    }

    /// <summary>Files a claim: its evidence is sealed to the doctor, the hospital, the insurer and the agencies.</summary>
    public async Task<string> FileAsync(ClaimForm form, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(form);
        PortalUser me = await Person.RequireAsync();
        Appointment treatment = await Guard.AppointmentAsync(form.AppointmentId);
        PortalUser insurer = await Db.Users.SingleOrDefaultAsync(u => u.Id == form.InsurerId && u.Role == PortalRole.Insurer && u.Admission == Admission.Admitted, cancellationToken) ?? throw new DeskException("Choose an insurer from the list.");
        ulong amount = UnitsOf(form.Amount, form.Currency);
        if (string.IsNullOrWhiteSpace(form.Reason))
        {
            throw new DeskException("Write what the claim is for.");
        }

        string reason = PlainText.Lines("What the claim is for", form.Reason, MaxReason);

        PortalUser hospital = me.Patient!.HospitalId is { } id ? await Db.Users.SingleAsync(u => u.Id == id, cancellationToken) : throw new DeskException("Your account names no hospital, and a claim needs one.");
        var evidence = new ClaimEvidence(me.DisplayName, me.Patient.InsuranceType, hospital.DisplayName, treatment.Doctor!.DisplayName, reason);
        using KeyLease lease = Unlocked();
        Digest claim = await PlainlyAsync(() => ClientOf(lease).FileAsync(
            new ClaimDraft
            {
                Insurer = ActorOf(insurer),
                Doctor = ActorOf(treatment.Doctor),
                Hospital = ActorOf(hospital),
                Agencies = Phr.Agencies,
                Amount = amount,
                Currency = form.Currency,
                RelatedTo = treatment.RequestId is { } request ? Digest.FromBytes(request.ToBytes()) : default,
            },
            JsonSerializer.SerializeToUtf8Bytes(evidence),
            cancellationToken));
        Postman.Post(treatment.Doctor, "A claim waits for you", "A patient filed an insurance claim that names you. Sign in to the portal to approve or reject it.");
        await Db.SaveChangesAsync(cancellationToken);
        return claim.ToString();
    }

    /// <summary>Endorses a claim, as whoever's turn it is before the insurer.</summary>
    public Task EndorseAsync(string id, string? opinion, CancellationToken cancellationToken = default) => ActAsync(id, client => claim => client.EndorseAsync(claim, PaperOf(opinion), cancellationToken), cancellationToken);

    /// <summary>Rejects a claim with a reason, as whoever's turn it is.</summary>
    public Task RejectAsync(string id, string? reason, CancellationToken cancellationToken = default) =>
        string.IsNullOrWhiteSpace(reason) ? throw new DeskException("Say why you reject it: the patient reads it.") : ActAsync(id, client => claim => client.RejectAsync(claim, 1, PaperOf(reason), cancellationToken), cancellationToken);

    /// <summary>Approves an amount, as the insurer.</summary>
    public async Task ApproveAsync(string id, decimal amount, string? opinion, CancellationToken cancellationToken = default)
    {
        ulong units = UnitsOf(amount, (await Guard.ClaimAsync(id, cancellationToken)).Currency);
        await ActAsync(id, client => claim => client.ApproveAsync(claim, units, PaperOf(opinion), cancellationToken), cancellationToken);
    }

    /// <summary>What this hospital or insurer has instructed the portal to do with small claims.</summary>
    public async Task<IReadOnlyList<StandingInstruction>> InstructionsAsync(CancellationToken cancellationToken = default)
    {
        await RequireInstitutionAsync();
        using KeyLease lease = Unlocked();
        return await StandingInstruction.ListAsync(lease.Keys.MainSecrets, cancellationToken);
    }

    /// <summary>Instructs the portal: claims under the limit go on without a look, while the keys are there.</summary>
    public async Task InstructAsync(string? currency, decimal limit, CancellationToken cancellationToken = default)
    {
        await RequireInstitutionAsync();
        string code = currency ?? string.Empty;
        ulong units = UnitsOf(limit, code);
        using KeyLease lease = Unlocked();
        await new StandingInstruction(code, units).SaveAsync(lease.Keys.MainSecrets, cancellationToken);
    }

    /// <summary>Ends an instruction: claims in this currency wait for a person again.</summary>
    public async Task EndInstructionAsync(string? currency, CancellationToken cancellationToken = default)
    {
        await RequireInstitutionAsync();
        using KeyLease lease = Unlocked();
        await StandingInstruction.EndAsync(lease.Keys.MainSecrets, currency ?? string.Empty, cancellationToken);
    }

    /// <summary>Appeals, as the patient.</summary>
    public Task AppealAsync(string id, string? grounds, CancellationToken cancellationToken = default) => ActAsync(id, client => claim => client.AppealAsync(claim, Phr.Agencies[0], PaperOf(grounds), cancellationToken), cancellationToken);

    /// <summary>Decides on an appeal, as the agency: the insurer looks again, or the decision stands.</summary>
    public Task DecideAppealAsync(string id, ClaimStepKind decision, string? finding, CancellationToken cancellationToken = default) =>
        ActAsync(id, client => claim => client.DecideAppealAsync(claim, decision, PaperOf(finding), cancellationToken), cancellationToken);

    /// <summary>Withdraws a claim, as the patient.</summary>
    public Task WithdrawAsync(string id, CancellationToken cancellationToken = default) => ActAsync(id, client => claim => client.WithdrawAsync(claim, cancellationToken), cancellationToken);

    private async Task RequireInstitutionAsync()
    {
        if ((await Person.RequireAsync()).Role is not (PortalRole.Hospital or PortalRole.Insurer))
        {
            throw new NotFoundHereException();
        }
    }

    private static ulong UnitsOf(decimal amount, string currency)
    {
        ulong units = 0;
        bool isKnown = amount is > 0 and <= LargestAmount;
        try
        {
            isKnown = isKnown && MoneyAmount.Of(amount, currency).TryToSmallestUnits(out units);
        }
        catch (ArgumentException)
        {
            isKnown = false;
        }

        return isKnown ? units : throw new DeskException("Write the amount as a number with no more decimals than the currency has, for example 2500.00, and the currency as its three capital letters, for example INR.");
    }

    private static ActorId ActorOf(PortalUser user) => user.ActorId ?? throw new DeskException($"{user.DisplayName} has not made keys yet.");

    private static byte[] PaperOf(string? text) => Encoding.UTF8.GetBytes(PlainText.Lines("What the others should read", text, MaxReason));

    // Not everything is sealed to everybody.
    private static async Task<T?> ReadAsync<T>(Func<Task<T?>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (Unreadable.Is(e) || e is JsonException)
        {
            return null;
        }
    }

    private ClaimClient ClientOf(KeyLease lease) => new(Phr.Services, lease.Keys.Main, lease.Keys.MainSecrets);

    private async Task ActAsync(string id, Func<ClaimClient, Func<Digest, Task>> act, CancellationToken cancellationToken)
    {
        ClaimRecord record = await Guard.ClaimAsync(id, cancellationToken);
        if (Time.GetUtcNow() >= record.NotAfter)
        {
            throw new DeskException("The claim's time is over: nothing can be done with it any more.");
        }

        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => act(ClientOf(lease))(record.Id));
        string patientActor = record.Patient.ToString();
        if (await Db.Users.SingleOrDefaultAsync(u => u.Actor == patientActor, cancellationToken) is { } patient && lease.Keys.UserId != patient.Id)
        {
            Postman.Post(patient, "Your claim went on", "Sign in to the portal to see where your claim stands.");
            await Db.SaveChangesAsync(cancellationToken);
        }
    }
}
