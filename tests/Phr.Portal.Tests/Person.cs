using Microsoft.Playwright;

namespace Phr.Portal.Tests;

/// <summary>
/// Somebody at a browser. Every button pressed, every link followed, every address typed after the first, and every wait for what others do (for which the page is loaded once more) is an action, and counted; what is
/// written into a form before its button is pressed belongs to that one action.
/// </summary>
public sealed class Person(BrowserWindow window, Uri portal) : IAsyncDisposable
{
    private const int MostStops = 120;
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(string Path, string View), string> _looked = new();

    /// <summary>The pages that were looked at in this run: the file of each picture, by the page's address and the view's name.</summary>
    public static IReadOnlyDictionary<(string Path, string View), string> Looked => _looked;
    private bool _isThere;

    /// <summary>How many actions it took until now.</summary>
    public int Actions { get; private set; }

    /// <summary>How many characters were typed until now.</summary>
    public int Typed { get; private set; }

    /// <summary>How often something was chosen from a list, or a file from a folder.</summary>
    public int Choices { get; private set; }

    public BrowserWindow Window => window;

    public IPage Page => window.Page;

    /// <summary>Opens an address. The first one is that which the portal names when it starts; each further one is an action.</summary>
    public async Task GoAsync(string path)
    {
        Actions += _isThere ? 1 : 0;
        _isThere = true;
        IResponse? response = await Page.GotoAsync(new Uri(portal, path).ToString());
        Assert.True(response!.Ok, $"{path}: {response.Status}");
    }

