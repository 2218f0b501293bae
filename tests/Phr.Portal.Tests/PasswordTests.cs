using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>A password that its owner changes.</summary>
public sealed class PasswordTests(FrozenPortal portal) : IClassFixture<FrozenPortal>
{
    private const string Another = "battery staple correct";

    [Theory]
    [InlineData("not the password", Another, Another, "The present password is wrong.")]
    [InlineData("", Another, Another, "The present password is wrong.")]
    [InlineData(FrozenPortal.Password, Another, "battery staple", "The two new passwords differ.")]
    [InlineData(FrozenPortal.Password, "short", "short", "A password has 10 to 200 characters")]
    [InlineData(FrozenPortal.Password, "with\tsomething unseen", "with\tsomething unseen", "A password has 10 to 200 characters")]
    [InlineData(FrozenPortal.Password, FrozenPortal.Password, FrozenPortal.Password, "This is the present one.")]
    public async Task Change_SomethingWrong_IsSaidAndChangesNothing(string present, string chosen, string again, string said)
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor owner = visitor;
        using (HttpResponseMessage refused = await ChangeAsync(owner, present, chosen, again))
        {
            Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
            Assert.Contains(said, WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        }

        using var later = new Visitor(portal.Host);
        await later.SignInAsync(mail, FrozenPortal.Password);
    }

    [Fact]
    public async Task Change_Done_EndsOtherSessionsAndTheOldPassword()
    {
        (Visitor visitor, string mail, _) = await portal.JoinAsync();
        using Visitor owner = visitor;
        using Visitor copy = portal.Copy(owner);
        await copy.ReadAsync("/account");
        using (HttpResponseMessage changed = await ChangeAsync(owner, FrozenPortal.Password, Another, Another))
        {
            Assert.Equal("/account", changed.Headers.Location?.OriginalString.Replace(portal.Host.Address.GetLeftPart(UriPartial.Authority), string.Empty, StringComparison.Ordinal));
        }

        portal.Time.Advance(TimeSpan.FromMinutes(2));
        await owner.ReadAsync("/account");
        using (HttpResponseMessage over = await copy.GetAsync("/account"))
        {
            Assert.Equal(HttpStatusCode.Found, over.StatusCode);
        }

        using var later = new Visitor(portal.Host);
        using (HttpResponseMessage old = await later.TrySignInAsync(mail, FrozenPortal.Password))
        {
            Assert.Contains("The name or the password is wrong.", await old.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await later.SignInAsync(mail, Another);
        OutgoingMail told = await portal.WithDbAsync(db => db.Outbox.Where(m => m.Address == mail).OrderByDescending(m => m.Id).FirstAsync());
        Assert.Equal("Your password is changed", told.Subject);
        Assert.DoesNotContain(Another, told.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Change_ToThePassphraseOfTheKeys_IsRefused()
    {
        (Visitor visitor, string mail, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        KeyRing ring = portal.Host.Services.GetRequiredService<KeyRing>();
        await ring.CreateAsync(await portal.WithDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == id)), "made", Another, TestContext.Current.CancellationToken);
        ring.Lock("made");
        using (HttpResponseMessage refused = await ChangeAsync(owner, FrozenPortal.Password, Another, Another))
        {
            Assert.Contains("This opens your keys", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(0, ring.UnlockedSessions);
        using var later = new Visitor(portal.Host);
        await later.SignInAsync(mail, FrozenPortal.Password);
    }

    private static Task<HttpResponseMessage> ChangeAsync(Visitor visitor, string present, string chosen, string again) =>
        visitor.SubmitAsync("/account/password", "password", new Dictionary<string, string> { ["Present"] = present, ["Chosen"] = chosen, ["Again"] = again });
}
