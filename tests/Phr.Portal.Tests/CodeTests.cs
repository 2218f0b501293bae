using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Codes of an authenticator: each counts once, wrong ones are counted, and nobody turns them off without one.</summary>
public sealed class CodeTests(FrozenPortal portal) : IClassFixture<FrozenPortal>
{
    private static readonly TimeSpan _step = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Code_ThatWasUsed_IsNotTakenAgain()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        DateTimeOffset start = portal.Time.GetUtcNow();
        (Authenticator phone, _) = await Authenticator.TurnOnAsync(first, start);

        // The one that turned the codes on was used with that, and the one before it is older.
        using Visitor later = await portal.BeginSignInAsync(mail);
        Assert.Contains("it was used already", await RefusedAsync(later, phone.CodeAt(start)), StringComparison.Ordinal);
        Assert.Contains("not the present code", await RefusedAsync(later, phone.CodeAt(start - _step)), StringComparison.Ordinal);
        portal.Time.Advance(_step);
        DateTimeOffset now = portal.Time.GetUtcNow();
        await TakenAsync(later, phone.CodeAt(now));
        await later.ReadAsync("/account");

        // Whoever saw that one cannot come in with it, nor with one before it; the next one counts, and so does the one after it.
        using Visitor other = await portal.BeginSignInAsync(mail);
        await RefusedAsync(other, phone.CodeAt(now));
        portal.Time.Advance(_step);
        await RefusedAsync(other, phone.CodeAt(now));
        await TakenAsync(other, phone.CodeAt(now + (2 * _step)));
        using Visitor last = await portal.BeginSignInAsync(mail);
        await RefusedAsync(last, phone.CodeAt(now + _step));

