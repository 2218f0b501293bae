using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;

namespace Phr.Portal.Tests;

/// <summary>A portal of its own for tests that do to it what people should not: with the story, and ways to add people and to see whether anything changed.</summary>
public class HostilePortal : DemoPortal
{
    /// <summary>The password of everybody who joins here.</summary>
    public const string Password = "correct horse battery";

    /// <summary>The passphrase of everybody who joins here.</summary>
    public const string Passphrase = "a sentence that nobody guesses";

    private const int TurnsWithoutChange = 3;

    // Signing out leaves a row of its own, so that a copy of the cookie ends too.
    private const string EndedSession = "LoginProvider=ended session ";

    // Tries at a sign-in and who is locked out; what the mail's sender notes; how far trustees are with what was uploaded.
    private static readonly HashSet<string> _restless =
    [
        "AspNetUsers.AccessFailedCount", "AspNetUsers.LockoutEnd", "AspNetUsers.ConcurrencyStamp", "Outbox.SentAt", "Outbox.Attempts", "Bundles.State", "Bundles.Dealing", "Bundles.EmergencyState", "Bundles.EmergencyDealing",
    ];

    /// <summary>Everybody of the story, by role.</summary>
    public static IReadOnlyList<string> People { get; } = ["Kiruthika", "Nandhini", "Meena", "GH", "Health Authority", "Asha Insurance", "Cloud"];

    /// <summary>Registers somebody, and lets the operator admit them.</summary>
    /// <returns>Their browser, signed in, and their U-ID.</returns>
    public async Task<(Visitor Visitor, int Id)> ComeAsync(string kind, string name, IReadOnlyDictionary<string, string>? others = null)
    {
        var visitor = new Visitor(Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using (HttpResponseMessage registered = await RegisterAsync(visitor, kind, name, mail, others))
        {
            string text = await registered.Content.ReadAsStringAsync();
            Assert.True(text.Contains("You are registered", StringComparison.Ordinal), Visitor.TextOf(text));
        }

        int id = await ReadAsync(db => db.Users.Where(u => u.Email == mail).Select(u => u.Id).SingleAsync());
        using (Visitor cloud = await EnterAsync("Cloud"))
        using (HttpResponseMessage admitted = await cloud.SubmitAsync("/cloud", $"admit-{id}"))
        {
            Assert.Equal(System.Net.HttpStatusCode.OK, admitted.StatusCode);
        }

        await visitor.SignInAsync(mail, Password);
        return (visitor, id);
    }

    /// <summary>Registers somebody, lets the operator admit them, and makes their keys.</summary>
    /// <returns>Their browser, signed in and with unlocked keys, and their U-ID.</returns>
    public async Task<(Visitor Visitor, int Id)> JoinAsync(string kind, string name, IReadOnlyDictionary<string, string>? others = null)
    {
        (Visitor visitor, int id) = await ComeAsync(kind, name, others);
        using (HttpResponseMessage enrolled = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = Passphrase, ["Again"] = Passphrase }))
        {
            Assert.Contains("Your keys are made", await enrolled.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        if (kind == "doctor")
        {
            using Visitor agency = await EnterAsync("Health Authority");
            using HttpResponseMessage licensed = await agency.SubmitAsync("/agency", $"license-{id}");
            Assert.Equal(System.Net.HttpStatusCode.OK, licensed.StatusCode);
            Assert.True(await ReadAsync(db => db.Doctors.AnyAsync(d => d.UserId == id && d.LicensedAt != null)), Visitor.TextOf(await licensed.Content.ReadAsStringAsync()));
        }

        return (visitor, id);
    }

    /// <summary>Fills in the registration.</summary>
    public static async Task<HttpResponseMessage> RegisterAsync(Visitor visitor, string kind, string name, string mail, IReadOnlyDictionary<string, string>? others = null)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        string page = await visitor.ReadAsync($"/register/{kind}");
        var fields = new Dictionary<string, string> { ["Form.Name"] = name, ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password, ["Form.TimeZone"] = "UTC" };
        if (kind == "patient")
        {
            fields["Form.Guardians"] = "meena@demo.example";
            fields["Form.HospitalId"] = Regex.Match(page, "<option value=\"(\\d+)\"[^>]*>GH</option>").Groups[1].Value;
            fields["Form.PersonalDoctorId"] = Regex.Match(page, "<option value=\"(\\d+)\"[^>]*>Nandhini").Groups[1].Value;
        }
        else if (kind == "doctor")
        {
            fields["Form.Speciality"] = "Cancer";
            fields["Form.LicenceNumber"] = "TN-2026-0001";
        }

        foreach ((string field, string value) in others ?? new Dictionary<string, string>())
        {
            fields[field] = value;
        }

        return await visitor.SubmitAsync($"/register/{kind}", "register", fields);
    }

