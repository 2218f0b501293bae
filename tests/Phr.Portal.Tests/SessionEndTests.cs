using System.Net;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>How sessions end: by the clock, by the operator, by somebody else who signs in; and that nothing that was begun before brings them, or the keys, back.</summary>
public sealed class SessionEndTests(FrozenPortal portal) : IClassFixture<FrozenPortal>
{
    private const string Passphrase = "a sentence that nobody guesses";

    [Fact]
    public async Task Cookie_EightHoursWithoutAPage_OpensNothing()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using Visitor owner = visitor;
        using Visitor early = portal.Copy(owner);
        portal.Time.Advance(new TimeSpan(7, 59, 0));
        await owner.ReadAsync("/account");

        // The owner's was renewed by that page; the copy of the first one ends where that would have ended.
        portal.Time.Advance(TimeSpan.FromMinutes(2));
        using (HttpResponseMessage refused = await early.GetAsync("/account"))
        {
            Assert.Equal("/sign-in?return=%2Faccount", PathOf(refused));
        }

        portal.Time.Advance(new TimeSpan(7, 0, 0));
        await owner.ReadAsync("/account");
        portal.Time.Advance(new TimeSpan(8, 0, 1));
        using HttpResponseMessage over = await owner.GetAsync("/account");
        Assert.Equal("/sign-in?return=%2Faccount", PathOf(over));
    }

    [Fact]
    public async Task Cookie_OfABlockedAccount_StaysDeadWhenItIsAdmittedAgain()
    {
        (Visitor visitor, string mail, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        using Visitor thief = portal.Copy(owner);
        await thief.ReadAsync("/account");
        await portal.DecideAsync(id, Admission.Blocked);
        using (HttpResponseMessage blocked = await thief.GetAsync("/account"))
        {
            Assert.Equal(HttpStatusCode.Forbidden, blocked.StatusCode);
        }

        await portal.DecideAsync(id, Admission.Admitted);
        portal.Time.Advance(TimeSpan.FromMinutes(2));
        using (HttpResponseMessage dead = await thief.GetAsync("/account"))
        {
            Assert.Equal("/sign-in?return=%2Faccount", PathOf(dead));
        }

        using var again = new Visitor(portal.Host);
        await again.SignInAsync(mail, FrozenPortal.Password);
        await again.ReadAsync("/account");
    }

    [Fact]
    public async Task Block_WhileASignInIsBeingNoted_StaysBlocked()
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        await portal.WithAsync(async services =>
        {
            // Trying a password takes a tenth of a second between reading the account and writing it.
            UserManager<PortalUser> users = services.GetRequiredService<UserManager<PortalUser>>();
            PortalUser read = (await users.FindByIdAsync($"{id}"))!;
            await portal.DecideAsync(id, Admission.Blocked);
            Assert.False((await users.AccessFailedAsync(read)).Succeeded);
        });
        Assert.Equal(Admission.Blocked, await portal.WithDbAsync(db => db.Users.Where(u => u.Id == id).Select(u => u.Admission).SingleAsync()));
    }

    [Fact]
    public async Task Decide_OnTheOperatorsOwnAccount_IsNotThere()
    {
        await Assert.ThrowsAsync<NotFoundHereException>(() => portal.DecideAsync(portal.Cloud, Admission.Blocked));
        Assert.Equal(Admission.Admitted, await portal.WithDbAsync(db => db.Users.Where(u => u.Id == portal.Cloud).Select(u => u.Admission).SingleAsync()));
    }

    [Fact]
    public async Task Admit_SomebodyWithKeys_IsSentNoCodeForNewOnes()
    {
        (Visitor visitor, string mail, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        await portal.WithDbAsync(db => db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(set => set.SetProperty(u => u.EnrolledAt, portal.Time.GetUtcNow()).SetProperty(u => u.EnrolmentCodeDigest, (string?)null)));
        await portal.DecideAsync(id, Admission.Blocked);
        await portal.DecideAsync(id, Admission.Admitted);
        OutgoingMail last = await portal.WithDbAsync(db => db.Outbox.Where(m => m.Address == mail).OrderByDescending(m => m.Id).FirstAsync());
        Assert.Equal("You are admitted again", last.Subject);
        Assert.DoesNotContain("code", last.Body, StringComparison.Ordinal);
        Assert.Null(await portal.WithDbAsync(db => db.Users.Where(u => u.Id == id).Select(u => u.EnrolmentCodeDigest).SingleAsync()));
    }

    [Fact]
    public async Task SignIn_AsSomebodyElseInTheSameBrowser_EndsTheFirstSession()
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        (Visitor other, string mail, _) = await portal.JoinAsync();
        using Visitor browser = visitor, unused = other;
        using Visitor copy = portal.Copy(browser);
        await copy.ReadAsync("/account");
        await browser.SignInAsync(mail, FrozenPortal.Password);
        Assert.Contains(mail, await browser.ReadAsync("/account"), StringComparison.Ordinal);
        using HttpResponseMessage over = await copy.GetAsync("/account");
        Assert.Equal("/sign-in?return=%2Faccount", PathOf(over));
    }

    [Fact]
    public async Task SignOut_WithUnlockedKeys_WipesThem()
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        KeyRing ring = portal.Host.Services.GetRequiredService<KeyRing>();
        await ring.CreateAsync(await FindAsync(id), "made", Passphrase, TestContext.Current.CancellationToken);
        ring.Lock("made");
        await portal.WithDbAsync(db => db.Users.Where(u => u.Id == id).ExecuteUpdateAsync(set => set.SetProperty(u => u.EnrolledAt, portal.Time.GetUtcNow())));
        int before = ring.UnlockedSessions;
        await owner.UnlockAsync(Passphrase);
        Assert.Equal(before + 1, ring.UnlockedSessions);
        await owner.PressAsync("/sign-out");
        Assert.Equal(before, ring.UnlockedSessions);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Unlock_SessionEndedWhileThePassphraseIsTried_LeavesNothingUnlocked(bool signedOut, bool blocked)
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        KeyRing ring = portal.Host.Services.GetRequiredService<KeyRing>();
        PortalUser user = await FindAsync(id);
        await ring.CreateAsync(user, "made", Passphrase, TestContext.Current.CancellationToken);
        ring.Lock("made");
        string session = $"session of {id}";

        // What happens between the press of the button and the end of the work comes before it here: the order in which both are written is the same.
        if (signedOut)
        {
            await portal.Host.Services.GetRequiredService<EndedSessions>().EndAsync(id, session, TestContext.Current.CancellationToken);
        }

        if (blocked)
        {
            await portal.DecideAsync(id, Admission.Blocked);
        }

        async Task<bool> UnlockAsync(string passphrase)
        {
            bool opened = false;
            await portal.WithAsync(async services => opened = await services.GetRequiredService<AccountDesk>().UnlockAsync(user, session, passphrase, TestContext.Current.CancellationToken));
            return opened;
        }

        Assert.False(await UnlockAsync("another sentence altogether"));
        if (signedOut || blocked)
        {
            await Assert.ThrowsAsync<DeskException>(() => UnlockAsync(Passphrase));
        }
        else
        {
            Assert.True(await UnlockAsync(Passphrase));
        }

        Assert.Equal(!signedOut && !blocked, ring.IsUnlocked(session));
        ring.LockUser(id);
    }

    [Fact]
    public async Task Passphrase_ThatIsThePassword_IsRefused()
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        using (HttpResponseMessage recovered = await owner.SubmitAsync("/recover", "recover", new Dictionary<string, string> { ["Text"] = "abandon", ["Passphrase"] = FrozenPortal.Password, ["Again"] = FrozenPortal.Password }))
        {
            Assert.Contains("This is your password for the sign-in", await recovered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var agency = new Visitor(portal.Host);
        await agency.SignInAsync("agency@frozen.example", FrozenPortal.Password);
        using HttpResponseMessage made = await agency.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = FrozenPortal.Password, ["Again"] = FrozenPortal.Password });
        Assert.Contains("This is your password for the sign-in", await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(portal.Host.Services.GetRequiredService<PhrServices>().IsFounded);
    }

    [Fact]
    public async Task Kept_LongerThanHalfAnHour_IsForgottenByItself()
    {
        KeptForms kept = portal.Host.Services.GetRequiredService<KeptForms>();
        using var visitor = new Visitor(portal.Host);
        using (HttpResponseMessage late = await visitor.PostAsync("/cloud", [new("__RequestVerificationToken", "a token"), new("Text", "Written too late")]))
        {
            Assert.Equal("/sign-in?return=%2Fresume", PathOf(late));
        }

        portal.Time.Advance(TimeSpan.FromMinutes(29));
        Assert.Equal(1, kept.Sweep());
        portal.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(0, kept.Sweep());
    }

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/")]
    [InlineData("/account")]
    public async Task Post_InPartsToAPage_IsNotTaken(string page)
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using Visitor owner = visitor;
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[100_000]), "File", "a.png" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(page, UriKind.Relative)) { Content = form };
        using HttpResponseMessage refused = await owner.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, refused.StatusCode);
        Assert.Contains("not of a kind that this page takes", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cleaning_PartsThatSomebodyIsSending_AreLeftAlone()
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        using Visitor owner = visitor;
        IServiceProvider services = portal.Host.Services;
        PortalOptions options = services.GetRequiredService<PortalOptions>();
        Turns turns = services.GetRequiredService<Turns>();
        string known = new('a', 32), begun = new('b', 32), left = new('c', 32);
        string Place(string once) => options.PathOf("uploads", $"{id}", once);
        foreach (string once in (string[])[known, begun, left])
        {
            Directory.CreateDirectory(Place(once));
        }

        await portal.WithDbAsync(async db =>
        {
            db.UnfinishedUploads.Add(new UnfinishedUpload { PatientId = id, Once = known, Length = 10, PartLength = 10, BegunAt = portal.Time.GetUtcNow(), TouchedAt = portal.Time.GetUtcNow() });
            return await db.SaveChangesAsync();
        });
        var cleaning = new UploadCleaning(services.GetRequiredService<IServiceScopeFactory>(), services.GetRequiredService<PartFolder>(), turns, options, portal.Time);
        using (await turns.TakeAsync($"upload {begun} of {id}", TestContext.Current.CancellationToken))
        {
            await cleaning.CleanAsync([], TestContext.Current.CancellationToken);
        }

        Assert.True(Directory.Exists(Place(known)) && Directory.Exists(Place(begun)));
        Assert.False(Directory.Exists(Place(left)));
        portal.Time.Advance(TimeSpan.FromMinutes(1));
        await cleaning.CleanAsync([], TestContext.Current.CancellationToken);
        Assert.True(Directory.Exists(Place(known)));
        Assert.False(Directory.Exists(Place(begun)));
    }

    [Fact]
    public async Task Uploads_MoreThanOnePersonMayBegin_HaveToWait()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        (Visitor other, _, _) = await portal.JoinAsync();
        using Visitor fast = visitor, slow = other;

        // Limits come before everything else: here all of them would be refused, for they are no patients'.
        for (int i = 0; i < FrozenPortal.UploadsPerMinute; i++)
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await BeginAsync(fast, i % 2 == 0)).Status);
        }

        (HttpStatusCode status, string said, TimeSpan? wait) = await BeginAsync(fast, forScripts: true);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromMinutes(1)), (status, wait));
        Assert.Contains("It goes on in a moment", said, StringComparison.Ordinal);
        (status, said, wait) = await BeginAsync(fast, forScripts: false);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromMinutes(1)), (status, wait));
        Assert.Contains("Wait a minute", said, StringComparison.Ordinal);

        // Somebody else's are another's, and pages are read as before.
        Assert.Equal(HttpStatusCode.Forbidden, (await BeginAsync(slow, forScripts: true)).Status);
        await fast.ReadAsync("/account");
    }

    private static async Task<(HttpStatusCode Status, string Said, TimeSpan? Wait)> BeginAsync(Visitor visitor, bool forScripts)
    {
        using var content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(forScripts ? "/patient/upload/begin" : "/patient/upload/file", UriKind.Relative)) { Content = content };
        using HttpResponseMessage answer = await visitor.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.RetryAfter?.Delta);
    }

    private Task<PortalUser> FindAsync(int id) => portal.WithDbAsync(db => db.Users.AsNoTracking().SingleAsync(u => u.Id == id));

    private static string PathOf(HttpResponseMessage answer) => answer.Headers.Location is { } to ? to.IsAbsoluteUri ? to.PathAndQuery : to.OriginalString : $"{(int)answer.StatusCode}";
}
