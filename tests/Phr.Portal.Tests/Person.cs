using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>Somebody at a browser. Every button pressed and every link followed is an action, and counted; what is written into a form before its button is pressed belongs to that one action.</summary>
public sealed class Person(BrowserWindow window, Uri portal) : IAsyncDisposable
{
    /// <summary>How many actions it took until now.</summary>
    public int Actions { get; private set; }

    public BrowserWindow Window => window;

    public IPage Page => window.Page;

    /// <summary>Opens an address.</summary>
    public async Task GoAsync(string path)
    {
        IResponse? response = await Page.GotoAsync(new Uri(portal, path).ToString());
        Assert.True(response!.Ok, $"{path}: {response.Status}");
    }

    public async Task FillAsync(string label, string text)
    {
        await Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true }).FillAsync(text);
    }

    public async Task ChooseAsync(string label, string option)
    {
        await Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true }).SelectOptionAsync(new SelectOptionValue { Label = option });
    }

    public async Task PressAsync(string button)
    {
        Actions++;
        await Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = button, Exact = true }).And(Page.Locator("button")).First.ClickAsync();
    }

    public async Task FollowAsync(string link)
    {
        Actions++;
        await Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = link, Exact = true }).First.ClickAsync();
    }

    /// <summary>Presses a button, or follows a link, in the row of a table that holds a text; loads the page again until it is there.</summary>
    public async Task PressInRowAsync(string row, AriaRole role, string name)
    {
        Actions++;
        ILocator found = Page.Locator("tr", new PageLocatorOptions { HasText = row }).GetByRole(role, new LocatorGetByRoleOptions { Name = name, Exact = true });
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); await found.CountAsync() == 0;)
        {
            Assert.True(DateTimeOffset.UtcNow < deadline, $"{Page.Url} never had {name} for {row}\n{await Page.Locator("main").InnerTextAsync()}");
            await Page.ReloadAsync();
        }

        await found.First.ClickAsync();
    }

    /// <summary>Opens the claim over an amount from the page that lists claims, and approves it.</summary>
    public async Task ApproveClaimAsync(string amount)
    {
        await OpenClaimAsync(amount);
        await PressAsync("Approve");
        await SeesAsync("It is recorded on the ledger.");
    }

    /// <summary>Opens the claim over an amount from the page that lists claims.</summary>
    public async Task OpenClaimAsync(string amount)
    {
        Actions++;
        await Page.Locator("tr", new PageLocatorOptions { HasText = amount }).Locator("a[href^='/claims/']").First.ClickAsync();
    }

    public async Task AttachAsync(string label, byte[] file, string name)
    {
        await Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true }).SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = file });
    }

    /// <summary>Requires the page's first heading.</summary>
    public async Task HasHeadingAsync(string text) => await Assertions.Expect(Page.Locator("h1")).ToHaveTextAsync(text);

    /// <summary>Requires a row of a table with these texts in this order, somewhere in their cells.</summary>
    public async Task SeesRowAsync(params string[] texts)
    {
        ILocator row = Page.Locator("tbody tr", new PageLocatorOptions { HasTextRegex = new System.Text.RegularExpressions.Regex(string.Join(".*", texts.Select(System.Text.RegularExpressions.Regex.Escape)), System.Text.RegularExpressions.RegexOptions.Singleline) });
        await Assertions.Expect(row.First).ToBeVisibleAsync();
    }

    /// <summary>Requires that the page says something.</summary>
    public async Task SeesAsync(string text) => await Assertions.Expect(Page.Locator("main")).ToContainTextAsync(text);

    /// <summary>Loads the page again until it says something: what others do takes its time.</summary>
    public async Task WaitToSeeAsync(string text)
    {
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); ;)
        {
            if ((await Page.Locator("main").InnerTextAsync()).Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            Assert.True(DateTimeOffset.UtcNow < deadline, $"{Page.Url} never said: {text}\n{await Page.Locator("main").InnerTextAsync()}");
            await Page.ReloadAsync();
        }
    }

    /// <summary>Looks at the page by day and by night, at a desk and on a telephone: nothing goes over the edge, axe finds nothing, and pictures are kept for people to look at.</summary>
    public async Task LookFromAllSidesAsync(string picture)
    {
        foreach (BrowserView view in BrowserView.All)
        {
            await Window.ChangeViewAsync(view);
            await Window.RequireFitAsync();

            // By night colours are others; on a telephone things may be too small to touch, or too near.
            if (view == BrowserView.Desk)
            {
                await Window.RequireAccessibleAsync();
            }
            else if (view == BrowserView.DarkDesk)
            {
                await Window.RequireAccessibleAsync("color-contrast");
            }
            else if (view == BrowserView.Telephone)
            {
                await Window.RequireAccessibleAsync("target-size");
            }

            await Window.TakePictureAsync(picture);
        }

        await Window.ChangeViewAsync(BrowserView.Desk);
    }

    public async Task SignInAsync(string name, string password, string? passphrase)
    {
        await GoAsync("/sign-in");
        await FillAsync("E-mail or user name", name);
        await FillAsync("Password", password);
        await PressAsync("Sign in");
        if (passphrase is not null)
        {
            await FillAsync("Passphrase", passphrase);
            await PressAsync("Unlock");
        }
    }

    public ValueTask DisposeAsync() => window.DisposeAsync();
}
