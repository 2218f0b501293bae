using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Phr.Consent;

namespace Phr.Portal.Tests;

/// <summary>Ordinary requests on which trustees decide: a guardian and the hospital, in a browser, approve or deny; the patient stops what they agreed to, or does not.</summary>
public sealed class DecisionTests(EmergencyPortal portal, ChromiumBrowser browser) : IClassFixture<EmergencyPortal>
{
    private static readonly TimeSpan _vetoWindow = new PortalOptions().VetoWindow;

    [Fact]
    public async Task Deny_GuardianAndHospital_EndsTheRequestForDoctorAndPatient()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        DoctorsWay way = await DoctorsWay.AskAsync(portal.Host, kiruthika, nandhini);
        using Visitor agency = await portal.EnterAsync("Health Authority");
        PageForm late = await agency.OpenFormAsync("/trustee", $"approve-{way.Request}");

        // Three groups can decide, and two must agree: without the guardians it is still open.
        await using Person guardian = await OpenAsync("Meena");
        await RequireCardAsync(guardian, way);
        await guardian.LookFromAllSidesAsync("portal-decision-guardian");
        await PressOnCardAsync(guardian, way, "Deny");
        await Assertions.Expect(CardOf(guardian, way)).ToContainTextAsync("You have decided. It waits for the others.");
        await Assertions.Expect(CardOf(guardian, way).GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        Assert.Equal(RequestStatus.Open, (await way.RecordAsync()).Status);
        Assert.Contains("Waiting for the patient.", Visitor.TextOf(await nandhini.ReadAsync(way.Page)), StringComparison.Ordinal);

        // Without the hospital, too, only one group is left.
        await using Person hospital = await OpenAsync("GH");
        await RequireCardAsync(hospital, way);
        await PressOnCardAsync(hospital, way, "Deny");
        await Assertions.Expect(CardOf(hospital, way)).ToHaveCountAsync(0);
        Assert.Equal(RequestStatus.Denied, (await way.RecordAsync()).Status);

        await using Person patient = await OpenAsync("Kiruthika");
        await patient.SeesRowAsync("Nandhini", "treatment", way.Reason, "refused by trustees");
        await using Person doctor = await OpenAsync("Nandhini");
        await doctor.GoAsync(way.Page);
        await doctor.SeesAsync("Over. What the patient uploaded is sealed again. Your request: refused by trustees.");
        await doctor.GoAsync("/doctor/requests");
        await doctor.SeesRowAsync("Kiruthika", "refused by trustees");
        await way.RequireClosedAsync(nandhini);

        // A page from before still has its button.
        using (HttpResponseMessage pressed = await agency.PostAsync(late.Action, late.Filled()))
        {
            Assert.True((int)pressed.StatusCode < 500, $"{(int)pressed.StatusCode}");
        }

        RequestRecord record = await way.RecordAsync();
        Assert.Equal(RequestStatus.Denied, record.Status);
        Assert.Equal((2, 0), (record.Denials.Count, record.Approvals.Count));
        Assert.All((Person[])[guardian, hospital, patient, doctor], person => Assert.Empty(person.Window.Complaints));
    }

    [Fact]
    public async Task Veto_WithinItsWindow_OpensNothingThenOrLater()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        DoctorsWay way = await DoctorsWay.AskAsync(portal.Host, kiruthika, nandhini);
        await AgreeAsync(way);
        await way.RequireClosedAsync(nandhini);
        Assert.Contains("Your request: agreed by trustees; the patient can still stop it.", Visitor.TextOf(await nandhini.ReadAsync(way.Page)), StringComparison.Ordinal);

