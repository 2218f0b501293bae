using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Fills the portal with made-up people and one story: Kiruthika's two visits with a scan, doctor Nandhini's requests and prescription, and two emergencies in which doctor Ravi asked.</summary>
public sealed class DemoStory(IServiceScopeFactory scopes, PortalDb db, KeyRing keys, Housekeeping housekeeping, TimeProvider time)
{
    private const string Scan = "scan.jpg";

    private static readonly (string Name, PortalRole Role, string SignInName)[] _people =
    [
        ("Cloud", PortalRole.CloudServer, "cloud"),
        ("Health Authority", PortalRole.RegulatoryAgency, "agency@demo.example"),
        ("Kiruthika", PortalRole.Patient, "kiruthika@demo.example"),
        ("GH", PortalRole.Hospital, "gh@demo.example"),
        ("Nandhini", PortalRole.Doctor, "nandhini@demo.example"),
        ("Meena", PortalRole.Guardian, "meena@demo.example"),
        ("Arun", PortalRole.Guardian, "arun@demo.example"),
        ("Asha Insurance", PortalRole.Insurer, "insurer@demo.example"),
        ("Ravi", PortalRole.Doctor, "ravi@demo.example"),
    ];

    /// <summary>Tells the story once; a later start only puts the institutions' desks on duty again.</summary>
    public async Task<IReadOnlyList<DemoAccount>> TellAsync(CancellationToken cancellationToken)
    {
        if (await SetupCode.IsOpenAsync(db))
        {
            await FoundAsync(cancellationToken);
            await TellKiruthikasAsync(cancellationToken);
            await TellEmergenciesAsync(cancellationToken);
            foreach ((string name, _, _) in _people)
            {
                keys.Lock(SessionOf(name));
            }
        }

        foreach (PortalUser trustee in await db.Users.Where(u => u.Role == PortalRole.RegulatoryAgency || u.Role == PortalRole.Hospital || u.Role == PortalRole.Guardian).ToListAsync(cancellationToken))
        {
            if (_people.Any(p => p.Name == trustee.DisplayName && p.Role == trustee.Role))
            {
                await keys.BeginDutyAsync(trustee, PassphraseOf(trustee.DisplayName), cancellationToken);
            }
        }

        List<PortalUser> users = await db.Users.OrderBy(u => u.Id).ToListAsync(cancellationToken);
        return
        [
            .. from user in users
               join person in _people on user.DisplayName equals person.Name
               select new DemoAccount(user.Id, person.Name, person.Role, person.SignInName, PasswordOf(person.Name), Rooms.HasKeys(person.Role) ? PassphraseOf(person.Name) : "(no keys)"),
        ];
    }

    private static string PasswordOf(string name) => $"{name.Split(' ')[0].ToLowerInvariant()}-password";

    private static string PassphraseOf(string name) => $"{name.Split(' ')[0].ToLowerInvariant()} opens the sealed box";

    private static string SessionOf(string name) => $"demo {name}";

