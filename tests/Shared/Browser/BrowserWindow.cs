using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.Playwright;

namespace Phr.TestSupport;

/// <summary>One person's window, and what went wrong in it: errors on the console, faults of scripts, and requests to anywhere but loopback, which are refused.</summary>
public sealed class BrowserWindow : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = [];
    private BrowserView _view;

    private BrowserWindow(IBrowserContext context, IPage page, BrowserView view)
    {
        _context = context;
        _view = view;
        Page = page;
    }

    /// <summary>The window's page.</summary>
    public IPage Page { get; }

    /// <summary>What the browser complained of until now: refusals by the content security policy, missing files, faults of scripts, requests elsewhere.</summary>
    public IReadOnlyList<string> Complaints => [.. _complaints];

    internal static async Task<BrowserWindow> OpenAsync(IBrowserContext context, BrowserView view)
    {
        var window = new BrowserWindow(context, await context.NewPageAsync(), view);
        await context.RouteAsync("**/*", window.RouteAsync);
        window.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                window._complaints.Enqueue($"{message.Type}: {message.Text} ({message.Location})");
            }
        };
        window.Page.PageError += (_, fault) => window._complaints.Enqueue($"script: {fault}");
        return window;
    }

    /// <summary>Looks at the page as it stands in another way: another width, or by night.</summary>
    public async Task ChangeViewAsync(BrowserView view)
    {
        _view = view;
        await Page.SetViewportSizeAsync(view.Width, view.Height);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = view.IsDark ? ColorScheme.Dark : ColorScheme.Light });
    }

    /// <summary>Requires that nothing goes over the edge: a page scrolls down, and never sideways.</summary>
    public async Task RequireFitAsync()
    {
        int[] widths = await Page.EvaluateAsync<int[]>("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]");
        Assert.True(widths[0] <= widths[1], $"{Page.Url} is {widths[0]} pixels wide in a window of {widths[1]}.");
    }

    /// <summary>Requires that axe finds nothing serious or critical on the page as it stands, nor anything else of WCAG 2.2 A and AA.</summary>
    /// <param name="rules">The names of the rules to look at alone, where the others have been looked at before; none for all.</param>
    /// <remarks>The rules are npm's axe-core, pinned in tests/Shared/Browser. They run apart from the page's own scripts, so that a strict content security policy may stay.</remarks>
    public async Task RequireAccessibleAsync(params string[] rules)
    {
        string script = RepositoryRoot.Combine("tests", "Shared", "Browser", "node_modules", "axe-core", "axe.min.js");
        Assert.True(File.Exists(script), $"{script} is not there: run 'npm ci --ignore-scripts' in tests/Shared/Browser.");
        ICDPSession session = await _context.NewCDPSessionAsync(Page);
        try
        {
            JsonElement there = (await session.SendAsync("Runtime.evaluate", new Dictionary<string, object> { ["expression"] = "typeof axe", ["returnByValue"] = true }))!.Value;
            if (there.GetProperty("result").GetProperty("value").GetString() == "undefined")
            {
                await session.SendAsync("Runtime.evaluate", new Dictionary<string, object> { ["expression"] = await File.ReadAllTextAsync(script) + "\n;0" });
            }

            JsonElement answer = (await session.SendAsync("Runtime.evaluate", new Dictionary<string, object>
            {
                ["expression"] = $$"""
                    axe.run(document, { resultTypes: ['violations'], ...({{JsonSerializer.Serialize(rules)}}.length ? { runOnly: { type: 'rule', values: {{JsonSerializer.Serialize(rules)}} } } : {}) }).then(found => JSON.stringify(found.violations.map(
                      v => `${v.impact}: ${v.id}: ${v.help} [${v.tags.filter(t => t.startsWith('wcag')).join(' ')}] at ${v.nodes.map(n => n.target.join(' ')).join(', ')}`)))
                    """,
                ["awaitPromise"] = true,
                ["returnByValue"] = true,
            }))!.Value;
            Assert.True(answer.GetProperty("result").TryGetProperty("value", out JsonElement value), answer.ToString());
            string[] found = JsonSerializer.Deserialize<string[]>(value.GetString()!)!;
            Assert.True(found.Length == 0, $"{Page.Url} ({_view.Name}):\n{string.Join('\n', found)}");
        }
        finally
        {
            await session.DetachAsync();
        }
    }

    /// <summary>Takes a picture of the whole page and keeps it in artifacts/screenshots, for people to look at.</summary>
    /// <param name="name">What it shows; the view's name is added.</param>
    /// <returns>The file.</returns>
    public async Task<string> TakePictureAsync(string name)
    {
        string file = RepositoryRoot.Combine("artifacts", "screenshots", $"{name}-{_view.Name}.png");
        await Page.ScreenshotAsync(new PageScreenshotOptions { Path = file, FullPage = true });
        return file;
    }

    /// <summary>Closes the window; its cookies and storage are gone.</summary>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    private async Task RouteAsync(IRoute route)
    {
        if (new Uri(route.Request.Url) is { IsLoopback: true } or { Scheme: "data" or "blob" })
        {
            await route.ContinueAsync();
        }
        else
        {
            _complaints.Enqueue($"request: {route.Request.Url}");
            await route.AbortAsync();
        }
    }
}
