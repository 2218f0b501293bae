using System.Net;

namespace Phr.Portal.Tests;

/// <summary>What every answer says to browsers.</summary>
public sealed class HeaderTests(DemoPortal portal)
{
    [Theory]
    [InlineData("/")]
    [InlineData("/sign-in")]
    [InlineData("/register/patient")]
    [InlineData("/nothing-here")]
    [InlineData("/patient")]
    public async Task Pages_Everywhere_AreStrict(string path)
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage response = await visitor.GetAsync(path);
        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-store", response.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(response.Headers.Contains("Server"));
        string text = await response.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<script>", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" style=", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Cookies_OverHttps_HaveThePrefixAndTheirFlags()
    {
        await using PortalHost secure = await PortalHost.StartAsync(secure: true);
        using var visitor = new Visitor(secure);
        using HttpResponseMessage response = await visitor.GetAsync("/sign-in");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-phr-form=", cookie, StringComparison.Ordinal);
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("max-age=31536000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cookies_SignedIn_AreForThisHostAndNoScript()
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage response = await visitor.TrySignInAsync("cloud", "cloud-password");
        string cookie = Assert.Single(response.Headers.GetValues("Set-Cookie"), c => c.StartsWith("phr=", StringComparison.Ordinal));
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("domain=", cookie, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Start_OpenAddressWithoutTls_IsRefused()
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { ["Urls"] = "http://0.0.0.0:5090" };
        Assert.Throws<InvalidOperationException>(() => PortalAddress.Of(configuration, new PortalOptions()));
        Assert.True(PortalAddress.Of(configuration, new PortalOptions { BehindTls = true }).IsSecure);
    }

    [Fact]
    public async Task Post_WithoutToken_IsRefused()
    {
        using var visitor = new Visitor(portal.Host);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "sign-in", ["Name"] = "cloud", ["Password"] = "cloud-password" });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/sign-in", UriKind.Relative)) { Content = form };
        using HttpResponseMessage response = await visitor.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task SignIn_MoreTriesThanAllowed_HasToWait()
    {
        await using PortalHost strict = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:TriesPerMinute"] = "3" });
        using var visitor = new Visitor(strict);
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage tried = await visitor.TrySignInAsync("nobody", "wrong password");
            Assert.Equal(HttpStatusCode.OK, tried.StatusCode);
        }

        using HttpResponseMessage response = await visitor.TrySignInAsync("nobody", "wrong password");
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Contains("Wait a minute", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", false)]
    [InlineData("false", true)]
    public async Task SignIn_AddressThatAProxyNames_CountsOnlyWhereAProxyIsSet(string behindTls, bool anotherHasToWait)
    {
        await using PortalHost strict = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:TriesPerMinute"] = "2", ["Portal:BehindTls"] = behindTls });
        using var visitor = new Visitor(strict);
        async Task<bool> HasToWaitAsync(string from)
        {
            using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["Name"] = "nobody" });
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/sign-in", UriKind.Relative)) { Content = form };
            request.Headers.Add("X-Forwarded-For", from);
            using HttpResponseMessage response = await visitor.SendAsync(request);
            Assert.InRange((int)response.StatusCode, 400, 499);
            return response.Headers.RetryAfter is not null;
        }

        Assert.False(await HasToWaitAsync("192.0.2.1"));
        Assert.False(await HasToWaitAsync("192.0.2.1"));
        Assert.True(await HasToWaitAsync("192.0.2.1"));
        Assert.Equal(anotherHasToWait, await HasToWaitAsync("192.0.2.2"));
    }
}
