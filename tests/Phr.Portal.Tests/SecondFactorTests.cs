using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>The keys of authenticators and the recovery codes in the database: whoever has it alone can read none of them.</summary>
public sealed class SecondFactorTests(FrozenPortal portal) : IClassFixture<FrozenPortal>
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string Provider = "[AspNetUserStore]";

    private static readonly TimeSpan _step = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Secrets_OfAnEnrolment_AreNotInTheDatabase()
    {
        (Visitor visitor, _, int id) = await portal.JoinAsync();
        using Visitor first = visitor;
        string key = KeyOf(await first.ReadAsync("/account/codes"));
        (_, IReadOnlyList<string> recovery) = await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        byte[] secret = BytesOf(key);
        IdentityUserToken<int>[] rows = await portal.WithDbAsync(db => db.UserTokens.Where(t => t.UserId == id && t.LoginProvider == Provider).ToArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["AuthenticatorKey", "RecoveryCodes"], rows.Select(row => row.Name).Order());
        foreach (string value in rows.Select(row => row.Value!))
        {
            Assert.DoesNotContain(key, value, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToHexString(secret), value, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(Convert.ToBase64String(secret).TrimEnd('='), value, StringComparison.Ordinal);
            Assert.All(recovery, code => Assert.DoesNotContain(code, value, StringComparison.OrdinalIgnoreCase));
        }

        // Nor in a file of the portal's: the database's, its journal's, or any other.
        byte[][] wanted = [Encoding.ASCII.GetBytes(key), secret, .. recovery.Select(Encoding.ASCII.GetBytes)];
        foreach (string file in Directory.EnumerateFiles(portal.Host.Folder, "*", SearchOption.AllDirectories))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, TestContext.Current.CancellationToken);
            Assert.All(wanted, one => Assert.Equal(-1, bytes.GetBuffer().AsSpan(0, (int)bytes.Length).IndexOf(one)));
        }
    }

    [Fact]
    public async Task OldSecrets_WrittenAsTheyAre_StillCountAndAreWrittenAnew()
    {
        (Visitor visitor, string mail, int id) = await portal.JoinAsync();
        using Visitor first = visitor;
        await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        string old = RandomNumberGenerator.GetString(Alphabet, 32);
        await SetAsync(id, "AuthenticatorKey", old);
        await SetAsync(id, "RecoveryCodes", "AAAAA-BBBBB;CCCCC-DDDDD");
        portal.Time.Advance(2 * _step);
        using (Visitor later = await portal.BeginSignInAsync(mail))
        {
            await TakenAsync(later, "/sign-in/code", "code", new Authenticator(old).CodeAt(portal.Time.GetUtcNow()));
        }

        Assert.DoesNotContain(old, await GetAsync(id, "AuthenticatorKey"), StringComparison.Ordinal);
        foreach (string code in (string[])["AAAAA-BBBBB", "CCCCC-DDDDD"])
        {
            using Visitor later = await portal.BeginSignInAsync(mail);
            await TakenAsync(later, "/sign-in/recovery", "recovery", code);
            Assert.DoesNotContain("CCCCC-DDDDD", await GetAsync(id, "RecoveryCodes"), StringComparison.Ordinal);
        }

        // The new form of the old key counts too.
        portal.Time.Advance(2 * _step);
        using Visitor last = await portal.BeginSignInAsync(mail);
        await TakenAsync(last, "/sign-in/code", "code", new Authenticator(old).CodeAt(portal.Time.GetUtcNow()));
    }

    [Fact]
    public async Task Secrets_OfAnotherAccountOrUnreadable_LetNobodyIn()
    {
        (Visitor visitor, string mail, int id) = await portal.JoinAsync();
        (Visitor other, _, int eve) = await portal.JoinAsync();
        using Visitor first = visitor, second = other;
        await Authenticator.TurnOnAsync(first, portal.Time.GetUtcNow());
        (Authenticator evesPhone, IReadOnlyList<string> evesCodes) = await Authenticator.TurnOnAsync(second, portal.Time.GetUtcNow());

        // Whoever writes the database puts their own row in the place of another's.
        foreach (string name in (string[])["AuthenticatorKey", "RecoveryCodes"])
        {
            await SetAsync(id, name, await GetAsync(eve, name));
        }

        portal.Time.Advance(2 * _step);
        using Visitor thief = await portal.BeginSignInAsync(mail);
        await RefusedAsync(thief, "/sign-in/code", "code", evesPhone.CodeAt(portal.Time.GetUtcNow()));
        await RefusedAsync(thief, "/sign-in/recovery", "recovery", evesCodes[0]);

        // And what cannot be read asks for a code still: the password alone does not do.
        await SetAsync(id, "AuthenticatorKey", "protected:1:AAAA");
        using Visitor again = await portal.BeginSignInAsync(mail);
        await RefusedAsync(again, "/sign-in/code", "code", "000000");
    }

    [Fact]
    public async Task Code_AfterARestart_SignsIn()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"phr-portal-{Guid.NewGuid():n}");
        try
        {
            Authenticator phone;
            string plain = RandomNumberGenerator.GetString(Alphabet, 32);
            await using (PortalHost before = await PortalHost.StartAsync(folder, demo: true))
            {
                using Visitor cloud = await DemoPortal.EnterAsync(before, "Cloud");
                (phone, _) = await Authenticator.TurnOnAsync(cloud, DateTimeOffset.UtcNow);

                // As an earlier portal wrote it: somebody who has not come since.
                await using AsyncServiceScope scope = before.Services.CreateAsyncScope();
                PortalDb db = scope.ServiceProvider.GetRequiredService<PortalDb>();
                db.UserTokens.Add(new IdentityUserToken<int> { UserId = 6, LoginProvider = Provider, Name = "AuthenticatorKey", Value = plain });
                await db.SaveChangesAsync(TestContext.Current.CancellationToken);
            }

            await using PortalHost again = await PortalHost.StartAsync(folder, demo: true);
            using var visitor = new Visitor(again);
            using (HttpResponseMessage half = await visitor.TrySignInAsync("cloud", "cloud-password"))
            {
                Assert.Contains("/sign-in/code", half.Headers.Location!.OriginalString, StringComparison.Ordinal);
            }

            await TakenAsync(visitor, "/sign-in/code", "code", phone.CodeAt(DateTimeOffset.UtcNow + _step));
            await using AsyncServiceScope after = again.Services.CreateAsyncScope();
            Assert.DoesNotContain(plain, (await after.ServiceProvider.GetRequiredService<PortalDb>().UserTokens.SingleAsync(t => t.UserId == 6 && t.Name == "AuthenticatorKey", TestContext.Current.CancellationToken)).Value!, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task TakenAsync(Visitor visitor, string page, string form, string code)
    {
        using HttpResponseMessage taken = await visitor.SubmitAsync(page, form, new Dictionary<string, string> { ["Code"] = code });
        Assert.True(taken.StatusCode == HttpStatusCode.Found, Visitor.TextOf(await taken.Content.ReadAsStringAsync()));
    }

    private static async Task RefusedAsync(Visitor visitor, string page, string form, string code)
    {
        using HttpResponseMessage refused = await visitor.SubmitAsync(page, form, new Dictionary<string, string> { ["Code"] = code });
        Assert.Equal(HttpStatusCode.OK, refused.StatusCode);
        Assert.Contains("class=\"fault\"", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static string KeyOf(string page) => System.Text.RegularExpressions.Regex.Match(page, "class=\"key\">([^<]+)<").Groups[1].Value.Replace(" ", string.Empty, StringComparison.Ordinal);

    private static byte[] BytesOf(string key)
    {
        System.Numerics.BigInteger number = key.Aggregate(System.Numerics.BigInteger.Zero, (sum, letter) => (sum * 32) + Alphabet.IndexOf(letter, StringComparison.Ordinal));
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[(key.Length * 5 / 8) - bytes.Length], .. bytes];
    }

    private async Task<string> GetAsync(int user, string name) =>
        (await portal.WithDbAsync(db => db.UserTokens.Where(t => t.UserId == user && t.LoginProvider == Provider && t.Name == name).Select(t => t.Value).SingleAsync(TestContext.Current.CancellationToken)))!;

    private Task SetAsync(int user, string name, string value) =>
        portal.WithDbAsync(db => db.UserTokens.Where(t => t.UserId == user && t.LoginProvider == Provider && t.Name == name).ExecuteUpdateAsync(t => t.SetProperty(row => row.Value, value), TestContext.Current.CancellationToken));
}
