using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>Every form that somebody finds on their pages, with its ids and hidden fields, sent by everybody else: nothing happens. And every address with an id in it, opened by everybody else: nothing is there.</summary>
[Collection(nameof(HostilePortal))]
public sealed partial class ForeignPostTests(HostilePortal portal)
{
    [Fact]
    public async Task FormsAndAddresses_OfOthers_DoAndShowNothing()
    {
        Dictionary<string, (Visitor Visitor, int Id)> everybody = await InviteAsync();
        Dictionary<string, string> turns = await FillAsync(everybody);
        var crawls = new Dictionary<string, Crawl>();
        var tokens = new Dictionary<string, string>();

        // A request that waits for several trustees has the same button at each of them.
        var buttons = new Dictionary<string, HashSet<string>>();
        foreach ((string who, (Visitor visitor, _)) in everybody)
        {
            crawls[who] = await Crawl.RunAsync(visitor, turns.TryGetValue(who, out string? turn) ? ["/", turn, "/account"] : ["/", "/account"]);
            buttons[who] = [.. crawls[who].Pages.SelectMany(page => PageForm.ReadAll(page.Key, page.Value)).Where(f => f.Handler is { } name && IdPattern().IsMatch(name)).Select(f => $"{f.Action} {f.Handler}")];
            tokens[who] = (await visitor.OpenFormAsync("/account", "zone")).Controls.First(c => c.Name == "__RequestVerificationToken").Value;
        }

        var faults = new List<string>();
        var opened = new HashSet<string>(StringComparer.Ordinal);
        var pairs = new HashSet<(string Path, string Handler)>();
        int sent = 0, refused = 0;
        string state = await portal.SettleAsync();
        foreach ((string owner, Crawl crawl) in crawls)
        {
            PageForm[] forms = [.. crawl.Forms.Where(f => f.IsPost && f.Handler is { } name && !OwnPattern().IsMatch(name))];
            List<(string Path, HashSet<int> Parties)> addresses = await AddressesAsync(crawl, everybody[owner].Id);
            foreach ((string who, (Visitor visitor, int id)) in everybody.Where(p => p.Key != owner))
            {
                var answers = new List<string>();
                foreach (PageForm form in forms.Where(f => !buttons[who].Contains($"{f.Action} {f.Handler}")))
                {
                    IReadOnlyList<KeyValuePair<string, string>> fields = form.Filled(c => c.Name switch { "__RequestVerificationToken" => tokens[who], "Amount" or "Approved" => "5.00", _ when c.IsWritten && c.Value.Length == 0 => "Sent by somebody else", _ => null });
                    using HttpResponseMessage answer = await visitor.PostAsync(form.Action, fields);
                    sent++;
                    pairs.Add((form.Action.Split('?')[0], PagePosts.Plain(form.Handler!)));
                    answers.Add($"{form.Shape}: {(int)answer.StatusCode}");
                    if ((int)answer.StatusCode >= 500)
                    {
                        faults.Add($"{owner}'s {form.Shape} sent by {who}: {(int)answer.StatusCode}");
                    }
                }

                string now = await portal.StateAsync();
                if (now != state)
                {
                    faults.Add($"{owner}'s forms sent by {who} changed something:\n{string.Join('\n', now.Split('\n').Except(state.Split('\n')))}\nafter one of these:\n{string.Join('\n', answers)}");
                    state = now;
                }

                foreach ((string path, HashSet<int> parties) in addresses)
                {
                    opened.Add(path.Split('?')[0]);
                    if (parties.Contains(id))
                    {
                        continue;
                    }

                    using HttpResponseMessage answer = await visitor.GetAsync(path);
                    refused++;
                    if (answer.StatusCode is not (System.Net.HttpStatusCode.Forbidden or System.Net.HttpStatusCode.NotFound))
                    {
                        faults.Add($"{owner}'s {path} opened by {who}: {(int)answer.StatusCode}");
                    }
                }
            }
        }

        // What no page showed, because of the state that things are in: sent all the same, with ids of what others have.
        (string Route, string Handler)[] unsent = [.. PagePosts.ReadAll().Where(post => !IsAnyones(post.Route) && !OwnPattern().IsMatch(post.Handler.Replace("#", "INR", StringComparison.Ordinal)) && !pairs.Any(p => p.Handler == post.Handler && Matches(post.Route, p.Path)))];
        foreach ((string who, (Visitor visitor, _)) in everybody)
        {
            var answers = new List<string>();
            foreach ((string route, string handler) in unsent.Where(post => !MayDo(who, post.Route)))
            {
                (string path, Dictionary<string, string> fields) = await FillInAsync(route, handler, turns["GH"]);
                fields["__RequestVerificationToken"] = tokens[who];
                using HttpResponseMessage answer = await visitor.PostAsync(path, fields);
                sent++;
                pairs.Add((path, handler));
                answers.Add($"{path} {fields["_handler"]}: {(int)answer.StatusCode}");
                if ((int)answer.StatusCode >= 500)
                {
                    faults.Add($"{path} {fields["_handler"]} sent by {who}: {(int)answer.StatusCode}");
                }
            }

            string now = await portal.StateAsync();
            if (now != state)
            {
                faults.Add($"what {who} sent changed something:\n{string.Join('\n', now.Split('\n').Except(state.Split('\n')))}\nafter one of these:\n{string.Join('\n', answers)}");
                state = now;
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(40)));

        // A new form must be among them, and the list of forms must be one.
        Assert.Equal([], PagePosts.ReadAll().Where(post => !IsAnyones(post.Route) && !OwnPattern().IsMatch(post.Handler.Replace("#", "INR", StringComparison.Ordinal)) && !pairs.Any(p => p.Handler == post.Handler && Matches(post.Route, p.Path))));
        Assert.True(PagePosts.ReadAll().Count > 40, $"only {PagePosts.ReadAll().Count} forms of pages were found");
        Assert.True(sent > 300 && refused > 300, $"{sent} forms sent, {refused} addresses refused");
        TestContext.Current.TestOutputHelper?.WriteLine($"{sent} forms of others sent, {refused} addresses of others refused");

        // A new kind of address must be among them.
        string[] missing = [.. portal.Host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(IsOfOne).Select(r => r.RoutePattern.RawText!).Distinct().Where(route => !opened.Any(path => Matches(route, path)))];
        Assert.Empty(missing);
        foreach ((Visitor visitor, _) in everybody.Values)
        {
            visitor.Dispose();
        }
    }

