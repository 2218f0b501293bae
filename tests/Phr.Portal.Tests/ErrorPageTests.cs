using System.Net;

namespace Phr.Portal.Tests;

/// <summary>Pages for errors, where the database takes its time: they are whole, and end.</summary>
public sealed class ErrorPageTests(PostgresPortal portal) : IClassFixture<PostgresPortal>
{
    private const int AtOnce = 8;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private static int Rounds => Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1" ? 200 : 10;

    [Theory]
    [InlineData("/patient/upload?upload=a%00b", 404)]
    [InlineData("/patient/uploads/123456", 404)]
    [InlineData("/nothing-here", 404)]
    [InlineData("/problem/404", 200)]
    [InlineData("/doctor", 403)]
    [InlineData("/lock", 405)]
    public async Task ErrorPage_ManyAtOnce_IsWholeAndEnds(string path, int status)
    {
        using Visitor kiruthika = await DemoPortal.EnterAsync(portal.Host, "Kiruthika");
        for (int round = 0; round < Rounds; round++)
        {
            foreach (Task<(HttpStatusCode, string)> one in Enumerable.Range(0, AtOnce).Select(_ => ReadAsync(kiruthika, path)).ToArray())
            {
                (HttpStatusCode code, string page) = await one.WaitAsync(_patience, TestContext.Current.CancellationToken);
                Assert.Equal(status, (int)code);

                // Who asks stands above every page, and waits for the database.
                Assert.Contains("LOGOUT", page, StringComparison.Ordinal);
                Assert.EndsWith("</html>", page, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("Kiruthika")]
    [InlineData("Nandhini")]
    [InlineData("Meena")]
    [InlineData("GH")]
    [InlineData("Health Authority")]
    [InlineData("Asha Insurance")]
    [InlineData("Cloud")]
    public async Task Links_OfEveryRole_LeadSomewhere(string who)
    {
        using Visitor visitor = await DemoPortal.EnterAsync(portal.Host, who);
        Crawl crawl = await Crawl.RunAsync(visitor, "/", "/account", "/about");
        Assert.True(crawl.Faults.Count == 0, string.Join('\n', crawl.Faults));
        Assert.True(crawl.Pages.Count >= 4, string.Join('\n', crawl.Pages.Keys));
    }

    private static async Task<(HttpStatusCode Status, string Page)> ReadAsync(Visitor visitor, string path)
    {
        using HttpResponseMessage response = await visitor.GetAsync(path);
        return (response.StatusCode, (await response.Content.ReadAsStringAsync()).Trim());
    }
}
