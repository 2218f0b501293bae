using System.Text.RegularExpressions;

namespace Phr.Portal.Tests;

/// <summary>A browser window for each person of the story, signed in once and used by all tests of a module; and what others do meanwhile, without a browser.</summary>
public sealed class ModuleWindows(DemoPortal portal, ChromiumBrowser browser) : IAsyncDisposable
{
    private readonly Dictionary<string, Person> _people = [];

    public DemoPortal Portal => portal;

    /// <summary>A picture that can be uploaded.</summary>
    public static byte[] Scan { get; } = File.ReadAllBytes(RepositoryRoot.Combine("samples", "FullFlow", "records", "scan.png"));

    /// <summary>Somebody's window, at the beginning of their room.</summary>
    public async Task<Person> OfAsync(string who)
    {
        if (!_people.TryGetValue(who, out Person? person))
        {
            _people[who] = person = await NobodyAsync();
            await SignInAsync(person, who);
        }

        await person.FollowAsync("HOME");
        return person;
    }

    /// <summary>A new window of somebody who has not signed in. The caller closes it.</summary>
    public async Task<Person> NobodyAsync() => new(await browser.OpenAsync(), portal.Host.Address);

    /// <summary>Signs somebody of the story in.</summary>
    public static async Task SignInAsync(Person person, string who)
    {
        (string name, string password, string? passphrase) = DemoPortal.CredentialsOf(who);
        await person.SignInAsync(name, password, passphrase);
    }

    /// <summary>Signs out by the menu, and requires that the way back is closed.</summary>
    public async Task RequireLogoutAsync(string who, string room)
    {
        await using Person person = await NobodyAsync();
        await SignInAsync(person, who);
        await person.GoAsync(room);
        await person.PressAsync("LOGOUT");
        await person.GoAsync(room);
        await person.HasHeadingAsync("Sign in");
        Assert.True(person.Window.Complaints.Count == 0, string.Join('\n', person.Window.Complaints));
    }

    /// <summary>Registers a patient by the form's fields, without a browser.</summary>
    /// <returns>The visitor, not signed in, and the address.</returns>
    public async Task<(Visitor Visitor, string Mail)> RegisterPatientAsync(string name)
    {
        var visitor = new Visitor(portal.Host);
        string mail = $"{Guid.NewGuid():n}@demo.example";
        string hospital = Regex.Match(await visitor.ReadAsync("/register/patient"), "<option value=\"(\\d+)\">GH</option>").Groups[1].Value;
        using HttpResponseMessage response = await visitor.SubmitAsync("/register/patient", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = name, ["Form.Email"] = mail, ["Form.Password"] = "a password of a test", ["Form.PasswordAgain"] = "a password of a test", ["Form.HospitalId"] = hospital, ["Form.Location"] = "Chennai", ["Form.InsuranceType"] = "Family floater",
        });
        Assert.Contains("You are registered", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        return (visitor, mail);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Person person in _people.Values)
        {
            await person.DisposeAsync();
        }
    }
}
