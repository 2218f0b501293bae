using Microsoft.Playwright;

namespace Phr.TestSupport;

/// <summary>
/// The system's Chromium, without a window, for a class or an assembly of tests. It is what <c>PHR_CHROMIUM</c> names, or Debian's; nothing is downloaded. It reaches loopback only.
/// </summary>
public sealed class ChromiumBrowser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>Why there is no browser; null when there is one.</summary>
    public string? Missing { get; private set; }

    private static string Program => Environment.GetEnvironmentVariable("PHR_CHROMIUM") is { Length: > 0 } named ? named : "/usr/bin/chromium";

    /// <summary>Starts the browser, if there is one.</summary>
    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Program))
        {
            Missing = $"{Program} is not there: install Debian's chromium, or name another with PHR_CHROMIUM.";
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Program,
            Headless = true,

            // Containers, where the tests run as root, do not let it make its own sandbox; it only sees our own pages.
            Args =
            [
                "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
            ],
        });
    }

    /// <summary>A person's window on pages: with cookies and storage of its own. Skips the test where there is no browser.</summary>
    /// <param name="view">How wide, how bright; null for a light desk.</param>
    /// <param name="change">Changes what else Playwright offers.</param>
    public async Task<BrowserWindow> OpenAsync(BrowserView? view = null, Action<BrowserNewContextOptions>? change = null)
    {
        Assert.SkipWhen(Missing is not null, Missing ?? string.Empty);
        view ??= BrowserView.Desk;
        var options = new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = view.Width, Height = view.Height },
            ColorScheme = view.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            Locale = "en-GB",
            TimezoneId = "UTC",
        };
        change?.Invoke(options);
        return await BrowserWindow.OpenAsync(await _browser!.NewContextAsync(options), view);
    }

    /// <summary>Ends the browser.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        _playwright?.Dispose();
    }
}
