using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>A file that Kiruthika uploaded, and that doctor Nandhini asked for and was granted; both are signed in, with unlocked keys.</summary>
internal sealed class GrantedUpload : IDisposable
{
    private GrantedUpload(Visitor patient, Visitor doctor, int appointment) => (Patient, Doctor, Appointment) = (patient, doctor, appointment);

    public Visitor Patient { get; }

    public Visitor Doctor { get; }

    /// <summary>The appointment's number.</summary>
    public int Appointment { get; }

    /// <summary>The doctor's page of it.</summary>
    public string Page => $"/doctor/appointments/{Appointment}";

    public static Task<GrantedUpload> MakeAsync(DemoPortal portal, byte[] file, string name) => MakeAsync(portal, (file, name));

    /// <summary>The same of several files that are sent together.</summary>
    public static async Task<GrantedUpload> MakeAsync(DemoPortal portal, params (byte[] Bytes, string Name)[] files)
    {
        Visitor patient = await portal.EnterAsync("Kiruthika");
        Visitor doctor = await portal.EnterAsync("Nandhini");
        IReadOnlyDictionary<string, string> hidden = await patient.HiddenAsync("/patient/upload");
        using (HttpResponseMessage uploaded = await patient.UploadAllAsync(hidden, files))
        {
            Assert.Equal("/patient", uploaded.Headers.Location!.OriginalString);
        }

        string once = hidden["Once"], name = files[0].Name;
        int appointment = await portal.ReadRowAsync(db => db.Appointments.Where(a => a.Bundle!.Once == once).Select(a => a.Id).SingleAsync());
        await UntilAsync(portal, async db => (await db.Appointments.Include(a => a.Bundle).SingleAsync(a => a.Id == appointment)).Bundle!.State == BundleState.Ready);
        using (HttpResponseMessage asked = await doctor.SubmitAsync($"/doctor/requests?appointment={appointment}", "ask", new Dictionary<string, string> { ["Chosen"] = $"{appointment}", ["Reason"] = $"To look at {name}.", ["Days"] = "7" }))
        {
            Assert.Equal(System.Net.HttpStatusCode.Found, asked.StatusCode);
        }

        string request = string.Empty;
        await UntilAsync(portal, async db => (request = (await db.Appointments.SingleAsync(a => a.Id == appointment)).Request ?? string.Empty).Length > 0);
        PageForm accept = await patient.OpenFormAsync("/patient", $"accept-{request}");
        using (HttpResponseMessage accepted = await patient.PostAsync("/patient", accept.Filled()))
        {
            Assert.True((int)accepted.StatusCode < 400, $"{accepted.StatusCode}");
        }

        await UntilAsync(portal, async _ => (await doctor.ReadAsync($"/doctor/appointments/{appointment}")).Contains("Give Prescription</h2>", StringComparison.Ordinal));
        return new GrantedUpload(patient, doctor, appointment);
    }

    public void Dispose()
    {
        Patient.Dispose();
        Doctor.Dispose();
    }

    // What trustees and oracles do goes on beside the test: their turn is taken here, until it is done.
    private static async Task UntilAsync(DemoPortal portal, Func<PortalDb, Task<bool>> condition)
    {
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); ;)
        {
            await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
            await using AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope();
            if (await condition(scope.ServiceProvider.GetRequiredService<PortalDb>()))
            {
                return;
            }

            Assert.True(DateTimeOffset.UtcNow < deadline, "The upload was not granted in a minute.");
        }
    }
}
