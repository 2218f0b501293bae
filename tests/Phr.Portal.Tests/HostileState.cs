using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>What has to be there so that every form stands on a page: requests, grants, claims, emergencies and uploads in each state. And how a form comes back when what it is about is decided.</summary>
internal sealed class HostileState(HostilePortal portal) : IDisposable
{
    private static readonly byte[] _jpeg = [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]];
    private static readonly string[] _set = File.ReadAllLines(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));

    private readonly Dictionary<string, Visitor> _people = [];
    private readonly Dictionary<string, List<string>> _starts = [];

    /// <summary>What a model can be asked about: the measurements of one sample, as they are written into the form.</summary>
    public static IReadOnlyList<string> Measurements { get; } = _set[1].Split(',')[..^1];

    /// <summary>The appointment whose upload is a table of measurements, and granted.</summary>
    public int Measured { get; private set; }

    private Visitor Patient => _people["Kiruthika"];

    private Visitor Doctor => _people["Nandhini"];

    /// <summary>Pages that somebody should begin with: their links may be too far down to be followed.</summary>
    public IReadOnlyList<string> StartsOf(string who) => _starts.GetValueOrDefault(who) ?? [];

    public async Task MakeAsync()
    {
        foreach (string who in (string[])[.. HostilePortal.People, "Ravi"])
        {
            _people[who] = await portal.EnterAsync(who);
            _starts[who] = [];
        }

        (Measured, _) = await portal.UploadAsync(Patient, 3, Encoding.ASCII.GetBytes($"{_set[0][.._set[0].LastIndexOf(',')]}\n{string.Join(',', Measurements)}\n"), "measured.csv");
        (int scan, _) = await portal.UploadAsync(Patient, 3, DicomFixture.Make(2), "hostile.dcm");
        (int asked, _) = await portal.UploadAsync(Patient, 3, _jpeg, "hostile.jpg");
        int two = await portal.SealTwoAsync("first.png", "second.png");
        (_, int last) = await portal.UploadAsync(Patient, 3, _jpeg, "to-be-asked.jpg");
        await portal.GrantAsync(Patient, Doctor, Measured, "Measurements");
        await portal.GrantAsync(Patient, Doctor, scan, "A scan");
        await AskAsync(asked);
        await portal.UntilReadyAsync(async () => await DemoPortal.MayAskAsync(Doctor, two) && await portal.ReadAsync(db => db.Bundles.AnyAsync(b => b.Id == last && b.EmergencyState == BundleState.Ready)));
        await AskAsync(two);
        _starts["Nandhini"].AddRange([$"/doctor/appointments/{Measured}", $"/doctor/appointments/{Measured}/suggestion", $"/doctor/appointments/{Measured}/documents/0/suggestion", $"/doctor/appointments/{scan}/documents/0/view"]);
        _starts["Nandhini"].Add(await PrescribeAsync());
        (Visitor licensed, int licensedId) = await portal.JoinAsync("doctor", "To be suspended");
        licensed.Dispose();
        int[] doctors = [licensedId, await SuspendedAsync(), await WaitingAsync()];
        _starts["Health Authority"].AddRange(doctors.Select(id => $"/agency/doctors/{id}"));

        foreach ((string who, string claim) in await HostilePortal.FileClaimsAsync(Patient, _people))
        {
            _starts[who].Add(claim);
            _starts["Kiruthika"].Add(claim);
        }

        _starts["Kiruthika"].Insert(0, await RejectedClaimAsync());
        await SendAsync(_people["GH"], "/claims", "small-claims", ("Currency", "EUR"), ("Limit", "1.00"));
        await SendAsync(_people["Asha Insurance"], "/insurer", "small-claims", ("Currency", "EUR"), ("Limit", "1.00"));

        // Two that broke off: one in its midst, and one when all of it had come.
        foreach (bool isWhole in (bool[])[false, true])
        {
            PartUpload upload = await PartUpload.OpenAsync(Patient, PartUpload.MakePicture(PartUpload.PartLength + 99, $"unfinished {isWhole}"), "unfinished.png");
            Assert.Equal(200, (await upload.BeginAsync()).Status);
            for (int part = 0; part < (isWhole ? upload.Parts : 1); part++)
            {
                Assert.Equal(200, (await upload.SendAsync(part)).Status);
            }
        }
    }

    /// <summary>Brings back what a form needs, and the form.</summary>
    public async Task<PageForm?> RestoreAsync(Walker walker, PageForm form)
    {
        Visitor visitor = walker.Visitor;
        switch (Regex.Replace($"{form.Page.Split('?')[0]} {form.Handler}", "[0-9a-f]{12,}|[0-9]+", "#"))
        {
            case "/claims/# decide":
                return await visitor.OpenFormAsync(await ClaimBeforeAsync(walker.Name), "decide");
            case "/claims/# appeal":
                return await visitor.OpenFormAsync(await RejectedClaimAsync(), "appeal");
            case "/doctor/requests ask":
                string open = await portal.ReadAsync(db => db.Appointments.Where(a => a.DoctorId == 5 && a.PatientId == 3 && a.Request != null && !a.IsEmergency).OrderByDescending(a => a.Id).Select(a => a.Request!).FirstAsync());
                await portal.UntilReadyAsync(async () => (await Patient.ReadAsync("/patient")).Contains($"refuse-{open}", StringComparison.Ordinal));
                await SendAsync(Patient, "/patient", $"refuse-{open}");
                return await visitor.OpenFormAsync("/doctor/requests", "ask");
            case "/doctor/prescriptions/# renew":
            case "/doctor/prescriptions/# withdraw":
                return await visitor.OpenFormAsync(await PrescribeAsync(), form.Handler!);
            case "/agency/doctors/# suspend-#":
                // The same doctor again, who is here for this alone.
                await SendAsync(visitor, form.Page, form.Handler!.Replace("suspend", "reinstate", StringComparison.Ordinal));
                return await visitor.OpenFormAsync(form.Page, form.Handler);
            case "/agency/doctors/# reinstate-#":
                await SuspendAsync(form.Page);
                return await visitor.OpenFormAsync(form.Page, form.Handler!);
            case "/agency/doctors/# license-#":
            case "/agency/doctors/# refuse-#":
                int waiting = await WaitingAsync();
                return await visitor.OpenFormAsync($"/agency/doctors/{waiting}", $"{form.Handler!.Split('-')[0]}-{waiting}");
            case "/agency/reviews/# review":
                return await visitor.OpenFormAsync($"/agency/reviews/{await EmergencyAsync()}", "review");
            case "/patient/emergencies review-#":
                return await visitor.OpenFormAsync("/patient/emergencies", $"review-{await EmergencyAsync()}");
            case "/doctor/emergency ask":
                await StopEmergencyAsync();
                return await FindAsync(visitor);
            case "/doctor/appointments/#/suggestion outcome":
                return await SuggestAsync(visitor);
            case "/enrol enrol" when walker.IsOwn:
                walker.Become((await portal.ComeAsync("guardian", "Newcomer")).Visitor);
                return await walker.Visitor.OpenFormAsync("/enrol", "enrol");
            case "/resume prescribe":
            case "/resume forget":
                return (await KeepAsync(visitor)).First(f => f.Handler == form.Handler);
            default:
                return null;
        }
    }

    /// <summary>The form with which a doctor who has found a patient asks in an emergency.</summary>
    public static async Task<PageForm> FindAsync(Visitor doctor)
    {
        using HttpResponseMessage found = await doctor.SubmitAsync("/doctor/emergency", "find", new Dictionary<string, string> { ["Patient"] = "3", ["Name"] = "Kiruthika" });
        return PageForm.ReadAll("/doctor/emergency", await found.Content.ReadAsStringAsync()).Single(f => f.Handler == "ask");
    }

    /// <summary>The form for the outcome, as it stands below what the model suggested of written values.</summary>
    public async Task<PageForm> SuggestAsync(Visitor doctor)
    {
        string page = $"/doctor/appointments/{Measured}/suggestion";
        using HttpResponseMessage suggested = await doctor.SubmitAsync(page, "values", Measurements.Select((v, i) => (v, i)).ToDictionary(m => $"v{m.i}", m => m.v));
        return PageForm.ReadAll(page, await suggested.Content.ReadAsStringAsync()).Single(f => f.Handler == "outcome");
    }

    /// <summary>The forms of the page that shows what was sent too late, with hostile words in it.</summary>
    public static async Task<IReadOnlyList<PageForm>> KeepAsync(Visitor doctor)
    {
        PageForm prescribe = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        await doctor.PressAsync("/lock");
        using (HttpResponseMessage late = await doctor.PostAsync(prescribe.Action, prescribe.Filled(new Dictionary<string, string> { ["Text"] = Hostile.Line, ["Medicine"] = Hostile.Line })))
        {
            Assert.Equal(System.Net.HttpStatusCode.Found, late.StatusCode);
        }

        await doctor.UnlockAsync("nandhini opens the sealed box");
        string page = await doctor.ReadAsync("/resume");
        Assert.Null(Hostile.FaultOf(page));
        return [.. PageForm.ReadAll("/resume", page).Where(f => f.Handler is "prescribe" or "forget")];
    }

    public void Dispose()
    {
        foreach (Visitor visitor in _people.Values)
        {
            visitor.Dispose();
        }
    }

    private static async Task SendAsync(Visitor visitor, string page, string form, params IReadOnlyList<(string Field, string Value)> fields)
    {
        using HttpResponseMessage answer = await visitor.SubmitAsync(page, form, fields.ToDictionary(f => f.Field, f => f.Value));
        Assert.True((int)answer.StatusCode < 400, $"{page} {form}: {(int)answer.StatusCode} {Visitor.TextOf(await answer.Content.ReadAsStringAsync())}");
    }

    private Task AskAsync(int appointment) => SendAsync(Doctor, "/doctor/requests", "ask", ("Chosen", appointment.ToString(CultureInfo.InvariantCulture)), ("Reason", "To be decided"), ("Days", "1"));

    // Kiruthika's newest prescription, which nothing was done with.
    private async Task<string> PrescribeAsync()
    {
        await SendAsync(Doctor, "/doctor/appointments/1", "prescribe", ("Text", "Anew"));
        return $"/doctor/prescriptions/{await portal.ReadAsync(db => db.Prescriptions.MaxAsync(p => p.Id))}";
    }

    // A doctor with keys, whose licence nobody has looked up yet.
    private async Task<int> WaitingAsync()
    {
        (Visitor visitor, int id) = await portal.ComeAsync("doctor", "Waiting for a licence");
        using (visitor)
        {
            await SendAsync(visitor, "/enrol", "enrol", ("Passphrase", HostilePortal.Passphrase), ("Again", HostilePortal.Passphrase));
        }

        return id;
    }

    private async Task<int> SuspendedAsync()
    {
        (Visitor visitor, int id) = await portal.JoinAsync("doctor", "Suspended");
        visitor.Dispose();
        await SuspendAsync($"/agency/doctors/{id}");
        return id;
    }

    private Task SuspendAsync(string page) => SendAsync(_people["Health Authority"], page, $"suspend-{page.Split('/')[^1]}", ("Reason", "To be reinstated"), ("Known", "yes"));

    private async Task<string> ClaimBeforeAsync(string who)
    {
        string claim = await HostilePortal.FileClaimAsync(Patient, 1, "Anew");
        foreach (string step in ((string[])["Nandhini", "GH", "Health Authority"]).TakeWhile(step => step != who))
        {
            await SendAsync(_people[step], claim, "decide", ("Decision", "approve"));
        }

        return claim;
    }

    private async Task<string> RejectedClaimAsync()
    {
        string claim = await HostilePortal.FileClaimAsync(Patient, 1, "To be rejected");
        await SendAsync(Doctor, claim, "decide", ("Decision", "reject"), ("Paper", "Not by me"));
        return claim;
    }

    // Ravi asks for Kiruthika's newest upload in an emergency, and it is granted. Nobody has reviewed it yet.
    private async Task<string> EmergencyAsync()
    {
        await StopEmergencyAsync();
        PageForm ask = await FindAsync(_people["Ravi"]);
        using (HttpResponseMessage asked = await _people["Ravi"].PostAsync(ask.Action, ask.Filled(c => c.Name switch { "Cause" => "1", "Reason" => "Anew", "Known" => "yes", _ => null })))
        {
            Assert.True(asked.StatusCode == System.Net.HttpStatusCode.Found, Visitor.TextOf(await asked.Content.ReadAsStringAsync()));
        }

        string request = (await EmergencyOfAsync())!;
        foreach (string trustee in (string[])["Meena", "GH"])
        {
            await portal.UntilReadyAsync(async () => (await _people[trustee].ReadAsync("/trustee")).Contains($"approve-{request}", StringComparison.Ordinal));
            await SendAsync(_people[trustee], "/trustee", $"approve-{request}");
        }

        return request;
    }

    private async Task StopEmergencyAsync()
    {
        if (await EmergencyOfAsync() is { } request && (await Patient.ReadAsync("/patient/emergencies")).Contains($"stop-{request}", StringComparison.Ordinal))
        {
            await SendAsync(Patient, "/patient/emergencies", $"stop-{request}");
        }
    }

    private Task<string?> EmergencyOfAsync() => portal.ReadAsync(db => db.Appointments.Where(a => a.Doctor!.DisplayName == "Ravi" && a.PatientId == 3 && a.BundleId == db.Bundles.Where(b => b.PatientId == 3 && b.EmergencyState == BundleState.Ready).Max(b => b.Id)).Select(a => a.Request).SingleOrDefaultAsync());
}
