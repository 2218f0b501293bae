using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>The whole story in a browser: from the one command to a prescription and an approved claim; and every page of it, looked at from all sides.</summary>
[TestMethodOrderer<LastIsLast>]
public sealed class StoryTests(DemoPortal portal, ChromiumBrowser browser)
{
    // What a person takes, beside what the machines do: reading a page and finding what to press on it; typing at an average speed (0.28 s a key in the keystroke-level model of Card, Moran and Newell, which has some 3 s for finding and pressing); finding an entry of a list, or
    // a file; and writing down a recovery word. The build of the one command comes before its first word, and is allowed for, since a test cannot build what it runs.
    private static readonly TimeSpan _action = TimeSpan.FromSeconds(6), _key = TimeSpan.FromSeconds(0.28), _choice = TimeSpan.FromSeconds(3), _word = TimeSpan.FromSeconds(3), _build = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task NewPatient_FromRegistrationToPrescriptionAndApprovedClaim_TakesFewActions()
    {
        string root = Path.Combine(Path.GetTempPath(), $"phr-portal-story-{Guid.NewGuid():n}");
        try
        {
            var watch = Stopwatch.StartNew();
            await using PortalProcess process = await PortalProcess.StartAsync(Path.Combine(root, "portal"), Path.Combine(root, "temporary"), []);
            TimeSpan start = watch.Elapsed;
            var everybody = new List<Person>();
            try
            {
                int words = await PlayAsync(process.Address, everybody);
                TimeSpan machine = watch.Elapsed;
                int actions = everybody.Sum(person => person.Actions), typed = everybody.Sum(person => person.Typed), choices = everybody.Sum(person => person.Choices);
                TimeSpan people = (_action * actions) + (_key * typed) + (_choice * choices) + (_word * words);
                TimeSpan all = _build + machine + people;
                string report = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{actions} actions of {everybody.Count} people ({string.Join(", ", everybody.Select(person => person.Actions))}), {typed} characters, {choices} choices, {words} words: {people.TotalSeconds:0} s. The portal's start took {start.TotalSeconds:0} s, the rest of what the machines did {(machine - start).TotalSeconds:0} s. With {_build.TotalSeconds:0} s for the build: {all.TotalMinutes:0.0} min.");
                TestContext.Current.TestOutputHelper?.WriteLine(report);
                Assert.True(actions <= 40, report);
                Assert.True(all < TimeSpan.FromMinutes(10), report);
                foreach (Person person in everybody)
                {
                    Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));
                }
            }
            finally
            {
                foreach (Person person in everybody)
                {
                    await person.DisposeAsync();
                }
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public async Task Pages_NoLinkOfARoomLeadsTo_AreWholeAndAccessibleByDayByNightAndOnATelephone()
    {
        string mail = $"{Guid.NewGuid():n}@demo.example";
        await using Person person = await OpenAsync();
        await person.GoAsync("/register/patient");
        await person.PressAsync("Register");
        await person.LookFromAllSidesAsync("portal-way-in-register-faults");
        await person.FillAsync("Name", "Devi");
        await person.FillAsync("E-mail", mail);
        await person.FillAsync("Password", "devi-password");
        await person.FillAsync("Password again", "devi-password");
        await person.ChooseAsync("Hospital", "GH");
        await person.PressAsync("Register");
        await person.SeesAsync("You are registered");
        await person.LookFromAllSidesAsync("portal-way-in-registered");
        await person.SignInAsync(mail, "devi-password", null);
        await person.SeesAsync("waits to be admitted");
        await person.LookFromAllSidesAsync("portal-way-in-waiting");

        using (Visitor cloud = await portal.EnterAsync("Cloud"))
        {
            await cloud.AdmitAsync(mail);
        }

        await person.SignInAsync(mail, "devi-password", null);
        await person.LookFromAllSidesAsync("portal-way-in-enrol");
        await person.FillAsync("Passphrase", "devi opens the sealed box");
        await person.FillAsync("Passphrase again", "devi opens the sealed box");
        await person.PressAsync("Make my keys");
        await person.LookFromAllSidesAsync("portal-way-in-words");
        await person.FollowAsync("I have written them down");
        await person.LookFromAllSidesAsync("portal-way-in-patient");
        foreach (string page in (string[])["prescriptions", "insurance", "record", "trustees", "emergencies"])
        {
            await person.GoAsync($"/patient/{page}");
            await person.LookFromAllSidesAsync($"portal-way-in-patient-{page}");
        }

        await person.GoAsync("/patient");
        await person.ChooseAsync("Personal doctor", "Nandhini (Cancer)");
        await person.PressAsync("Choose the doctor");
        await person.SeesAsync("Nandhini is your personal doctor now");
        await person.PressAsync("Lock my keys");
        foreach (string page in (string[])["unlock", "recover", "resume"])
        {
            await person.GoAsync($"/{page}");
            await person.LookFromAllSidesAsync($"portal-way-in-{page}");
        }

        await person.GoAsync("/problem/404");
        await person.LookFromAllSidesAsync("portal-way-in-problem");
        await SignInByCodesAsync(person, mail, "devi-password");
        Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));

