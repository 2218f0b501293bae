using System.Net;
using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>From registration to unlocked keys.</summary>
public sealed partial class AccountTests(DemoPortal portal)
{
    internal const string Password = "correct horse battery";
    internal const string Passphrase = "a sentence that nobody guesses";

    [Fact]
    public async Task Registration_Patient_IsSealedOffUntilAdmittedAndUnlocked()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = await RegisterPatientAsync(visitor);
        using (HttpResponseMessage early = await visitor.TrySignInAsync(mail, Password))
        {
            Assert.Contains("waits to be admitted", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        using (HttpResponseMessage locked = await visitor.GetAsync("/patient"))
        {
            Assert.Equal(HttpStatusCode.Found, locked.StatusCode);
            Assert.StartsWith("/enrol", locked.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using (HttpResponseMessage enrolled = await EnrolAsync(visitor))
        {
            string words = await enrolled.Content.ReadAsStringAsync();
            Assert.Equal(33, Regex.Matches(words[words.IndexOf("class=\"words\"", StringComparison.Ordinal)..], "<li>[a-z]+</li>").Count);
        }

        Assert.Contains("You have not uploaded anything yet", await visitor.ReadAsync("/patient"), StringComparison.Ordinal);

        // Once, and never again.
        using HttpResponseMessage again = await EnrolAsync(visitor);
        Assert.Contains("Your keys are made already", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unlock_WrongPassphrase_StaysLocked()
    {
        using var visitor = new Visitor(portal.Host);
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        using HttpResponseMessage wrong = await visitor.SubmitAsync("/unlock", "unlock", new Dictionary<string, string> { ["Passphrase"] = "nandhini opens the sealed box" });
        Assert.Contains("This passphrase does not open your keys", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage locked = await visitor.GetAsync("/patient");
        Assert.StartsWith("/unlock", locked.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignOut_UnlockedSession_WipesTheKeys()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        await visitor.ReadAsync("/patient/prescriptions");
        string page = await visitor.ReadAsync("/patient");
        string token = TokenPattern().Match(page).Groups[1].Value;
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["__RequestVerificationToken"] = WebUtility.HtmlDecode(token) });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/lock", UriKind.Relative)) { Content = form };
        using HttpResponseMessage locked = await visitor.SendAsync(request);
        Assert.Equal(HttpStatusCode.Found, locked.StatusCode);
        using HttpResponseMessage after = await visitor.GetAsync("/patient");
        Assert.StartsWith("/unlock", after.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Block_SignedInPatient_EndsAtOnce()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = await RegisterPatientAsync(visitor);
        int id = await AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        using (await EnrolAsync(visitor))
        {
        }

        await visitor.ReadAsync("/patient");
        using Visitor cloud = await portal.EnterAsync("Cloud");
        using (await cloud.SubmitAsync("/cloud", $"block-{id}"))
        {
        }

        using HttpResponseMessage refused = await visitor.GetAsync("/patient");
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using HttpResponseMessage again = await visitor.TrySignInAsync(mail, Password);
        Assert.Contains("blocked", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PersonalDoctor_ChosenAfterAnUpload_IsTurnedToWithItOnce()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = await RegisterPatientAsync(visitor, doctor: "nobody");
        int id = await AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        using (await EnrolAsync(visitor))
        {
        }

        using (HttpResponseMessage uploaded = await visitor.UploadAsync(await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png")), "before.png"))
        {
            Assert.Equal("/patient", uploaded.Headers.Location?.OriginalString);
        }

        string page = await visitor.ReadAsync("/patient");
        Assert.Contains("before.png", page, StringComparison.Ordinal);
        string doctor = Regex.Match(page, "<option value=\"(\\d+)\"[^>]*>Nandhini").Groups[1].Value;
        PageForm form = await visitor.OpenFormAsync("/patient", "doctor");
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        Assert.DoesNotContain($"<td>{id}</td>", await nandhini.ReadAsync("/doctor"), StringComparison.Ordinal);

        // The operator is no doctor, nor is a patient.
        foreach (string nobody in (string[])["1", "3", "-1", "99999"])
        {
            using HttpResponseMessage refused = await visitor.SubmitAsync("/patient", "doctor", new Dictionary<string, string> { ["DoctorId"] = nobody });
            Assert.Contains("Choose a doctor from the list.", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage chosen = await visitor.SubmitAsync("/patient", "doctor", new Dictionary<string, string> { ["DoctorId"] = doctor }))
        {
            Assert.Equal(HttpStatusCode.Found, chosen.StatusCode);
        }

        page = await visitor.ReadAsync("/patient");
        Assert.Contains("Nandhini is your personal doctor now", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Choose the doctor", page, StringComparison.Ordinal);
        Assert.Single(Regex.Matches(await nandhini.ReadAsync("/doctor"), $"<td>{id}</td>"));

        // A second choice, from a window that was open before, changes nothing.
        using (HttpResponseMessage again = await visitor.PostAsync("/patient", form.Filled(new Dictionary<string, string> { ["DoctorId"] = "9" })))
        {
            Assert.Equal(HttpStatusCode.Found, again.StatusCode);
        }

        using Visitor ravi = await portal.EnterAsync("Ravi");
        Assert.DoesNotContain($"<td>{id}</td>", await ravi.ReadAsync("/doctor"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_OwnWordsAndNewPassphrase_OpensAgain()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = await RegisterPatientAsync(visitor);
        await AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        using HttpResponseMessage enrolled = await EnrolAsync(visitor);
        string words = string.Join(' ', Regex.Matches(await enrolled.Content.ReadAsStringAsync(), "<li>([a-z]+)</li>").Select(m => m.Groups[1].Value));
        using HttpResponseMessage recovered = await visitor.SubmitAsync("/recover", "recover", new Dictionary<string, string> { ["Text"] = words, ["Passphrase"] = Passphrase + " anew", ["Again"] = Passphrase + " anew" });
        Assert.Contains("Your keys are back", await recovered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await visitor.UnlockAsync(Passphrase + " anew");
        await visitor.ReadAsync("/patient");

        // Another person's words open nothing here.
        using Visitor other = await portal.EnterAsync("Kiruthika");
        using HttpResponseMessage refused = await other.SubmitAsync("/recover", "recover", new Dictionary<string, string> { ["Text"] = words, ["Passphrase"] = Passphrase, ["Again"] = Passphrase });
        Assert.Contains("These words are not yours", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recovery_OfAGuardian_OpensByTheirOwnWordsAlone()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using (await visitor.SubmitAsync("/register/guardian", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = "Ravi", ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password,
        }))
        {
        }

        await AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        using HttpResponseMessage enrolled = await EnrolAsync(visitor);
        string[] words = [.. Regex.Matches(await enrolled.Content.ReadAsStringAsync(), "<li>([a-z]+)</li>").Select(m => m.Groups[1].Value)];
        Assert.Equal(39, words.Length);
        Dictionary<string, string> With(IEnumerable<string> text) => new() { ["Text"] = string.Join(' ', text), ["Passphrase"] = Passphrase + " anew", ["Again"] = Passphrase + " anew" };
        using (Visitor other = await portal.EnterAsync("Meena"))
        using (HttpResponseMessage refused = await other.SubmitAsync("/recover", "recover", With(words)))
        {
            Assert.Contains("These words are not yours", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage swapped = await visitor.SubmitAsync("/recover", "recover", With(words.Reverse())))
        {
            Assert.Contains("These words are not yours", await swapped.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using HttpResponseMessage recovered = await visitor.SubmitAsync("/recover", "recover", With(words));
        Assert.Contains("Your keys are back", await recovered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await visitor.UnlockAsync(Passphrase + " anew");
        await visitor.ReadAsync("/trustee");
    }

    [Fact]
    public async Task Codes_TurnedOn_AreAskedForAtSignIn()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = await RegisterPatientAsync(visitor);
        await AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        (Authenticator phone, _) = await Authenticator.TurnOnAsync(visitor, DateTimeOffset.UtcNow);

        using var later = new Visitor(portal.Host);
        using (HttpResponseMessage half = await later.TrySignInAsync(mail, Password))
        {
            Assert.Contains("/sign-in/code", half.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using (HttpResponseMessage notYet = await later.GetAsync("/account"))
        {
            Assert.Contains("/sign-in", notYet.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using (HttpResponseMessage wrong = await later.SubmitAsync("/sign-in/code", "code", new Dictionary<string, string> { ["Code"] = "000000" }))
        {
            Assert.Contains("not the present code", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // The present one was used when the codes were turned on.
        using HttpResponseMessage right = await later.SubmitAsync("/sign-in/code", "code", new Dictionary<string, string> { ["Code"] = phone.CodeAt(DateTimeOffset.UtcNow.AddSeconds(30)) });
        Assert.Equal(HttpStatusCode.Found, right.StatusCode);
        await later.ReadAsync("/account");
    }

    [Fact]
    public async Task SignIn_FiveWrongPasswords_LocksOut()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = await RegisterPatientAsync(visitor);
        await AdmitAsync(mail);
        for (int i = 0; i < 5; i++)
        {
            using (await visitor.TrySignInAsync(mail, "wrong password"))
            {
            }
        }

        using HttpResponseMessage response = await visitor.TrySignInAsync(mail, Password);
        Assert.Contains("too many wrong passwords", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_NameOfNobody_SaysTheSameAsAWrongPassword()
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage nobody = await visitor.TrySignInAsync("nobody@demo.example", "wrong password");
        Assert.Contains("The name or the password is wrong.", await nobody.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//elsewhere.example/")]
    [InlineData("/\\elsewhere.example/")]
    [InlineData("https://elsewhere.example/")]
    public async Task SignIn_ReturnElsewhere_StaysHere(string back)
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage response = await visitor.SubmitAsync(
            $"/sign-in?return={Uri.EscapeDataString(back)}", "sign-in", new Dictionary<string, string> { ["Name"] = "cloud", ["Password"] = "cloud-password" });
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Equal("/", response.Headers.Location!.IsAbsoluteUri ? response.Headers.Location.PathAndQuery : response.Headers.Location.OriginalString);
        Assert.DoesNotContain("elsewhere", response.Headers.Location.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registration_ForAgencyOrCloud_IsRefused()
    {
        using var visitor = new Visitor(portal.Host);
        foreach (string role in (string[])["regulatory agency", "cloud server", "nothing"])
        {
            using HttpResponseMessage response = await visitor.GetAsync($"/register/{role}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    [Fact]
    public async Task Registration_RoleInTheForm_DoesNotCount()
    {
        using var visitor = new Visitor(portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using HttpResponseMessage response = await visitor.SubmitAsync("/register/guardian", "register", new Dictionary<string, string>
        {
            ["Form.Role"] = "CloudServer", ["Form.Name"] = "Eve", ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password,
        });
        Assert.Contains("You are registered", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using Visitor cloud = await portal.EnterAsync("Cloud");
        Assert.Matches($"<td>guardian</td>\\s*<td>{mail}</td>", await cloud.ReadAsync("/cloud"));
    }

    private async Task<int> AdmitAsync(string mail)
    {
        using Visitor cloud = await portal.EnterAsync("Cloud");
        return await cloud.AdmitAsync(mail);
    }

    internal static async Task<string> RegisterPatientAsync(Visitor visitor, string doctor = "Nandhini")
    {
        string page = await visitor.ReadAsync("/register/patient");
        string mail = $"{Guid.NewGuid():n}@demo.example";
        using HttpResponseMessage response = await visitor.SubmitAsync("/register/patient", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = "Priya",
            ["Form.Email"] = mail,
            ["Form.Password"] = Password,
            ["Form.PasswordAgain"] = Password,
            ["Form.Guardians"] = "meena@demo.example",
            ["Form.HospitalId"] = Regex.Match(page, "<option value=\"(\\d+)\"[^>]*>GH</option>").Groups[1].Value,
            ["Form.PersonalDoctorId"] = Regex.Match(page, $"<option value=\"(\\d+)\"[^>]*>{doctor}").Groups[1].Value,
            ["Form.Location"] = "Chennai",
            ["Form.Speciality"] = "Cancer",
            ["Form.InsuranceType"] = string.Empty,
            ["Form.TimeZone"] = "Asia/Kolkata",
        });
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(text.Contains("You are registered", StringComparison.Ordinal), Visitor.TextOf(text));
        return mail;
    }

    internal static Task<HttpResponseMessage> EnrolAsync(Visitor visitor) =>
        visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = Passphrase, ["Again"] = Passphrase });

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]*)\"")]
    private static partial Regex TokenPattern();
}