    public async Task FillAsync(string label, string text)
    {
        Typed += text.Length;
        await Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true }).FillAsync(text);
    }

    public async Task ChooseAsync(string label, string option)
    {
        Choices++;
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
        bool hasWaited = false;
        ILocator found = Page.Locator("tr", new PageLocatorOptions { HasText = row }).GetByRole(role, new LocatorGetByRoleOptions { Name = name, Exact = true });
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); await found.CountAsync() == 0;)
        {
            CountWait(ref hasWaited);
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
        Choices++;
        await Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true }).SetInputFilesAsync(new FilePayload { Name = name, MimeType = "application/octet-stream", Buffer = file });
    }

    /// <summary>Requires the page's first heading.</summary>
    public async Task HasHeadingAsync(string text) => await Assertions.Expect(Page.Locator("h1")).ToHaveTextAsync(text);

    /// <summary>Requires a row of a table with these texts in this order, somewhere in their cells; not of one that is folded away behind a chart.</summary>
    public async Task SeesRowAsync(params string[] texts)
    {
        ILocator row = Page.Locator("tbody tr:visible", new PageLocatorOptions { HasTextRegex = new System.Text.RegularExpressions.Regex(string.Join(".*", texts.Select(System.Text.RegularExpressions.Regex.Escape)), System.Text.RegularExpressions.RegexOptions.Singleline) });
        await Assertions.Expect(row.First).ToBeVisibleAsync();
    }

    /// <summary>Requires that the page says something.</summary>
    public async Task SeesAsync(string text) => await Assertions.Expect(Page.Locator("main")).ToContainTextAsync(text);

    /// <summary>Loads the page again until it says something: what others do takes its time.</summary>
    public async Task WaitToSeeAsync(string text)
    {
        bool hasWaited = false;
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); ;)
        {
            if ((await Page.Locator("main").InnerTextAsync()).Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            Assert.True(DateTimeOffset.UtcNow < deadline, $"{Page.Url} never said: {text}\n{await Page.Locator("main").InnerTextAsync()}");
            CountWait(ref hasWaited);
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

            await Window.RequireAccessibleAsync();
            _looked[(new Uri(Page.Url).AbsolutePath, view.Name)] = await Window.TakePictureAsync(picture);
        }

        await Window.ChangeViewAsync(BrowserView.Desk);
        await RequireChartsAsync();
    }

    /// <summary>Requires that every drawing but a scan is a chart with a title, and that the table behind it has a row for each mark, or more.</summary>
    /// <returns>How many charts there are.</returns>
    public async Task<int> RequireChartsAsync()
    {
        string[] charts = await Page.EvaluateAsync<string[]>(
            """
            () => [...document.querySelectorAll('figure.chart, svg[role=img]:not(.scan, figure.chart svg)')].map(one => {
              const drawing = one.querySelector('svg[role=img]'), rows = one.querySelectorAll('table tbody tr').length;
              const named = drawing ? drawing.getAttribute('aria-label') || drawing.getAttribute('aria-labelledby') || drawing.querySelector(':scope > title')?.textContent : null;
              const titled = drawing ? drawing.querySelectorAll('circle > title, path > title, rect > title').length : 0;
              const marks = titled > 0 ? titled : drawing ? drawing.querySelectorAll('rect:not(.phr-chart-band)').length : 0;
              const isRight = drawing && named && marks > 0 && (titled > 0 ? rows === marks : rows >= marks);
              return `${isRight ? 'right' : 'wrong'}: ${one.querySelector('figcaption')?.textContent ?? 'no chart'}, ${marks} marks, ${rows} rows, named ${named}`;
            })
            """);
        Assert.All(charts, chart => Assert.StartsWith("right", chart, StringComparison.Ordinal));
        return charts.Length;
    }

    /// <summary>Goes on by the tabulator key until something of this kind and name has the focus, which must be seen at every stop.</summary>
    /// <param name="role">What it is: a link, a button or a field.</param>
    /// <param name="name">Its whole name.</param>
    /// <param name="within">A text in the row or card that it stands in, or that a picture there has instead of one; null for the first one of its name.</param>
    public async Task TabToAsync(string role, string name, string? within = null)
    {
        var stops = new List<string>();
        for (int i = 0; i < MostStops; i++)
        {
            await Page.Keyboard.PressAsync("Tab");
            string[] stop = await Page.EvaluateAsync<string[]>(
                """
                () => {
                  const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();
                  const role = e.matches('a') ? 'link' : e.matches('button, summary') ? 'button' : e.matches('input, select, textarea') ? 'field' : e.tagName;
                  const name = role === 'field' ? (e.labels?.[0]?.innerText ?? '') : e.innerText ?? '';
                  const isSeen = e === document.body || (e.matches(':focus-visible') && s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 && s.outlineColor !== 'rgba(0, 0, 0, 0)'
                    && r.width > 0 && r.height > 0 && r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth);
                  const around = e.closest('tr, section, main');
                  const words = [around?.innerText ?? '', ...[...around?.querySelectorAll('img') ?? []].map(picture => picture.alt)].join(' ');
                  return [role, name.trim(), isSeen ? 'seen' : 'not seen', words];
                }
                """);
            stops.Add($"{stop[0]} {stop[1]}");
            Assert.True(stop[2] == "seen", $"{Page.Url}: the focus is on {stop[0]} {stop[1]}, and cannot be seen.");
            if (stop[0] == role && stop[1] == name && (within is null || stop[3].Contains(within, StringComparison.Ordinal)))
            {
                return;
            }
        }

        Assert.Fail($"{Page.Url}: the tabulator key does not come to {role} {name}:\n{string.Join('\n', stops)}");
    }

    /// <summary>Comes to a link or a button by the tabulator key and presses it, a link by Enter, a button by the space bar; then the next page is there.</summary>
    public async Task PressByKeyAsync(string role, string name, string? within = null)
    {
        Actions++;
        await TabToAsync(role, name, within);
        IResponse page = await Page.RunAndWaitForResponseAsync(() => Page.Keyboard.PressAsync(role == "link" ? "Enter" : "Space"), response => response.Request.IsNavigationRequest && response.Ok);
        await page.FinishedAsync();
        await Page.WaitForLoadStateAsync();
    }

    /// <summary>Signs in on the page that is open, or else on the portal's first one; with a passphrase, keys are unlocked in the same step.</summary>
    public async Task SignInAsync(string name, string password, string? passphrase)
    {
        if (!_isThere || await Page.GetByLabel("E-mail or user name", new PageGetByLabelOptions { Exact = true }).CountAsync() == 0)
        {
            await GoAsync(_isThere ? "/sign-in" : "/");
        }

        await FillAsync("E-mail or user name", name);
        await FillAsync("Password", password);
        if (passphrase is not null)
        {
            await FillAsync("Passphrase of your keys", passphrase);
        }

        await PressAsync("Sign in");
    }

    public ValueTask DisposeAsync() => window.DisposeAsync();

    // Somebody who waits loads the page again when it is there. The test, which cannot know when, tries more often.
    private void CountWait(ref bool hasWaited)
    {
        Actions += hasWaited ? 0 : 1;
        hasWaited = true;
    }
}
