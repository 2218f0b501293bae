using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;

namespace Phr.Portal.Tests;

/// <summary>What the agency decides about doctors, and about oracles, over years; and that whoever it is about is told.</summary>
public sealed class LicenceTests(LicencePortal portal) : IClassFixture<LicencePortal>
{
    [Fact]
    public async Task Licence_RefusedAndAskedForAgain_TellsTheDoctorWhyAndWhatToDo()
    {
        (Visitor doctor, int id) = await portal.ComeAsync("doctor", "Lakshmi");
        using (doctor)
        {
            await LicencePortal.SendAsync(doctor, "/enrol", "enrol", ("Passphrase", HostilePortal.Passphrase), ("Again", HostilePortal.Passphrase));
            Assert.Contains("You have no licence on the ledger yet", await ReadAsync(doctor, "/doctor"), StringComparison.Ordinal);
            using Visitor agency = await portal.EnterAsync("Health Authority");
            using (HttpResponseMessage without = await agency.SubmitAsync($"/agency/doctors/{id}", $"refuse-{id}"))
            {
                Assert.Contains("Say why you refuse it", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            await LicencePortal.SendAsync(agency, $"/agency/doctors/{id}", $"refuse-{id}", ("Reason", "The register has no TN-2026-0001."));
            Assert.Matches("Lakshmi TN-2026-0001 .*? refused", await ReadAsync(agency, "/agency"));
            foreach (string page in (string[])["/doctor", "/doctor/requests", "/doctor/emergency", "/doctor/licence"])
            {
                string told = await ReadAsync(doctor, page);
                Assert.Contains("The regulatory agency refused your licence: The register has no TN-2026-0001. You cannot ask patients or open anything. Put right what it says", told, StringComparison.Ordinal);
            }

            Assert.Equal("Your licence was refused", await LastMailAsync(id));
            using (HttpResponseMessage nothing = await doctor.SubmitAsync("/doctor/licence", "ask-again", new Dictionary<string, string> { ["LicenceNumber"] = " " }))
            {
                Assert.Contains("The licence number has 1 to 64 characters.", await nothing.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            await LicencePortal.SendAsync(doctor, "/doctor/licence", "ask-again", ("LicenceNumber", "TN-2026-0010"), ("Speciality", "Cancer"));
            Assert.Equal("A doctor asks for a licence", await LastMailAsync(await IdOfAsync("Health Authority")));
            Assert.Matches("Lakshmi TN-2026-0010 .*? waits for you", await ReadAsync(agency, "/agency"));
            await LicencePortal.SendAsync(agency, "/agency", $"license-{id}");
            Assert.Equal("Your licence is recorded", await LastMailAsync(id));
            Assert.Contains("Your licence is valid until", await ReadAsync(doctor, "/doctor/licence"), StringComparison.Ordinal);
            Assert.DoesNotContain("licence on the ledger", await ReadAsync(doctor, "/doctor/requests"), StringComparison.Ordinal);
            Assert.DoesNotContain($"\"license-{id}\"", await agency.ReadAsync("/agency"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Licence_SuspendedReinstatedEndedAndRenewed_ClosesAndOpensWhatTheDoctorMay()
    {
        int id = await IdOfAsync("Nandhini");
        string address = $"/agency/doctors/{id}";
        (Visitor agency, Visitor doctor) = (await portal.EnterAsync("Health Authority"), await portal.EnterAsync("Nandhini"));

        // 1. Suspended: at once, in every window, with the reason.
        PageForm before = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        foreach ((string reason, string known, string fault) in ((string, string, string)[])[(" ", "yes", "Say why you suspend them"), ("Complaint 7", "no", "Tick that you know")])
        {
            using HttpResponseMessage refused = await agency.SubmitAsync(address, $"suspend-{id}", new Dictionary<string, string> { ["Reason"] = reason, ["Known"] = known });
            Assert.Contains(fault, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await LicencePortal.SendAsync(agency, address, $"suspend-{id}", ("Reason", "Complaint 7 is looked into"), ("Known", "yes"));
        Assert.Equal("You are suspended", await LastMailAsync(id));
        Assert.Matches("Nandhini .*? suspended", await ReadAsync(agency, "/agency"));
        foreach (string page in (string[])["/doctor", "/doctor/requests", "/doctor/emergency", "/doctor/appointments/1", "/doctor/licence"])
        {
            Assert.Contains("The regulatory agency has suspended you: Complaint 7 is looked into. You cannot ask patients, open what they granted, or prescribe", await ReadAsync(doctor, page), StringComparison.Ordinal);
        }

        int prescriptions = await portal.ReadAsync(db => db.Prescriptions.CountAsync());
        using (HttpResponseMessage old = await doctor.PostAsync("/doctor/appointments/1", before.Filled(control => control.Name == "Text" ? "From an old window" : null)))
        {
            Assert.True((int)old.StatusCode < 500, $"{old.StatusCode}");
        }

        Assert.Equal(prescriptions, await portal.ReadAsync(db => db.Prescriptions.CountAsync()));
        await RequireOpenAsync(doctor, HttpStatusCode.NotFound);
        foreach (string form in (string[])["\"ask\"", "\"prescribe\"", "\"find\""])
        {
            Assert.DoesNotContain(form, await doctor.ReadAsync("/doctor/requests") + await doctor.ReadAsync("/doctor/appointments/1") + await doctor.ReadAsync("/doctor/emergency"), StringComparison.Ordinal);
        }

        await LicencePortal.SendAsync(agency, address, $"reinstate-{id}");
        Assert.Equal("You are reinstated", await LastMailAsync(id));
        await RequireOpenAsync(doctor, HttpStatusCode.OK);

        // 2. Two months before the end it can be renewed, and refused; not before.
        Assert.DoesNotContain($"\"license-{id}\"", await agency.ReadAsync("/agency"), StringComparison.Ordinal);
        (agency, doctor) = await ComeLaterAsync(TimeSpan.FromDays(304), agency, doctor);
        Assert.DoesNotContain($"\"license-{id}\"", await agency.ReadAsync("/agency"), StringComparison.Ordinal);
        (agency, doctor) = await ComeLaterAsync(TimeSpan.FromDays(2), agency, doctor);
        Assert.Matches("Nandhini .*? ends soon .*? Renew the licence", await ReadAsync(agency, "/agency"));
        Assert.Contains("The agency sees that it ends soon.", await ReadAsync(doctor, "/doctor"), StringComparison.Ordinal);
        await LicencePortal.SendAsync(agency, address, $"refuse-{id}", ("Reason", "Send the proof of your training"));
        Assert.Equal("Your licence will not be renewed as it is", await LastMailAsync(id));
        Assert.Contains("The agency has refused to renew it: Send the proof of your training. Put right what it says, and ask again", await ReadAsync(doctor, "/doctor/licence"), StringComparison.Ordinal);
        await LicencePortal.SendAsync(doctor, "/doctor/licence", "ask-again", ("LicenceNumber", "TN-2024-0117"), ("Speciality", "Cancer"));

        // 3. It ends: the doctor is told, and can ask nobody.
        (agency, doctor) = await ComeLaterAsync(TimeSpan.FromDays(60), agency, doctor);
        Assert.Matches("Nandhini .*? ended", await ReadAsync(agency, "/agency"));
        foreach (string page in (string[])["/doctor", "/doctor/requests", "/doctor/emergency"])
        {
            Assert.Matches("Your licence ended on [0-9]+ [A-Z][a-z]+ 2[0-9]{3}. You cannot ask patients or open anything until the regulatory agency renews it.", await ReadAsync(doctor, page));
        }

        Assert.DoesNotContain("\"ask\"", await doctor.ReadAsync("/doctor/requests"), StringComparison.Ordinal);

        // 4. A doctor who does not come has keys that ended, too: the agency is told what to wait for.
        int other = await IdOfAsync("Ravi");
        using (HttpResponseMessage absent = await agency.SubmitAsync("/agency", $"license-{other}"))
        {
            Assert.Contains("Ravi&#x27;s keys have ended", await absent.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // 5. Renewed after the end, it holds for another year, and everything works as before: keys that ended meanwhile were renewed by their owners' coming.
        await LicencePortal.SendAsync(agency, "/agency", $"license-{id}");
        Assert.Equal("Your licence is renewed", await LastMailAsync(id));
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        await WorkAsync();
        string request = await DemoPortal.AskAsync(doctor, patient, 1, "After a year");
        await LicencePortal.SendAsync(patient, "/patient", $"accept-{request}");
        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync("/doctor/appointments/1")).Contains("Give Prescription</h2>", StringComparison.Ordinal));
        await RequireOpenAsync(doctor, HttpStatusCode.OK);

        // 6. Renewed before the end, it goes on from there.
        (agency, doctor) = await ComeLaterAsync(TimeSpan.FromDays(330), agency, doctor);
        await LicencePortal.SendAsync(agency, address, $"license-{id}");
        (agency, doctor) = await ComeLaterAsync(TimeSpan.FromDays(365), agency, doctor);
        Assert.Contains("Your licence is valid until", await ReadAsync(doctor, "/doctor/licence"), StringComparison.Ordinal);
        agency.Dispose();
        doctor.Dispose();
    }

    [Fact]
    public async Task Result_AnOracleThatTheAgencySuspended_IsNotReadyAndSaysWhy()
    {
        using Visitor operatorOfCloud = await portal.EnterAsync("Cloud");
        using Visitor agency = await portal.EnterAsync("Health Authority");
        PhrServices phr = portal.Host.Services.GetRequiredService<PhrServices>();
        await DemoPortal.UntilAsync(async () => ReadyOf(await ReadAsync(operatorOfCloud, "/cloud/result")) == 4);
        using KeyLease lease = portal.Host.Services.GetRequiredService<KeyRing>().LeaseAll().First(l => l.Keys.Role == PortalRole.RegulatoryAgency);
        var client = new AgencyClient(phr.Services, lease.Keys.Main, lease.Keys.MainSecrets);
        Phr.Crypto.ActorId oracle = (await phr.Services.Ledger.ListOraclesAsync(TestContext.Current.CancellationToken))[0].Id;
        await client.SuspendAsync(oracle, 1, TestContext.Current.CancellationToken);
        try
        {
            await DemoPortal.UntilAsync(async () => (await ReadAsync(operatorOfCloud, "/cloud/result")).Contains($"{oracle.ToString()[..12]}… the oracle is Suspended on the ledger.", StringComparison.Ordinal));
            Assert.Equal(3, ReadyOf(await ReadAsync(operatorOfCloud, "/cloud/result")));
        }
        finally
        {
            await client.ReinstateAsync(oracle, 1, TestContext.Current.CancellationToken);
        }

        await DemoPortal.UntilAsync(async () => ReadyOf(await ReadAsync(operatorOfCloud, "/cloud/result")) == 4);
    }

    private static int ReadyOf(string page) => System.Text.RegularExpressions.Regex.Count(page, "[0-9a-f]{12}… ready");

    private static async Task<string> ReadAsync(Visitor visitor, string page) => Visitor.TextOf(await visitor.ReadAsync(page));

    private static async Task RequireOpenAsync(Visitor doctor, HttpStatusCode expected)
    {
        using HttpResponseMessage opened = await doctor.GetAsync("/doctor/appointments/1/documents/0");
        Assert.Equal(expected, opened.StatusCode);
    }

    // Time passes, sessions end, and both sign in again.
    private async Task<(Visitor Agency, Visitor Doctor)> ComeLaterAsync(TimeSpan time, params IReadOnlyList<Visitor> before)
    {
        foreach (Visitor visitor in before)
        {
            visitor.Dispose();
        }

        portal.Time.PutForward(time);
        (Visitor agency, Visitor doctor) = (await portal.EnterAsync("Health Authority"), await portal.EnterAsync("Nandhini"));
        await WorkAsync();
        return (agency, doctor);
    }

    private Task WorkAsync() => portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);

    private Task<int> IdOfAsync(string name) => portal.ReadAsync(db => db.Users.Where(u => u.DisplayName == name).Select(u => u.Id).SingleAsync());

    private Task<string> LastMailAsync(int user) => portal.ReadAsync(db => db.Outbox.Where(m => m.User!.Id == user).OrderByDescending(m => m.Id).Select(m => m.Subject).FirstAsync());
}
