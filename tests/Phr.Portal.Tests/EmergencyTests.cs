using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>Break-glass: a doctor asks, one guardian and the hospital decide, the patient can stop it, and it is reviewed.</summary>
public sealed class EmergencyTests(EmergencyPortal portal, ChromiumBrowser browser) : IClassFixture<EmergencyPortal>
{
    private const string Justified = "1";
    private const string Unjustified = "2";

    [Fact]
    public async Task Story_FromTheRequestToTheReview_IsSeenByEverybody()
    {
        using Visitor uploader = await portal.EnterAsync("Kiruthika");
        await portal.UploadAsync(uploader, "story.png");

        await using Person doctor = await OpenAsync("Ravi");
        await doctor.FollowAsync("Emergency request");
        await doctor.FillAsync("U-ID", "3");
        await doctor.FillAsync("Name", "Kiruthika");
        await doctor.PressAsync("Find the patient");
        await doctor.SeesAsync("Kiruthika, U-ID 3");
        await doctor.Page.GetByLabel("Why it is an emergency").SelectOptionAsync("2");
        await doctor.FillAsync("What has happened", "A road accident; she does not answer.");
        await doctor.Page.GetByLabel("I know that this is recorded and reviewed").CheckAsync();
        await LookAsync(doctor, "doctor-found");
        await doctor.PressAsync("Send the emergency request");
        await doctor.SeesAsync("Your emergency request is sent");

        await using Person guardian = await OpenAsync("Meena");
        await guardian.SeesAsync("An emergency waits for your decision.");
        ILocator card = CardAt(guardian);
        foreach (string text in (string[])["Ravi emergency", "TN-2019-0042", "the patient's life is in danger", "GH", "emergency treatment", "A road accident; she does not answer."])
        {
            await Assertions.Expect(card).ToContainTextAsync(text);
        }

        await LookAsync(guardian, "trustee-waiting");
        await card.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Approve", Exact = true }).ClickAsync();
        await Assertions.Expect(card).ToContainTextAsync("You have decided. It waits for the others.");
        await using Person hospital = await OpenAsync("GH");
        await CardAt(hospital).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Approve", Exact = true }).ClickAsync();
        await Assertions.Expect(CardAt(hospital)).ToHaveCountAsync(0);

        await using Person patient = await OpenAsync("Kiruthika");
        await patient.FollowAsync("A doctor asked for your records in an emergency. Look who, why, and what became of it.");
        ILocator mine = CardAt(patient);
        await Assertions.Expect(mine).ToContainTextAsync("Meena, GH");
        await patient.PressAsync("I have read this");
        await Assertions.Expect(patient.Page.Locator("main")).Not.ToContainTextAsync("A doctor asked for your records in an emergency. Look");
        await LookAsync(patient, "patient-emergencies");

        await doctor.PressInRowAsync("story.png", AriaRole.Link, "Give Prescription");
        await doctor.SeesAsync("An emergency, until");
        await Assertions.Expect(doctor.Page.Locator("img.scan")).ToHaveAttributeAsync("alt", "story.png");

        await using Person agency = await OpenAsync("Health Authority");
        await agency.FollowAsync("REVIEWS");
        await LookAsync(agency, "agency-reviews");
        await agency.FollowAsync("Review");
        await agency.SeesAsync("A road accident; she does not answer.");
        await agency.Page.GetByLabel("It was an emergency", new PageGetByLabelOptions { Exact = true }).CheckAsync();
        await agency.FillAsync("Why", "The ambulance's report says the same.");
        await LookAsync(agency, "agency-review");
        await agency.PressAsync("Record the review");
        await agency.SeesAsync("Your review is recorded.");

        await doctor.GoAsync("/doctor/emergency");
        await doctor.SeesAsync("The ambulance's report says the same.");
        await patient.GoAsync("/patient/emergencies");
        await patient.SeesAsync("The ambulance's report says the same.");
        await patient.GoAsync("/patient/record?what=road+accident");
        await patient.SeesAsync("Ravi emergency");
        await guardian.FollowAsync("EMERGENCIES");
        await Assertions.Expect(guardian.Page.Locator("tr", new PageLocatorOptions { HasText = "A road accident" })).ToContainTextAsync("it was an emergency");
        Assert.DoesNotContain("ambulance", await guardian.Page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await LookAsync(guardian, "trustee-emergencies");
        Assert.All((Person[])[doctor, guardian, hospital, patient, agency], person => Assert.Empty(person.Window.Complaints));
    }

    // What waits at a desk besides belongs to other tests.
    private static ILocator CardAt(Person person) => person.Page.Locator("section.card", new PageLocatorOptions { HasText = "A road accident; she does not answer." });

    [Theory]
    [InlineData("/doctor/emergency", "Ravi")]
    [InlineData("/patient/emergencies", "Kiruthika")]
    [InlineData("/trustee/emergencies", "Meena")]
    [InlineData("/agency/reviews", "Health Authority")]
    public async Task Pages_DarkAndNarrow_FitAndAreAccessible(string path, string who)
    {
        foreach (BrowserView view in (BrowserView[])[BrowserView.DarkDesk, BrowserView.Telephone])
        {
            await using var person = new Person(await browser.OpenAsync(view), portal.Host.Address);
            (string name, string password, string? passphrase) = DemoPortal.CredentialsOf(who);
            await person.SignInAsync(name, password, passphrase);
            await person.GoAsync(path);
            await LookAsync(person, path[1..].Replace('/', '-'));
        }
    }

    [Fact]
    public async Task Demo_TwoEmergencies_OneIsReviewedAndOneWaits()
    {
        using Visitor agency = await portal.EnterAsync("Health Authority");
        string page = Visitor.TextOf(await agency.ReadAsync("/agency/reviews"));
        Assert.Contains("it was an emergency Health Authority", page, StringComparison.Ordinal);
        Assert.Contains("waits for its review", page, StringComparison.Ordinal);
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        page = Visitor.TextOf(await patient.ReadAsync("/patient/emergencies"));
        Assert.Contains("She was brought in unconscious after a fall.", page, StringComparison.Ordinal);
        Assert.Contains("The admission papers of that hour show it.", page, StringComparison.Ordinal);
        Assert.Contains("State stopped by you", page, StringComparison.Ordinal);
        Assert.Contains("2 of these groups must agree then, as your newest upload has it: guardians, 1 of 2; hospital, 1 of 1; agency, 1 of 1.", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_SomethingMissingOrWrong_IsRefusedInWords()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        int upload = await portal.UploadAsync(patient, "refused.png");
        int before = await CountAsync();
        foreach ((string name, string value, string said) in ((string, string, string)[])
        [
            ("Reason", " \r\n ", "Say what has happened"),
            ("Reason", "seen\u200bunseen", "Write plain text"),
            ("Reason", new string('x', 2001), "Write at most 2,000 characters"),
            ("Cause", "0", "Choose why it is an emergency"),
            ("Cause", "77", "Choose why it is an emergency"),
            ("Known", "no", "Tick that you know"),
            ("Hours", "48", "Choose for how long"),
            ("Upload", "9999", "Choose one of the patient's uploads"),
            ("Name", "Nandhini", "There is no patient of this U-ID and name"),
            ("Patient", "5", "There is no patient of this U-ID and name"),
            ("Patient", "three", "Write the U-ID as a number"),
        ])
        {
            using HttpResponseMessage response = await doctor.SubmitAsync("/doctor/emergency", "find", EmergencyPortal.Form(upload, (name, value)));

            // Without a patient there is no form to ask with: then the browser that sends one is sent back to the page.
            string page = response.StatusCode == HttpStatusCode.Found && name is "Name" or "Patient"
                ? await FindAsync(doctor, EmergencyPortal.Form(upload, (name, value)))
                : Visitor.TextOf(await response.Content.ReadAsStringAsync());
            Assert.Contains(said, page, StringComparison.Ordinal);
        }

        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task Ask_Twice_IsOneRequest()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        int upload = await portal.UploadAsync(patient, "twice.png");
        (string request, _) = await portal.AskAsync(doctor, upload);
        int before = await CountAsync();
        Assert.Contains("in this emergency already", await EmergencyPortal.TryAskAsync(doctor, EmergencyPortal.Form(upload)), StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());

        // Somebody to whom the patient turned, and who has asked already, is told so, too.
        using Visitor personal = await portal.EnterAsync("Nandhini");
        int appointment = await portal.WithDbAsync(db => db.Appointments.Where(a => a.BundleId == upload && a.DoctorId == 5).Select(a => a.Id).SingleAsync());
        string ordinary = await DemoPortal.AskAsync(personal, patient, appointment, "The ordinary way");
        Assert.Contains("without an emergency, and it is not decided yet", await EmergencyPortal.TryAskAsync(personal, EmergencyPortal.Form(upload)), StringComparison.Ordinal);
        await StopAsync(patient, request);

        // Nothing of it waits for those of the other tests, whichever comes next.
        using HttpResponseMessage refused = await patient.SubmitAsync("/patient", $"refuse-{ordinary}");
        Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
    }

    [Fact]
    public async Task Ask_WithThreeReviewsDue_WaitsForOneAndForTheTimeOfAnUnjustifiedOne()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        var requests = new List<string>();
        for (int i = 1; i <= 3; i++)
        {
            (string request, _) = await portal.AskAsync(doctor, await portal.UploadAsync(patient, $"due-{i}.png"));
            await portal.ApproveAsync(request);
            requests.Add(request);
        }

        int fourth = await portal.UploadAsync(patient, "due-4.png");
        Assert.Contains("3 of your emergencies wait for their review", Visitor.TextOf(await doctor.ReadAsync("/doctor/emergency")), StringComparison.Ordinal);

        // A page from before they were granted still has its form.
        using (HttpResponseMessage late = await PostAsync(doctor, "/doctor/emergency", EmergencyPortal.Form(fourth)))
        {
            Assert.Contains("You can ask in another emergency when one of them has been reviewed", Visitor.TextOf(await late.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }

        await portal.ReviewAsync(requests[0], Unjustified);
        Assert.Contains("it was no emergency Health Authority", Visitor.TextOf(await doctor.ReadAsync("/doctor/emergency")), StringComparison.Ordinal);
        Assert.Contains("As the papers show.", Visitor.TextOf(await doctor.ReadAsync("/doctor/emergency")), StringComparison.Ordinal);
        Assert.Contains("the doctor waits until", await EmergencyPortal.TryAskAsync(doctor, EmergencyPortal.Form(fourth)), StringComparison.Ordinal);
        portal.Time.PutForward(TimeSpan.FromMinutes(11));
        Assert.Empty(await EmergencyPortal.TryAskAsync(doctor, EmergencyPortal.Form(fourth)));
        await StopAsync(patient, await portal.WithDbAsync(db => db.Appointments.Where(a => a.BundleId == fourth && a.DoctorId == 5).Select(a => a.Request!).SingleAsync()));
        await portal.ReviewAsync(requests[1], Justified);
        await portal.ReviewAsync(requests[2], Justified);
        using Visitor agency = await portal.EnterAsync("Health Authority");
        Assert.Contains("It has been reviewed.", Visitor.TextOf(await agency.ReadAsync($"/agency/reviews/{requests[2]}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_BeforeAndAfterTheGrant_OpensNothing()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        int upload = await portal.UploadAsync(patient, "stopped.png");
        (string refused, string page) = await portal.AskAsync(doctor, upload);
        await StopAsync(patient, refused);
        Assert.Contains("Over. What the patient uploaded is sealed", Visitor.TextOf(await doctor.ReadAsync(page)), StringComparison.Ordinal);
        using (Visitor trustee = await portal.EnterAsync("Meena"))
        {
            Assert.DoesNotContain($"approve-{refused}", await trustee.ReadAsync("/trustee"), StringComparison.Ordinal);
        }

        (string granted, _) = await portal.AskAsync(doctor, upload);
        await portal.ApproveAsync(granted);
        await EmergencyPortal.UntilOpenAsync(doctor, page);
        using (HttpResponseMessage opened = await doctor.GetAsync($"{page}/documents/0"))
        {
            Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        }

        await StopAsync(patient, granted);
        using (HttpResponseMessage closed = await doctor.GetAsync($"{page}/documents/0"))
        {
            Assert.Equal(HttpStatusCode.NotFound, closed.StatusCode);
        }

        Assert.Contains("stopped by the patient", Visitor.TextOf(await doctor.ReadAsync("/doctor/emergency")), StringComparison.Ordinal);
        await portal.ReviewAsync(granted, Justified);
    }

    [Fact]
    public async Task Time_Over_OpensNothing()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        int upload = await portal.UploadAsync(patient, "timed.png");
        (string request, string page) = await portal.AskAsync(doctor, upload);
        await portal.ApproveAsync(request);
        await EmergencyPortal.UntilOpenAsync(doctor, page);
        portal.Time.PutForward(TimeSpan.FromMinutes(61));

        using Visitor later = await portal.EnterAsync("Ravi");
        Assert.Contains("Over. What the patient uploaded is sealed again", Visitor.TextOf(await later.ReadAsync(page)), StringComparison.Ordinal);
        using (HttpResponseMessage response = await later.GetAsync($"{page}/documents/0"))
        {
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        Assert.Contains("It cannot be opened any more", await later.ReadAsync($"{page}/documents/0/view"), StringComparison.Ordinal);

        Assert.DoesNotContain("timed.png", await later.ReadAsync($"{page}/record"), StringComparison.Ordinal);

        // Nor does the doctor keep an ordinary way to somebody who never came.
        Assert.False(await DemoPortal.MayAskAsync(later, int.Parse(page.Split('/')[^1], System.Globalization.CultureInfo.InvariantCulture)));
        await portal.ReviewAsync(request, Justified);
    }

    [Fact]
    public async Task Review_ByTheAgencyThatAgreed_IsThePatients()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        (string request, _) = await portal.AskAsync(doctor, await portal.UploadAsync(patient, "own.png"));
        await portal.ApproveAsync(request, "Arun", "Health Authority");
        using (Visitor agency = await portal.EnterAsync("Health Authority"))
        {
            string page = await agency.ReadAsync($"/agency/reviews/{request}");
            Assert.Contains("nobody reviews a decision of their own", page, StringComparison.Ordinal);
            Assert.DoesNotContain("value=\"review\"", page, StringComparison.Ordinal);
        }

        using (HttpResponseMessage without = await patient.SubmitAsync("/patient/emergencies", $"review-{request}", new Dictionary<string, string> { ["Finding"] = Justified, ["Report"] = "" }))
        {
            Assert.Contains("Say what you found and why", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage reviewed = await patient.SubmitAsync("/patient/emergencies", $"review-{request}", new Dictionary<string, string> { ["Finding"] = Justified, ["Report"] = "He saved my life." }))
        {
            Assert.Equal(HttpStatusCode.Found, reviewed.StatusCode);
        }

        Assert.Contains("He saved my life.", Visitor.TextOf(await doctor.ReadAsync("/doctor/emergency")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Others_WhoHaveNoPartInIt_AreRefused()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        int upload = await portal.UploadAsync(patient, "others.png");
        (string request, string page) = await portal.AskAsync(doctor, upload);
        using Visitor stranger = await NewPatientAsync("Lakshmi");
        int strangerId = await portal.WithDbAsync(db => db.Users.Where(u => u.DisplayName == "Lakshmi").Select(u => u.Id).SingleAsync());

        // Another patient stops and reviews nothing; nor does another doctor open it.
        foreach (string action in (string[])["stop", "review"])
        {
            using HttpResponseMessage response = await PostAsync(stranger, "/patient/emergencies", new Dictionary<string, string> { ["_handler"] = $"{action}-{request}", ["Finding"] = Unjustified, ["Report"] = "none" });
            Assert.Equal("/patient/emergencies", response.Headers.Location?.OriginalString);
            Assert.Contains("nothing was done", await stranger.ReadAsync("/patient/emergencies"), StringComparison.Ordinal);
        }

        using Visitor other = await portal.EnterAsync("Nandhini");
        foreach ((Visitor who, string path, HttpStatusCode expected) in ((Visitor, string, HttpStatusCode)[])
        [
            (other, page, HttpStatusCode.NotFound),
            (other, $"/agency/reviews/{request}", HttpStatusCode.Forbidden),
            (patient, $"/agency/reviews/{request}", HttpStatusCode.Forbidden),
            (patient, "/trustee/emergencies", HttpStatusCode.Forbidden),
            (doctor, "/patient/emergencies", HttpStatusCode.Forbidden),
            (stranger, "/doctor/emergency", HttpStatusCode.Forbidden),
        ])
        {
            using HttpResponseMessage response = await who.GetAsync(path);
            Assert.Equal(expected, response.StatusCode);
        }

        Assert.DoesNotContain("others", Visitor.TextOf(await stranger.ReadAsync("/patient/emergencies")), StringComparison.Ordinal);

        // An agency reviews what was granted, and no request that is none or no emergency.
        using Visitor agency = await portal.EnterAsync("Health Authority");
        Assert.Contains("There is nothing to review", await agency.ReadAsync($"/agency/reviews/{request}"), StringComparison.Ordinal);
        string ordinary = await portal.WithDbAsync(db => db.Appointments.Where(a => a.Id == 1).Select(a => a.Request!).SingleAsync());
        foreach (string id in (string[])[new('7', 64), "nonsense", ordinary])
        {
            using HttpResponseMessage response = await agency.GetAsync($"/agency/reviews/{id}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        // An upload goes with its own patient only.
        Assert.Contains("Nothing of this patient can be opened in an emergency", await FindAsync(doctor, EmergencyPortal.Form(upload, ("Patient", $"{strangerId}"), ("Name", "Lakshmi"))), StringComparison.Ordinal);
        await StopAsync(patient, request);
    }

    [Fact]
    public async Task Mails_OfAnEmergency_SayNothingOfIt()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Ravi");
        int upload = await portal.UploadAsync(patient, "mails.png");
        int last = await portal.WithDbAsync(db => db.Outbox.MaxAsync(m => m.Id));
        (string request, _) = await portal.AskAsync(doctor, upload);
        await portal.ApproveAsync(request);
        await portal.ReviewAsync(request, Justified);
        List<OutgoingMail> mails = await portal.WithDbAsync(db => db.Outbox.Where(m => m.Id > last).OrderBy(m => m.Id).ToListAsync());
        (string To, string Subject)[] told =
        [
            ("kiruthika", "A doctor asks for your records in an emergency"), ("gh", "An emergency waits for your decision"), ("meena", "An emergency waits for your decision"),
            ("arun", "An emergency waits for your decision"), ("agency", "An emergency waits for your decision"), ("kiruthika", "Your trustees agreed to an emergency"), ("ravi", "Your emergency request is granted"),
            ("agency", "An emergency waits for its review"), ("kiruthika", "An emergency was reviewed"), ("ravi", "An emergency was reviewed"),
        ];
        Assert.All(told, expected => Assert.Single(mails, m => m.Address == $"{expected.To}@demo.example" && m.Subject == expected.Subject));
        Assert.All(mails, mail => Assert.All((string[])["Ravi", "Found on the street", "mails.png", "life", "danger", "answer,", request], word => Assert.DoesNotContain(word, mail.Subject + mail.Body[$"Dear ".Length..].Split('\n', 2)[1], StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Housekeeping_OlderUploads_GetTheirSharesForEmergencies()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        int upload = await portal.UploadAsync(patient, "older.png");
        (string Bundle, string? Dealing) made = await portal.WithDbAsync(db => db.Bundles.Where(b => b.Id == upload).Select(b => new ValueTuple<string, string?>(b.Bundle, b.EmergencyDealing)).SingleAsync());
        IConsentLedger ledger = portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger;
        BundleRecord record = (await ledger.GetBundleAsync(BundleId.Parse(made.Bundle)))!;
        Assert.Equal(made.Dealing, record.ActiveEmergencyDealing.ToString());
        Assert.NotEqual(record.ActiveDealing, record.ActiveEmergencyDealing);
        DealingRecord dealing = (await ledger.GetDealingAsync(record.Id, record.ActiveEmergencyDealing!.Value))!;
        Assert.True(dealing.Policy.Emergency);
        Assert.Empty(dealing.Outstanding());

        // A row from before, or one whose note was lost, finds what the ledger has instead of another one.
        await portal.WithDbAsync(db => db.Bundles.Where(b => b.Id == upload).ExecuteUpdateAsync(set => set.SetProperty(b => b.EmergencyState, BundleState.Sealed).SetProperty(b => b.EmergencyDealing, (string?)null)));
        await DemoPortal.UntilAsync(async () =>
        {
            await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
            return await portal.WithDbAsync(db => db.Bundles.AnyAsync(b => b.Id == upload && b.EmergencyState == BundleState.Ready && b.EmergencyDealing == made.Dealing));
        });
    }

    private static async Task StopAsync(Visitor patient, string request)
    {
        using HttpResponseMessage stopped = await patient.SubmitAsync("/patient/emergencies", $"stop-{request}");
        Assert.True(stopped.StatusCode == HttpStatusCode.Found, Visitor.TextOf(await stopped.Content.ReadAsStringAsync()));
    }

    private static async Task<string> FindAsync(Visitor doctor, Dictionary<string, string> form)
    {
        form["_handler"] = "find";
        using HttpResponseMessage response = await doctor.SubmitAsync("/doctor/emergency", "find", form);
        return Visitor.TextOf(await response.Content.ReadAsStringAsync());
    }

    // A form that the page does not have now, with a token that is the person's own.
    private static async Task<HttpResponseMessage> PostAsync(Visitor who, string page, Dictionary<string, string> form)
    {
        form["__RequestVerificationToken"] = Regex.Match(await who.ReadAsync("/account"), "name=\"__RequestVerificationToken\" value=\"([^\"]+)\"").Groups[1].Value;
        using var content = new FormUrlEncodedContent(form);
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(page, UriKind.Relative)) { Content = content };
        return await who.SendAsync(message);
    }

    private static async Task LookAsync(Person person, string name)
    {
        await person.Window.RequireFitAsync();
        await person.Window.RequireAccessibleAsync();
        await person.Window.TakePictureAsync($"portal-emergency-{name}");
    }

    private async Task<int> CountAsync() =>
        (await portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger.ListRequestsAsync(new RequestFilter())).Count(r => r.EmergencyReason != 0);

    private async Task<Person> OpenAsync(string who)
    {
        var person = new Person(await browser.OpenAsync(), portal.Host.Address);
        (string name, string password, string? passphrase) = DemoPortal.CredentialsOf(who);
        await person.SignInAsync(name, password, passphrase);
        return person;
    }

    private async Task<Visitor> NewPatientAsync(string name)
    {
        string mail = $"{name.ToLowerInvariant()}@emergency.example";
        await using (AsyncServiceScope scope = portal.Host.Services.CreateAsyncScope())
        {
            (PortalUser? user, IReadOnlyList<string> faults) = await scope.ServiceProvider.GetRequiredService<AccountDesk>().RegisterAsync(
                new Registration { Role = PortalRole.Patient, Name = name, Email = mail, Password = "a stranger's password", PasswordAgain = "a stranger's password", Location = "Madurai", Speciality = "Cancer", InsuranceType = "No" }, Admission.Admitted);
            Assert.True(user is not null, string.Join(' ', faults));
        }

        var visitor = new Visitor(portal.Host);
        await visitor.SignInAsync(mail, "a stranger's password");
        using HttpResponseMessage enrolled = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = "a stranger's passphrase", ["Again"] = "a stranger's passphrase" });
        Assert.Equal(HttpStatusCode.OK, enrolled.StatusCode);
        return visitor;
    }
}
