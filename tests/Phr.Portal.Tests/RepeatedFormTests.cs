using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;

namespace Phr.Portal.Tests;

/// <summary>Buttons that are pressed twice, pages that were opened in two windows, and what was decided meanwhile.</summary>
[Collection(nameof(HostilePortal))]
public sealed class RepeatedFormTests(HostilePortal portal)
{
    [Fact]
    public async Task Press_TwiceAtOnce_EveryFormOfEveryRole_IsDoneOnce()
    {
        var faults = new List<string>();
        int forms = 0;
        foreach (string who in (string[])["nobody", .. HostilePortal.People])
        {
            using Visitor visitor = who == "nobody" ? new Visitor(portal.Host) : await portal.EnterAsync(who);
            Crawl crawl = await Crawl.RunAsync(visitor, "/", "/account", "/register/patient");

            // Those that end somebody's account or keys would stop the walk; what is taken back is pressed twice in DecisionTests; whoever tries a password again means it.
            foreach (PageForm form in crawl.Forms.Where(f => f.IsPost && f.Handler is { } name && !Regex.IsMatch(name, "^(block|revoke|off|sign-in|unlock|recover|code|recovery)")))
            {
                // What was decided by the button beside it has no button any more.
                if (PageForm.ReadAll(form.Page, await visitor.ReadAsync(form.Page)).FirstOrDefault(f => f.Handler == form.Handler) is not { } fresh)
                {
                    continue;
                }

                IReadOnlyList<KeyValuePair<string, string>> fields = fresh.Filled(c => c.Kind is "text" or "textarea" ? "12" : null);
                HttpResponseMessage[] answers = await Task.WhenAll(visitor.PostAsync(fresh.Action, fields), visitor.PostAsync(fresh.Action, fields));
                forms++;
                string[] texts = [await answers[0].Content.ReadAsStringAsync(), await answers[1].Content.ReadAsStringAsync()];
                string[] said = [.. answers.Select((a, i) => $"{(int)a.StatusCode} {a.Headers.Location?.OriginalString} {texts[i]}")];

                // Every page that is drawn has a token of its own: the same answer to the last character was drawn once.
                if (said[0] != said[1] || (int)answers[0].StatusCode >= 400)
                {
                    faults.Add($"{who} {form.Shape}: {(int)answers[0].StatusCode} {answers[0].Headers.Location} and {(int)answers[1].StatusCode} {answers[1].Headers.Location}");
                }

                answers[0].Dispose();
                answers[1].Dispose();
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(forms >= 12, $"only {forms} forms were found");
    }

    [Fact]
    public async Task Prescribe_TwiceAtOnce_SendsOne()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        int before = await portal.ReadAsync(db => db.Prescriptions.CountAsync());
        int mails = await portal.ReadAsync(db => db.Outbox.CountAsync());
        PageForm form = await doctor.OpenFormAsync("/doctor/appointments/1", "prescribe");
        IReadOnlyList<KeyValuePair<string, string>> fields = form.Filled(new Dictionary<string, string> { ["Text"] = "One tablet, once" });
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => doctor.PostAsync(form.Action, fields)));
        Assert.All(answers, answer => Assert.Equal("/doctor", PathOf(answer)));
        Assert.Equal(before + 1, await portal.ReadAsync(db => db.Prescriptions.CountAsync()));
        Assert.Equal(mails + 1, await portal.ReadAsync(db => db.Outbox.CountAsync()));

