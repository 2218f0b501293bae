namespace Phr.Portal.Tests;

/// <summary>Somebody of each role follows every link: none is dead, and no page is untitled, without a heading or without a way on.</summary>
public sealed class CrawlTests(DemoPortal portal)
{
    [Theory]
    [InlineData("nobody")]
    [InlineData("Kiruthika")]
    [InlineData("Nandhini")]
    [InlineData("Meena")]
    [InlineData("GH")]
    [InlineData("Health Authority")]
    [InlineData("Asha Insurance")]
    [InlineData("Cloud")]
    public async Task Links_OfEveryRole_LeadSomewhere(string who)
    {
        using Visitor visitor = who == "nobody" ? new Visitor(portal.Host) : await portal.EnterAsync(who);
        Crawl crawl = await Crawl.RunAsync(visitor, "/", "/account", "/about");
        Assert.True(crawl.Faults.Count == 0, string.Join('\n', crawl.Faults));
        Assert.True(crawl.Pages.Count >= 4, string.Join('\n', crawl.Pages.Keys));
    }

    [Theory]
    [InlineData("nobody")]
    [InlineData("Kiruthika")]
    public async Task Errors_OfEveryKind_SayWhatNow(string who)
    {
        using Visitor visitor = who == "nobody" ? new Visitor(portal.Host) : await portal.EnterAsync(who);
        foreach (string path in (string[])["/register/nothing", who == "nobody" ? "/register/agency" : "/nothing-here", "/problem/400", "/problem/403", "/problem/409", "/problem/413", "/problem/429", "/problem/500", "/problem/77"])
        {
            using HttpResponseMessage response = await visitor.GetAsync(path);
            string html = await response.Content.ReadAsStringAsync();
            Assert.Matches("<title>[^<]+</title>", html);
            Assert.Matches("<h1>[^<]+</h1>", html);
            Assert.Contains("href=\"/\"", html, StringComparison.Ordinal);
        }
    }
}
