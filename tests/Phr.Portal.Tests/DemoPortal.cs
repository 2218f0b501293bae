namespace Phr.Portal.Tests;

/// <summary>The portal with the demonstration's story, once for all tests. Tests that need to change somebody's fate make accounts of their own.</summary>
public sealed class DemoPortal : IAsyncLifetime
{
    /// <summary>The portal.</summary>
    public PortalHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await PortalHost.StartAsync(demo: true);

    public ValueTask DisposeAsync() => Host.DisposeAsync();

    /// <summary>Somebody of the story, signed in, with unlocked keys where they have some.</summary>
    public async Task<Visitor> EnterAsync(string name)
    {
        var visitor = new Visitor(Host);
        (string signInName, string password, string? passphrase) = CredentialsOf(name);
        await visitor.SignInAsync(signInName, password);
        if (passphrase is not null)
        {
            await visitor.UnlockAsync(passphrase);
        }

        return visitor;
    }

    /// <summary>How somebody of the story signs in, and unlocks what keys they have.</summary>
    public static (string Name, string Password, string? Passphrase) CredentialsOf(string name) =>
        (name == "Cloud" ? "cloud" : MailOf(name), $"{First(name)}-password", name == "Cloud" ? null : $"{First(name)} opens the sealed box");

    private static string First(string name) => name.Split(' ')[0].ToLowerInvariant();

    private static string MailOf(string name) => name switch
    {
        "Health Authority" => "agency@demo.example",
        "Asha Insurance" => "insurer@demo.example",
        _ => $"{First(name)}@demo.example",
    };
}
