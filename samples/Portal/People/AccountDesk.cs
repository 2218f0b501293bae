using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Phr.Samples.Portal.Components.Shared;

namespace Phr.Samples.Portal;

/// <summary>Registration, admission, and the making of keys.</summary>
public sealed class AccountDesk(PortalDb db, UserManager<PortalUser> users, KeyRing keys, EndedSessions ended, PhrServices phr, Postman postman, PortalOptions options, TimeProvider time)
{
    private const int MaxGuardiansLength = 400;
    private const int MostTries = 5;

    /// <summary>The roles that somebody can register for. The agency and the cloud server are founded with the portal.</summary>
    public static IReadOnlyList<PortalRole> OpenRoles { get; } = [PortalRole.Patient, PortalRole.Doctor, PortalRole.Guardian, PortalRole.Hospital, PortalRole.Insurer];

    /// <summary>Makes an account that waits to be admitted.</summary>
    /// <returns>The account, or what is wrong in words for whoever registers.</returns>
    public async Task<(PortalUser? User, IReadOnlyList<string> Faults)> RegisterAsync(Registration form, Admission admission = Admission.Pending, string? userName = null)
    {
        if (admission == Admission.Pending && !OpenRoles.Contains(form.Role))
        {
            return (null, ["Nobody can register for this role."]);
        }

        if (form.TextFaults().Select(fault => fault.ErrorMessage!).ToArray() is { Length: > 0 } faults)
        {
            return (null, faults);
        }

        string guardians = string.Join(", ", form.GuardianAddresses);
        if (guardians.Length > MaxGuardiansLength)
        {
            return (null, [$"The list of guardians has at most {MaxGuardiansLength} characters."]);
        }

        if ((form.HospitalId is { } hospital && !await db.Users.AnyAsync(u => u.Id == hospital && u.Role == PortalRole.Hospital && u.Admission == Admission.Admitted))
            || (form.PersonalDoctorId is { } doctor && !await db.Users.AnyAsync(u => u.Id == doctor && u.Role == PortalRole.Doctor && u.Admission == Admission.Admitted)))
        {
            return (null, ["Choose the hospital and the doctor from the lists."]);
        }

        var user = new PortalUser
        {
            UserName = userName ?? form.Email,
            Email = form.Email,
            DisplayName = form.Name.Trim(),
            Role = form.Role,
            Admission = admission,
            RegisteredAt = time.GetUtcNow(),
            DecidedAt = admission == Admission.Admitted ? time.GetUtcNow() : null,
            TimeZone = ZoneField.IsZone(form.TimeZone) ? form.TimeZone : "UTC",
            LockoutEnabled = true,
            Patient = form.Role == PortalRole.Patient
                ? new PatientProfile
                {
                    Guardians = guardians,
                    HospitalId = form.HospitalId,
                    PersonalDoctorId = form.PersonalDoctorId,
                    Location = form.Location ?? string.Empty,
                    Speciality = form.Speciality ?? string.Empty,
                    InsuranceType = string.IsNullOrWhiteSpace(form.InsuranceType) ? "No" : form.InsuranceType,
                }
                : null,
            Doctor = form.Role == PortalRole.Doctor
                ? new DoctorProfile { LicenceNumber = form.LicenceNumber ?? string.Empty, Speciality = form.Speciality ?? string.Empty, HospitalId = form.HospitalId }
                : null,
        };
        IdentityResult created;
        try
        {
            created = await users.CreateAsync(user, form.Password);
        }
        catch (DbUpdateException)
        {
            // Somebody else registered with the address at the same moment: the database keeps one.
            db.ChangeTracker.Clear();
            created = IdentityResult.Failed(users.ErrorDescriber.DuplicateEmail(form.Email));
        }

        if (!created.Succeeded)
        {
            return (null, [.. created.Errors.Select(e => e.Code switch
            {
                "DuplicateUserName" or "DuplicateEmail" => "This e-mail address cannot be used: choose another one, or sign in.",
                "InvalidUserName" => "An e-mail address and a user name have letters from a to z, figures, and the signs . _ - + @ here.",
                _ => e.Description,
            }).Distinct()]);
        }

        await users.AddToRoleAsync(user, form.Role.ToString());
        return (user, []);
    }