    /// <summary>Uploads a file for the personal doctor, and waits until the trustees have checked their shares.</summary>
    /// <returns>The appointment's number, and the upload's.</returns>
    public async Task<(int Appointment, int Bundle)> UploadAsync(Visitor patient, int patientId, byte[] file, string name)
    {
        ArgumentNullException.ThrowIfNull(patient);
        int before = await ReadAsync(db => db.Bundles.Where(b => b.PatientId == patientId).MaxAsync(b => (int?)b.Id)) ?? 0;
        using (HttpResponseMessage uploaded = await patient.UploadAsync(file, name))
        {
            Assert.Equal("/patient", uploaded.Headers.Location?.OriginalString);
        }

        int bundle = await ReadAsync(db => db.Bundles.Where(b => b.PatientId == patientId && b.Id > before).Select(b => b.Id).SingleAsync());
        await UntilReadyAsync(async () => await ReadAsync(db => db.Bundles.AnyAsync(b => b.Id == bundle && b.State == BundleState.Ready)));
        return (await ReadAsync(db => db.Appointments.Where(a => a.BundleId == bundle).Select(a => a.Id).SingleAsync()), bundle);
    }

    /// <summary>Lets a doctor ask, and the patient accept, and waits until the doctor can open it.</summary>
    public async Task GrantAsync(Visitor patient, Visitor doctor, int appointment, string reason)
    {
        ArgumentNullException.ThrowIfNull(patient);
        ArgumentNullException.ThrowIfNull(doctor);
        using (HttpResponseMessage asked = await doctor.SubmitAsync("/doctor/requests", "ask", new Dictionary<string, string> { ["Chosen"] = Text(appointment), ["Reason"] = reason, ["Days"] = "7" }))
        {
            Assert.True(asked.StatusCode == System.Net.HttpStatusCode.Found, Visitor.TextOf(await asked.Content.ReadAsStringAsync()));
        }

        string request = await ReadAsync(db => db.Appointments.Where(a => a.Id == appointment).Select(a => a.Request!).SingleAsync());
        await UntilReadyAsync(async () => (await patient.ReadAsync("/patient")).Contains($"accept-{request}", StringComparison.Ordinal));
        using (HttpResponseMessage accepted = await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.True((int)accepted.StatusCode < 400, $"{accepted.StatusCode}");
        }

        await UntilReadyAsync(async () => (await doctor.ReadAsync($"/doctor/appointments/{appointment}")).Contains("Give Prescription</h2>", StringComparison.Ordinal));
    }

    /// <summary>Files a claim.</summary>
    /// <returns>Its page.</returns>
    public static async Task<string> FileClaimAsync(Visitor patient, int appointment, string reason)
    {
        ArgumentNullException.ThrowIfNull(patient);
        string insurer = Regex.Match(await patient.ReadAsync("/patient/insurance"), "<option value=\"(\\d+)\"[^>]*>Asha Insurance</option>").Groups[1].Value;
        using HttpResponseMessage filed = await patient.SubmitAsync(
            "/patient/insurance", "file", new Dictionary<string, string> { ["Treatment"] = Text(appointment), ["Insurer"] = insurer, ["Amount"] = "2500.00", ["Currency"] = "INR", ["Reason"] = reason });
        Assert.True(filed.StatusCode == System.Net.HttpStatusCode.Found, Visitor.TextOf(await filed.Content.ReadAsStringAsync()));
        return "/claims/" + filed.Headers.Location!.OriginalString.Split('/')[^1];
    }

    /// <summary>Files a claim of Kiruthika's for each level, and lets whoever comes before the level approve it.</summary>
    /// <param name="patient">Kiruthika.</param>
    /// <param name="deciders">Who decides before the last level: Nandhini, GH and the Health Authority.</param>
    /// <returns>For each person who has to decide, the page of the claim.</returns>
    public static async Task<Dictionary<string, string>> FileClaimsAsync(Visitor patient, IReadOnlyDictionary<string, Visitor> deciders)
    {
        ArgumentNullException.ThrowIfNull(deciders);
        string[] steps = ["Nandhini", "GH", "Health Authority", "Asha Insurance"];
        var turns = new Dictionary<string, string>();
        for (int level = 0; level < steps.Length; level++)
        {
            string claim = await FileClaimAsync(patient, 1, $"Level {level}");
            foreach (string step in steps.Take(level))
            {
                using HttpResponseMessage decided = await deciders[step].SubmitAsync(claim, "decide", new Dictionary<string, string> { ["Decision"] = "approve" });
                Assert.True(decided.StatusCode == System.Net.HttpStatusCode.Found, $"{step}: {Visitor.TextOf(await decided.Content.ReadAsStringAsync())}");
            }

            turns[steps[level]] = claim;
        }

        return turns;
    }

