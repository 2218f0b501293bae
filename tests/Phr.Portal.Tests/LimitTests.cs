using System.Net;
using System.Security.Claims;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Phr.Portal.Tests;

/// <summary>Whose tries, uploads and parts are counted together.</summary>
public sealed class LimitTests : IAsyncDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> _limiter = PortalLimits.Create(new PortalOptions { TriesPerMinute = 5, UploadsPerMinute = 3, UploadPartsPerMinute = 7 });

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    [Theory]
    [InlineData("/sign-in")]
    [InlineData("/sign-in/code")]
    [InlineData("/sign-in/recovery")]
    [InlineData("/register/patient")]
    [InlineData("/setup")]
    [InlineData("/SIGN-IN/code")]
    public void Doors_AreCountedByAddress_WithAnyAccount(string path)
    {
        Assert.Equal(5, CountTaken(path, null, "192.0.2.1", 9));
        Assert.Equal(0, CountTaken("/sign-in", "7", "192.0.2.1", 9));
        Assert.Equal(5, CountTaken(path, "7", "192.0.2.2", 9));
        Assert.Equal(0, CountTaken(path, "8", "192.0.2.2", 9));
    }

    [Theory]
    [InlineData("/unlock")]
    [InlineData("/recover")]
    [InlineData("/enrol")]
    [InlineData("/account/codes")]
    [InlineData("/account/password")]
    [InlineData("/doctor/emergency")]
    public void Locks_AreCountedByPerson_FromAnyAddress(string path)
    {
        Assert.Equal(3, CountTaken(path, "7", "192.0.2.1", 3));
        Assert.Equal(2, CountTaken("/unlock", "7", "192.0.2.2", 9));

        // Others of the same house, and whoever is not signed in.
        Assert.Equal(5, CountTaken(path, "8", "192.0.2.1", 9));
        Assert.Equal(5, CountTaken(path, null, "192.0.2.1", 9));
    }

    [Fact]
    public void Uploads_AreCountedByPerson_WhicheverWayTheyBegin()
    {
        Assert.Equal(1, CountTaken("/patient/upload/begin", "7", "192.0.2.1", 1));
        Assert.Equal(2, CountTaken("/patient/upload/file", "7", "192.0.2.2", 9));
        Assert.Equal(0, CountTaken("/patient/upload/begin", "7", "192.0.2.3", 9));
        Assert.Equal(3, CountTaken("/patient/upload/begin", "8", "192.0.2.1", 9));

        // Parts of what is begun go on.
        Assert.Equal(7, CountTaken("/patient/upload-parts/x/0", "7", "192.0.2.1", 9));
        Assert.Equal(7, CountTaken("/patient/upload-parts/x/0", "8", "192.0.2.1", 9));
    }

    [Fact]
    public void Pages_AreNotCounted()
    {
        Assert.Equal(500, CountTaken("/patient", "7", "192.0.2.1", 500));
        Assert.Equal(500, CountTaken("/sign-in", null, "192.0.2.1", 500, "GET"));
        Assert.Equal(500, CountTaken("/sign-in-and-more", null, "192.0.2.1", 500));
    }

    [Fact]
    public async Task Parts_MoreThanAFewAtOnce_WaitTheirTurnOrAreTurnedAway()
    {
        await using PartitionedRateLimiter<HttpContext> limiter = PortalLimits.Create(new PortalOptions());
        HttpContext part = Make("/patient/upload-parts/x/1", "7", "192.0.2.1", "POST");
        var taken = new List<RateLimitLease>();
        for (int i = 0; i < PortalLimits.PartsAtOnce; i++)
        {
            taken.Add(await limiter.AcquireAsync(part, cancellationToken: TestContext.Current.CancellationToken));
            Assert.True(taken[i].IsAcquired);
        }

        Task<RateLimitLease>[] waiting = [.. Enumerable.Range(0, PortalLimits.PartsWaiting).Select(_ => limiter.AcquireAsync(part, cancellationToken: TestContext.Current.CancellationToken).AsTask())];
        Assert.DoesNotContain(waiting, one => one.IsCompleted);
        using (RateLimitLease refused = await limiter.AcquireAsync(part, cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.False(refused.IsAcquired);
        }

        // Another person's are their own.
        using (RateLimitLease other = await limiter.AcquireAsync(Make("/patient/upload-parts/x/1", "8", "192.0.2.1", "POST"), cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.True(other.IsAcquired);
        }

        foreach (Task<RateLimitLease> next in waiting)
        {
            taken[0].Dispose();
            taken.RemoveAt(0);
            taken.Add(await next);
            Assert.True(taken[^1].IsAcquired);
        }

        taken.ForEach(lease => lease.Dispose());
    }

    [Theory]
    [InlineData("/sign-in", null)]
    [InlineData("/unlock", "7")]
    [InlineData("/patient/upload/begin", "7")]
    [InlineData("/patient/upload-parts/x/0", "7")]
    public async Task Tries_AfterTheirWindow_CountAgain(string path, string? person)
    {
        await using PartitionedRateLimiter<HttpContext> limiter = PortalLimits.Create(new PortalOptions { TriesPerMinute = 3, UploadsPerMinute = 3, UploadPartsPerMinute = 3, LimitWindow = TimeSpan.FromSeconds(1) });
        int taken = 0, refused = 0;
        for (DateTimeOffset deadline = DateTimeOffset.UtcNow.AddMinutes(1); taken < 7;)
        {
            using RateLimitLease lease = limiter.AttemptAcquire(Make(path, person, "192.0.2.1", "POST"));
            if (lease.IsAcquired)
            {
                taken++;
            }
            else
            {
                refused++;
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }

            Assert.True(DateTimeOffset.UtcNow < deadline, $"{taken} were taken in a minute.");
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public async Task SignIn_TooOftenFromOneAddress_IsTurnedAwayAndTakenAgainLater()
    {
        await using PortalHost portal = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:TriesPerMinute"] = "3", ["Portal:LimitWindow"] = "00:00:01" });
        using var visitor = new Visitor(portal);
        HttpResponseMessage[] answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => visitor.PostAsync("/sign-in", [])));
        HttpResponseMessage away = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(1), away.Headers.RetryAfter!.Delta);
        Assert.Contains("Too many tries", await away.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await DemoPortal.UntilAsync(async () =>
        {
            using HttpResponseMessage again = await visitor.PostAsync("/sign-in", []);
            return again.StatusCode != HttpStatusCode.TooManyRequests;
        });
        foreach (HttpResponseMessage answer in answers)
        {
            answer.Dispose();
        }
    }

    private static DefaultHttpContext Make(string path, string? person, string address, string method)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);
        context.User = new ClaimsPrincipal(person is null ? new ClaimsIdentity() : new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, person)], "test"));
        return context;
    }

    private int CountTaken(string path, string? person, string address, int tries, string method = "POST")
    {
        int taken = 0;
        for (int i = 0; i < tries; i++)
        {
            using RateLimitLease lease = _limiter.AttemptAcquire(Make(path, person, address, method));
            taken += lease.IsAcquired ? 1 : 0;
        }

        return taken;
    }
}
