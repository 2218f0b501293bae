using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>A portal of its own without a story, whose clock stands still until it is put forward: for accounts, sessions and limits. Nobody in it has made keys, so that it has no ledger.</summary>
public sealed class FrozenPortal : IAsyncLifetime
{
    /// <summary>Everybody's password.</summary>
    public const string Password = "correct horse battery";

    /// <summary>How many uploads one person may begin in a minute.</summary>
    public const int UploadsPerMinute = 3;

    public PortalHost Host { get; private set; } = null!;

    /// <summary>The operator's U-ID.</summary>
    public int Cloud { get; private set; }

    internal ManualTime Time { get; } = new();

    public async ValueTask InitializeAsync()
    {
        Host = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:UploadsPerMinute"] = $"{UploadsPerMinute}" }, time: Time);
        using var visitor = new Visitor(Host);
        using HttpResponseMessage made = await visitor.SubmitAsync("/setup", "setup", new Dictionary<string, string>
        {
            ["Typed"] = Host.Services.GetRequiredService<SetupCode>().Code,
            ["CloudName"] = "cloud", ["CloudEmail"] = "cloud@frozen.example", ["CloudPassword"] = Password,
            ["AgencyName"] = "Agency", ["AgencyEmail"] = "agency@frozen.example", ["AgencyPassword"] = Password,
        });
        Assert.Contains("Both accounts are made", await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Cloud = await WithDbAsync(db => db.Users.Where(u => u.Role == PortalRole.CloudServer).Select(u => u.Id).SingleAsync());
    }

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>Somebody new, admitted and signed in, without keys.</summary>
    public async Task<(Visitor Visitor, string Mail, int Id)> JoinAsync()
    {
        var visitor = new Visitor(Host);
        string mail = $"{Guid.NewGuid():n}@frozen.example";
        using (HttpResponseMessage registered = await visitor.SubmitAsync("/register/guardian", "register", new Dictionary<string, string> { ["Form.Name"] = "Meena", ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password }))
        {
            Assert.Contains("You are registered", await registered.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        int id = await WithDbAsync(db => db.Users.Where(u => u.Email == mail).Select(u => u.Id).SingleAsync());
        await DecideAsync(id, Admission.Admitted);
        await visitor.SignInAsync(mail, Password);
        return (visitor, mail, id);
    }

    /// <summary>Lets the operator decide on an account.</summary>
    public Task DecideAsync(int id, Admission decision) => WithAsync(services => services.GetRequiredService<AccountDesk>().DecideAsync(id, decision));

    /// <summary>A browser in which somebody has given the password, and not yet the code.</summary>
    public async Task<Visitor> BeginSignInAsync(string mail)
    {
        var visitor = new Visitor(Host);
        using HttpResponseMessage half = await visitor.TrySignInAsync(mail, Password);
        Assert.Contains("/sign-in/code", half.Headers.Location!.OriginalString, StringComparison.Ordinal);
        return visitor;
    }

    /// <summary>Does something in a scope of its own, as a request would.</summary>
    public async Task WithAsync(Func<IServiceProvider, Task> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        await using AsyncServiceScope scope = Host.Services.CreateAsyncScope();
        await work(scope.ServiceProvider);
    }

    /// <summary>Does something with the database.</summary>
    public async Task<T> WithDbAsync<T>(Func<PortalDb, Task<T>> work)
    {
        ArgumentNullException.ThrowIfNull(work);
        await using AsyncServiceScope scope = Host.Services.CreateAsyncScope();
        return await work(scope.ServiceProvider.GetRequiredService<PortalDb>());
    }

    /// <summary>A browser with copies of another's cookies.</summary>
    public Visitor Copy(Visitor of)
    {
        ArgumentNullException.ThrowIfNull(of);
        var thief = new Visitor(Host);
        foreach (Cookie cookie in of.Cookies.GetAllCookies())
        {
            thief.Cookies.Add(new Cookie(cookie.Name, cookie.Value, cookie.Path, cookie.Domain));
        }

        return thief;
    }
}
