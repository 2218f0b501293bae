using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>Every route that there is, for everybody that there is: made from the route table, so that a new page is looked at without a new test.</summary>
public sealed class RouteTests(DemoPortal portal)
{
    /// <summary>A value for each parameter of a route: of things that belong to Kiruthika and Nandhini, where there are such.</summary>
    public static IReadOnlyDictionary<string, string> Values { get; } = new Dictionary<string, string>
    {
        ["id"] = "1",
        ["bundle"] = "1",
        ["document"] = new string('0', 32),
        ["number"] = "0",
        ["frame"] = "1",
        ["code"] = "404",
        ["kind"] = "patient",
        ["name"] = "portal.css",
        ["upload"] = new string('0', 32),
        ["part"] = "0",
        ["claim"] = new string('0', 64),
        ["request"] = new string('0', 64),
    };

    [Fact]
    public async Task Get_EveryRouteAsEverybody_OpensOnlyOnesOwnRoom()
    {
        List<RouteEndpoint> routes = Routes();
        Assert.True(routes.Count > 25, $"only {routes.Count} routes were found");
        var faults = new List<string>();
        foreach (string person in (string[])["nobody", .. HostilePortal.People])
        {
            using Visitor visitor = person == "nobody" ? new Visitor(portal.Host) : await portal.EnterAsync(person);
            foreach (RouteEndpoint route in routes.Where(r => MethodsOf(r).Contains("GET")))
            {
                string path = PathOf(route);
                using HttpResponseMessage response = await visitor.GetAsync(path);
                string? fault = FaultOf(person, path, route, response);
                if (fault is not null)
                {
                    faults.Add($"{person} GET {path}: {fault}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Post_EveryRouteWithoutToken_DoesNothing()
    {
        var faults = new List<string>();
        foreach (string person in (string[])["nobody", .. HostilePortal.People])
        {
            using Visitor visitor = person == "nobody" ? new Visitor(portal.Host) : await portal.EnterAsync(person);
            foreach (RouteEndpoint route in Routes().Where(r => MethodsOf(r).Contains("POST")))
            {
                using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "unlock" });
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(PathOf(route), UriKind.Relative)) { Content = form };
                using HttpResponseMessage response = await visitor.SendAsync(request);
                bool refused = response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.UnsupportedMediaType
                    || (response.StatusCode == HttpStatusCode.Found && response.Headers.Location!.OriginalString is { } to
                        && (to.Contains("/sign-in", StringComparison.Ordinal) || to.Contains("/unlock", StringComparison.Ordinal) || to.Contains("/enrol", StringComparison.Ordinal)));

                // A script is told so, and not sent elsewhere.
                refused |= person == "nobody" && response.StatusCode == HttpStatusCode.Unauthorized && route.Metadata.GetMetadata<ForScriptsAttribute>() is not null;

                // Whoever is signed in already comes to their room.
                refused |= person != "nobody" && PathOf(route) == "/sign-in" && response.Headers.Location?.OriginalString == "/";
                if (!refused)
                {
                    faults.Add($"{person} POST {PathOf(route)}: {(int)response.StatusCode} {response.Headers.Location}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public async Task Get_IdsOfOthersThings_AreNotThere()
    {
        // Two patients beside Kiruthika would see the same: nothing is there.
        using Visitor nandhini = await portal.EnterAsync("Nandhini");
        using Visitor kiruthika = await portal.EnterAsync("Kiruthika");
        foreach (string path in (string[])["/doctor/appointments/999", "/doctor/appointments/999/documents/0", "/doctor/appointments/1/documents/77"])
        {
            using HttpResponseMessage response = await nandhini.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }

        foreach (string path in (string[])["/patient/uploads/999", "/patient/uploads/1/documents/zz", $"/patient/uploads/1/documents/{new string('0', 32)}"])
        {
            using HttpResponseMessage response = await kiruthika.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    private static string? FaultOf(string person, string path, RouteEndpoint route, HttpResponseMessage response)
    {
        bool anyone = route.Metadata.GetMetadata<IAllowAnonymous>() is not null;
        if ((int)response.StatusCode >= 500)
        {
            return $"{(int)response.StatusCode}";
        }

        if (anyone)
        {
            return response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Found or HttpStatusCode.NotFound ? null : $"{(int)response.StatusCode}";
        }

        if (person == "nobody")
        {
            return response.StatusCode == HttpStatusCode.Found && response.Headers.Location!.OriginalString.Contains("/sign-in", StringComparison.Ordinal) ? null : $"{(int)response.StatusCode} instead of the sign-in";
        }

        string[] rooms = [.. route.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).OfType<string>().Distinct()];
        bool mayEnter = rooms.All(room => Rooms.Roles[room].Contains(RoleOf(person)));
        return mayEnter
            ? response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound or HttpStatusCode.Found || path.StartsWith("/_framework/", StringComparison.Ordinal) ? null : $"{(int)response.StatusCode} in one's own room"
            : response.StatusCode == HttpStatusCode.Forbidden ? null : $"{(int)response.StatusCode} instead of 403";
    }

    internal static PortalRole RoleOf(string person) => person switch
    {
        "Kiruthika" => PortalRole.Patient,
        "Nandhini" => PortalRole.Doctor,
        "Meena" => PortalRole.Guardian,
        "GH" => PortalRole.Hospital,
        "Health Authority" => PortalRole.RegulatoryAgency,
        "Asha Insurance" => PortalRole.Insurer,
        _ => PortalRole.CloudServer,
    };

    private List<RouteEndpoint> Routes() => [.. portal.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET", "POST"];

    internal static string PathOf(RouteEndpoint route) => "/" + string.Join('/', route.RoutePattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
        Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => Values.TryGetValue(parameter.Name.ToLowerInvariant(), out string? value)
            ? value : throw new InvalidOperationException($"RouteTests.Values has no value for the parameter {parameter.Name} of {route.RoutePattern.RawText}."),
        _ => string.Empty,
    }))));
}