    // Before somebody is signed in there is nothing of others to be reached.
    private static bool IsAnyones(string route) => route.StartsWith("/sign-in", StringComparison.Ordinal) || route.StartsWith("/register", StringComparison.Ordinal) || route is "/setup";

    // Whose things the ids below are: Kiruthika's, and of those who have to do with them.
    private static bool MayDo(string who, string route) => route.Split('/')[1] switch
    {
        "patient" => who == "Kiruthika",
        "doctor" => who == "Nandhini",
        "trustee" => who is "Meena" or "GH" or "Health Authority",
        "agency" => who == "Health Authority",
        "cloud" => who == "Cloud",
        "claims" => who is "Kiruthika" or "Nandhini" or "GH" or "Health Authority" or "Asha Insurance",
        "insurer" => who == "Asha Insurance",
        _ => false,
    };

    // The address with ids of others' things, and a form as its owner would send it.
    private async Task<(string Path, Dictionary<string, string> Fields)> FillInAsync(string route, string handler, string claim)
    {
        string granted = await portal.ReadAsync(db => db.Appointments.Where(a => a.Id == 1).Select(a => a.Request!).SingleAsync());
        string waiting = await portal.ReadAsync(db => db.Appointments.Where(a => a.PatientId == 3 && a.DoctorId == 5 && a.Request != null).OrderByDescending(a => a.Id).Select(a => a.Request!).FirstAsync());
        string emergency = await portal.ReadAsync(db => db.Appointments.Where(a => a.IsEmergency && a.Request != null).Select(a => a.Request!).FirstAsync());
        string path = Regex.Replace(route, "\\{([A-Za-z]+)[^}]*\\}", parameter => parameter.Groups[1].Value switch { "Claim" => claim.Split('/')[^1], "Request" => emergency, "Number" => "0", _ => "1" });
        string id = handler.Split('-')[0] switch
        {
            "license" or "admit" or "block" => "3",
            "finish" or "discard" => await portal.ReadAsync(db => db.UnfinishedUploads.Select(u => u.Once).FirstAsync()),
            "stop" or "review" => emergency,
            "revoke" => granted,
            _ => waiting,
        };
        var fields = new Dictionary<string, string> { ["_handler"] = handler.Replace("#", id, StringComparison.Ordinal) };
        foreach (string field in (string[])["Text", "Reason", "Note", "Report", "Paper", "What"])
        {
            fields[field] = "Sent by somebody else";
        }

        foreach ((string field, string value) in ((string, string)[])[("Finding", "1"), ("Decision", "approve"), ("Amount", "5.00"), ("Approved", "5.00"), ("Currency", "INR"), ("Chosen", "1"), ("Days", "1"), ("DoctorId", "5"), ("Suggested", "benign"), ("Outcome", "benign"), ("Treatment", "1"), ("Insurer", "8")])
        {
            fields[field] = value;
        }

        return (path, fields);
    }

