using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>A portal of its own with the demonstration's story, whose clock can be put forward and whose patients have a second to stop an emergency after the grant.</summary>
public sealed class EmergencyPortal : IAsyncLifetime
{
    private static readonly string[] _deciders = ["Meena", "GH"];

    public PortalHost Host { get; private set; } = null!;

    public ShiftedTime Time { get; } = new();

    public async ValueTask InitializeAsync() => Host = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:EmergencyVetoWindow"] = "00:00:01" }, time: Time);

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    public Task<Visitor> EnterAsync(string name) => DemoPortal.EnterAsync(Host, name);

    /// <summary>Does something with the database.</summary>
    public async Task<T> WithDbAsync<T>(Func<PortalDb, Task<T>> work)
    {
        await using AsyncServiceScope scope = Host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<PortalDb>());
    }

    /// <summary>Uploads a picture for Kiruthika, and waits until it can be asked for in an emergency.</summary>
    /// <returns>The upload's number.</returns>
    public async Task<int> UploadAsync(Visitor patient, string name)
    {
        ArgumentNullException.ThrowIfNull(patient);
        using (HttpResponseMessage uploaded = await patient.UploadAsync(await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png")), name))
        {
            Assert.Equal("/patient", uploaded.Headers.Location!.OriginalString);
        }

        int upload = int.Parse(Regex.Match(await patient.ReadAsync("/patient"), $"href=\"/patient/uploads/(\\d+)\">{name}").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        await DemoPortal.UntilAsync(async () =>
        {
            await Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
            return await WithDbAsync(db => db.Bundles.AnyAsync(b => b.Id == upload && b.EmergencyState == BundleState.Ready));
        });
        return upload;
    }

    /// <summary>What a doctor fills in; each value can be another.</summary>
    public static Dictionary<string, string> Form(int upload, params ReadOnlySpan<(string Name, string Value)> others)
    {
        var fields = new Dictionary<string, string>
        {
            ["_handler"] = "ask", ["Patient"] = "3", ["Name"] = "kiruthika", ["Upload"] = $"{upload}", ["Cause"] = "1", ["Reason"] = "Found on the street\r\nwithout papers.", ["Hours"] = "1", ["Known"] = "yes",
        };
        foreach ((string name, string value) in others)
        {
            fields[name] = value;
        }

        return fields;
    }

    /// <summary>Sends the form, and tells what the page says then; empty when it was taken.</summary>
    public static async Task<string> TryAskAsync(Visitor doctor, Dictionary<string, string> form)
    {
        ArgumentNullException.ThrowIfNull(doctor);
        using HttpResponseMessage response = await doctor.SubmitAsync("/doctor/emergency", "find", form);
        return response.StatusCode == HttpStatusCode.Found ? string.Empty : Visitor.TextOf(await response.Content.ReadAsStringAsync());
    }

    /// <summary>Asks for an upload in an emergency.</summary>
    /// <returns>The request, and the doctor's page of it.</returns>
    public async Task<(string Request, string Page)> AskAsync(Visitor doctor, int upload)
    {
        Assert.Empty(await TryAskAsync(doctor, Form(upload)));
        Appointment appointment = await WithDbAsync(db => db.Appointments.SingleAsync(a => a.BundleId == upload && a.Request != null));
        return (appointment.Request!, $"/doctor/appointments/{appointment.Id}");
    }

    /// <summary>A guardian and the hospital agree, or whoever is named.</summary>
    public async Task ApproveAsync(string request, params IReadOnlyList<string> trustees)
    {
        foreach (string name in trustees.Count > 0 ? trustees : _deciders)
        {
            using Visitor trustee = await EnterAsync(name);
            using HttpResponseMessage approved = await trustee.SubmitAsync("/trustee", $"approve-{request}");
            Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
            Assert.DoesNotContain("class=\"fault\"", await approved.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    /// <summary>Waits until the doctor can open what was granted.</summary>
    public static Task UntilOpenAsync(Visitor doctor, string page) => DemoPortal.UntilAsync(async () => (await doctor.ReadAsync(page)).Contains("Give Prescription</h2>", StringComparison.Ordinal));

    /// <summary>The agency reviews an emergency.</summary>
    public async Task ReviewAsync(string request, string finding)
    {
        using Visitor agency = await EnterAsync("Health Authority");
        using HttpResponseMessage reviewed = await agency.SubmitAsync($"/agency/reviews/{request}", "review", new Dictionary<string, string> { ["Finding"] = finding, ["Report"] = "As the papers show." });
        Assert.True(reviewed.StatusCode == HttpStatusCode.Found, Visitor.TextOf(await reviewed.Content.ReadAsStringAsync()));
    }
}
