using Microsoft.Playwright;
using Phr.Crypto;
using Phr.Oracle.Tests.Jobs;
using Phr.Oracle.Tests.Tools;
using Phr.Samples.FullFlow;
using Phr.TestSupport;
using static Microsoft.Playwright.Assertions;

namespace Phr.Oracle.Tests.Hosting;

/// <summary>The page <c>/</c> of samples/OracleNode, of a real process, as a real browser shows it: by day and by night, on a desk and on a telephone.</summary>
public sealed class StatusPageTests(ChromiumBrowser browser) : IClassFixture<ChromiumBrowser>
{
    // Who watches gets the page anew every ten seconds. The service looks at its parts as often, and once a minute where a look took long.
    private const int Soon = 200_000;
    private static readonly LocatorAssertionsToBeVisibleOptions _soon = new() { Timeout = Soon };

    [Fact]
    public async Task StatusPage_InABrowser_ShowsJobsReputationAndHealth()
    {
        Assert.SkipWhen(browser.Missing is not null, browser.Missing ?? string.Empty);
        await using Story story = await Story.BeginAsync(time: TimeProvider.System);
        RequestId request = await story.ConsentedAsync();
        SampleOracle oracle = await story.SeatAsync(request, 1);
        string broken = await SetAsideAsync(story, oracle);
        await using OracleProcess node = await TestOracles.StartAsync(story.Folder, oracle);
        await node.WaitUntilReadyAsync();
        await using (IJobStore jobs = await OpenJobsAsync(story, oracle))
        {
            await ServiceStory.UntilAsync(async () => (await jobs.CountAsync()).Delivered == 1);
        }

        // Counts are taken every ten seconds; the page loads itself again for who asks for it.
        await using (BrowserWindow first = await browser.OpenAsync())
        {
            await first.Page.GotoAsync(node.Address.ToString());
            await first.Page.GetByRole(AriaRole.Link, new() { Name = "every ten seconds" }).ClickAsync();
            await Expect(Count(first.Page, "delivered")).ToHaveTextAsync("1", new() { Timeout = Soon });
            await first.Page.GetByRole(AriaRole.Link, new() { Name = "stop" }).ClickAsync();
            await Expect(first.Page.GetByRole(AriaRole.Link, new() { Name = "load again" })).ToBeVisibleAsync();
        }

        foreach (BrowserView view in BrowserView.All)
        {
            await using BrowserWindow window = await browser.OpenAsync(view);
            IPage page = window.Page;
            await page.GotoAsync(node.Address.ToString());
            await Expect(Count(page, "set aside")).ToHaveTextAsync("1");
            await Expect(Count(page, "delivered")).ToHaveTextAsync("1");
            await Expect(page.GetByText("ready, with warnings", new() { Exact = true })).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Oracle {oracle.Identity.Id.ToString()[..12]}…" })).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What wants attention" })).ToBeVisibleAsync();
            foreach (string part in (string[])["ledger", "exchange", "jobs"])
            {
                await Expect(Term(page, part)).ToContainTextAsync("works, since");
            }

            await Expect(Term(page, "state")).ToHaveTextAsync("Active");
            foreach (string score in (string[])["reputation", "correctness", "timeliness", "rating"])
            {
                await Expect(Term(page, score).GetByRole(AriaRole.Meter)).ToBeVisibleAsync();
                await Expect(Term(page, score)).ToContainTextAsync("%");
            }

            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = request.ToString()[..12] })).ToContainTextAsync("delivered");
            await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = broken[..12] })).ToContainTextAsync("it is broken.");
            Assert.Equal(view.IsDark, await BrightnessAsync(page, "background-color") < await BrightnessAsync(page, "color"));
            await window.RequireFitAsync();
            await window.RequireAccessibleAsync();
            await window.TakePictureAsync("oracle-status");
            Assert.True(window.Complaints.Count == 0, string.Join('\n', window.Complaints));
        }

        // What everybody must be able to read is gone: the page says so by itself, while it is looked at.
        await using BrowserWindow watching = await browser.OpenAsync(BrowserView.Telephone);
        await watching.Page.GotoAsync(node.Address + "?watch");
        string exchange = Path.Combine(story.Folder, "exchange");
        Directory.Move(exchange, exchange + "-away");
        await Expect(watching.Page.GetByText("not ready", new() { Exact = true })).ToBeVisibleAsync(_soon);
        await Expect(watching.Page.GetByRole(AriaRole.Region, new() { Name = "Why it cannot serve" })).ToBeVisibleAsync(_soon);
        await Expect(Term(watching.Page, "exchange")).ToContainTextAsync("does not work, since");
        await using (BrowserWindow looking = await browser.OpenAsync(BrowserView.DarkTelephone))
        {
            await looking.Page.GotoAsync(node.Address.ToString());
            await looking.RequireFitAsync();
            await looking.RequireAccessibleAsync();
            await looking.TakePictureAsync("oracle-status-not-ready");
        }

        Directory.Move(exchange + "-away", exchange);
        await Expect(watching.Page.GetByText("ready, with warnings", new() { Exact = true })).ToBeVisibleAsync(_soon);
        Assert.Equal(0, await node.TerminateAsync());
    }

    private static Task<IJobStore> OpenJobsAsync(Story story, SampleOracle oracle) => JobStore.OpenSqliteAsync(Path.Combine(story.Folder, "oracles", "jobs.db"), oracle.Identity.Id);

    // A job that failed too often, an hour before it would be refused.
    private static async Task<string> SetAsideAsync(Story story, SampleOracle oracle)
    {
        Directory.CreateDirectory(Path.Combine(story.Folder, "oracles"));
        await using IJobStore jobs = await OpenJobsAsync(story, oracle);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await jobs.AddAsync([JobStoreContract.Offer(1) with { Deadline = now.AddHours(1) }], now);
        JobLease lease = Assert.Single(await jobs.LeaseAsync(new JobLeaseOptions { Holder = "x" }, now));
        await jobs.SetAsideAsync(lease, now.AddHours(1), "it is broken.");
        return lease.Job.Key.Request.ToString();
    }

    private static ILocator Count(IPage page, string phase) => page.GetByRole(AriaRole.Region, new() { Name = "Jobs in each phase" }).GetByRole(AriaRole.Listitem).Filter(new() { HasText = phase }).Locator("strong");

    private static ILocator Term(IPage page, string term) => page.Locator("dt").Filter(new() { HasTextRegex = new($"^{term}$") }).Locator("xpath=following-sibling::dd[1]");

    private static async Task<double> BrightnessAsync(IPage page, string property)
    {
        string colour = await page.EvaluateAsync<string>($"() => getComputedStyle(document.body).getPropertyValue('{property}')");
        return colour[(colour.IndexOf('(', StringComparison.Ordinal) + 1)..^1].Split(',').Take(3).Average(part => double.Parse(part, System.Globalization.CultureInfo.InvariantCulture));
    }
}