    // Accounts in this order, so that Kiruthika has the number 3 of the paper's screens.
    private async Task FoundAsync(CancellationToken cancellationToken)
    {
        foreach ((string name, PortalRole role, string signInName) in _people)
        {
            await using AsyncServiceScope scope = scopes.CreateAsyncScope();
            AccountDesk desk = scope.ServiceProvider.GetRequiredService<AccountDesk>();
            PortalDb own = scope.ServiceProvider.GetRequiredService<PortalDb>();
            int? hospital = (await own.Users.FirstOrDefaultAsync(u => u.Role == PortalRole.Hospital, cancellationToken))?.Id;
            (PortalUser? user, IReadOnlyList<string> faults) = await desk.RegisterAsync(
                new Registration
                {
                    Role = role,
                    Name = name,
                    Email = role == PortalRole.CloudServer ? "cloud@demo.example" : signInName,
                    Password = PasswordOf(name),
                    PasswordAgain = PasswordOf(name),
                    TimeZone = "Asia/Kolkata",
                    Guardians = role == PortalRole.Patient ? "meena@demo.example, arun@demo.example" : null,
                    HospitalId = role == PortalRole.Doctor ? hospital : null,
                    Location = role == PortalRole.Patient ? "Chennai" : null,
                    Speciality = name == "Ravi" ? "Emergency medicine" : role is PortalRole.Patient or PortalRole.Doctor ? "Cancer" : null,
                    InsuranceType = role == PortalRole.Patient ? "No" : null,
                    LicenceNumber = name == "Ravi" ? "TN-2019-0042" : role == PortalRole.Doctor ? "TN-2024-0117" : null,
                },
                Admission.Admitted,
                role == PortalRole.CloudServer ? signInName : null);
            _ = user ?? throw new InvalidOperationException($"The demonstration cannot be told: {string.Join(' ', faults)}");
        }

        // Kiruthika was first; whom she chose came later.
        PortalUser kiruthika = await db.Users.Include(u => u.Patient).SingleAsync(u => u.DisplayName == "Kiruthika", cancellationToken);
        kiruthika.Patient!.HospitalId = (await db.Users.SingleAsync(u => u.DisplayName == "GH", cancellationToken)).Id;
        kiruthika.Patient.PersonalDoctorId = (await db.Users.SingleAsync(u => u.DisplayName == "Nandhini", cancellationToken)).Id;
        await db.SaveChangesAsync(cancellationToken);

        foreach ((string name, PortalRole role, _) in _people.Where(p => Rooms.HasKeys(p.Role)).OrderBy(p => p.Role == PortalRole.RegulatoryAgency ? 0 : p.Role == PortalRole.Hospital ? 1 : 2))
        {
            await AsAsync(name, provider => provider.GetRequiredService<AccountDesk>(), async (desk, user) =>
                await desk.EnrolAsync(user, SessionOf(name), PassphraseOf(name), null, cancellationToken));
            if (role is PortalRole.Hospital or PortalRole.Insurer)
            {
                int id = (await db.Users.AsNoTracking().SingleAsync(u => u.DisplayName == name, cancellationToken)).Id;
                await AsAsync("Health Authority", provider => provider.GetRequiredService<AgencyDesk>(), (desk, _) => desk.AdmitAsync(id, cancellationToken));
            }
        }

        foreach (int doctor in await db.Users.AsNoTracking().Where(u => u.Role == PortalRole.Doctor).Select(u => u.Id).ToListAsync(cancellationToken))
        {
            await AsAsync("Health Authority", provider => provider.GetRequiredService<AgencyDesk>(), (desk, _) => desk.LicenseAsync(doctor, TimeSpan.FromDays(365), cancellationToken));
        }
    }

    // Two visits with a scan each: after the first there was a prescription, and at the second the doctor has looked at the scan until now.
    private async Task TellKiruthikasAsync(CancellationToken cancellationToken)
    {
        int first = await VisitAsync("You came to me with this scan. I would like to see it.", cancellationToken);
        await AsAsync("Nandhini", provider => provider.GetRequiredService<DoctorDesk>(), (desk, _) =>
            desk.PrescribeAsync(first, new PrescriptionText("Take the tablets regularly"), cancellationToken));
        int second = await VisitAsync("You came again. I would like to see whether the tablets help.", cancellationToken);
        await AsAsync("Nandhini", provider => provider.GetRequiredService<DoctorDesk>(), async (desk, _) => (await desk.OpenAsync(second, cancellationToken)).Dispose());
        await UntilAsync(async () => (await FindAsync(second, cancellationToken)).Request?.OpenedAt is not null, cancellationToken);
    }

