using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Every error that people can come to, caused as people cause it: its page says what happened, and what to do now.</summary>
public sealed class ErrorWordsTests(FrozenPortal portal) : IClassFixture<FrozenPortal>
{
    [Fact]
    public async Task Form_WithATokenOfYesterday_SaysWhatHappenedAndWhatNow()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using (visitor)
        using (HttpResponseMessage response = await visitor.PostAsync("/account", new Dictionary<string, string> { ["_handler"] = "zone", ["__RequestVerificationToken"] = "of yesterday", ["Zone"] = "UTC" }))
        {
            await RequireAsync(response, HttpStatusCode.BadRequest, "The form was too old", "It was sent from a page that is no longer valid. Nothing was done.", "Go back, load the page again and repeat it.");
        }
    }

    [Fact]
    public async Task Room_OfAnother_SaysWhatHappenedAndWhatNow()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using (visitor)
        using (HttpResponseMessage response = await visitor.GetAsync("/cloud"))
        {
            await RequireAsync(response, HttpStatusCode.Forbidden, "This is not your room", "Your account does not open this page. Nothing was done.", "Go to your own room, or log out and sign in as somebody who may open it.");
        }
    }

    [Fact]
    public async Task Address_ThatIsNone_SaysWhatHappenedAndWhatNow()
    {
        using Visitor visitor = (await portal.JoinAsync()).Visitor;
        using HttpResponseMessage response = await visitor.GetAsync("/nothing-here");
        await RequireAsync(response, HttpStatusCode.NotFound, "There is nothing here", "Either the address is wrong, or what it names is not for you.", "Begin at your room: all that is yours is linked from there.");
    }

    [Fact]
    public async Task Address_OfAForm_SaysWhatHappenedAndWhatNow()
    {
        using Visitor visitor = (await portal.JoinAsync()).Visitor;
        using HttpResponseMessage response = await visitor.GetAsync("/sign-out");
        await RequireAsync(response, HttpStatusCode.MethodNotAllowed, "This is no page", "The address is one that forms are sent to. Nothing was done.", "Open the page that has the form, and send it from there.");
    }

    [Fact]
    public async Task Body_ThatIsTooLarge_SaysWhatHappenedAndWhatNow()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using (visitor)
        {
            using var content = new ByteArrayContent(new byte[31 << 20]);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/account", UriKind.Relative)) { Content = content };
            request.Headers.ExpectContinue = true;
            using HttpResponseMessage response = await visitor.SendAsync(request);
            await RequireAsync(response, HttpStatusCode.RequestEntityTooLarge, "Too large", "What was sent is larger than this portal takes. Nothing was kept.", "Send less at once; a large file goes up on the page for uploads.");
        }
    }

    [Fact]
    public async Task Field_ThatIsTooLarge_SaysWhatHappenedAndWhatNow()
    {
        using Visitor visitor = (await portal.JoinAsync()).Visitor;
        PageForm form = await visitor.OpenFormAsync("/account", "zone");
        using HttpResponseMessage response = await visitor.PostAsync("/account", [.. form.Filled(), new KeyValuePair<string, string>("More", new string('z', 5 << 20))]);
        await RequireAsync(response, HttpStatusCode.RequestEntityTooLarge, "Too large", "What was sent is larger than this portal takes. Nothing was kept.", "Send less at once; a large file goes up on the page for uploads.");
    }

    [Fact]
    public async Task Body_OfAnotherKind_SaysWhatHappenedAndWhatNow()
    {
        (Visitor visitor, _, _) = await portal.JoinAsync();
        using (visitor)
        {
            using var content = new ByteArrayContent(Encoding.ASCII.GetBytes("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--x--\r\n"));
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=x");
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/account", UriKind.Relative)) { Content = content };
            using HttpResponseMessage response = await visitor.SendAsync(request);
            await RequireAsync(response, HttpStatusCode.UnsupportedMediaType, "Not understood", "What was sent is not of a kind that this page takes. Nothing was done.", "Go back, load the page again, and send the form that it has.");
        }
    }

    [Fact]
    public async Task Tries_TooMany_SaysWhatHappenedAndWhatNow()
    {
        await using PortalHost strict = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:TriesPerMinute"] = "1" });
        using var visitor = new Visitor(strict);
        PageForm form = await visitor.OpenFormAsync("/sign-in", "sign-in");
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await visitor.PostAsync("/sign-in", form.Filled(new Dictionary<string, string> { ["Name"] = "nobody@frozen.example", ["Password"] = $"a guess {i}" }));
            if (response.StatusCode == HttpStatusCode.TooManyRequests)
            {
                await RequireAsync(response, HttpStatusCode.TooManyRequests, "Too many tries", "More came from you in a minute than this portal takes. Nothing was done.", "Wait a minute, then try again.");
                return;
            }
        }

        Assert.Fail("Three tries in a minute were taken where one is allowed.");
    }

    [Fact]
    public async Task Database_ThatHasLostATable_SaysWhatHappenedAndWhatNow()
    {
        await using PortalHost broken = await PortalHost.StartAsync();
        await using (AsyncServiceScope scope = broken.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<PortalDb>().Database.ExecuteSqlRawAsync("ALTER TABLE \"AspNetUsers\" RENAME TO \"Lost\"");
        }

        using var visitor = new Visitor(broken);
        using HttpResponseMessage response = await visitor.GetAsync("/register/guardian");
        await RequireAsync(response, HttpStatusCode.InternalServerError, "Something went wrong", "The portal could not do it, and has noted that it failed.", "Try again in a moment; what you had sealed is safe.");
    }

    // Two people who change one thing at the same moment: nothing in the portal brings that about at will, so that the page itself is looked at.
    [Fact]
    public async Task Change_ThatAnotherMadeFirst_SaysWhatHappenedAndWhatNow()
    {
        using var visitor = new Visitor(portal.Host);
        using HttpResponseMessage response = await visitor.GetAsync("/problem/409");
        await RequireAsync(response, HttpStatusCode.OK, "Somebody else was quicker", "What you wanted to change was changed at the same moment. Nothing was done.", "Go back, load the page again and look.");
    }

    private static async Task RequireAsync(HttpResponseMessage response, HttpStatusCode status, string title, string happened, string now)
    {
        string html = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {Visitor.TextOf(html)}");
        Assert.Contains($"<title>{title}", html, StringComparison.Ordinal);
        Assert.Contains($"<h1>{title}</h1>", html, StringComparison.Ordinal);
        string text = Visitor.TextOf(html);
        Assert.Contains($"{happened} {now}", text, StringComparison.Ordinal);
        Assert.Contains("href=\"/\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
    }
}
