using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Requests that no page of the portal sends: odd addresses, odd parameters, bodies that are too large, cut off or of another kind. None is an error of the server.</summary>
[Collection(nameof(HostilePortal))]
public sealed partial class OddRequestTests(HostilePortal portal)
{
    private static readonly bool _isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";

    private static readonly string[] _parameters = ["return", "appointment", "row", "what", "from", "until", "outside", "table", "frame", "zoom", "x", "y", "level", "width", "v", "_handler", "page", "id"];

    private static readonly string[] _values = ["-1", "0", "2147483648", "99999999999999999999", "NaN", "zz", "%3Cscript%3Ezq(1)%3C%2Fscript%3E", "a%00b", "%E2%80%AE", "..%2F..%2Fetc%2Fpasswd", "1%20OR%201=1", "%C3%A4"];

    [Theory]
    [InlineData("nobody")]
    [InlineData("Kiruthika")]
    [InlineData("Nandhini")]
    [InlineData("GH")]
    [InlineData("Health Authority")]
    [InlineData("Asha Insurance")]
    [InlineData("Cloud")]
    public async Task Addresses_WithOddParts_AreNoErrorsOfTheServer(string who)
    {
        using Visitor visitor = who == "nobody" ? new Visitor(portal.Host) : await portal.EnterAsync(who);
        var faults = new List<string>();
        int looked = 0;
        foreach (RouteEndpoint route in portal.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().DistinctBy(r => r.RoutePattern.RawText))
        {
            // What is everybody's is tried by a stranger and by one person, and what is not one's own room answers before it reads anything.
            string pattern = "/" + route.RoutePattern.RawText!.TrimStart('/');
            string usual = ParameterPattern().Replace(pattern, m => RouteTests.Values[m.Groups[1].Value.ToLowerInvariant()]);
            bool isRoom = route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is not null);
            if (isRoom ? who == "nobody" || await IsForbiddenAsync(usual) : who is not ("nobody" or "Kiruthika"))
            {
                continue;
            }

            // Every parameter gets another value each time; in the long run each of them.
            for (int turn = 0; turn < (_isLong ? _values.Length : 2); turn++)
            {
                await LookAsync(usual + "?" + string.Join('&', _parameters.Select((p, i) => $"{p}={_values[(i + (5 * turn)) % _values.Length]}")));
            }

            foreach (string value in pattern.Contains('{', StringComparison.Ordinal) ? _values : [])
            {
                await LookAsync(ParameterPattern().Replace(pattern, value));
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.True(looked >= 8, $"only {looked} addresses were tried");

        async Task<bool> IsForbiddenAsync(string path)
        {
            using HttpResponseMessage response = await visitor.GetAsync(path);
            return response.StatusCode == HttpStatusCode.Forbidden;
        }

        async Task LookAsync(string path)
        {
            using HttpResponseMessage response = await visitor.GetAsync(path);
            string text = response.Content.Headers.ContentType?.MediaType == "text/html" ? await response.Content.ReadAsStringAsync() : string.Empty;
            looked++;
            if (((int)response.StatusCode >= 500 && !path.StartsWith("/problem/", StringComparison.Ordinal)) || Hostile.FaultOf(text) is not null)
            {
                faults.Add($"GET {path}: {(int)response.StatusCode} {Hostile.FaultOf(text)}");
            }
        }
    }

    [Fact]
    public async Task Bodies_OfEveryOddKind_AreNoErrorsOfTheServerAndChangeNothing()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        PageForm form = await visitor.OpenFormAsync("/account", "zone");
        string token = form.Controls.First(c => c.Name == "__RequestVerificationToken").Value;
        string start = $"__RequestVerificationToken={Uri.EscapeDataString(token)}&_handler=zone&";
        const string Part = "Content-Disposition: form-data; name=";
        string tokenPart = $"--x\r\n{Part}\"__RequestVerificationToken\"\r\n\r\n{token}\r\n";
        (string What, string Type, byte[] Body)[] bodies =
        [
            ("3,000 fields", "application/x-www-form-urlencoded", Bytes(start + string.Join('&', Enumerable.Range(0, 3000).Select(i => $"f{i}=1")))),
            ("a value of 5 MiB", "application/x-www-form-urlencoded", [.. Bytes(start + "Zone="), .. Enumerable.Repeat((byte)'z', 5 << 20)]),
            ("a name of 70,000 characters", "application/x-www-form-urlencoded", [.. Bytes(start), .. Enumerable.Repeat((byte)'n', 70_000), .. "=1"u8]),
            ("no text", "application/x-www-form-urlencoded", Bytes(start + "Zone=%ED%A0%80%FF%C0%AF%00%zz%")),
            ("odd names", "application/x-www-form-urlencoded", Bytes(start + "=&&&==&Form.Name[99999999]=1&Documents[0]=1&Documents[a]=2&Form..Name=3&Form[Name]=4")),
            ("an odd character set", "application/x-www-form-urlencoded; charset=nonsense", [.. "a=b"u8]),
            ("JSON", "application/json", [.. "{}"u8]),
            ("text", "text/plain", [.. "a=b"u8]),
            ("no boundary", "multipart/form-data", [.. "--x\r\n"u8]),
            ("a boundary of 300 characters", "multipart/form-data; boundary=" + new string('b', 300), [.. "--x\r\n"u8]),
            ("headers that break off", "multipart/form-data; boundary=x", [.. "--x\r\nContent-Dis"u8]),
            ("a file without a token", "multipart/form-data; boundary=x", Bytes($"--x\r\n{Part}\"File\"; filename=\"a.png\"\r\n\r\nno token\r\n--x--\r\n")),
            ("a field of 20,000 characters", "multipart/form-data; boundary=x", [.. Bytes($"{tokenPart}--x\r\n{Part}\"f\"\r\n\r\n"), .. Enumerable.Repeat((byte)'z', 20_000), .. "\r\n--x--\r\n"u8]),
            ("a header of 20,000 characters", "multipart/form-data; boundary=x", Bytes($"--x\r\nX: {new string('h', 20_000)}\r\n\r\n\r\n--x--\r\n")),
            ("a part without a name", "multipart/form-data; boundary=x", Bytes($"{tokenPart}--x\r\nX: y\r\n\r\nz\r\n--x--\r\n")),
            ("a field that breaks off", "multipart/form-data; boundary=x", Bytes($"{tokenPart}--x\r\n{Part}\"Once\"\r\n\r\ncut off")),
            ("a file that breaks off", "multipart/form-data; boundary=x", [.. Bytes($"{tokenPart}--x\r\n{Part}\"File\"; filename=\"cut.jpg\"\r\n\r\n"), 0xFF, 0xD8, 0xFF, 0xE0, .. new byte[9000]]),
            ("no file", "multipart/form-data; boundary=x", Bytes($"{tokenPart}--x--\r\n")),
        ];
        string before = await portal.StateAsync();
        var faults = new List<string>();

        // The last one of them succeeds with what has a right token.
        foreach (string path in (string[])["/sign-in", "/register/patient", "/patient/insurance", "/patient", "/account", "/patient/upload/file", "/patient/upload/begin", "/lock", "/sign-out"])
        {
            foreach ((string what, string type, byte[] body) in bodies)
            {
                using HttpResponseMessage response = await PostAsync(visitor, path, type, body);
                if ((int)response.StatusCode >= 500 || (path.StartsWith("/patient/upload", StringComparison.Ordinal) && response.Headers.Location?.OriginalString == "/patient"))
                {
                    faults.Add($"{path}, {what}: {(int)response.StatusCode} {response.Headers.Location}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
        Assert.Equal(before, await portal.StateAsync());
    }

    [Fact]
    public async Task Upload_ThatBreaksOff_SaysSoAndKeepsNothing()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        IReadOnlyDictionary<string, string> hidden = await visitor.HiddenAsync("/patient/upload");
        string before = await portal.StateAsync();
        byte[] body = [.. Bytes($"--x\r\nContent-Disposition: form-data; name=\"__RequestVerificationToken\"\r\n\r\n{hidden["__RequestVerificationToken"]}\r\n--x\r\nContent-Disposition: form-data; name=\"File\"; filename=\"cut.jpg\"\r\n\r\n"), 0xFF, 0xD8, 0xFF, 0xE0, .. new byte[200_000]];
        using HttpResponseMessage response = await PostAsync(visitor, "/patient/upload/file", "multipart/form-data; boundary=x", body);
        Assert.Equal("/patient/upload", response.Headers.Location?.OriginalString);
        Assert.Contains("too large or damaged, and nothing of it was kept", await visitor.ReadAsync("/patient/upload"), StringComparison.Ordinal);
        Assert.Equal(before, await portal.StateAsync());
    }

    [Fact]
    public async Task Body_LargerThanAnyForm_IsTooLarge()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        using var content = new ByteArrayContent(new byte[31 << 20]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/account", UriKind.Relative)) { Content = content };
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await visitor.SendAsync(request);
        Assert.True(response.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.BadRequest, $"{(int)response.StatusCode}");
    }

    [Fact]
    public async Task Methods_OfOtherKinds_AreNoErrorsOfTheServer()
    {
        using Visitor visitor = await portal.EnterAsync("Kiruthika");
        foreach (string method in (string[])["DELETE", "PUT", "PATCH", "OPTIONS", "HEAD", "NONSENSE"])
        {
            foreach (string path in (string[])["/", "/patient", "/patient/upload/file", "/sign-out", "/nothing"])
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
                using HttpResponseMessage response = await visitor.SendAsync(request);
                Assert.True((int)response.StatusCode < 500, $"{method} {path}: {(int)response.StatusCode}");
            }
        }
    }

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static async Task<HttpResponseMessage> PostAsync(Visitor visitor, string path, string type, byte[] body)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        return await visitor.SendAsync(request);
    }

    [GeneratedRegex("\\{\\**([^:}]*)[^}]*\\}")]
    private static partial Regex ParameterPattern();
}
