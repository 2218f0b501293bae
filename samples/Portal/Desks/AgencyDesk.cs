using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>A regulatory agency's work beside its trustee desk: whom the ledger admits, and doctors' licences.</summary>
public sealed class AgencyDesk(DeskParts parts) : Desk(parts)
{
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

    /// <summary>Doctors, those without a licence first.</summary>
    public async Task<IReadOnlyList<PortalUser>> DoctorsAsync(CancellationToken cancellationToken = default) =>
        await Db.Users.Include(u => u.Doctor!.Hospital).Where(u => u.Role == PortalRole.Doctor).OrderBy(u => u.Doctor!.LicensedAt != null).ThenBy(u => u.Id).ToListAsync(cancellationToken);

    /// <summary>Admits a hospital or an insurer to the ledger.</summary>
    public async Task AdmitAsync(int userId, CancellationToken cancellationToken = default)
    {
        PortalUser user = await Db.Users.SingleOrDefaultAsync(u => u.Id == userId && (u.Role == PortalRole.Hospital || u.Role == PortalRole.Insurer), cancellationToken) ?? throw new NotFoundHereException();
        using KeyLease lease = Unlocked();
        await PlainlyAsync(() => ClientOf(lease).AdmitAsync(user.ActorId ?? throw new DeskException($"{user.DisplayName} has not made keys yet."), cancellationToken));
    }

    /// <summary>Admits a doctor and issues the licence.</summary>
    public async Task LicenseAsync(int doctorId, TimeSpan validity, CancellationToken cancellationToken = default)
    {
        PortalUser doctor = await Db.Users.Include(u => u.Doctor!.Hospital).SingleOrDefaultAsync(u => u.Id == doctorId && u.Role == PortalRole.Doctor, cancellationToken) ?? throw new NotFoundHereException();
        IdentityPublicKeys keys = await KeysOfAsync(doctor, cancellationToken);
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
                    NotAfter = now + validity,
                },
                cancellationToken);
        });
        doctor.Doctor!.Licence = licence.ToBytes();
        doctor.Doctor.LicensedAt = Time.GetUtcNow();
        doctor.Doctor.RefusalReason = null;
        Postman.Post(doctor, "Your licence is recorded", "You can ask patients for their records now.");
        await Db.SaveChangesAsync(cancellationToken);
    }

    private AgencyClient ClientOf(KeyLease lease) => new(Phr.Services, lease.Keys.Main, lease.Keys.MainSecrets);

    // Policies compare specialities as codes.
    private static string CodeOf(string speciality)
    {
        string code = string.Concat(speciality.ToLowerInvariant().Select(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') ? c : '-')).Trim('-');
        return code.Length == 0 ? "general" : code[..Math.Min(code.Length, 64)];
    }
}
