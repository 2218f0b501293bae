using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>A regulatory agency's work beside its trustee desk: whom the ledger admits, and doctors' licences.</summary>
public sealed class AgencyDesk(DeskParts parts) : Desk(parts)
{
    /// <summary>How long a licence holds that is recorded or renewed here.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromDays(365);

    private const int MaxReason = 500;
    private const int ReasonCode = 1;

    /// <summary>How the agency itself stands on the ledger. On a chain with an agency of its own, another one admits it, and it accepts after a delay.</summary>
    public async Task<ActorRecord?> StandingAsync(CancellationToken cancellationToken = default) =>
        (await Person.RequireAsync()).ActorId is { } me ? await Phr.Services.Ledger.GetActorAsync(me, cancellationToken) : null;

    /// <summary>Begins the agency's own work on a chain where another agency admitted it.</summary>
    public async Task AcceptAdmissionAsync(CancellationToken cancellationToken = default)
    {
        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => ClientOf(lease).AcceptAdmissionAsync(cancellationToken));
    }

    /// <summary>Hospitals and insurers that made keys and wait for the ledger's admission.</summary>
    public async Task<IReadOnlyList<PortalUser>> WaitingAsync(CancellationToken cancellationToken = default)
    {
        var waiting = new List<PortalUser>();
        foreach (PortalUser user in await Db.Users.Where(u => u.EnrolledAt != null && (u.Role == PortalRole.Hospital || u.Role == PortalRole.Insurer)).OrderBy(u => u.Id).ToListAsync(cancellationToken))
        {
            if (await Phr.Services.Ledger.GetActorAsync(user.ActorId!.Value, cancellationToken) is { Status: ActorStatus.Pending })
            {
                waiting.Add(user);
            }
        }

        return waiting;
    }

    /// <summary>Doctors with their licences, those first who wait for the agency.</summary>
    public async Task<IReadOnlyList<DoctorLine>> DoctorsAsync(CancellationToken cancellationToken = default)
    {
        var lines = new List<DoctorLine>();
        foreach (PortalUser doctor in await Db.Users.Include(u => u.Doctor!.Hospital).Where(u => u.Role == PortalRole.Doctor).OrderBy(u => u.Id).ToListAsync(cancellationToken))
        {
            lines.Add(new DoctorLine(doctor, await Licences.ReadAsync(doctor, cancellationToken)));
        }

        return [.. lines.OrderBy(line => line.Licence.Reason is null && line.Licence.MayRecord ? 0 : 1)];
    }

    /// <summary>One doctor with the licence.</summary>
    /// <exception cref="NotFoundHereException">There is no such doctor.</exception>
    public async Task<DoctorLine> DoctorAsync(int doctorId, CancellationToken cancellationToken = default)
    {
        PortalUser doctor = await FindDoctorAsync(doctorId, cancellationToken);
        return new DoctorLine(doctor, await Licences.ReadAsync(doctor, cancellationToken));
    }

    /// <summary>Admits a hospital or an insurer to the ledger.</summary>
    public async Task AdmitAsync(int userId, CancellationToken cancellationToken = default)
    {
        PortalUser user = await Db.Users.SingleOrDefaultAsync(u => u.Id == userId && (u.Role == PortalRole.Hospital || u.Role == PortalRole.Insurer), cancellationToken) ?? throw new NotFoundHereException();
        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => ClientOf(lease).AdmitAsync(user.ActorId ?? throw new DeskException($"{user.DisplayName} has not made keys yet."), cancellationToken));
    }

    /// <summary>Admits a doctor and issues the licence, for the first time or anew. A renewed one goes on where the one before ends.</summary>
    /// <param name="doctorId">The doctor.</param>
    /// <param name="validity">How long it holds.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="DeskException">There is nothing to record now; the message says why.</exception>
    public async Task LicenseAsync(int doctorId, TimeSpan validity, CancellationToken cancellationToken = default)
    {
        (PortalUser doctor, LicenceView view) = await DoctorAsync(doctorId, cancellationToken);
        if (!view.MayRecord && view.Stage != LicenceStage.WithoutKeys)
        {
            throw new DeskException(view.Holds ? "This licence holds, and can be renewed from sixty days before its end on." : "The doctor is suspended or removed: a licence would be worth nothing.");
        }

        IdentityPublicKeys keys;
        try
        {
            keys = await KeysOfAsync(doctor, cancellationToken);
        }
        catch (PhrDataException e) when (e.Reason == PhrDataReason.Expired)
        {
            throw new DeskException($"{doctor.DisplayName}'s keys have ended, and a licence names keys. They go on as soon as the doctor signs in and unlocks them: ask for that, and try again.", e);
        }

        using KeyLease lease = Unlocked();
        AgencyClient client = ClientOf(lease);
        LicenceCredential licence = await PlainlyAsync(async () =>
        {
            ActorRecord? record = await Phr.Services.Ledger.GetActorAsync(keys.Id, cancellationToken);
            if (record is { Status: ActorStatus.Pending })
            {
                await client.AdmitAsync(keys.Id, cancellationToken);
            }

            DateTimeOffset now = Time.GetUtcNow();
            return await client.IssueLicenceAsync(
                new LicenceTerms
                {
                    Doctor = keys.Id,
                    DoctorObjectKey = keys.ObjectKey,
                    LicenceNumber = doctor.Doctor!.LicenceNumber,
                    Speciality = CodeOf(doctor.Doctor.Speciality),
                    Organisation = doctor.Doctor.Hospital?.ActorId ?? default,

                    // A chain's clock is behind this one.
                    ValidFrom = now.AddHours(-1),
                    NotAfter = (view.ValidUntil is { } end && end > now ? end : now) + validity,
                },
                cancellationToken);
        });
        doctor.Doctor!.Licence = licence.ToBytes();
        doctor.Doctor.LicensedAt = Time.GetUtcNow();
        doctor.Doctor.RefusalReason = null;
        Postman.Post(doctor, view.ValidUntil is null ? "Your licence is recorded" : "Your licence is renewed", $"You can ask patients for their records. It holds until {licence.NotAfter.ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture)}.");
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Refuses a licence, or to renew one, and tells the doctor why.</summary>
    /// <exception cref="DeskException">There is nothing to refuse, or no reason.</exception>
    public async Task RefuseAsync(int doctorId, string? reason, CancellationToken cancellationToken = default)
    {
        (PortalUser doctor, LicenceView view) = await DoctorAsync(doctorId, cancellationToken);
        if (!view.MayRecord && view.Stage != LicenceStage.WithoutKeys)
        {
            throw new DeskException(view.Holds ? "This licence holds: who has a reason suspends the doctor." : "There is no licence to refuse: the doctor is suspended or removed.");
        }

        doctor.Doctor!.RefusalReason = ReasonOf(reason, "Say why you refuse it: the doctor reads it.");
        Postman.Post(doctor, view.Holds ? "Your licence will not be renewed as it is" : "Your licence was refused", "Sign in to the portal to read why, and what you can do.");
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Suspends a doctor: from now on the ledger takes no request of theirs, and the portal opens nothing for them.</summary>
    /// <exception cref="DeskException">The doctor is not active, there is no reason, or the ledger refused.</exception>
    public async Task SuspendAsync(int doctorId, string? reason, CancellationToken cancellationToken = default)
    {
        PortalUser doctor = await FindDoctorAsync(doctorId, cancellationToken);
        string why = ReasonOf(reason, "Say why you suspend them: the doctor reads it.");
        await OnLedgerAsync(doctor, (client, id) => client.SuspendAsync(id, ReasonCode, cancellationToken));
        doctor.Doctor!.RefusalReason = why;
        Postman.Post(doctor, "You are suspended", "You cannot ask for records or open any until the regulatory agency reinstates you. Sign in to the portal to read why, and what you can do.");
        await Db.SaveChangesAsync(cancellationToken);
    }

    /// <summary>Ends a suspension.</summary>
    /// <exception cref="DeskException">The doctor is not suspended, or the ledger refused.</exception>
    public async Task ReinstateAsync(int doctorId, CancellationToken cancellationToken = default)
    {
        PortalUser doctor = await FindDoctorAsync(doctorId, cancellationToken);
        await OnLedgerAsync(doctor, (client, id) => client.ReinstateAsync(id, ReasonCode, cancellationToken));
        doctor.Doctor!.RefusalReason = null;
        Postman.Post(doctor, "You are reinstated", "Your suspension has ended. What your licence says holds again.");
        await Db.SaveChangesAsync(cancellationToken);
    }

    private static string ReasonOf(string? reason, string otherwise)
    {
        string plain = PlainText.Lines("The reason", reason, MaxReason);
        return plain.Length > 0 ? plain : throw new DeskException(otherwise);
    }

    private async Task OnLedgerAsync(PortalUser doctor, Func<AgencyClient, ActorId, Task> act)
    {
        ActorId id = doctor.ActorId ?? throw new DeskException($"{doctor.DisplayName} has not made keys yet.");
        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => act(ClientOf(lease), id));
    }

    private async Task<PortalUser> FindDoctorAsync(int doctorId, CancellationToken cancellationToken) =>
        await Db.Users.Include(u => u.Doctor!.Hospital).SingleOrDefaultAsync(u => u.Id == doctorId && u.Role == PortalRole.Doctor, cancellationToken) ?? throw new NotFoundHereException();

    private AgencyClient ClientOf(KeyLease lease) => new(Phr.Services, lease.Keys.Main, lease.Keys.MainSecrets);

    // Policies compare specialities as codes.
    private static string CodeOf(string speciality)
    {
        string code = string.Concat(speciality.ToLowerInvariant().Select(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') ? c : '-')).Trim('-');
        return code.Length == 0 ? "general" : code[..Math.Min(code.Length, 64)];
    }
}