    /// <summary>Reads the database.</summary>
    public async Task<T> ReadAsync<T>(Func<PortalDb, Task<T>> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        await using AsyncServiceScope scope = Host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<PortalDb>());
    }

    /// <summary>
    /// Everything that a press of a button could have changed, in lines: all tables of the database, people's files, desks on duty, and of the ledger the actors, requests and claims. What changes without anybody's press is
    /// left out by name.
    /// </summary>
    public async Task<string> StateAsync()
    {
        var lines = new List<string>();
        await ReadAsync(async db =>
        {
            await AddTablesAsync(db, lines);
            await AddActorsAsync(db, lines);
            return true;
        });
        string people = Path.Combine(Host.Folder, "people");
        lines.AddRange(Directory.GetFiles(people, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "lock").Select(f => $"file {Path.GetRelativePath(people, f)} {new FileInfo(f).Length}").Order(StringComparer.Ordinal));
        IConsentLedger ledger = Host.Services.GetRequiredService<PhrServices>().Services.Ledger;
        lines.AddRange((await ledger.ListRequestsAsync(new RequestFilter())).OrderBy(r => r.Id.ToString(), StringComparer.Ordinal).Select(r => string.Create(
            CultureInfo.InvariantCulture, $"request {r.Id} {string.Join(',', r.Approvals.Select(a => a.ApprovalDigest))} {r.Denials.Count} {r.Ended} {r.EndedAt} {r.Grant?.VetoUntil} {r.Grant?.ByPatient} {r.Review?.Finding}")));
        lines.AddRange((await ledger.ListClaimsAsync(new ClaimFilter())).OrderBy(c => c.Id.ToString(), StringComparer.Ordinal).Select(c => $"claim {c.Id} {c.Status} {c.Amount} {c.Steps.Count}"));
        return string.Join('\n', lines);
    }

    /// <summary>Waits until nothing changes any more by itself: trustees have checked what was uploaded, and the mail is out.</summary>
    /// <returns>The state.</returns>
    public async Task<string> SettleAsync()
    {
        string state = string.Empty;
        int same = 0;
        await UntilReadyAsync(async () =>
        {
            string before = state;
            state = await StateAsync();
            same = state == before ? same + 1 : 0;
            return same == TurnsWithoutChange;
        });
        return state;
    }

    private async Task AddActorsAsync(PortalDb db, List<string> lines)
    {
        IConsentLedger ledger = Host.Services.GetRequiredService<PhrServices>().Services.Ledger;
        KeyRing keys = Host.Services.GetRequiredService<KeyRing>();
        foreach (PortalUser user in await db.Users.AsNoTracking().OrderBy(u => u.Id).ToListAsync())
        {
            ActorRecord? actor = user.ActorId is { } id ? await ledger.GetActorAsync(id) : null;
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"actor {user.Id} {actor?.Roles} {actor?.Status} {actor?.Licence?.NotAfter} {actor?.KeyRecordDigest}; on duty {keys.OnDutyUntil(user.Id):u}"));
        }
    }

    private static async Task AddTablesAsync(PortalDb db, List<string> lines)
    {
        await db.Database.OpenConnectionAsync();
        foreach (string table in db.Model.GetEntityTypes().Select(type => type.GetTableName()!).Distinct().Order(StringComparer.Ordinal))
        {
            await using DbCommand command = db.Database.GetDbConnection().CreateCommand();
#pragma warning disable CA2100 // The name of a table of the model.
            command.CommandText = $"SELECT * FROM \"{table}\"";
#pragma warning restore CA2100
            var rows = new List<string>();
            await using (DbDataReader reader = await command.ExecuteReaderAsync())
            {
                string[] columns = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetName)];
                while (await reader.ReadAsync())
                {
                    string row = string.Join(' ', columns.Index().Where(column => !_restless.Contains($"{table}.{column.Item}")).Select(column => $"{column.Item}={Shown(reader.GetValue(column.Index))}"));
                    if (!row.Contains(EndedSession, StringComparison.Ordinal))
                    {
                        rows.Add($"{table} {row}");
                    }
                }
            }

            lines.AddRange(rows.Order(StringComparer.Ordinal));
        }
    }

    // Long values as what distinguishes them.
    private static string Shown(object value)
    {
        byte[] bytes = value as byte[] ?? System.Text.Encoding.UTF8.GetBytes(Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty);
        return bytes.Length > 80 || value is byte[] ? Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes).AsSpan(0, 8)) : System.Text.Encoding.UTF8.GetString(bytes);
    }

    /// <summary>Waits for what trustees and oracles do, and takes their turn.</summary>
    public async Task UntilReadyAsync(Func<Task<bool>> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        await UntilAsync(async () =>
        {
            await Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
            return await condition();
        });
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