        await using PortalHost fresh = await PortalHost.StartAsync();
        await using var first = new Person(await browser.OpenAsync(), fresh.Address);
        await first.GoAsync("/setup");
        await first.LookFromAllSidesAsync("portal-way-in-setup");
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("Kiruthika")]
    [InlineData("Nandhini")]
    [InlineData("Meena")]
    [InlineData("GH")]
    [InlineData("Health Authority")]
    [InlineData("Asha Insurance")]
    [InlineData("Cloud")]
    public async Task Pages_EveryLinkOfARoom_AreWholeAndAccessibleByDayByNightAndOnATelephone(string who)
    {
        await using Person person = await OpenAsync();
        if (who != "nobody")
        {
            (string name, string password, string? passphrase) = DemoPortal.CredentialsOf(who);
            await person.SignInAsync(name, password, passphrase);
        }

        await person.GoAsync(who == "nobody" ? "/" : person.Page.Url);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var shapes = new Dictionary<string, int>(StringComparer.Ordinal);
        var waiting = new Queue<(string Path, string From)>([(new Uri(person.Page.Url).PathAndQuery, string.Empty)]);
        var gone = new List<string>();
        var faults = new List<string>();
        var watch = Stopwatch.StartNew();
        while (waiting.TryDequeue(out (string Path, string From) link) && seen.Count < 120)
        {
            string path = link.Path;

            // Of pages that differ by an id or by what is asked of them alone, three are opened, and the first is looked at: other tests add things while this one walks.
            string shape = Regex.Replace(path.Split('?')[0], "[0-9a-f]{12,}|[0-9]+", "n");
            if (!seen.Add(path) || (shapes[shape] = shapes.GetValueOrDefault(shape) + 1) > 3)
            {
                continue;
            }

            // A file that is saved is no page.
            if (Regex.IsMatch(path, "/(consent|fhir|answers)$"))
            {
                continue;
            }

            IResponse? response = await person.Page.GotoAsync(new Uri(portal.Host.Address, path).ToString());
            if (response?.Status == 404 && link.From.Length > 0 && !(await LinksAsync(person, link.From)).Contains(path))
            {
                // Another test has ended what the link was about, and the page does not have it any more.
                gone.Add(path);
                continue;
            }

            if (response is null || response.Status >= 400)
            {
                faults.Add($"{path}: {response?.Status}");
                continue;
            }

            if (!(response.Headers.GetValueOrDefault("content-type") ?? string.Empty).StartsWith("text/html", StringComparison.Ordinal))
            {
                continue;
            }

            string title = await person.Page.TitleAsync();
            int headings = await person.Page.Locator("h1").CountAsync();
            if (title.Length == 0 || headings != 1)
            {
                faults.Add($"{path}: title '{title}', {headings} first headings");
            }

            // What everybody has is looked at once.
            bool isEverybodys = Regex.IsMatch(shape, "^/($|about|register|sign-in)");
            if (shapes[shape] == 1 && (who == "nobody" ? isEverybodys : !isEverybodys) && (who == "Kiruthika" || !shape.StartsWith("/account", StringComparison.Ordinal)))
            {
                await person.LookFromAllSidesAsync($"portal-{who.Split(' ')[0].ToLowerInvariant()}{shape.Replace('/', '-')}");
            }

            foreach (string next in await LinksAsync(person))
            {
                waiting.Enqueue((next, path));
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(seen.Count >= 3, $"{seen.Count} pages in {watch.Elapsed}");

        // Other tests take grants back while this one walks: a picture that could not be had must not be on its page any more.
        var complaints = new List<string>();
        foreach (string complaint in person.Window.Complaints)
        {
            if (gone.Exists(path => complaint.Contains(path, StringComparison.Ordinal)))
            {
                continue;
            }

            Match picture = Regex.Match(complaint, "(/doctor/appointments/[0-9]+)/documents/[0-9]+");
            if (picture.Success)
            {
                await person.Page.GotoAsync(new Uri(portal.Host.Address, picture.Groups[1].Value).ToString());
                if (await person.Page.Locator($"img[src^='{picture.Value}']").CountAsync() == 0)
                {
                    continue;
                }
            }

            complaints.Add(complaint);
        }

        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
    }

    /// <summary>Every page of the route table is looked at by day and by night, at a desk and on a telephone. Those that no other test of this class came to in this run are opened here.</summary>
    [Fact]
    public async Task Last_EveryPageOfTheRouteTable_WasLookedAtFromAllSides()
    {
        RouteEndpoint[] pages = [.. portal.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(r => r.Metadata.GetMetadata<ComponentTypeMetadata>() is not null).DistinctBy(r => r.RoutePattern.RawText)];
        Assert.True(pages.Length >= 48, $"only {pages.Length} pages were found");
        RouteEndpoint[] left = [.. pages.Where(page => MissingOf(page).Count > 0)];
        TestContext.Current.TestOutputHelper?.WriteLine($"{pages.Length} pages; opened here: {string.Join(' ', left.Select(p => p.RoutePattern.RawText))}");
        foreach (IGrouping<string, RouteEndpoint> room in left.GroupBy(WhoseIs))
        {
            await using Person person = room.Key == "nobody" ? await OpenAsync() : await OpenAsync(room.Key);
            foreach (RouteEndpoint page in room)
            {
                string path = await WayToAsync(page);
                await person.GoAsync(path);
                await person.LookFromAllSidesAsync($"portal-page-{Regex.Replace(page.RoutePattern.RawText!.Trim('/'), "[^A-Za-z]+", "-").Trim('-').ToLowerInvariant()}");
            }

            Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));
        }

        string[] missing = [.. pages.SelectMany(MissingOf)];
        Assert.True(missing.Length == 0, string.Join('\n', missing));

        static IReadOnlyList<string> MissingOf(RouteEndpoint page) =>
            [.. BrowserView.All.Where(view => !Person.Looked.Any(look => look.Key.View == view.Name && SourceForm.IsPath(page.RoutePattern.RawText!, look.Key.Path) && File.Exists(look.Value))).Select(view => $"{page.RoutePattern.RawText} has no picture: {view.Name}")];

        static string WhoseIs(RouteEndpoint page)
        {
            string[] rooms = [.. page.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).OfType<string>()];
            return page.Metadata.GetMetadata<IAllowAnonymous>() is not null ? "nobody" : HostilePortal.People.First(who => rooms.All(room => Rooms.Roles[room].Contains(RouteTests.RoleOf(who))));
        }
    }

    // Things that belong to the story have the numbers of the route tests; others are made.
    private async Task<string> WayToAsync(RouteEndpoint page)
    {
        switch (page.RoutePattern.RawText!.Trim('/'))
        {
            case "claims/{Claim}":
                using (Visitor patient = await portal.EnterAsync("Kiruthika"))
                {
                    return await DemoClaim.FileAsync(patient, "For its picture");
                }

            case "agency/reviews/{Request}":
                using (Visitor agency = await portal.EnterAsync("Health Authority"))
                {
                    return Regex.Match(await agency.ReadAsync("/agency/reviews"), "href=\"(/agency/reviews/[0-9a-f]+)\"").Groups[1].Value;
                }

            case "doctor/appointments/{Id:int}/documents/{Number:int}/suggestion":
                string[] set = await File.ReadAllLinesAsync(RepositoryRoot.Combine("samples", "Diagnosis", "data", "wdbc.csv"));
                using (GrantedUpload upload = await GrantedUpload.MakeAsync(portal, Encoding.ASCII.GetBytes(string.Concat(set.Take(2).Select(line => line[..line.LastIndexOf(',')] + "\n"))), "for its picture.csv"))
                {
                    return $"{upload.Page}/documents/0/suggestion";
                }

            default:
                return RouteTests.PathOf(page);
        }
    }

    // Turns codes on, and signs in anew: with a wrong code, without the authenticator, and by one of the recovery codes.
    private static async Task SignInByCodesAsync(Person person, string mail, string password)
    {
        await person.GoAsync("/account/codes");
        var phone = new Authenticator(await person.Page.Locator("code.key").InnerTextAsync());
        await person.FillAsync("Code", phone.CodeAt(DateTimeOffset.UtcNow));
        await person.PressAsync("Turn codes on");
        await person.SeesAsync("Write these recovery codes down.");
        await person.LookFromAllSidesAsync("portal-way-in-recovery-codes");
        string recovery = await person.Page.Locator("ul.words li").First.InnerTextAsync();
        await person.FollowAsync("I have written them down");
        await person.GoAsync("/account/codes");
        await person.Page.Locator("summary", new PageLocatorOptions { HasText = "Turn codes off" }).ClickAsync();
        await person.LookFromAllSidesAsync("portal-way-in-codes-on");
        await person.PressAsync("LOGOUT");
        await person.SignInAsync(mail, password, null);
        await person.HasHeadingAsync("Your code");
        await person.FillAsync("Code", "12 34 56");
        await person.PressAsync("Go on");
        await person.SeesAsync("This is not the present code");
        await person.LookFromAllSidesAsync("portal-way-in-code");
        await person.FollowAsync("Use a recovery code");
        await person.HasHeadingAsync("Recovery code");
        await person.LookFromAllSidesAsync("portal-way-in-recovery");
        await person.FillAsync("Recovery code", "AAAAA-BBBBB");
        await person.PressAsync("Go on");
        await person.SeesAsync("This code is not one of yours");
        await person.FillAsync("Recovery code", recovery);
        await person.PressAsync("Go on");
        await person.HasHeadingAsync("Unlock your keys");
    }

    // The story, and how many recovery words had to be written down in it.
    private async Task<int> PlayAsync(Uri address, List<Person> everybody)
    {
        const string mail = "lakshmi@demo.example";
        Person patient = await EnterAsync(null);
        await patient.FollowAsync("Register");
        await patient.FollowAsync("Patient");
        await patient.FillAsync("Name", "Lakshmi");
        await patient.FillAsync("E-mail", mail);
        await patient.FillAsync("Password", "lakshmi-password");
        await patient.FillAsync("Password again", "lakshmi-password");
        await patient.ChooseAsync("Hospital", "GH");
        await patient.ChooseAsync("Personal doctor", "Nandhini (Cancer)");
        await patient.PressAsync("Register");
        await patient.SeesAsync("You are registered");
        await patient.Window.TakePictureAsync("newcomer-01-registered");

        Person cloud = await EnterAsync("Cloud");
        await cloud.Window.TakePictureAsync("newcomer-02-admit");
        await cloud.PressInRowAsync(mail, AriaRole.Button, "Admit");
        await Assertions.Expect(cloud.Page.Locator("tr", new PageLocatorOptions { HasText = mail })).ToContainTextAsync("admitted");

        await patient.SignInAsync(mail, "lakshmi-password", null);
        await patient.Window.TakePictureAsync("newcomer-03-passphrase");
        await patient.FillAsync("Passphrase", "lakshmi opens the sealed box");
        await patient.FillAsync("Passphrase again", "lakshmi opens the sealed box");
        await patient.PressAsync("Make my keys");
        int words = await patient.Page.Locator("ol.words li").CountAsync();
        Assert.Equal(33, words);
        await patient.Window.TakePictureAsync("newcomer-04-words");
        await patient.FollowAsync("I have written them down");
        await patient.Window.TakePictureAsync("newcomer-05-records");

        byte[] scan = await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png"));
        await patient.FollowAsync("UPLOAD SCAN");
        await patient.AttachAsync("Upload", scan, "knee <b>left&amp;.png");
        await patient.PressAsync("Upload");
        await patient.SeesAsync("Your scan is sealed and uploaded.");
        await patient.WaitToSeeAsync("sealed; your doctor can ask");
        await patient.SeesAsync("knee <b>left&amp;.png");
        await patient.Window.TakePictureAsync("newcomer-06-uploaded");

        Person doctor = await EnterAsync("Nandhini");
        await doctor.PressInRowAsync("Lakshmi", AriaRole.Link, "Send Request");
        await doctor.Window.TakePictureAsync("newcomer-07-ask");
        await doctor.FillAsync("Why you ask", "Pain in the knee; comparison with the scan.");
        await doctor.PressAsync("Send Request");
        await doctor.SeesAsync("Your request is sent");
        await doctor.Window.TakePictureAsync("newcomer-08-asked");

        await patient.WaitToSeeAsync("Pain in the knee");
        await patient.Window.TakePictureAsync("newcomer-09-accept");
        await patient.PressAsync("Accept");
        await patient.WaitToSeeAsync("granted");

        await doctor.PressInRowAsync("Lakshmi", AriaRole.Link, "Give Prescription");
        ILocator picture = doctor.Page.Locator("img.scan");
        Assert.True(await picture.EvaluateAsync<bool>("async image => { await image.decode(); return image.naturalWidth === 360 && image.naturalHeight === 360; }"));
        await doctor.Window.TakePictureAsync("newcomer-10-opened");
        await doctor.FillAsync("Prescription", "Rest, and one tablet after breakfast");
        await doctor.PressAsync("Send Prescription");
        await doctor.SeesAsync("Your prescription is signed");

        await patient.FollowAsync("VIEW PRESCRIPTION");
        await patient.SeesAsync("Rest, and one tablet after breakfast");
        await patient.Window.TakePictureAsync("newcomer-11-prescribed");

        await patient.FollowAsync("VIEW INSURANCE");
        await patient.Window.TakePictureAsync("newcomer-12-claim");
        await patient.FillAsync("Amount", "2517.00");
        await patient.FillAsync("What for", "Treatment of the knee");
        await patient.PressAsync("File the claim");
        await patient.SeesAsync("Your claim is filed.");
        await doctor.FollowAsync("VIEW INSURANCE DETAILS");
        await doctor.ApproveClaimAsync("2517.00");
        Person hospital = await EnterAsync("GH");
        await hospital.FollowAsync("CLAIMS");
        await hospital.ApproveClaimAsync("2517.00");
        Person agency = await EnterAsync("Health Authority");
        await agency.FollowAsync("CLAIMS");
        await agency.ApproveClaimAsync("2517.00");
        Person insurer = await EnterAsync("Asha Insurance");
        await insurer.ApproveClaimAsync("2517.00");
        await patient.WaitToSeeAsync("2517.00 INR");
        await patient.WaitToSeeAsync("approved");
        await patient.Window.TakePictureAsync("newcomer-13-approved");

        return words;

        async Task<Person> EnterAsync(string? who)
        {
            var person = new Person(await browser.OpenAsync(), address);
            everybody.Add(person);
            await person.GoAsync("/");
            if (who is not null)
            {
                await person.PressAsync($"Sign in as {who}");
            }

            return person;
        }
    }

    // Where the links of a page lead: the one that is shown, or one that is opened first.
    private async Task<IReadOnlyList<string>> LinksAsync(Person person, string? path = null)
    {
        if (path is not null)
        {
            await person.Page.GotoAsync(new Uri(portal.Host.Address, path).ToString());
        }

        return
        [
            .. (await person.Page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href')).filter(h => h.startsWith('/') && !/\\/documents\\/[0-9a-f]+$/.test(h))"))
                .Select(link => link.Split('#')[0]),
        ];
    }

    private async Task<Person> OpenAsync(string who)
    {
        Person person = await OpenAsync();
        (string name, string password, string? passphrase) = DemoPortal.CredentialsOf(who);
        await person.SignInAsync(name, password, passphrase);
        return person;
    }

    private async Task<Person> OpenAsync() => new(await browser.OpenAsync(), portal.Host.Address);
}