    // An upload that the doctor asked for and was granted.
    private async Task<int> VisitAsync(string reason, CancellationToken cancellationToken)
    {
        await AsAsync("Kiruthika", provider => provider.GetRequiredService<PatientDesk>(), async (desk, _) =>
        {
            await using Stream scan = typeof(DemoStory).Assembly.GetManifestResourceStream($"demo/{Scan}")!;
            await desk.UploadAsync(scan, Scan, new UploadWish(forClaim: false), cancellationToken);
        });
        int appointment = await db.Appointments.AsNoTracking().MaxAsync(a => a.Id, cancellationToken);
        await UntilAsync(async () => (await FindAsync(appointment, cancellationToken)).Stage == AppointmentStage.CanAsk, cancellationToken);
        await AsAsync("Nandhini", provider => provider.GetRequiredService<DoctorDesk>(), (desk, _) => desk.AskAsync(appointment, reason, TimeSpan.FromDays(7), cancellationToken));
        await AsAsync("Kiruthika", provider => provider.GetRequiredService<PatientDesk>(), async (desk, _) =>
            await desk.AcceptAsync((await desk.WaitingAsync(cancellationToken))[0].Record.Id.ToString(), null, cancellationToken));
        await UntilAsync(async () => (await FindAsync(appointment, cancellationToken)).Stage == AppointmentStage.CanOpen, cancellationToken);
        return appointment;
    }

    private async Task<AppointmentView> FindAsync(int appointment, CancellationToken cancellationToken)
    {
        AppointmentView? view = null;
        await AsAsync("Nandhini", provider => provider.GetRequiredService<DoctorDesk>(), async (desk, _) => view = await desk.AppointmentAsync(appointment, cancellationToken));
        return view!;
    }

    // One that the agency reviewed and that Kiruthika ended, and one that waits for its review.
    private async Task TellEmergenciesAsync(CancellationToken cancellationToken)
    {
        await UntilAsync(async () => await db.Bundles.AsNoTracking().OrderBy(b => b.Id).Select(b => b.EmergencyState == BundleState.Ready).FirstAsync(cancellationToken), cancellationToken);
        string first = await AskInAnEmergencyAsync(EmergencyCause.CannotAnswer, "She was brought in unconscious after a fall. I have to know what she is treated for.", TimeSpan.FromHours(4), cancellationToken);
        await AsAsync("Health Authority", provider => provider.GetRequiredService<EmergencyDesk>(), (desk, _) =>
            desk.ReviewAsync(first, EmergencyFinding.Justified, "The admission papers of that hour show it. Nothing else was asked for.", cancellationToken));
        await AsAsync("Kiruthika", provider => provider.GetRequiredService<EmergencyDesk>(), (desk, _) => desk.StopAsync(first, cancellationToken));
        await AskInAnEmergencyAsync(EmergencyCause.LifeInDanger, "Again unconscious, with a weak pulse. The scan again, before we operate.", TimeSpan.FromHours(24), cancellationToken);
    }

    private async Task<string> AskInAnEmergencyAsync(EmergencyCause cause, string reason, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        PortalUser patient = await db.Users.AsNoTracking().SingleAsync(u => u.DisplayName == "Kiruthika", cancellationToken);
        int upload = await db.Bundles.AsNoTracking().Where(b => b.PatientId == patient.Id).MinAsync(b => b.Id, cancellationToken);
        string request = string.Empty;
        await AsAsync("Ravi", provider => provider.GetRequiredService<EmergencyDesk>(), async (desk, _) =>
            request = await desk.AskAsync(new EmergencyForm(patient.Id, patient.DisplayName, upload, cause, reason, lifetime), cancellationToken));
        foreach (string trustee in (string[])["Meena", "GH"])
        {
            await AsAsync(trustee, provider => provider.GetRequiredService<EmergencyDesk>(), (desk, _) => desk.ApproveAsync(request, cancellationToken));
        }

        return request;
    }

    private async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        for (DateTimeOffset deadline = time.GetUtcNow().AddMinutes(2); time.GetUtcNow() < deadline;)
        {
            await housekeeping.RunOnceAsync(cancellationToken);
            if (await condition())
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }

        throw new InvalidOperationException("The demonstration's story did not come to its end in two minutes.");
    }

    // The desks as a page would have them: in a scope of their own, for a person who signed in.
    private async Task AsAsync<TDesk>(string name, Func<IServiceProvider, TDesk> find, Func<TDesk, PortalUser, Task> act)
        where TDesk : notnull
    {
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        PortalUser user = await scope.ServiceProvider.GetRequiredService<CurrentPerson>().ActAsAsync(name, SessionOf(name));
        await act(find(scope.ServiceProvider), user);
    }
}