    // Everybody of the story, and a second one of each role that people can register for, so that roles do not keep them apart.
    private async Task<Dictionary<string, (Visitor Visitor, int Id)>> InviteAsync()
    {
        var everybody = new Dictionary<string, (Visitor Visitor, int Id)>();
        foreach (string who in HostilePortal.People)
        {
            everybody[who] = (await portal.EnterAsync(who), await portal.ReadAsync(db => db.Users.Where(u => u.DisplayName == who).OrderBy(u => u.Id).Select(u => u.Id).FirstAsync()));
        }

        everybody["other doctor"] = await portal.JoinAsync("doctor", "Other doctor");
        everybody["other patient"] = await portal.JoinAsync("patient", "Other patient", new Dictionary<string, string> { ["Form.PersonalDoctorId"] = $"{everybody["other doctor"].Id}" });
        everybody["other guardian"] = await portal.JoinAsync("guardian", "Other guardian");
        everybody["other hospital"] = await portal.JoinAsync("hospital", "Other hospital");
        everybody["other insurer"] = await portal.JoinAsync("insurer", "Other insurer");
        return everybody;
    }

    // Things in every state: an upload that breaks off, uploads to be asked for, asked for and granted, prescriptions, and claims before each of the levels. Who has to decide on which claim.
    private async Task<Dictionary<string, string>> FillAsync(Dictionary<string, (Visitor Visitor, int Id)> everybody)
    {
        (Visitor patient, Visitor doctor) = (everybody["Kiruthika"].Visitor, everybody["Nandhini"].Visitor);
        (Visitor otherPatient, int otherId) = everybody["other patient"];
        Visitor otherDoctor = everybody["other doctor"].Visitor;
        byte[] jpeg = [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[50]];
        PartUpload unfinished = await PartUpload.OpenAsync(patient, PartUpload.MakePicture(PartUpload.PartLength + 99, "unfinished"), "unfinished.png");
        Assert.Equal(200, (await unfinished.BeginAsync()).Status);
        Assert.Equal(200, (await unfinished.SendAsync(0)).Status);
        (int scan, _) = await portal.UploadAsync(otherPatient, otherId, DicomFixture.Make(2), "granted.dcm");
        (int table, _) = await portal.UploadAsync(otherPatient, otherId, await File.ReadAllBytesAsync(RepositoryRoot.Combine("samples", "FullFlow", "records", "laboratory.csv")), "granted.csv");
        await portal.UploadAsync(otherPatient, otherId, jpeg, "to-be-asked.jpg");
        await portal.UploadAsync(patient, 3, jpeg, "to-be-asked.jpg");
        (int asked, _) = await portal.UploadAsync(patient, 3, jpeg, "asked.jpg");
        await portal.GrantAsync(otherPatient, otherDoctor, scan, "To be granted");
        await portal.GrantAsync(otherPatient, otherDoctor, table, "To be granted");
        await SendAsync(otherDoctor, $"/doctor/appointments/{scan}", "prescribe", new Dictionary<string, string> { ["Text"] = "Rest" });
        await SendAsync(doctor, "/doctor/requests", "ask", new Dictionary<string, string> { ["Chosen"] = $"{asked}", ["Reason"] = "Waits for an answer", ["Days"] = "1" });
        Dictionary<string, string> turns = await HostilePortal.FileClaimsAsync(patient, everybody.ToDictionary(p => p.Key, p => p.Value.Visitor));
        turns["other doctor"] = await HostilePortal.FileClaimAsync(otherPatient, scan, "Of another");
        return turns;
    }

