using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>The portal with the demonstration's story, once for all tests. Tests that need to change somebody's fate make accounts of their own.</summary>
public class DemoPortal : IAsyncLifetime
{
    /// <summary>The portal.</summary>
    public PortalHost Host { get; protected set; } = null!;

    public virtual async ValueTask InitializeAsync() => Host = await PortalHost.StartAsync(demo: true);

    public virtual async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>Somebody of the story, signed in, with unlocked keys where they have some.</summary>
    public Task<Visitor> EnterAsync(string name) => EnterAsync(Host, name);

    /// <summary>Somebody of the story in a portal of its own, signed in, with unlocked keys where they have some.</summary>
    public static async Task<Visitor> EnterAsync(PortalHost host, string name)
    {
        var visitor = new Visitor(host);
        (string signInName, string password, string? passphrase) = CredentialsOf(name);
        await visitor.SignInAsync(signInName, password);
        if (passphrase is not null)
        {
            await visitor.UnlockAsync(passphrase);
        }

        return visitor;
    }

    /// <summary>How somebody of the story signs in, and unlocks what keys they have.</summary>
    public static (string Name, string Password, string? Passphrase) CredentialsOf(string name) =>
        (name == "Cloud" ? "cloud" : MailOf(name), $"{First(name)}-password", name == "Cloud" ? null : $"{First(name)} opens the sealed box");

    /// <summary>Lets Nandhini ask for what belongs to an appointment as soon as that is possible.</summary>
    /// <returns>The request's id, as soon as its patient sees it.</returns>
    public static async Task<string> AskAsync(Visitor doctor, Visitor patient, int appointment, string reason)
    {
        await UntilAsync(() => MayAskAsync(doctor, appointment));
        using (HttpResponseMessage asked = await doctor.SubmitAsync("/doctor/requests", "ask", new Dictionary<string, string> { ["Chosen"] = $"{appointment}", ["Reason"] = reason, ["Days"] = "1" }))
        {
            Assert.True(asked.StatusCode == System.Net.HttpStatusCode.Found, $"{(int)asked.StatusCode}: {Visitor.TextOf(await asked.Content.ReadAsStringAsync())}");
        }

        return await RequestOfAsync(patient, reason);
    }

    /// <summary>Whether a doctor can choose an appointment to ask about: the numbers of days are choices on that page, too.</summary>
    public static async Task<bool> MayAskAsync(Visitor doctor, int appointment)
    {
        ArgumentNullException.ThrowIfNull(doctor);
        return PageForm.ReadAll("/doctor/requests", await doctor.ReadAsync("/doctor/requests")).Any(form => form.Controls.Any(c => c.Name == "Chosen" && c.Choices.Contains($"{appointment}")));
    }

    /// <summary>The id of the request with a reason, as soon as its patient sees it.</summary>
    public static async Task<string> RequestOfAsync(Visitor patient, string reason)
    {
        string request = string.Empty;
        await UntilAsync(async () => (request = Regex.Match(await patient.ReadAsync("/patient"), $"{reason}.*?accept-([0-9a-f]+)", RegexOptions.Singleline).Groups[1].Value).Length > 0);
        return request;
    }

    /// <summary>Seals two documents of Kiruthika's in one upload for Nandhini, while Kiruthika's keys are unlocked: the portal's form takes one file at a time, and a bundle of two comes from a program.</summary>
    /// <returns>The appointment's number.</returns>
    public async Task<int> SealTwoAsync(params IReadOnlyList<string> titles)
    {
        await using AsyncServiceScope scope = Host.Services.CreateAsyncScope();
        ConsentServices services = scope.ServiceProvider.GetRequiredService<PhrServices>().Services;
        PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
        KeyLease[] leases = [.. scope.ServiceProvider.GetRequiredService<KeyRing>().LeaseAll()];
        try
        {
            UnlockedKeys keys = leases.First(l => l.Keys.UserId == 3).Keys;
            BundleHeader header = await new PatientClient(services, keys.Patient!, keys.MainSecrets).SealAsync(
                [.. titles.Select(title => new DocumentToSeal(new DocumentInfo(title, "image/png"), () => new MemoryStream(Encoding.UTF8.GetBytes(title))))]);
            var bundle = new SealedBundle { PatientId = 3, Bundle = header.BundleId.ToString(), HeaderDigest = header.Digest.ToString(), UploadedAt = DateTimeOffset.UtcNow, SealedLength = 1, Documents = titles.Count };
            var appointment = new Appointment { PatientId = 3, DoctorId = 5, Bundle = bundle, CreatedAt = DateTimeOffset.UtcNow };
            db.Appointments.Add(appointment);
            await db.SaveChangesAsync();
            return appointment.Id;
        }
        finally
        {
            foreach (KeyLease lease in leases)
            {
                lease.Dispose();
            }
        }
    }

    /// <summary>The number of the appointment that came about by an upload.</summary>
    public Task<int> AppointmentOfAsync(Visitor patient, string title) => AppointmentOfAsync(Host, patient, title);

    /// <inheritdoc cref="AppointmentOfAsync(Visitor, string)"/>
    public static async Task<int> AppointmentOfAsync(PortalHost host, Visitor patient, string title)
    {
        int upload = int.Parse(Regex.Match(await patient.ReadAsync("/patient"), $"href=\"/patient/uploads/(\\d+)\">{Regex.Escape(title)}").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        await using AsyncServiceScope scope = host.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PortalDb>().Appointments.SingleAsync(a => a.BundleId == upload)).Id;
    }

    /// <summary>Asks the portal's database.</summary>
    public async Task<T> ReadRowAsync<T>(Func<PortalDb, Task<T>> read)
    {
        await using AsyncServiceScope scope = Host.Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<PortalDb>());
    }

    /// <summary>Waits for what others do.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, int minutes = 1)
    {
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(minutes); !await condition();)
        {
            Assert.True(DateTimeOffset.UtcNow < deadline, $"It did not happen within {minutes} min.");
        }
    }

    private static string First(string name) => name.Split(' ')[0].ToLowerInvariant();

    private static string MailOf(string name) => name switch
    {
        "Health Authority" => "agency@demo.example",
        "Asha Insurance" => "insurer@demo.example",
        _ => $"{First(name)}@demo.example",
    };
}
