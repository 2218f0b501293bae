using System.Net;

namespace Phr.Portal.Tests;

/// <summary>The sign-in on the first page, and the passphrase that unlocks keys in the same step: used once, for whoever was let in, and kept nowhere.</summary>
public sealed class SignInTests(DemoPortal portal)
{
    private const string Name = "nandhini@demo.example", Password = "nandhini-password", Passphrase = "nandhini opens the sealed box";

    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    public async Task SignIn_WithThePassphrase_UnlocksInTheSameStep(string page)
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage answer = await SendAsync(visitor, page, Name, Password, Passphrase);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        Assert.Contains("VIEW USER APPOINTMENT DETAILS!", await visitor.ReadAsync("/doctor"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_WithoutOrWithAWrongPassphrase_LeavesTheKeysLocked()
    {
        foreach ((string passphrase, bool isTold) in ((string, bool)[])[("", false), ("meena opens the sealed box", true), (new string('p', 1025), true)])
        {
            using var visitor = new Visitor(portal.Host);
            using HttpResponseMessage answer = await SendAsync(visitor, "/", Name, Password, passphrase);
            Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
            using HttpResponseMessage room = await visitor.GetAsync("/doctor");
            Assert.StartsWith("/unlock", PathOf(room), StringComparison.Ordinal);
            Assert.Equal(isTold, (await visitor.ReadAsync("/unlock")).Contains("You are signed in, but this passphrase does not open your keys.", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task SignIn_WithAWrongPassword_ForgetsThePassphrase()
    {
        using var visitor = new Visitor(portal.Host);
        using (HttpResponseMessage answer = await SendAsync(visitor, "/", Name, "not-the-password", "a passphrase of this test alone"))
        {
            string page = await answer.Content.ReadAsStringAsync();
            Assert.Contains("The name or the password is wrong.", page, StringComparison.Ordinal);
            Assert.DoesNotContain("a passphrase of this test alone", page, StringComparison.Ordinal);
        }

        await visitor.SignInAsync(Name, Password);
        using HttpResponseMessage room = await visitor.GetAsync("/doctor");
        Assert.StartsWith("/unlock", PathOf(room), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_ThatNeedsACode_ForgetsThePassphrase()
    {
        await using PortalHost own = await PortalHost.StartAsync(demo: true);
        Authenticator phone;
        using (Visitor settled = await DemoPortal.EnterAsync(own, "Nandhini"))
        {
            (phone, _) = await Authenticator.TurnOnAsync(settled, DateTimeOffset.UtcNow);
        }

        using var visitor = new Visitor(own);
        using (HttpResponseMessage half = await SendAsync(visitor, "/", Name, Password, Passphrase))
        {
            Assert.StartsWith("/sign-in/code", PathOf(half), StringComparison.Ordinal);
        }

        // The code of the next half minute: the present one was used to turn codes on.
        using (HttpResponseMessage whole = await visitor.SubmitAsync("/sign-in/code", "code", new Dictionary<string, string> { ["Code"] = phone.CodeAt(DateTimeOffset.UtcNow.AddSeconds(30)) }))
        {
            Assert.Equal(HttpStatusCode.Found, whole.StatusCode);
        }

        using HttpResponseMessage room = await visitor.GetAsync("/doctor");
        Assert.StartsWith("/unlock", PathOf(room), StringComparison.Ordinal);
    }

    [Fact]
    public void Tries_OfOnePerson_AreCountedTogetherAndApartFromOthers()
    {
        using var tries = new PassphraseTries(new PortalOptions { TriesPerMinute = 3 });
        Assert.Equal([true, true, true, false, false], Enumerable.Range(0, 5).Select(_ => tries.TryTake(5)));
        Assert.True(tries.TryTake(6));
    }

    [Fact]
    public async Task Tries_OfOnePerson_AreFreeAgainAfterTheSettingsWindow()
    {
        using var tries = new PassphraseTries(new PortalOptions { TriesPerMinute = 1, LimitWindow = TimeSpan.FromMinutes(60) });
        using var quick = new PassphraseTries(new PortalOptions { TriesPerMinute = 1, LimitWindow = TimeSpan.FromSeconds(1) });
        Assert.True(tries.TryTake(5) && quick.TryTake(5));
        await DemoPortal.UntilAsync(async () =>
        {
            await Task.Delay(20, TestContext.Current.CancellationToken);
            return quick.TryTake(5);
        });
        Assert.False(tries.TryTake(5));
    }

    private static async Task<HttpResponseMessage> SendAsync(Visitor visitor, string page, string name, string password, string passphrase)
    {
        PageForm form = await visitor.OpenFormAsync(page, "sign-in");
        return await visitor.PostAsync(form.Action, form.Filled(new Dictionary<string, string> { ["Name"] = name, ["Password"] = password, ["Passphrase"] = passphrase }));
    }

    private static string PathOf(HttpResponseMessage response) => response.Headers.Location is { } to ? to.IsAbsoluteUri ? to.PathAndQuery : to.OriginalString : string.Empty;
}
