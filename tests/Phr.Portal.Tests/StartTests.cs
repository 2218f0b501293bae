using System.Net;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Portal.Tests;

/// <summary>How a portal begins, and begins again.</summary>
public sealed class StartTests
{
    private const string Passphrase = "a sentence that nobody guesses";

    [Fact]
    public async Task NewPortal_ByTheConsolesCode_GetsOperatorAgencyAndLedger()
    {
        await using PortalHost portal = await PortalHost.StartAsync();
        using var visitor = new Visitor(portal);
        Assert.Contains("This portal is new", await visitor.ReadAsync("/"), StringComparison.Ordinal);
        using (HttpResponseMessage wrong = await visitor.SubmitAsync("/setup", "setup", Founders("NOT THE CODE")))
        {
            Assert.Contains("This is not the code", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpResponseMessage right = await visitor.SubmitAsync("/setup", "setup", Founders(portal.Services.GetRequiredService<SetupCode>().Code)))
        {
            Assert.Contains("Both accounts are made", await right.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Contains("has its operator and its agency already", await visitor.ReadAsync("/setup"), StringComparison.Ordinal);

        // Nobody makes keys before the agency, with which the ledger begins.
        using var guardian = new Visitor(portal);
        using (await guardian.SubmitAsync("/register/guardian", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = "Meena", ["Form.Email"] = "meena@start.example", ["Form.Password"] = "meena password", ["Form.PasswordAgain"] = "meena password",
        }))
        {
        }

        using var cloud = new Visitor(portal);
        await cloud.SignInAsync("cloud", "cloud password");
        string id = Regex.Match(await cloud.ReadAsync("/cloud"), "value=\"admit-(\\d+)\"").Groups[1].Value;
        using (await cloud.SubmitAsync("/cloud", $"admit-{id}"))
        {
        }

        Assert.Contains("meena@start.example", await cloud.ReadAsync("/cloud/mail"), StringComparison.Ordinal);
        await guardian.SignInAsync("meena@start.example", "meena password");
        using (HttpResponseMessage early = await EnrolAsync(guardian))
        {
            Assert.Contains("the ledger begins with it", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var agency = new Visitor(portal);
        await agency.SignInAsync("agency@start.example", "agency password");
        using (HttpResponseMessage made = await EnrolAsync(agency))
        {
            Assert.Contains("Your keys are made", await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await agency.ReadAsync("/agency");
        using (HttpResponseMessage now = await EnrolAsync(guardian))
        {
            Assert.Contains("Your keys are made", await now.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await guardian.ReadAsync("/trustee");
        Assert.Equal(4, Regex.Matches(await cloud.ReadAsync("/cloud/result"), "<span class=\"badge good\">ready</span>").Count);
    }

    /// <summary>As somebody starts it who has read nothing: the console alone leads to the first accounts.</summary>
    [Fact]
    public async Task NewProcess_WithoutADemonstration_SaysWhereToGoAndWithWhichCode()
    {
        string root = Directory.CreateTempSubdirectory("phr-portal-new-").FullName;
        try
        {
            await using PortalProcess portal = await PortalProcess.StartNewAsync(Path.Combine(root, "portal"), Path.Combine(root, "temporary"));
            Match told = Regex.Match(portal.Said, @"Make the operator's and the agency's at (http://127\.0\.0\.1:\d+/setup) with this code: (\S+)");
            Assert.True(told.Success, portal.Said);
            Assert.Equal(new Uri(portal.Address, "/setup"), new Uri(told.Groups[1].Value));
            using var visitor = new Visitor(portal.Address);
            using HttpResponseMessage made = await visitor.SubmitAsync("/setup", "setup", Founders(told.Groups[2].Value));
            Assert.Contains("Both accounts are made", await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    /// <summary>The portal was killed while the ledger began: what there is of it is put aside, and the agency begins it.</summary>
    [Fact]
    public async Task Founding_ThatDidNotComeToItsEnd_BeginsAnewAndKeepsWhatThereWas()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"phr-portal-{Guid.NewGuid():n}");
        try
        {
            await using (PortalHost portal = await PortalHost.StartAsync(folder))
            {
                using var visitor = new Visitor(portal);
                using (await visitor.SubmitAsync("/setup", "setup", Founders(portal.Services.GetRequiredService<SetupCode>().Code)))
                {
                }

                // The ledger is there, and no account was noted.
                using var lost = IdentityKeys.Generate();
                await portal.Services.GetRequiredService<PhrServices>().FoundAsync(lost, TestContext.Current.CancellationToken);
            }

            await using PortalHost again = await PortalHost.StartAsync(folder);
            Assert.False(again.Services.GetRequiredService<PhrServices>().IsFounded);
            using var agency = new Visitor(again);
            await agency.SignInAsync("agency@start.example", "agency password");
            using (HttpResponseMessage made = await EnrolAsync(agency))
            {
                Assert.Contains("Your keys are made", await made.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }

            await agency.ReadAsync("/agency");
            Assert.True(File.Exists(Path.Combine(Assert.Single(Directory.GetDirectories(folder, "ledger-unfinished-*")), "ledger.db")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Enrolment_WhereMailIsSent_AsksForTheCode()
    {
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:RequireEnrolmentCode"] = "true" });
        using var visitor = new Visitor(portal);
        using (await visitor.SubmitAsync("/register/guardian", "register", new Dictionary<string, string>
        {
            ["Form.Name"] = "Ravi", ["Form.Email"] = "ravi@start.example", ["Form.Password"] = "ravi password", ["Form.PasswordAgain"] = "ravi password",
        }))
        {
        }

        using var cloud = new Visitor(portal);
        await cloud.SignInAsync("cloud", "cloud-password");
        string id = Regex.Match(await cloud.ReadAsync("/cloud"), "value=\"admit-(\\d+)\"").Groups[1].Value;
        using (await cloud.SubmitAsync("/cloud", $"admit-{id}"))
        {
        }

        await visitor.SignInAsync("ravi@start.example", "ravi password");
        using (HttpResponseMessage without = await EnrolAsync(visitor, "WRONGCODE1"))
        {
            Assert.Contains("This is not the code", await without.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        string code = Regex.Match(await cloud.ReadAsync("/cloud/mail"), "Your enrolment code is ([A-Z0-9]{10})").Groups[1].Value;
        using HttpResponseMessage with = await EnrolAsync(visitor, code);
        Assert.Contains("Your keys are made", await with.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_SameFolder_KeepsEverythingButTheUnlockedKeys()
    {
        string folder = Path.Combine(Path.GetTempPath(), $"phr-portal-{Guid.NewGuid():n}");
        try
        {
            using (var visitor = await StartAndUnlockAsync(folder))
            {
            }

            await using PortalHost again = await PortalHost.StartAsync(folder, demo: true);
            using var kiruthika = new Visitor(again);
            await kiruthika.SignInAsync("kiruthika@demo.example", "kiruthika-password");
            using (HttpResponseMessage locked = await kiruthika.GetAsync("/patient/prescriptions"))
            {
                Assert.StartsWith("/unlock", locked.Headers.Location!.OriginalString, StringComparison.Ordinal);
            }

            await kiruthika.UnlockAsync("kiruthika opens the sealed box");
            string page = await kiruthika.ReadAsync("/patient/prescriptions");
            Assert.Single(Regex.Matches(page, "<td class=\"quote\">Take the tablets regularly"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Postgres_TheSameStory_IsToldThere()
    {
        (string? programs, string reason) = NodePrograms.Postgres();
        Assert.SkipWhen(programs is null, reason);
        await using PostgresProcess server = await PostgresProcess.StartAsync();
        string connection = await server.CreateDatabaseAsync();
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string>
        {
            ["Portal:Database"] = "postgres",
            ["Portal:Connection"] = connection,
        });
        Assert.False(File.Exists(Path.Combine(portal.Folder, "portal.db")));
        using var kiruthika = new Visitor(portal);
        await kiruthika.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        await kiruthika.UnlockAsync("kiruthika opens the sealed box");
        Assert.Contains("Take the tablets regularly", await kiruthika.ReadAsync("/patient/prescriptions"), StringComparison.Ordinal);
        using var cloud = new Visitor(portal);
        await cloud.SignInAsync("cloud", "cloud-password");
        Assert.Contains("kiruthika@demo.example", await cloud.ReadAsync("/cloud"), StringComparison.Ordinal);

        // A copy of all tables holds nobody's secrets, as a file of SQLite does not.
        SecretSearch search = AtRestTests.Secrets();
        Assert.True(search.AddKeysOf(portal) >= 3);
        byte[] copy = await CopyTablesAsync(connection);
        Assert.True(copy.AsSpan().IndexOf("kiruthika@demo.example"u8) >= 0);
        Assert.Empty(search.FindIn("the database", copy));

        // Where this database is stricter: one character that no text may have, and lengths that it keeps to.
        using var visitor = new Visitor(portal);
        PartUpload upload = await PartUpload.OpenAsync(kiruthika, PartUpload.MakePicture(1000, "postgres"), "postgres.png");
        Assert.Equal(404, (await upload.BeginAsync(goOn: "a\0b")).Status);
        using (HttpResponseMessage nothing = await kiruthika.GetAsync("/patient/upload?upload=a%00b"))
        {
            Assert.Equal(HttpStatusCode.NotFound, nothing.StatusCode);
        }

        string guardians = string.Join(',', new[] { 66, 66, 66, 65, 65 }.Select((length, i) => $"{i}{new string('g', length - 1)}@demo.example"));
        Assert.InRange(guardians.Length, 393, 400);
        using (HttpResponseMessage many = await HostilePortal.RegisterAsync(visitor, "patient", "Priya", "priya@demo.example", new Dictionary<string, string> { ["Form.Guardians"] = guardians }))
        {
            Assert.Contains("The list of guardians has at most 400 characters.", await many.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        (Authenticator phone, _) = await Authenticator.TurnOnAsync(cloud, DateTimeOffset.UtcNow);
        using (HttpResponseMessage half = await visitor.TrySignInAsync("cloud", "cloud-password"))
        {
            Assert.Contains("/sign-in/code", half.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        using HttpResponseMessage whole = await visitor.SubmitAsync("/sign-in/code", "code", new Dictionary<string, string> { ["Code"] = phone.CodeAt(DateTimeOffset.UtcNow.AddSeconds(30)) });
        Assert.Equal(HttpStatusCode.Found, whole.StatusCode);
        await cloud.PressAsync("/sign-out");
        using HttpResponseMessage ended = await cloud.GetAsync("/cloud");
        Assert.Equal(HttpStatusCode.Found, ended.StatusCode);
    }

    [Fact]
    public async Task Ipfs_TheSameStory_KeepsItsContentOnTheNode()
    {
        (string? node, string reason) = NodePrograms.Ipfs();
        Assert.SkipWhen(node is null, reason);
        await using IpfsNodeProcess ipfs = await IpfsNodeProcess.StartAsync();
        await using PortalHost portal = await PortalHost.StartAsync(demo: true, settings: new Dictionary<string, string> { ["Portal:IpfsNodes:0"] = ipfs.Api.ToString() });
        Assert.False(Directory.Exists(Path.Combine(portal.Folder, "ledger", "records")));
        using var nandhini = new Visitor(portal);
        await nandhini.SignInAsync("nandhini@demo.example", "nandhini-password");
        await nandhini.UnlockAsync("nandhini opens the sealed box");
        using HttpResponseMessage scan = await nandhini.GetAsync("/doctor/appointments/1/documents/0");
        Assert.Equal("image/jpeg", scan.Content.Headers.ContentType!.MediaType);
        Assert.True(scan.Content.Headers.ContentLength > 20_000);

        // The node's blocks hold nobody's secrets. A sealed one is there, so that the search looks at the right place.
        SecretSearch search = AtRestTests.Secrets();
        Assert.True(search.AddKeysOf(portal) >= 3);
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        SealedBundle bundle = await scope.ServiceProvider.GetRequiredService<PortalDb>().Bundles.OrderBy(b => b.Id).FirstAsync();
        byte[] header = await scope.ServiceProvider.GetRequiredService<PhrServices>().Services.Exchange.GetBlockAsync(Phr.Crypto.Digest.Parse(bundle.HeaderDigest));
        Assert.Empty(await search.FindInFolderAsync(ipfs.Folder, header[^64..]));
    }

    // Every table, row by row, as PostgreSQL writes it for a copy.
    private static async Task<byte[]> CopyTablesAsync(string connection)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        var tables = new List<string>();
        await using (var list = new NpgsqlCommand("SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')", database))
        await using (NpgsqlDataReader rows = await list.ExecuteReaderAsync())
        {
            while (await rows.ReadAsync())
            {
                tables.Add(rows.GetString(0));
            }
        }

        Assert.True(tables.Count > 10, string.Join(' ', tables));
        using var copy = new MemoryStream();
        foreach (string table in tables)
        {
            using TextReader reader = await database.BeginTextExportAsync($"COPY {table} TO STDOUT");
            copy.Write(System.Text.Encoding.UTF8.GetBytes(await reader.ReadToEndAsync()));
        }

        return copy.ToArray();
    }

    private static async Task<Visitor> StartAndUnlockAsync(string folder)
    {
        await using PortalHost portal = await PortalHost.StartAsync(folder, demo: true);
        var visitor = new Visitor(portal);
        await visitor.SignInAsync("kiruthika@demo.example", "kiruthika-password");
        await visitor.UnlockAsync("kiruthika opens the sealed box");
        await visitor.ReadAsync("/patient/prescriptions");
        return visitor;
    }

    private static Dictionary<string, string> Founders(string code) => new()
    {
        ["Typed"] = code,
        ["CloudName"] = "cloud", ["CloudEmail"] = "cloud@start.example", ["CloudPassword"] = "cloud password",
        ["AgencyName"] = "Agency", ["AgencyEmail"] = "agency@start.example", ["AgencyPassword"] = "agency password",
    };

    private static Task<HttpResponseMessage> EnrolAsync(Visitor visitor, string? code = null) =>
        visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Code"] = code ?? string.Empty, ["Passphrase"] = Passphrase, ["Again"] = Passphrase });
}