    /// <summary>Admits an account or blocks it, and writes to its owner.</summary>
    public async Task DecideAsync(int userId, Admission decision)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                await DecideOnceAsync(userId, decision);
                break;
            }
            catch (DbUpdateConcurrencyException) when (tries < MostTries)
            {
                // A sign-in, right or wrong, was noted at the same moment: once more, with what it left.
                db.ChangeTracker.Clear();
            }
        }

        if (decision == Admission.Blocked)
        {
            // Now, and not before it is noted: who unlocks keys afterwards finds that the account is blocked.
            keys.LockUser(userId);
        }
    }

    private async Task DecideOnceAsync(int userId, Admission decision)
    {
        // The operator's own account is nobody's to block: nobody could undo it.
        PortalUser user = await db.Users.SingleOrDefaultAsync(u => u.Id == userId && u.Role != PortalRole.CloudServer) ?? throw new NotFoundHereException();
        if (user.Admission == decision || decision == Admission.Pending)
        {
            return;
        }

        user.Admission = decision;
        user.DecidedAt = time.GetUtcNow();
        Renew(user);
        if (decision == Admission.Admitted && user.EnrolledAt is not null)
        {
            postman.Post(user, "You are admitted again", "You can sign in again. Your keys are as they were, under your passphrase.");
        }
        else if (decision == Admission.Admitted)
        {
            string code = RandomNumberGenerator.GetString("ABCDEFGHJKMNPQRSTUVWXYZ23456789", 10);
            user.EnrolmentCodeDigest = DigestOf(code);
            postman.Post(user, "You are admitted", $"Sign in and make your keys. Your enrolment code is {code}. Your keys are made under a passphrase that only you know; nobody will ever ask you for it by mail.");
        }
        else
        {
            // A cookie from before, copied or not, does not come back to life when the account is admitted again.
            user.SecurityStamp = RandomNumberGenerator.GetHexString(32);
            postman.Post(user, "Your account is blocked", "You cannot sign in for the time being. Ask the operator of the portal why.");
        }

        await db.SaveChangesAsync();
    }

    /// <summary>Unlocks a person's keys for their session.</summary>
    /// <returns>Whether the passphrase was right.</returns>
    /// <exception cref="DeskException">The session ended, or the account was blocked, while the passphrase was tried.</exception>
    public async Task<bool> UnlockAsync(PortalUser user, string session, string passphrase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (!await keys.UnlockAsync(user, session, passphrase, cancellationToken))
        {
            return false;
        }

        return await IsStillThereAsync(user, session) ? true : throw new DeskException("Your session ended meanwhile. Sign in again.");
    }

    /// <summary>Puts a person's keys under another passphrase, by their recovery words, and writes to them that it was done.</summary>
    /// <returns>Whether the words are this person's.</returns>
    /// <exception cref="DeskException">The passphrase cannot be used.</exception>
    public async Task<bool> RecoverAsync(PortalUser user, string words, string passphrase, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        await RequireAnotherThanThePasswordAsync(user, passphrase);
        if (!await keys.RecoverAsync(user, words, passphrase, cancellationToken))
        {
            return false;
        }

        postman.Post(user, "Your keys have another passphrase", "Somebody signed in as you and put your keys under another passphrase, by your recovery words. If it was not you, ask the operator of the portal to block your account at once.");
        await db.SaveChangesAsync(CancellationToken.None);
        return true;
    }

    /// <summary>Changes a password. Other sessions of the account end within a minute, and its owner is written to.</summary>
    /// <exception cref="DeskException">The present one is wrong, or the new one cannot be used; the message says which.</exception>
    public async Task ChangePasswordAsync(PortalUser user, string present, string chosen, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(chosen);
        if (chosen.Length is < 10 or > 200 || !PlainText.IsLine(chosen))
        {
            throw new DeskException("A password has 10 to 200 characters that can be seen.");
        }

        if (!await users.CheckPasswordAsync(user, present))
        {
            throw new DeskException("The present password is wrong.");
        }

        if (present == chosen)
        {
            throw new DeskException("This is the present one. Choose another.");
        }

        if (await keys.IsPassphraseAsync(user, chosen, cancellationToken))
        {
            throw new DeskException("This opens your keys. Choose a password that does not: the portal is told it at every sign-in.");
        }

        IdentityResult changed = await users.ChangePasswordAsync(user, present, chosen);
        if (!changed.Succeeded)
        {
            throw new DeskException(string.Join(' ', changed.Errors.Select(e => e.Description)));
        }

        postman.Post(user, "Your password is changed", "Somebody signed in as you changed the password of your account. If it was not you, ask the operator of the portal to block your account at once.");
        await db.SaveChangesAsync(CancellationToken.None);
    }

    /// <summary>Makes a person's keys under a passphrase, and registers their identity on the ledger.</summary>
    /// <returns>The recovery words, to be shown once.</returns>
    /// <exception cref="DeskException">It cannot be done now; the message says why.</exception>
    public async Task<IReadOnlyList<string>> EnrolAsync(PortalUser user, string session, string passphrase, string? code, CancellationToken cancellationToken)
    {
        // One at a time, so that a button pressed twice makes one pair of keys.
        using IDisposable turn = await keys.TakeTurnAsync(cancellationToken);
        await db.Entry(user).ReloadAsync(cancellationToken);
        if (user.EnrolledAt is not null)
        {
            throw new DeskException("Your keys are made already. Unlock them with your passphrase.");
        }

        if (options.NeedsEnrolmentCode && user.EnrolmentCodeDigest is { } digest && (code is null || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(digest), Encoding.ASCII.GetBytes(DigestOf(code.Trim().ToUpperInvariant())))))
        {
            throw new DeskException("This is not the code that was mailed to you.");
        }

        if (user.Role != PortalRole.RegulatoryAgency && (!phr.IsFounded || !await phr.HasBegunAsync(cancellationToken)))
        {
            throw new DeskException("The regulatory agency has not made its keys yet, and the ledger begins with it. Come back later.");
        }

        await RequireAnotherThanThePasswordAsync(user, passphrase);
        ActorId? hospital = user.Doctor?.HospitalId is { } hospitalId ? (await db.Users.SingleAsync(u => u.Id == hospitalId, cancellationToken)).ActorId : null;
        IReadOnlyList<string> words = await keys.CreateAsync(user, session, passphrase, cancellationToken);
        using KeyLease lease = keys.Lease(session) ?? throw new DeskException("The session ended.");
        if (!phr.IsFounded || !await phr.HasBegunAsync(cancellationToken))
        {
            await phr.FoundAsync(lease.Keys.Main, cancellationToken);
        }

        await phr.RegisterAsync(lease.Keys, hospital, cancellationToken);
        user.Actor = lease.Keys.Main.Id.ToString();
        user.DeskActor = lease.Keys.Desk?.Id.ToString();
        user.EnrolledAt = time.GetUtcNow();
        user.EnrolmentCodeDigest = null;
        await db.Outbox.Where(m => m.UserId == user.Id && m.SeenAt == null).ExecuteUpdateAsync(m => m.SetProperty(x => x.SeenAt, time.GetUtcNow()), cancellationToken);
        postman.Post(user, "Your keys are made", $"The fingerprint of your identity is {user.Fingerprint}. Whoever shows you another one as yours is mistaken or lies.");
        await NameTrusteesAsync(user, cancellationToken);

        // Making keys took a while. A wrong password that was noted meanwhile takes nothing away from it: only what is new is written.
        db.Entry(user).Property(u => u.ConcurrencyStamp).OriginalValue = await db.Users.AsNoTracking().Where(u => u.Id == user.Id).Select(u => u.ConcurrencyStamp).SingleAsync(cancellationToken);
        Renew(user);
        await db.SaveChangesAsync(cancellationToken);
        await IsStillThereAsync(user, session);
        return words;
    }

    // Signing in writes whole accounts, with what it read before: whoever read this one before now has to read it anew, and changes nothing back.
    private static void Renew(PortalUser user) => user.ConcurrencyStamp = Guid.NewGuid().ToString();

    // Trying a passphrase takes a moment, in which the session can end or the account be blocked. Both lock what is unlocked by then; what is unlocked afterwards is locked here.
    private async Task<bool> IsStillThereAsync(PortalUser user, string session)
    {
        if (!ended.HasEnded(session) && await db.Users.AsNoTracking().AnyAsync(u => u.Id == user.Id && u.Admission == Admission.Admitted, CancellationToken.None))
        {
            return true;
        }

        keys.Lock(session);
        return false;
    }

    private async Task RequireAnotherThanThePasswordAsync(PortalUser user, string passphrase)
    {
        if (await users.CheckPasswordAsync(user, passphrase))
        {
            throw new DeskException("This is your password for the sign-in, which the portal is told at every sign-in. Take another sentence for your keys.");
        }
    }

    /// <summary>Who are a patient's trustees, as far as they are known: the guardians by their addresses, the hospital, the agency. Called whenever somebody new makes keys.</summary>
    private async Task NameTrusteesAsync(PortalUser enrolled, CancellationToken cancellationToken)
    {
        List<PortalUser> patients = enrolled.Role == PortalRole.Patient ? [enrolled] : await db.Users.Include(u => u.Patient).Where(u => u.Role == PortalRole.Patient).ToListAsync(cancellationToken);
        foreach (PortalUser patient in patients)
        {
            string[] guardians = [.. patient.Patient!.Guardians.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(address => address.ToUpperInvariant())];
            List<PortalUser> trustees = await db.Users
                .Where(u => u.Id != patient.Id && u.EnrolledAt != null && (u.Role == PortalRole.RegulatoryAgency || u.Id == patient.Patient.HospitalId || (u.Role == PortalRole.Guardian && guardians.Contains(u.NormalizedEmail!))))
                .ToListAsync(cancellationToken);
            if (enrolled.Role != PortalRole.Patient && (enrolled.Role == PortalRole.RegulatoryAgency || enrolled.Id == patient.Patient.HospitalId || (enrolled.Role == PortalRole.Guardian && guardians.Contains(enrolled.NormalizedEmail))))
            {
                trustees.Add(enrolled);
            }

            HashSet<int> known = [.. await db.Trusteeships.Where(t => t.PatientId == patient.Id).Select(t => t.TrusteeId).ToListAsync(cancellationToken)];
            db.Trusteeships.AddRange(trustees.DistinctBy(t => t.Id).Where(t => !known.Contains(t.Id)).Select(t => new Trusteeship { PatientId = patient.Id, TrusteeId = t.Id }));
        }
    }

    private static string DigestOf(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(code)));
}