        // Phones go a little wrong, and no more than that.
        portal.Time.Advance(4 * _step);
        now = portal.Time.GetUtcNow();
        await RefusedAsync(last, phone.CodeAt(now - (2 * _step)));
        await RefusedAsync(last, phone.CodeAt(now + (2 * _step)));
        await TakenAsync(last, phone.CodeAt(now - _step));
    }

    /// <summary>The first look at the page makes the key that it shows. That changes nothing about who is signed in.</summary>
    [Fact]
    public async Task Codes_LookedAtForTheFirstTime_EndNoSession()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        using var other = new Visitor(portal.Host);
        await other.SignInAsync(mail, FrozenPortal.Password);
        await first.ReadAsync("/account/codes");

        // Sessions are compared with their account every minute.
        portal.Time.Advance(TimeSpan.FromMinutes(3));
        await first.ReadAsync("/account");
        await other.ReadAsync("/account");
    }

    [Theory]
    [InlineData("")]
    [InlineData("12345")]
    [InlineData("1234567")]
    [InlineData("12345a")]
    [InlineData("١٢٣٤٥٦")]
    public async Task Code_ThatIsNone_IsRefused(string code)
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        using Visitor later = await portal.BeginSignInAsync(mail);
        await RefusedAsync(later, code);
    }

    /// <summary>Whoever takes longer than the portal remembers the password is told so, and not that a right code is wrong.</summary>
    [Fact]
    public async Task Code_LongAfterThePassword_IsToldToComeBackWithIt()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        (Authenticator phone, IReadOnlyList<string> recovery) = await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        using Visitor late = await portal.BeginSignInAsync(mail);
        Assert.DoesNotContain("Your password comes first", await late.ReadAsync("/sign-in/code"), StringComparison.Ordinal);
        portal.Time.Advance(TimeSpan.FromMinutes(10));
        foreach (HttpResponseMessage refused in (HttpResponseMessage[])[await SendAsync(late, phone.CodeAt(portal.Time.GetUtcNow())), await RecoverAsync(late, recovery[0])])
        {
            Assert.Contains("Your password comes first", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            refused.Dispose();
        }

        // What was written then counts as not used.
        using (await late.TrySignInAsync(mail, FrozenPortal.Password))
        {
        }

        using HttpResponseMessage right = await late.SubmitAsync("/sign-in/recovery?return=%2Faccount%2Fcodes", "recovery", new Dictionary<string, string> { ["Code"] = recovery[0] });
        Assert.EndsWith("/account/codes", right.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_RightFromTwoBrowsersAtOnce_SignsOneIn()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        (Authenticator phone, _) = await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        portal.Time.Advance(_step);
        string code = phone.CodeAt(portal.Time.GetUtcNow());
        Visitor[] browsers = [await portal.BeginSignInAsync(mail), await portal.BeginSignInAsync(mail), await portal.BeginSignInAsync(mail)];
        HttpResponseMessage[] answers = await Task.WhenAll(browsers.Select(browser => SendAsync(browser, code)));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Found);
        Dispose(browsers, answers);
    }

    [Fact]
    public async Task Code_ManyWrongOnesAtOnce_AreAllCounted()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        (Authenticator phone, _) = await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        portal.Time.Advance(10 * _step);
        string wrong = phone.CodeAt(portal.Time.GetUtcNow() - (5 * _step));
        var browsers = new Visitor[10];
        for (int i = 0; i < browsers.Length; i++)
        {
            browsers[i] = await portal.BeginSignInAsync(mail);
        }

        HttpResponseMessage[] answers = await Task.WhenAll(browsers.Select(browser => SendAsync(browser, wrong)));
        string[] said = await Task.WhenAll(answers.Select(answer => answer.Content.ReadAsStringAsync()));

        // The fifth locks; those after it are not even looked at.
        Assert.Equal(4, said.Count(text => text.Contains("not the present code", StringComparison.Ordinal)));
        Assert.Equal(6, said.Count(text => text.Contains("too many wrong codes", StringComparison.Ordinal)));
        using (HttpResponseMessage right = await SendAsync(browsers[0], phone.CodeAt(portal.Time.GetUtcNow())))
        {
            Assert.Contains("too many wrong codes", await right.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Dispose(browsers, answers);
    }

    [Fact]
    public async Task Recovery_OneOfTheCodes_CountsOnceAndNothingElseDoes()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor first = visitor;
        (_, IReadOnlyList<string> recovery) = await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        Visitor[] browsers = [await portal.BeginSignInAsync(mail), await portal.BeginSignInAsync(mail)];
        foreach (string code in (string[])["", " ", "AAAAA-BBBBB"])
        {
            using HttpResponseMessage refused = await RecoverAsync(browsers[0], code);
            Assert.True(refused.StatusCode == HttpStatusCode.OK, $"{refused.StatusCode}");
            Assert.Contains("not one of yours, or was used before", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        HttpResponseMessage[] answers = await Task.WhenAll(browsers.Select(browser => RecoverAsync(browser, recovery[3])));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Found);
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Dispose(browsers, answers);
    }

    [Fact]
    public async Task Codes_TurnedOff_NeedACodeThatIsGood()
    {
        (Visitor visitor, string mail, int id) = await portal.JoinAsync();
        using Visitor open = visitor;
        DateTimeOffset start = portal.Time.GetUtcNow();
        (Authenticator phone, IReadOnlyList<string> recovery) = await Authenticator.TurnOnAsync(open, start);
        Assert.Equal(10, recovery.Count);
        foreach (string code in (string[])["", "000000", phone.CodeAt(start), "AAAAA-BBBBB"])
        {
            using HttpResponseMessage refused = await open.SubmitAsync("/account/codes", "off", new Dictionary<string, string> { ["Code"] = code });
            Assert.Contains("not the present code", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // A recovery code, for whoever has lost the phone. It is used with that.
        await OffAsync(open, recovery[0]);
        Assert.False(await IsOnAsync());
        using (Visitor plain = new(portal.Host))
        {
            await plain.SignInAsync(mail, FrozenPortal.Password);
        }

        // Turned on again within the same half minute, with another key.
        (phone, _) = await Authenticator.TurnOnAsync(open, start);
        portal.Time.Advance(_step);
        await OffAsync(open, phone.CodeAt(portal.Time.GetUtcNow()));
        Assert.False(await IsOnAsync());

        Task<bool> IsOnAsync() => portal.WithDbAsync(db => db.Users.AnyAsync(u => u.Id == id && u.TwoFactorEnabled));
    }

    [Fact]
    public async Task Codes_TurnedOff_WrongOnesLockTheAccount()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using Visitor open = visitor;
        (Authenticator phone, _) = await Authenticator.TurnOnAsync(open, portal.Time.GetUtcNow());
        for (int i = 0; i < 5; i++)
        {
            using (await open.SubmitAsync("/account/codes", "off", new Dictionary<string, string> { ["Code"] = "AAAAA-BBBBB" }))
            {
            }
        }

        portal.Time.Advance(_step);
        using HttpResponseMessage locked = await open.SubmitAsync("/account/codes", "off", new Dictionary<string, string> { ["Code"] = phone.CodeAt(portal.Time.GetUtcNow()) });
        Assert.Contains("too many wrong codes", await locked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> SendAsync(Visitor visitor, string code) => visitor.SubmitAsync("/sign-in/code", "code", new Dictionary<string, string> { ["Code"] = code });

    private static Task<HttpResponseMessage> RecoverAsync(Visitor visitor, string code) => visitor.SubmitAsync("/sign-in/recovery", "recovery", new Dictionary<string, string> { ["Code"] = code });

    private static async Task<string> RefusedAsync(Visitor visitor, string code)
    {
        using HttpResponseMessage refused = await SendAsync(visitor, code);
        string said = await refused.Content.ReadAsStringAsync();
        Assert.True(refused.StatusCode == HttpStatusCode.OK && said.Contains("not the present code", StringComparison.Ordinal), $"{refused.StatusCode} {Visitor.TextOf(said)}");
        return said;
    }

    private static async Task TakenAsync(Visitor visitor, string code)
    {
        using HttpResponseMessage taken = await SendAsync(visitor, code);
        Assert.True(taken.StatusCode == HttpStatusCode.Found, Visitor.TextOf(await taken.Content.ReadAsStringAsync()));
    }

    private static async Task OffAsync(Visitor visitor, string code)
    {
        using HttpResponseMessage off = await visitor.SubmitAsync("/account/codes", "off", new Dictionary<string, string> { ["Code"] = code });
        string said = await off.Content.ReadAsStringAsync();
        Assert.True(said.Contains("Turn codes on", StringComparison.Ordinal), Visitor.TextOf(said));
    }

    private static void Dispose(IEnumerable<Visitor> browsers, IEnumerable<HttpResponseMessage> answers)
    {
        foreach (IDisposable one in browsers.Cast<IDisposable>().Concat(answers))
        {
            one.Dispose();
        }
    }
}
