using System.Text;
using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The pictures of the manual. They are taken when somebody asks for it, with a portal of their own, so that they show one story: <c>Phr.Portal.Tests -explicit only -class Phr.Portal.Tests.ManualPictures</c>.</summary>
public sealed class ManualPictures(ChromiumBrowser browser)
{
    private const string Header = "time,analyte,value,unit,reference_low,reference_high\n";

    private static readonly BrowserView _view = new("manual", 1100, 760, IsDark: false);

    [Fact(Explicit = true)]
    public async Task Rooms_OneStory_AreTaken()
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:EmergencyVetoWindow"] = "00:00:01" });
        using Visitor patient = await DemoPortal.EnterAsync(portal, "Kiruthika");
        using Visitor doctor = await DemoPortal.EnterAsync(portal, "Nandhini");
        byte[] values = Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(1, 9).Select(i => $"2026-0{i}-12T08:30+05:30,Haemoglobin,{9.6 + (0.35 * i):0.0},g/dL,12,15.5\n2026-0{i}-12T08:30+05:30,Leukocytes,{3.1 + (0.2 * ((i * 5) % 7)):0.0},10*9/L,4,10\n")));
        using (await patient.UploadAsync(values, "blood count.csv"))
        {
        }

        await DemoPortal.AskAsync(doctor, patient, await DemoPortal.AppointmentOfAsync(portal, patient, "blood count.csv"), "Your blood count, before the next course of treatment.");
        string claim = await DemoClaim.FileAsync(patient, "Chemotherapy, first course");
        await DemoClaim.DecideAsync(await DemoPortal.EnterAsync(portal, "Nandhini"), claim, "approve", "Given from 2 to 20 November, as planned.");
        await TakeAsync(portal, _view, "GH", ("/trustee", "hospital", 800), (claim, "hospital-claim", 860));
        await DemoClaim.DecideAsync(await DemoPortal.EnterAsync(portal, "GH"), claim, "approve", "Two nights on ward 3.");
        using (await patient.SubmitAsync("/patient/emergencies", "seen"))
        {
        }

        using (var newcomer = new Visitor(portal))
        using (await newcomer.SubmitAsync("/register/patient", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = "Lakshmi", ["Form.Email"] = "lakshmi@demo.example", ["Form.Password"] = "lakshmi-password", ["Form.PasswordAgain"] = "lakshmi-password", ["Form.Location"] = "Madurai", ["Form.HospitalId"] = "4", ["Form.PersonalDoctorId"] = "5",
        }))
        {
        }

        await TakeAsync(portal, _view, "Kiruthika", ("/patient", "patient", 900), ("/patient/record", "track-record", 820));
        await TakeAsync(portal, new BrowserView("manual", 360, 740, IsDark: true), "Kiruthika", ("/patient/prescriptions", "telephone", 740));
        await TakeAsync(portal, _view, "Nandhini", ("/doctor", "doctor", 440));
        await TakeAsync(portal, new BrowserView("manual", 720, 520, IsDark: false), "Nandhini", ("/doctor/appointments/1/documents/0/view", "scan", 520));
        await TakeAsync(portal, _view, "Meena", ("/trustee", "trustee", 800));
        await TakeAsync(portal, _view, "Health Authority", ("/agency", "agency", 450), ("/agency/reviews", "agency-reviews", 620), (claim, "agency-claim", 880));
        await DemoClaim.DecideAsync(await DemoPortal.EnterAsync(portal, "Health Authority"), claim, "approve");
        await TakeAsync(portal, _view, "Asha Insurance", (claim, "insurer", 935));
        await TakeAsync(portal, _view, "Cloud", ("/cloud", "cloud-server", 540));
    }

    // A page from its top on, as far down as the picture needs.
    private async Task TakeAsync(PortalHost portal, BrowserView view, string who, params (string Path, string Name, int Height)[] pages)
    {
        await using var person = new Person(await browser.OpenAsync(view), portal.Address);
        await ModuleWindows.SignInAsync(person, who);
        foreach ((string path, string name, int height) in pages)
        {
            await person.GoAsync(path);
            await person.Page.SetViewportSizeAsync(view.Width, height);
            string file = RepositoryRoot.Combine("docs", "images", "portal", $"{name}.png");
            await person.Page.ScreenshotAsync(new PageScreenshotOptions { Path = file });
            Assert.InRange(new FileInfo(file).Length, 5_000, 150_000);
        }
    }
}