    private static async Task SendAsync(Visitor visitor, string page, string form, Dictionary<string, string> fields)
    {
        using HttpResponseMessage answer = await visitor.SubmitAsync(page, form, fields);
        Assert.True(answer.StatusCode == System.Net.HttpStatusCode.Found, $"{page} {form}: {(int)answer.StatusCode} {Visitor.TextOf(await answer.Content.ReadAsStringAsync())}");
    }

    // What somebody came to that has an id in its address, one of each kind, and who else may come there.
    private async Task<List<(string Path, HashSet<int> Parties)>> AddressesAsync(Crawl crawl, int owner)
    {
        List<PortalUser> users = await portal.ReadAsync(db => db.Users.AsNoTracking().ToListAsync());
        var addresses = new List<(string, HashSet<int>)>();
        foreach (string path in crawl.Pages.Keys.Concat(crawl.Files).Where(p => IdPattern().IsMatch(p) && !p.StartsWith("/assets/", StringComparison.Ordinal)).DistinctBy(p => NumberPattern().Replace(p, "#")))
        {
            addresses.Add((path, [owner, .. await PartiesAsync(path, users)]));
        }

        return addresses;
    }

    private async Task<IReadOnlyList<int>> PartiesAsync(string path, IReadOnlyList<PortalUser> users)
    {
        string[] parts = path.Split('?')[0].Trim('/').Split('/');
        IConsentLedger ledger = portal.Host.Services.GetRequiredService<PhrServices>().Services.Ledger;
        if (parts[0] == "claims" && Digest.TryParse(parts[1], out Digest claimId))
        {
            ClaimRecord claim = (await ledger.GetClaimAsync(claimId))!;
            ActorId[] parties = [claim.Patient, claim.Doctor, claim.Hospital, claim.Insurer];
            return [.. users.Where(u => u.Role == PortalRole.RegulatoryAgency || (u.ActorId is { } actor && parties.Contains(actor))).Select(u => u.Id)];
        }

        if (parts[0] == "requests" && RequestId.TryParse(parts[1], out RequestId requestId))
        {
            RequestRecord request = (await ledger.GetRequestAsync(requestId))!;
            return [.. users.Where(u => u.ActorId == request.Patient || (u.TrusteeId is { } trustee && request.Policy.FindSeat(trustee) is not null)).Select(u => u.Id)];
        }

        if (parts[0] == "prescriptions")
        {
            int id = int.Parse(parts[1], CultureInfo.InvariantCulture);
            return await portal.ReadAsync(async db => (await db.Prescriptions.AsNoTracking().Where(p => p.Id == id).ToListAsync()).SelectMany(p => (int[])[p.PatientId, p.DoctorId]).ToArray());
        }

        return [];
    }

    private static bool IsOfOne(RouteEndpoint route) =>
        route.RoutePattern.Parameters.Count > 0
        && route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") != false
        && route.Metadata.GetOrderedMetadata<IAuthorizeData>().Any(data => data.Policy is not null);

    private static bool Matches(string route, string path) => Regex.IsMatch(path, "^/" + Regex.Replace(route.TrimStart('/'), "\\{[^}]*\\}", "[^/]+") + "$", RegexOptions.IgnoreCase);

    [GeneratedRegex("[0-9a-f]{12,}|[0-9]+")]
    private static partial Regex NumberPattern();

    // Forms about oneself, without an id of anything.
    [GeneratedRegex("^(zone|on|off|password|on-duty|off-duty|enrol|unlock|recover|register|forget|drill|small-claims|end-.*|find|seen)$")]
    private static partial Regex OwnPattern();

    [GeneratedRegex("/[0-9]+(/|\\?|$)|[0-9a-f]{32}|-[0-9]+$")]
    private static partial Regex IdPattern();
}