        await using Person patient = await OpenAsync("Kiruthika");
        ILocator card = CardOf(patient, way);
        await Assertions.Expect(card).ToContainTextAsync("Your trustees have agreed. If you do nothing, the doctor gets it after");
        await Assertions.Expect(card).ToContainTextAsync("agreed by trustees; you can still stop it");
        await patient.LookFromAllSidesAsync("portal-decision-veto");
        await card.Locator("summary", new LocatorLocatorOptions { HasText = "Stop it" }).ClickAsync();
        await Assertions.Expect(card).ToContainTextAsync("The doctor will not get your records by this request.");
        await PressOnCardAsync(patient, way, "Yes, stop it");
        await patient.SeesRowAsync("Nandhini", way.Reason, "refused by you");
        await Assertions.Expect(CardOf(patient, way)).ToHaveCountAsync(0);
        Assert.Equal(RequestStatus.Vetoed, (await way.RecordAsync()).Status);
        await way.RequireClosedAsync(nandhini);

        portal.Time.PutForward(_vetoWindow + TimeSpan.FromMinutes(1));
        using Visitor later = await portal.EnterAsync("Nandhini");
        await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        await way.RequireClosedAsync(later);
        Assert.Contains("Your request: refused by the patient.", Visitor.TextOf(await later.ReadAsync(way.Page)), StringComparison.Ordinal);
        Assert.Empty((await way.RecordAsync()).Deliveries);
        Assert.Empty(patient.Window.Complaints);
    }

    [Fact]
    public async Task Veto_NotUsed_OpensAfterItsWindowAndNotBefore()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        DoctorsWay way = await DoctorsWay.AskAsync(portal.Host, kiruthika, nandhini);
        await AgreeAsync(way);
        portal.Time.PutForward(_vetoWindow - TimeSpan.FromMinutes(1));
        using Visitor before = await portal.EnterAsync("Nandhini");
        await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
        await way.RequireClosedAsync(before);

        portal.Time.PutForward(TimeSpan.FromMinutes(2));
        using Visitor after = await portal.EnterAsync("Nandhini");
        await way.UntilOpenAsync(after);
        await way.RequireOpenAsync(after);
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string history = Visitor.TextOf(await patient.ReadAsync($"/patient/record?what={way.Word}"));
        Assert.Contains(way.Reason, history, StringComparison.Ordinal);
        Assert.Contains(", by trustees", history, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TakeBack_AfterTheDoctorHasOpened_ClosesEveryWayOnceAndKeepsTheHistory()
    {
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        DoctorsWay way = await DoctorsWay.AskAsync(portal.Host, kiruthika, nandhini);

        // The boxes of all documents are ticked: the browser sends them.
        await using Person patient = await OpenAsync("Kiruthika");
        await PressOnCardAsync(patient, way, "Accept");
        await Assertions.Expect(CardOf(patient, way)).ToHaveCountAsync(0);
        await way.UntilOpenAsync(nandhini);
        await way.RequireOpenAsync(nandhini);
        PageForm prescribe = await nandhini.OpenFormAsync(way.Page, "prescribe");
        await DemoPortal.UntilAsync(async () =>
        {
            await portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);
            return (await way.RecordAsync()).OpenedAt is not null;
        });

        await patient.GoAsync("/patient");
        ILocator row = patient.Page.Locator("tbody tr", new PageLocatorOptions { HasText = way.Reason });
        await Assertions.Expect(row).ToContainTextAsync("granted and opened");
        PageForm otherWindow = await kiruthika.OpenFormAsync("/patient", $"revoke-{way.Request}");
        await row.Locator("summary", new LocatorLocatorOptions { HasText = "Take back" }).ClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("No oracle will deliver from now on. What the doctor has opened already stays known to them.");
        await patient.Window.TakePictureAsync("portal-patient-take-back");

        // A double click, and then the button of another window, twice at once.
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Yes, take back", Exact = true }).DblClickAsync();
        await Assertions.Expect(row).ToContainTextAsync("taken back");
        await Assertions.Expect(row.Locator("summary")).ToHaveCountAsync(0);
        HttpResponseMessage[] again = await Task.WhenAll(kiruthika.PostAsync(otherWindow.Action, otherWindow.Filled()), kiruthika.PostAsync(otherWindow.Action, otherWindow.Filled()));
        Assert.All(again, answer => Assert.Equal(HttpStatusCode.Found, answer.StatusCode));
        Assert.Contains("This page has changed since you opened it", await kiruthika.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.Equal(1, await way.CountAsync<GrantRevoked>(e => e.RequestId));
        Assert.Equal(RequestStatus.Revoked, (await way.RecordAsync()).Status);

        await way.RequireClosedAsync(nandhini);
        using (HttpResponseMessage late = await nandhini.PostAsync(prescribe.Action, prescribe.Filled(new Dictionary<string, string> { ["Text"] = "Too late" })))
        {
            Assert.True((int)late.StatusCode < 500, $"{(int)late.StatusCode}");
        }

        Assert.DoesNotContain("Too late", await kiruthika.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
        Assert.Contains("Over. What the patient uploaded is sealed again. Your request: taken back.", Visitor.TextOf(await nandhini.ReadAsync(way.Page)), StringComparison.Ordinal);

        // Who saw what: that it was granted and looked at stays, beside that it was taken back.
        await patient.GoAsync($"/patient/record?what={way.Word}");
        ILocator line = patient.Page.Locator("table", new PageLocatorOptions { HasText = "Access history" }).Locator("tbody tr");
        await Assertions.Expect(line).ToHaveCountAsync(1);
        foreach (string text in (string[])["Nandhini", $"{way.Word}.dcm", $"{way.Word}-blood.csv", $"treatment: {way.Reason}", ", by you", "taken back"])
        {
            await Assertions.Expect(line).ToContainTextAsync(text);
        }

        // Asked, granted, could be read, confirmed as read.
        await Assertions.Expect(line.Locator("time")).ToHaveCountAsync(4);
        Assert.Empty(patient.Window.Complaints);
        foreach (HttpResponseMessage answer in again)
        {
            answer.Dispose();
        }
    }

    // Both guardians and the hospital: the guardian Meena and the hospital with a browser.
    private async Task AgreeAsync(DoctorsWay way)
    {
        await using Person guardian = await OpenAsync("Meena");
        await RequireCardAsync(guardian, way);
        await PressOnCardAsync(guardian, way, "Approve");
        await Assertions.Expect(CardOf(guardian, way)).ToContainTextAsync("You have decided. It waits for the others.");
        await portal.ApproveAsync(way.Request, "Arun");
        Assert.Equal(RequestStatus.Open, (await way.RecordAsync()).Status);
        await using Person hospital = await OpenAsync("GH");
        await RequireCardAsync(hospital, way);
        await PressOnCardAsync(hospital, way, "Approve");
        await Assertions.Expect(CardOf(hospital, way)).ToHaveCountAsync(0);
        RequestRecord record = await way.RecordAsync();
        Assert.NotNull(record.Grant);
        Assert.Equal(_vetoWindow, record.Policy.VetoWindow);
        Assert.All((Person[])[guardian, hospital], person => Assert.Empty(person.Window.Complaints));
    }

    // Who asks, with what licence, about whom, what for and why; and nothing of the documents.
    private static async Task RequireCardAsync(Person person, DoctorsWay way)
    {
        ILocator card = CardOf(person, way);
        foreach (string text in (string[])["Nandhini", "TN-2024-0117, Cancer", "Kiruthika, 3 documents", "treatment", way.Reason, "waiting for a decision"])
        {
            await Assertions.Expect(card).ToContainTextAsync(text);
        }

        await Assertions.Expect(person.Page.Locator("main")).Not.ToContainTextAsync($"{way.Word}.dcm");
        await Assertions.Expect(card.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Approve", Exact = true })).ToHaveCountAsync(1);
        await Assertions.Expect(card.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Deny", Exact = true })).ToHaveCountAsync(1);
    }

    private static ILocator CardOf(Person person, DoctorsWay way) => person.Page.Locator("section.card", new PageLocatorOptions { HasText = way.Reason });

    private static Task PressOnCardAsync(Person person, DoctorsWay way, string button) => CardOf(person, way).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = button, Exact = true }).ClickAsync();

    private async Task<Person> OpenAsync(string who)
    {
        var person = new Person(await browser.OpenAsync(), portal.Host.Address);
        await ModuleWindows.SignInAsync(person, who);
        return person;
    }
}
