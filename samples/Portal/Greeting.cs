namespace Phr.Samples.Portal;

/// <summary>What the console says when the portal is there.</summary>
internal static class Greeting
{
    public static async Task SayAsync(WebApplication app, PortalOptions options, CancellationToken cancellationToken)
    {
        string url = app.Urls.FirstOrDefault() ?? "http://localhost:5090";
        Console.WriteLine();
        Console.WriteLine($"The portal is at {url}");
        await using AsyncServiceScope scope = app.Services.CreateAsyncScope();
        if (options.Demo)
        {
            IReadOnlyList<DemoAccount> accounts = await scope.ServiceProvider.GetRequiredService<DemoStory>().TellAsync(cancellationToken);
            app.Services.GetRequiredService<DemoTold>().Accounts = accounts;
            Console.WriteLine("Made-up people are in it. Everybody can know these passwords: keep nothing real here.");
            Console.WriteLine();
            Console.WriteLine($"  {"U-ID",-5} {"who",-16} {"room",-17} {"sign in as",-24} {"password",-20} passphrase of the keys");
            foreach (DemoAccount account in accounts)
            {
                Console.WriteLine($"  {account.Id,-5} {account.Name,-16} {account.Role,-17} {account.SignInName,-24} {account.Password,-20} {account.Passphrase}");
            }

            Console.WriteLine();
            Console.WriteLine("Sign in as Kiruthika, and in another browser or a private window as Nandhini. Each unlocks the keys with the passphrase. The sign-in page has this table too.");
        }
        else if (await SetupCode.IsOpenAsync(scope.ServiceProvider.GetRequiredService<PortalDb>()))
        {
            Console.WriteLine($"Nobody has an account yet. Make the operator's and the agency's at {url}/setup with this code: {app.Services.GetRequiredService<SetupCode>().Code}");
        }

        Console.WriteLine();
    }
}
