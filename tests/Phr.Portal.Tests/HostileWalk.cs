using System.Net;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;

namespace Phr.Portal.Tests;

/// <summary>
/// Everybody's walk through the portal, on which hostile strings are written into every field of every form: somebody of each role tries each form that the role has, each field by itself. A form that goes away because it
/// did its work is brought back, so that every field is tried while its form is there. It is walked once, for all tests that ask how it went.
/// </summary>
public sealed class HostileWalk(HostilePortal portal)
{
    private const string Token = "__RequestVerificationToken";
    private const string Registered = "/register/guardian";

    private static readonly bool _isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";

    // Those that count wrong tries, and would not look any more after the fifth.
    private static readonly string[] _counted = ["sign-in", "code", "recovery", "off", "on", "password", "unlock"];

    private readonly List<string> _faults = [];
    private readonly List<string> _lost = [];
    private readonly List<TriedField> _tried = [];
    private readonly SortedDictionary<string, int> _posts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shapes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _byRole = new(StringComparer.Ordinal);
    private Task? _walk;
    private int _next;

    /// <summary>What came through, and where the server failed.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>The fields that could not be tried, because their form was gone.</summary>
    public IReadOnlyList<string> Lost => _lost;

    /// <summary>The addresses that something was sent to.</summary>
    public IReadOnlySet<string> Paths => _paths;

    /// <summary>How many forms each role sent.</summary>
    public IReadOnlyDictionary<string, int> Posts => _posts;

    /// <summary>How many forms were tried, each once for each role.</summary>
    public int Forms => _byRole.Count;

    /// <summary>What was tried.</summary>
    internal IReadOnlyList<TriedField> Tried => _tried;

    /// <summary>Walks, unless it was walked before.</summary>
    public Task GoAsync() => _walk ??= WalkAsync();