        // Opened anew it is another one, with the same words.
        using HttpResponseMessage again = await doctor.SubmitAsync("/doctor/appointments/1", "prescribe", new Dictionary<string, string> { ["Text"] = "One tablet, once" });
        Assert.Equal("/doctor", PathOf(again));
        Assert.Equal(before + 2, await portal.ReadAsync(db => db.Prescriptions.CountAsync()));
        foreach (HttpResponseMessage answer in answers)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task Claim_FiledTwiceAtOnce_IsOne()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string before = await portal.StateAsync();
        PageForm form = await patient.OpenFormAsync("/patient/insurance", "file");
        IReadOnlyList<KeyValuePair<string, string>> fields = form.Filled(new Dictionary<string, string> { ["Amount"] = "77.00", ["Reason"] = "Pressed twice" });
        HttpResponseMessage[] answers = await Task.WhenAll(patient.PostAsync(form.Action, fields), patient.PostAsync(form.Action, fields));
        Assert.Equal(PathOf(answers[0]), PathOf(answers[1]));
        Assert.StartsWith("/claims/", PathOf(answers[0]), StringComparison.Ordinal);
        Assert.Equal(1, Regex.Count(await portal.StateAsync(), "^claim ", RegexOptions.Multiline) - Regex.Count(before, "^claim ", RegexOptions.Multiline));
        answers[0].Dispose();
        answers[1].Dispose();
    }

    [Fact]
    public async Task Keys_MadeTwiceAtOnce_AreOnePairAndTheWordsAreShown()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        PageForm register = await visitor.OpenFormAsync("/register/guardian", "register");
        IReadOnlyList<KeyValuePair<string, string>> person = register.Filled(new Dictionary<string, string>
        {
            ["Form.Name"] = "Twice", ["Form.Email"] = mail, ["Form.Password"] = HostilePortal.Password, ["Form.PasswordAgain"] = HostilePortal.Password,
        });
        HttpResponseMessage[] registered = await Task.WhenAll(visitor.PostAsync(register.Action, person), visitor.PostAsync(register.Action, person));
        foreach (HttpResponseMessage answer in registered)
        {
            Assert.Contains("You are registered", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            answer.Dispose();
        }

        int id = await portal.ReadAsync(db => db.Users.Where(u => u.Email == mail).Select(u => u.Id).SingleAsync());
        using (Visitor cloud = await portal.EnterAsync("Cloud"))
        {
            PageForm admit = await cloud.OpenFormAsync("/cloud", $"admit-{id}");
            HttpResponseMessage[] admitted = await Task.WhenAll(cloud.PostAsync("/cloud", admit.Filled()), cloud.PostAsync("/cloud", admit.Filled()));
            admitted[0].Dispose();
            admitted[1].Dispose();
        }

        Assert.Equal(1, await portal.ReadAsync(db => db.Outbox.CountAsync(m => m.UserId == id)));
        await visitor.SignInAsync(mail, HostilePortal.Password);
        PageForm enrol = await visitor.OpenFormAsync("/enrol", "enrol");
        IReadOnlyList<KeyValuePair<string, string>> fields = enrol.Filled(new Dictionary<string, string> { ["Passphrase"] = HostilePortal.Passphrase, ["Again"] = HostilePortal.Passphrase });
        HttpResponseMessage[] made = await Task.WhenAll(visitor.PostAsync(enrol.Action, fields), visitor.PostAsync(enrol.Action, fields));
        foreach (HttpResponseMessage answer in made)
        {
            Assert.Contains("Your keys are made", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            answer.Dispose();
        }

        Assert.Equal(2, await portal.ReadAsync(db => db.Outbox.CountAsync(m => m.UserId == id)));
    }

    [Fact]
    public async Task Register_OneAddressInTwoWindowsAtOnce_IsOneAccount()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        await visitor.ReadAsync("/register/guardian");
        string[] texts = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            using HttpResponseMessage answer = await HostilePortal.RegisterAsync(visitor, "guardian", $"Window {i}", mail);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsStringAsync();
        }));
        Assert.Equal(1, await portal.ReadAsync(db => db.Users.CountAsync(u => u.Email == mail)));
        Assert.Single(texts, text => text.Contains("You are registered", StringComparison.Ordinal));
        Assert.Equal(3, texts.Count(text => text.Contains("This e-mail address cannot be used", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Request_SentAndDecidedInTwoWindows_CountsOnceAndSaysSo()
    {
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        (int appointment, _) = await portal.UploadAsync(patient, 3, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]], "two-windows.jpg");
        var wish = new Dictionary<string, string> { ["Chosen"] = $"{appointment}", ["Reason"] = "From two windows", ["Days"] = "1" };
        PageForm first = await doctor.OpenFormAsync("/doctor/requests", "ask");
        PageForm second = await doctor.OpenFormAsync("/doctor/requests", "ask");
        HttpResponseMessage[] asked = await Task.WhenAll(doctor.PostAsync(first.Action, first.Filled(wish)), doctor.PostAsync(second.Action, second.Filled(wish)));
        Assert.Single(asked, a => a.StatusCode == HttpStatusCode.Found && PathOf(a) == "/doctor");
        Assert.Equal(1, Regex.Count(await patient.ReadAsync("/patient"), "<dd class=\"quote\">From two windows"));
        string request = await portal.ReadAsync(db => db.Appointments.Where(a => a.Id == appointment).Select(a => a.Request!).SingleAsync());
        PageForm accept = await patient.OpenFormAsync("/patient", $"accept-{request}");
        PageForm refuse = await patient.OpenFormAsync("/patient", $"refuse-{request}");
        using HttpResponseMessage accepted = await patient.PostAsync("/patient", accept.Filled());
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);

        // The other window still has the button.
        using HttpResponseMessage late = await patient.PostAsync("/patient", refuse.Filled());
        Assert.Equal(HttpStatusCode.Found, late.StatusCode);
        Assert.Equal("/patient", PathOf(late));
        Assert.Contains("This page has changed since you opened it", await patient.ReadAsync("/patient"), StringComparison.Ordinal);
        Assert.DoesNotContain("refused by you", Regex.Match(await patient.ReadAsync("/patient"), "From two windows.*?</tr>", RegexOptions.Singleline).Value, StringComparison.Ordinal);
        foreach (HttpResponseMessage answer in asked)
        {
            answer.Dispose();
        }
    }

    [Fact]
    public async Task SignIn_StillOpenInAnotherWindow_LeadsToTheRoom()
    {
        using var visitor = new Visitor(portal.Host);
        PageForm open = await visitor.OpenFormAsync("/sign-in", "sign-in");
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        using HttpResponseMessage again = await visitor.PostAsync("/sign-in", open.Filled(new Dictionary<string, string> { ["Name"] = "kiruthika@demo.example", ["Password"] = "kiruthika-password" }));
        Assert.Equal(HttpStatusCode.Found, again.StatusCode);
        Assert.Equal("/", PathOf(again));
    }

    private static string PathOf(HttpResponseMessage answer) => answer.Headers.Location is { } to ? to.IsAbsoluteUri ? to.PathAndQuery : to.OriginalString : $"{(int)answer.StatusCode}";
}
