using System.Net;
using System.Text;

namespace Phr.Portal.Tests;

/// <summary>The headers that keep a page to itself, on every kind of answer that there is.</summary>
public sealed class SecurityHeaderTests(DemoPortal portal)
{
    [Fact]
    public async Task Answers_OfEveryKind_HaveTheHeaders()
    {
        using var nobody = new Visitor(portal.Host);
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        var faults = new List<string>();
        (Visitor Who, string Path, HttpStatusCode Expected)[] answers =
        [
            (nobody, "/", HttpStatusCode.OK),
            (nobody, AssetFiles.Url("portal.css"), HttpStatusCode.OK),
            (nobody, "/assets/nothing.css", HttpStatusCode.NotFound),
            (nobody, "/nothing-here", HttpStatusCode.Found),
            (patient, "/nothing-here", HttpStatusCode.NotFound),
            (nobody, "/register/nothing", HttpStatusCode.NotFound),
            (nobody, "/patient", HttpStatusCode.Found),
            (nobody, "/problem/500", HttpStatusCode.OK),
            (patient, "/cloud", HttpStatusCode.Forbidden),
            (patient, "/patient/uploads/999", HttpStatusCode.NotFound),
            (patient, $"/patient/uploads/1/documents/{new string('0', 32)}", HttpStatusCode.NotFound),
            (patient, "/claims/nothing", HttpStatusCode.NotFound),
            (patient, "/sign-out", HttpStatusCode.MethodNotAllowed),
            (patient, "/patient/record/export?table=access", HttpStatusCode.OK),
            (patient, "/patient/record/export?table=nothing", HttpStatusCode.NotFound),
        ];
        foreach ((Visitor who, string path, HttpStatusCode expected) in answers)
        {
            using HttpResponseMessage response = await who.GetAsync(path);
            Check(faults, $"GET {path}", response, expected);
        }

        using (HttpResponseMessage forged = await nobody.PostAsync("/sign-in", [new("_handler", "sign-in")]))
        {
            Check(faults, "a post without a token", forged, HttpStatusCode.BadRequest);
        }

        using (var json = new StringContent("{}", Encoding.UTF8, "application/json"))
        using (var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/patient/upload/file", UriKind.Relative)) { Content = json })
        using (HttpResponseMessage odd = await patient.SendAsync(request))
        {
            Check(faults, "an upload that is none", odd, HttpStatusCode.UnsupportedMediaType);
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Documents_OfPatients_RunNothing()
    {
        using Visitor doctor = await portal.EnterAsync("Nandhini");
        using HttpResponseMessage scan = await doctor.GetAsync("/doctor/appointments/1/documents/0");
        Assert.Equal(HttpStatusCode.OK, scan.StatusCode);
        Assert.Equal("default-src 'none'; sandbox", Assert.Single(scan.Headers.GetValues("Content-Security-Policy")));
    }

    [Fact]
    public async Task BehindTls_OnHttp_WorksAndCountsTriesByTheirSender()
    {
        await using PortalHost behind = await PortalHost.StartAsync(settings: new Dictionary<string, string> { ["Portal:BehindTls"] = "true", ["Portal:TriesPerMinute"] = "3" });
        using var visitor = new Visitor(behind);
        using (HttpResponseMessage page = await visitor.GetAsync("/sign-in"))
        {
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Contains("__Host-phr-form=", Assert.Single(page.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
            Assert.True(page.Headers.Contains("Strict-Transport-Security"));
        }

        using (HttpResponseMessage turned = await visitor.GetAsync("/patient"))
        {
            Assert.DoesNotContain("http:", turned.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        // Two people behind one proxy: the one who tries too often does not keep the other out.
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.BadRequest, await TryAsync("203.0.113.7"));
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, await TryAsync("203.0.113.7"));
        Assert.Equal(HttpStatusCode.BadRequest, await TryAsync("203.0.113.8"));

        async Task<HttpStatusCode> TryAsync(string from)
        {
            using var form = new FormUrlEncodedContent([new("_handler", "sign-in")]);
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/sign-in", UriKind.Relative)) { Content = form };
            request.Headers.Add("X-Forwarded-For", from);
            using HttpResponseMessage response = await visitor.SendAsync(request);
            return response.StatusCode;
        }
    }

    private static void Check(List<string> faults, string what, HttpResponseMessage response, HttpStatusCode expected)
    {
        if (response.StatusCode != expected)
        {
            faults.Add($"{what}: {(int)response.StatusCode} instead of {(int)expected}");
        }

        foreach ((string name, string start) in ((string, string)[])
            [("Content-Security-Policy", "default-src 'none'"), ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"), ("Permissions-Policy", "camera=()")])
        {
            if (!response.Headers.TryGetValues(name, out IEnumerable<string>? values) || !string.Join(' ', values).StartsWith(start, StringComparison.Ordinal))
            {
                faults.Add($"{what}: no {name}");
            }
        }

        if (!what.Contains("/assets/portal.css", StringComparison.Ordinal) && response.Headers.CacheControl?.NoStore != true)
        {
            faults.Add($"{what}: it may be kept");
        }
    }
}