    private async Task WalkAsync()
    {
        using var state = new HostileState(portal);
        await state.MakeAsync();
        using (var nobody = new Walker("nobody", "nobody", new Visitor(portal.Host)) { Restore = async (walker, form) => form.Page == Registered && form.Handler == "sign-in" ? await RegisterAsync(walker) : null })
        {
            await TryAllAsync(nobody, "/", "/register", "/sign-in");
            await TryAsync(nobody, [await RegisterAsync(nobody)]);
        }

        // Somebody who has given the password, and not yet the code.
        (Visitor coded, int codedId) = await portal.ComeAsync("guardian", "With codes");
        await Authenticator.TurnOnAsync(coded, DateTimeOffset.UtcNow);
        var half = new Visitor(portal.Host);
        using (await half.TrySignInAsync(await portal.ReadAsync(db => db.Users.Where(u => u.Id == codedId).Select(u => u.Email!).SingleAsync()), HostilePortal.Password))
        {
        }

        coded.Dispose();
        await TryAllAsync(new Walker("half signed in", "half signed in", half), "/sign-in/code", "/sign-in/recovery");

        // Accounts of the walk's own come first: their passwords may become others. They also wait for what others do to them: an admission, a licence.
        Visitor withoutLicence = (await portal.ComeAsync("doctor", "Without licence")).Visitor;
        using (await withoutLicence.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = HostilePortal.Passphrase, ["Again"] = HostilePortal.Passphrase }))
        {
        }

        foreach ((string role, Visitor visitor) in ((string, Visitor)[])
        [
            ("newcomer", (await portal.ComeAsync("guardian", "Newcomer")).Visitor),
            ("patient", (await portal.JoinAsync("patient", "Without doctor", new Dictionary<string, string> { ["Form.PersonalDoctorId"] = string.Empty })).Visitor),
            ("doctor", withoutLicence),
            ("guardian", (await portal.JoinAsync("guardian", "Of nobody")).Visitor),
            ("hospital", (await portal.JoinAsync("hospital", "New hospital")).Visitor),
            ("insurer", (await portal.JoinAsync("insurer", "New insurer")).Visitor),
        ])
        {
            await TryAllAsync(new Walker($"new {role}", role, visitor) { IsOwn = true, Restore = state.RestoreAsync });
        }

        foreach ((string who, string role) in ((string, string)[])[("Kiruthika", "patient"), ("Nandhini", "doctor"), ("Ravi", "doctor"), ("Meena", "guardian"), ("GH", "hospital"), ("Asha Insurance", "insurer"), ("Health Authority", "agency"), ("Cloud", "operator")])
        {
            Visitor visitor = await portal.EnterAsync(who);
            using var walker = new Walker(who, role, visitor) { Password = DemoPortal.CredentialsOf(who).Password, Restore = state.RestoreAsync };
            await TryAsync(walker, await RoomAsync(walker, state.StartsOf(who)));
            await (who switch
            {
                // What a page shows to whoever asked it something, or was too late.
                "Ravi" => TryAsync(walker, [await HostileState.FindAsync(visitor)]),
                "Nandhini" => TryAsync(walker, [await state.SuggestAsync(visitor), .. await HostileState.KeepAsync(visitor)]),
                "Kiruthika" => TryScriptAsync(visitor),
                _ => Task.CompletedTask,
            });
        }

        await WalkNewPortalAsync();
    }

    // The sign-in on the page that whoever has registered sees.
    private static async Task<PageForm> RegisterAsync(Walker walker)
    {
        using HttpResponseMessage answer = await HostilePortal.RegisterAsync(walker.Visitor, "guardian", "Registered", $"{Guid.NewGuid():n}@demo.example");
        return PageForm.ReadAll(Registered, await answer.Content.ReadAsStringAsync()).Single(form => form.Handler == "sign-in");
    }

    // A portal that has no operator yet; afterwards one with two agencies, of which the ledger does not count the second.
    private async Task WalkNewPortalAsync()
    {
        await using PortalHost fresh = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:RequireEnrolmentCode"] = "true" });
        string code = fresh.Services.GetRequiredService<SetupCode>().Code;
        using (var first = new Walker("the first", "nobody of a new portal", new Visitor(fresh)) { Password = code, Restore = async (walker, form) => await AgainAsync(walker.Visitor) })
        {
            await TryAllAsync(first, "/setup");
            await AgainAsync(first.Visitor);
            using HttpResponseMessage made = await first.Visitor.SubmitAsync("/setup", "setup", new Dictionary<string, string>
            {
                ["Typed"] = code, ["CloudName"] = "cloud", ["CloudEmail"] = "cloud@zq.example", ["CloudPassword"] = HostilePortal.Password,
                ["AgencyName"] = Hostile.Line, ["AgencyEmail"] = "agency@zq.example", ["AgencyPassword"] = HostilePortal.Password,
            });
            Assert.Contains("Both accounts are made", await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var visitors = new List<Visitor>();
        foreach (string name in (string[])["agency@zq.example", "second@zq.example", "cloud"])
        {
            if (name[0] == 's')
            {
                await using AsyncServiceScope scope = fresh.Services.CreateAsyncScope();
                (PortalUser? second, IReadOnlyList<string> wrong) = await scope.ServiceProvider.GetRequiredService<AccountDesk>().RegisterAsync(
                    new Registration { Role = PortalRole.RegulatoryAgency, Name = "Second agency", Email = name, Password = HostilePortal.Password, PasswordAgain = HostilePortal.Password }, Admission.Admitted);
                Assert.True(second is not null, string.Join(' ', wrong));
            }

            var visitor = new Visitor(fresh);
            visitors.Add(visitor);
            await visitor.SignInAsync(name, HostilePortal.Password);
            if (name != "cloud")
            {
                using HttpResponseMessage enrolled = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = HostilePortal.Passphrase, ["Again"] = HostilePortal.Passphrase });
            }
        }

        KeyLease[] leases = [.. fresh.Services.GetRequiredService<KeyRing>().LeaseAll()];
        await using (AsyncServiceScope scope = fresh.Services.CreateAsyncScope())
        {
            PhrServices phr = fresh.Services.GetRequiredService<PhrServices>();
            PortalUser second = await scope.ServiceProvider.GetRequiredService<PortalDb>().Users.SingleAsync(u => u.Email == "second@zq.example");
            UnlockedKeys keys = leases.Select(l => l.Keys).Single(k => k.Main.Id == phr.Services.Ledger.Parameters.FoundingAgency);
            await new AgencyClient(phr.Services, keys.Main, keys.MainSecrets).AdmitAsync(second.ActorId!.Value);
        }

        Array.ForEach(leases, lease => lease.Dispose());
        await TryAllAsync(new Walker("second@zq.example", "second agency", visitors[1]), "/agency");

        // Somebody to whom a code was mailed, and who needs it.
        var mailed = new Visitor(fresh);
        visitors.Add(mailed);
        using (await HostilePortal.RegisterAsync(mailed, "guardian", "Mailed", "mailed@zq.example"))
        {
        }

        await visitors[2].AdmitAsync("mailed@zq.example");
        await mailed.SignInAsync("mailed@zq.example", HostilePortal.Password);
        await TryAllAsync(new Walker("mailed@zq.example", "newcomer of a new portal", mailed), "/enrol");
        foreach (Visitor visitor in visitors)
        {
            Crawl crawl = await Crawl.RunAsync(visitor, "/", "/account");
            _faults.AddRange(crawl.Faults);
            _faults.AddRange(crawl.Pages.Where(page => Hostile.FaultOf(page.Value) is not null).Select(page => $"new portal: {page.Key}: {Hostile.FaultOf(page.Value)}"));
            visitor.Dispose();
        }

        async Task<PageForm> AgainAsync(Visitor visitor)
        {
            await using AsyncServiceScope scope = fresh.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<PortalDb>().Users.ExecuteDeleteAsync();
            return await visitor.OpenFormAsync("/setup", "setup");
        }
    }

    // Everything that links lead to from here, and from what everybody has who is signed in.
    private async Task TryAllAsync(Walker walker, params IReadOnlyList<string> starts) => await TryAsync(walker, starts.Count > 0 ? FormsOf(await Crawl.RunAsync(walker.Visitor, [.. starts])) : await RoomAsync(walker, []));

    private static async Task<IReadOnlyList<PageForm>> RoomAsync(Walker walker, IReadOnlyList<string> starts) =>
        FormsOf(await Crawl.RunAsync(walker.Visitor, [.. starts, "/", "/account", "/account/codes", "/account/password", "/enrol", "/unlock", "/recover"]));

    private static IReadOnlyList<PageForm> FormsOf(Crawl crawl) => [.. crawl.Pages.SelectMany(page => PageForm.ReadAll(page.Key, page.Value)).DistinctBy(KeyOf)];

    // What stands on every page is one form.
    private static string KeyOf(PageForm form) => form is { IsPost: true, Handler: null, IsMultipart: false } ? form.Action : form.Key;

    private async Task TryAsync(Walker walker, IReadOnlyList<PageForm> forms)
    {
        foreach (PageForm form in forms.Where(f => _byRole.Add($"{walker.Role}: {KeyOf(f)}")))
        {
            await TryAsync(walker, form);
            if (form.Handler == "on")
            {
                await TryTurningOffAsync(walker);
            }
        }
    }

    // Whoever has turned codes on can turn them off, and does so in the end.
    private async Task TryTurningOffAsync(Walker walker)
    {
        (_, IReadOnlyList<string> recovery) = await Authenticator.TurnOnAsync(walker.Visitor, DateTimeOffset.UtcNow);
        await TryAsync(walker, [await walker.Visitor.OpenFormAsync("/account/codes", "off")]);
        await ForgiveAsync("off");
        using HttpResponseMessage off = await walker.Visitor.SubmitAsync("/account/codes", "off", new Dictionary<string, string> { ["Code"] = recovery[0] });
        Assert.Contains("Turn codes on", await off.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task TryAsync(Walker walker, PageForm form)
    {
        PageForm? current = form;
        foreach ((string field, bool isShown, string text, Func<PageForm, IReadOnlyList<KeyValuePair<string, string>>> fill) in FillingsOf(walker, form, _shapes.Add(KeyOf(form))))
        {
            bool isTried = false;
            for (int turn = 0; !isTried && turn < 2 && current is { } there; turn++)
            {
                (current, isTried) = await SendAsync(walker, there, field, fill(there));
            }

            // With another thing named in a hidden field it is another form, or none: that was looked at when twice the same came of it.
            if (isTried || (current is not null && form.Controls.Any(c => c.Name == field && c.Kind == "hidden")))
            {
                _tried.Add(new TriedField(form, field, isShown));
            }
            else if (!text.Contains('\0', StringComparison.Ordinal))
            {
                // The server itself takes no form with that character; nothing else may keep a form from being looked at.
                _lost.Add($"{walker.Name}: {form.Shape}: {field} with {text[..Math.Min(20, text.Length)]}{(current is null ? ", and the form is gone" : "")}");
            }
        }
    }

    // The form as it is afterwards, and whether it was there when it was sent.
    private async Task<(PageForm? Form, bool WasThere)> SendAsync(Walker walker, PageForm form, string field, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        await ForgiveAsync(form.Handler);
        using HttpResponseMessage answer = await AnswerAsync(walker, form, fields);
        _posts[walker.Role] = _posts.GetValueOrDefault(walker.Role) + 1;
        if (form.IsPost)
        {
            _paths.Add(form.Action.Split('?')[0]);
        }

        string html = await answer.Content.ReadAsStringAsync();
        string location = answer.Headers.Location?.OriginalString ?? string.Empty;
        Check(answer, html, location);
        if (!form.IsPost || form.Handler is null)
        {
            return (form, true);
        }

        if (answer.StatusCode == HttpStatusCode.OK && PageForm.ReadAll(form.Page, html).Any(f => f.Handler == form.Handler && f.Action == form.Action))
        {
            return (form, true);
        }

        // A password is another one as soon as it was changed.
        if (form.Handler == "password" && answer.StatusCode == HttpStatusCode.Found)
        {
            walker.Password = fields.First(f => f.Key == "Chosen").Value;
        }

        using HttpResponseMessage after = await walker.Visitor.GetAsync(form.Page);
        string page = await after.Content.ReadAsStringAsync();
        Check(after, page, after.Headers.Location?.OriginalString ?? string.Empty);
        bool wasThere = field == "_handler" || (answer.StatusCode != HttpStatusCode.BadRequest && !page.Contains("This page has changed since you opened it", StringComparison.Ordinal));
        IReadOnlyList<PageForm> left = html.Contains("Your keys are made", StringComparison.Ordinal) ? [] : PageForm.ReadAll(form.Page, page);
        PageForm? again = left.FirstOrDefault(f => f.Handler == form.Handler && (f.Action == f.Page) == (form.Action == form.Page)) ?? left.FirstOrDefault(f => f.Key == form.Key);
        return (again ?? await walker.Restore(walker, form), wasThere);

        void Check(HttpResponseMessage said, string text, string to)
        {
            if ((int)said.StatusCode >= 500 || Hostile.FaultOf(text) is not null || Hostile.FaultOf(to) is not null || (to.Contains("/sign-in?return", StringComparison.Ordinal) && form.Action != "/sign-out"))
            {
                _faults.Add($"{walker.Name}: {form.Shape}, {field}: {(int)said.StatusCode} {Hostile.FaultOf(text)} {to}");
            }
        }
    }

    private static Task<HttpResponseMessage> AnswerAsync(Walker walker, PageForm form, IReadOnlyList<KeyValuePair<string, string>> fields) =>
        form.IsMultipart ? walker.Visitor.UploadAsync([0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "fields.jpg", fields.ToDictionary(f => f.Key, f => f.Value))
        : form.IsPost ? walker.Visitor.PostAsync(form.Action, fields)
        : walker.Visitor.GetAsync(form.Action.Split('?')[0] + "?" + string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Key)}={Uri.EscapeDataString(f.Value)}")));

    // What the script of the upload page sends is no form, and comes from no page as it is: each part of it by itself.
    private async Task TryScriptAsync(Visitor patient)
    {
        PartUpload upload = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(999, "script"), "script.png");
        foreach (string text in Texts.Append(Hostile.Line))
        {
            foreach (string field in (string[])["once", "goOn", "name", "length", "partLength", "forClaim", "digests"])
            {
                PartAnswer begun = await SendAsync("/patient/upload/begin", JsonContent.Create(new Dictionary<string, object?> { ["once"] = Guid.NewGuid().ToString("n"), ["name"] = "script.png", ["length"] = 999, ["partLength"] = PartUpload.PartLength, ["digests"] = new byte[32], [field] = text }));
                if (begun.Once is { } once)
                {
                    await SendAsync($"/patient/upload-parts/{once}/discard", null);
                }
            }

            string part = Uri.EscapeDataString(text);
            foreach (string path in (string[])[$"/patient/upload-parts/{part}/0", $"/patient/upload-parts/{part}/finish", $"/patient/upload-parts/{part}/discard"])
            {
                await SendAsync(path, new StringContent(text));
            }
        }

        async Task<PartAnswer> SendAsync(string path, HttpContent? content)
        {
            PartAnswer answer = await upload.PostAsync(path, content);
            _posts["patient"]++;
            _paths.Add(path.Length < 200 ? path : path[..200]);
            if (answer.Status >= 500)
            {
                _faults.Add($"{path}: {answer.Status}");
            }

            return answer;
        }
    }

    private async Task ForgiveAsync(string? handler)
    {
        if (_counted.Contains(handler))
        {
            await portal.ReadAsync(db => db.Users.Where(u => u.AccessFailedCount > 0 || u.LockoutEnd != null).ExecuteUpdateAsync(u => u.SetProperty(x => x.AccessFailedCount, 0).SetProperty(x => x.LockoutEnd, (DateTimeOffset?)null)));
        }
    }

    private static IReadOnlyList<string> Texts => _isLong ? [.. Hostile.Texts, .. Hostile.MoreTexts] : Hostile.Texts;

    // Who tries a form first writes each text into all of its fields at once, and into those that the page knows from other forms. Then, and for every other role, each field by itself, with plausible ones beside it: in the
    // long run with each of the texts, else with the one that has a bit of everything, and with another one in its turn.
    private IEnumerable<(string Field, bool IsShown, string Text, Func<PageForm, IReadOnlyList<KeyValuePair<string, string>>> Fill)> FillingsOf(Walker walker, PageForm form, bool isFirst)
    {
        FormControl[] controls = [.. form.Controls.Where(c => c.Name != Token && c.Kind != "file").DistinctBy(c => c.Name)];
        string? Fixed(PageForm f, FormControl c) => c.Name == Token ? null : Plausible(walker, f, c);
        string? Usual(PageForm f, FormControl c) => Fixed(f, c) ?? (f.IsPost && c is { Name: not Token, Kind: not ("select" or "checkbox" or "radio"), IsWritten: true, Value.Length: 0 } ? "12" : null);
        bool isThorough = isFirst || _isLong;
        if (form is { IsPost: true, Handler: null, IsMultipart: false })
        {
            controls = [.. form.Controls.DistinctBy(c => c.Name)];
        }

        if (isThorough && !form.IsMultipart && controls.Any(c => IsText(c) && Fixed(form, c) is null))
        {
            foreach (string text in Texts)
            {
                yield return ("everything", false, text, f => f.Filled(c => Fixed(f, c) ?? (c.Name != Token && IsText(c) ? text : null)));
            }
        }

        // Two that have to be the same.
        if (walker.IsOwn || walker.Role == "nobody")
        {
            int again = Array.FindIndex(controls, c => c.Kind == "password" && c.Name.Contains("Again", StringComparison.Ordinal));
            foreach (string text in again < 1 ? [] : isThorough ? Texts : [Hostile.Line])
            {
                string[] pair = [controls[again - 1].Name, controls[again].Name];
                yield return (pair[0], true, text, f => f.Filled(c => pair.Contains(c.Name) ? text : Usual(f, c)));
            }
        }

        foreach (FormControl control in controls)
        {
            foreach (string text in _isLong && !form.IsMultipart ? Texts : [Hostile.Line, Hostile.Texts[1 + (_next++ % (Hostile.Texts.Count - 1))]])
            {
                yield return (control.Name, true, text, f => f.Filled(c => c.Name == control.Name ? text : Usual(f, c)));
            }
        }

        foreach (string field in isThorough && form is { IsPost: true, Handler: not null } && controls.Any(c => c.IsWritten) ? PortalSources.FieldsOf(form.Page).Except(controls.Select(c => c.Name)) : [])
        {
            yield return (field, false, Hostile.Line, f => [.. f.Filled(c => Usual(f, c)), new KeyValuePair<string, string>(field, Hostile.Line)]);
        }
    }

    private static bool IsText(FormControl control) => control.IsWritten && control.Kind is not ("select" or "checkbox" or "radio");

    // What lets something come of the others.
    private static string? Plausible(Walker walker, PageForm form, FormControl control) => (form.Handler, control.Name) switch
    {
        (_, "Form.Guardians") => "meena@demo.example",
        ("find", "Patient") => "3",
        ("find", "Name") => "Kiruthika",
        ("setup", "Typed") or ("password", "Present") => walker.Password,
        ("enrol" or "recover", "Passphrase" or "Again") => HostilePortal.Passphrase,
        ("values", ['v', .. var number]) => HostileState.Measurements[int.Parse(number, System.Globalization.CultureInfo.InvariantCulture)],
        _ => control.Kind switch
        {
            "email" => $"{Guid.NewGuid():n}@demo.example",
            "password" => HostilePortal.Password,
            "checkbox" => control.Value,
            "radio" when !form.Controls.Any(c => c.Name == control.Name && c.IsOn) => form.Controls.First(c => c.Name == control.Name).Value,
            "select" when control.Value.Length == 0 => control.Choices.FirstOrDefault(c => c.Length > 0),
            _ => null,
        },
    };
}
