using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle;
using Phr.Storage;

namespace Phr.Portal.Tests;

/// <summary>The portal with its ledger on Ethereum and its content on IPFS, by its settings: another agency founded that ledger, and other people's oracles serve on it.</summary>
public sealed class ChainTests : IDisposable
{
    private const string Password = "a password of a test";
    private const string Passphrase = "a sentence that nobody guesses";
    private const int Patience = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("phr-chain-").FullName;
    private readonly List<IDisposable> _owned = [];

    public void Dispose()
    {
        _owned.ForEach(part => part.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Story_OnEthereumAndIpfs_GoesFromTheAgencysAdmissionToPrescriptionAndApprovedClaims()
    {
        (string? anvil, string noAnvil) = NodePrograms.Anvil();
        (string? node, string noNode) = NodePrograms.Ipfs();
        Assert.SkipWhen(anvil is null || node is null, $"{noAnvil} {noNode}".Trim());
        await using IpfsNodeProcess ipfs = await IpfsNodeProcess.StartAsync();

        // A block for each transaction, and one a second besides: as those come faster than seconds, the chain's time begins behind.
        await using EthereumNodeProcess chain = await EthereumNodeProcess.StartAnvilAsync("--block-time", "1", "--mixed-mining", "--timestamp", DateTimeOffset.UtcNow.AddMinutes(-10).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        using var world = new CancellationTokenSource();
        IdentityKeys founder = Own(IdentityKeys.Generate());
        await using IConsentLedger ledger = await DeployAsync(chain, founder.Id);
        using var store = IpfsContentStore.Connect(new IpfsContentStoreOptions { Nodes = [ipfs.Api] });
        var services = new ConsentServices { Ledger = ledger, Records = store, Exchange = store, Time = TimeProvider.System };
        var agency = new AgencyClient(services, founder, Own(new InMemorySecretStore()));
        await agency.RegisterAsync(ActorRoles.Agency);
        (IReadOnlyList<ActorId> operators, Task serving) = await ServeAsync(services, agency, 3, world.Token);

        await using PortalHost portal = await PortalHost.StartAsync(settings: await SettingsAsync(chain, ipfs, operators));
        using var cloud = new Visitor(portal);
        using (await cloud.SubmitAsync("/setup", "setup", new Dictionary<string, string>
        {
            ["Typed"] = portal.Services.GetRequiredService<SetupCode>().Code,
            ["CloudName"] = "cloud", ["CloudEmail"] = "cloud@chain.example", ["CloudPassword"] = Password,
            ["AgencyName"] = "Agency", ["AgencyEmail"] = "agency@chain.example", ["AgencyPassword"] = Password,
        }))
        {
        }

        await cloud.SignInAsync("cloud", Password);

        // The portal's agency is one of several: the founder admits it, and it accepts.
        using var desk = new Visitor(portal);
        await desk.SignInAsync("agency@chain.example", Password);
        await EnrolAsync(desk);
        string id = Regex.Match(await desk.ReadAsync("/agency"), "by your identity <code>([0-9a-f]{40})</code>").Groups[1].Value;
        await agency.AdmitAsync(ActorId.Parse(id));
        await DemoPortal.UntilAsync(
            async () =>
            {
                string page = await desk.ReadAsync("/agency");
                if (page.Contains("value=\"accept-admission\"", StringComparison.Ordinal))
                {
                    // Too early by the chain's time, it is refused in words, and the button stays.
                    using HttpResponseMessage accepted = await desk.SubmitAsync("/agency", "accept-admission");
                }

                return !page.Contains("does not count you as an agency yet", StringComparison.Ordinal);
            },
            Patience);

        using Visitor hospital = await JoinAsync(portal, cloud, "hospital", "GH");
        await PressAsync(desk, "/agency", "admit-");
        int hospitalId = await NumberOfAsync(portal, "GH");
        using Visitor insurer = await JoinAsync(portal, cloud, "insurer", "Asha Insurance");
        await PressAsync(desk, "/agency", "admit-");
        using Visitor guardian = await JoinAsync(portal, cloud, "guardian", "Meena");
        using Visitor doctor = await JoinAsync(portal, cloud, "doctor", "Nandhini", ("Form.LicenceNumber", "TN-1"), ("Form.Speciality", "Cancer"), ("Form.HospitalId", $"{hospitalId}"));
        await PressAsync(desk, "/agency", "license-");
        using Visitor patient = await JoinAsync(
            portal, cloud, "patient", "Kiruthika", ("Form.Guardians", "meena@chain.example"), ("Form.HospitalId", $"{hospitalId}"), ("Form.PersonalDoctorId", $"{await NumberOfAsync(portal, "Nandhini")}"));

        byte[] scan = ModuleWindows.Scan;
        using (HttpResponseMessage uploaded = await patient.UploadAsync(scan, "scan.png"))
        {
            Assert.Equal("/patient", uploaded.Headers.Location!.OriginalString);
        }

        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync("/doctor/requests")).Contains("<option value=\"1\"", StringComparison.Ordinal), Patience);
        string request = await DemoPortal.AskAsync(doctor, patient, 1, "On a chain");
        using (HttpResponseMessage accepted = await patient.SubmitAsync("/patient", $"accept-{request}"))
        {
            Assert.DoesNotContain("class=\"fault\"", await accepted.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync("/doctor/appointments/1")).Contains("Give Prescription</h2>", StringComparison.Ordinal), Patience);
        using (HttpResponseMessage opened = await doctor.GetAsync("/doctor/appointments/1/documents/0"))
        {
            Assert.Equal(scan, await opened.Content.ReadAsByteArrayAsync());
        }

        await DemoPortal.UntilAsync(async () => (await patient.ReadAsync("/patient")).Contains("granted and opened", StringComparison.Ordinal), Patience);
        await LicencePortal.SendAsync(doctor, "/doctor/appointments/1", "prescribe", ("Text", "Take the tablets regularly"));
        Assert.Contains("Take the tablets regularly", Visitor.TextOf(await patient.ReadAsync("/patient/prescriptions")), StringComparison.Ordinal);
        await RequireClaimsAsync(patient, doctor, hospital, desk, insurer);
        Assert.False(Directory.Exists(Path.Combine(portal.Folder, "ledger", "records")));
        Assert.False(File.Exists(Path.Combine(portal.Folder, "ledger", "ledger.db")));
        Assert.False(serving.IsFaulted, serving.Exception?.ToString());
        await RequireBoardAsync(cloud, services.Ledger, operators, open: 0);

        // With no oracle at work, what is granted waits for each of the committee.
        await world.CancelAsync();
        await serving;
        using (HttpResponseMessage uploaded = await patient.UploadAsync(scan, "waits.png"))
        {
            Assert.Equal("/patient", uploaded.Headers.Location!.OriginalString);
        }

        await DemoPortal.UntilAsync(async () => (await doctor.ReadAsync("/doctor/requests")).Contains("<option value=\"2\"", StringComparison.Ordinal), Patience);
        await LicencePortal.SendAsync(patient, "/patient", $"accept-{await DemoPortal.AskAsync(doctor, patient, 2, "Nobody delivers")}");
        await DemoPortal.UntilAsync(async () => (await services.Ledger.ListRequestsAsync(new RequestFilter { Status = RequestStatus.Granted })).Any(r => r.Deliveries.Count == 0), Patience);
        await RequireBoardAsync(cloud, services.Ledger, operators, open: 1);
        ActorId suspended = (await services.Ledger.ListOraclesAsync())[0].Id;
        await agency.SuspendAsync(suspended, 1);
        await DemoPortal.UntilAsync(async () => Visitor.TextOf(await cloud.ReadAsync("/cloud/result")).Contains($"{suspended.ToString()[..12]}… the oracle is Suspended on the ledger.", StringComparison.Ordinal), Patience);
    }

    // One through all levels with an appeal, and one under the limit of hospital and insurer.
    private static async Task RequireClaimsAsync(Visitor patient, Visitor doctor, Visitor hospital, Visitor agency, Visitor insurer)
    {
        string page = await DemoClaim.FileAsync(patient, "Chemotherapy, on a chain");
        using (HttpResponseMessage early = await insurer.GetAsync(page))
        {
            Assert.Equal(System.Net.HttpStatusCode.NotFound, early.StatusCode);
        }

        await DemoClaim.PressAsync(doctor, page, "approve", "Treated as described.");
        await DemoClaim.PressAsync(hospital, page, "approve");
        await DemoClaim.PressAsync(agency, page, "approve");
        await DemoClaim.PressAsync(insurer, page, "approve", "Room charges are not covered.", "2000.00");
        string read = Visitor.TextOf(await patient.ReadAsync(page));
        Assert.Matches("Approved 2000.00 INR.*Treated as described.*Room charges are not covered", read);
        await LicencePortal.SendAsync(patient, page, "appeal", ("Paper", "They are, by clause 4."));
        Assert.Contains("They are, by clause 4.", await insurer.ReadAsync(page), StringComparison.Ordinal);
        await DemoClaim.PressAsync(agency, page, "send back", "Clause 4 covers them.");
        await DemoClaim.PressAsync(insurer, page, "approve", null, "2500.00");
        Assert.Contains("State approved Approved 2500.00 INR", Visitor.TextOf(await patient.ReadAsync(page)), StringComparison.Ordinal);

        await LicencePortal.SendAsync(hospital, "/claims", "small-claims", ("Currency", "EUR"), ("Limit", "100.00"));
        await LicencePortal.SendAsync(insurer, "/insurer", "small-claims", ("Currency", "EUR"), ("Limit", "100.00"));
        string small = await DemoClaim.FileAsync(patient, "A dressing", "40.00", "EUR");
        await DemoClaim.PressAsync(doctor, small, "approve");
        await DemoPortal.UntilAsync(async () => Visitor.TextOf(await patient.ReadAsync(small)).Contains("State waits for the agency, level 3", StringComparison.Ordinal), Patience);
        await DemoClaim.PressAsync(agency, small, "approve");
        await DemoPortal.UntilAsync(async () => Visitor.TextOf(await patient.ReadAsync(small)).Contains("State approved Approved 40.00 EUR", StringComparison.Ordinal), Patience);
    }

    // The operator's board has the oracles of others by what the ledger tells of them.
    private static async Task RequireBoardAsync(Visitor cloud, IConsentLedger ledger, IReadOnlyList<ActorId> operators, int open)
    {
        IReadOnlyList<OracleRecord> oracles = await ledger.ListOraclesAsync();
        Assert.Equal(operators.Order(), oracles.Select(oracle => oracle.Operator).Order());
        await DemoPortal.UntilAsync(
            async () =>
            {
                string board = Visitor.TextOf(await cloud.ReadAsync("/cloud/result"));
                return oracles.All(o => Regex.IsMatch(board, $"{o.Operator.ToString()[..12]}… {o.Id.ToString()[..12]}… can be drawn [0-9]+\\.[0-9] % [^,]*{o.ValidUntil.Year}, [0-9:]+(?: UTC)? {open}\\b"));
            },
            Patience);
    }

    private static async Task EnrolAsync(Visitor visitor)
    {
        using HttpResponseMessage response = await visitor.SubmitAsync("/enrol", "enrol", new Dictionary<string, string> { ["Passphrase"] = Passphrase, ["Again"] = Passphrase });
        string page = await response.Content.ReadAsStringAsync();
        Assert.True(page.Contains("Your keys are made", StringComparison.Ordinal), Visitor.TextOf(page));
    }

    private static async Task<Visitor> JoinAsync(PortalHost portal, Visitor cloud, string role, string name, params (string Field, string Value)[] more)
    {
        var visitor = new Visitor(portal);
        string mail = $"{name.Split(' ')[0].ToLowerInvariant()}@chain.example";
        var fields = new Dictionary<string, string> { ["Form.Name"] = name, ["Form.Email"] = mail, ["Form.Password"] = Password, ["Form.PasswordAgain"] = Password };
        foreach ((string field, string value) in more)
        {
            fields[field] = value;
        }

        using HttpResponseMessage response = await visitor.SubmitAsync($"/register/{role}", "register", fields);
        string page = await response.Content.ReadAsStringAsync();
        Assert.True(page.Contains("You are registered", StringComparison.Ordinal), Visitor.TextOf(page));
        await cloud.AdmitAsync(mail);
        await visitor.SignInAsync(mail, Password);
        await EnrolAsync(visitor);
        return visitor;
    }

    // Presses the first button whose form's name begins so.
    private static async Task PressAsync(Visitor visitor, string page, string form)
    {
        string name = Regex.Match(await visitor.ReadAsync(page), $"value=\"({form}[0-9]+)\"").Groups[1].Value;
        using HttpResponseMessage response = await visitor.SubmitAsync(page, name);
        Assert.DoesNotContain("class=\"fault\"", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<int> NumberOfAsync(PortalHost portal, string name)
    {
        await using AsyncServiceScope scope = portal.Services.CreateAsyncScope();
        return (await scope.ServiceProvider.GetRequiredService<PortalDb>().Users.SingleAsync(u => u.DisplayName == name)).Id;
    }

    // Operators with an oracle each, as others would run them: here in this process, on a connection of their own.
    private async Task<(IReadOnlyList<ActorId> Operators, Task Serving)> ServeAsync(ConsentServices services, AgencyClient agency, int count, CancellationToken cancellationToken)
    {
        var operators = new List<ActorId>();
        var serving = new List<Task>();
        for (int i = 0; i < count; i++)
        {
            IdentityKeys operatorKeys = Own(IdentityKeys.Generate()), oracleKeys = Own(IdentityKeys.Generate());
            await new TrusteeClient(services, operatorKeys, Own(new InMemorySecretStore())).RegisterAsync(ActorRoles.Operator, cancellationToken: cancellationToken);
            await agency.AdmitAsync(operatorKeys.Id, cancellationToken);
            var worker = new OracleWorker(services, oracleKeys, Own(new InMemorySecretStore()), new OracleOptions { EnvelopeGrace = TimeSpan.FromSeconds(1) });
            var until = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddDays(29).ToUnixTimeSeconds());
            IdentityPublicKeys keys = await worker.RenewEnvelopeKeyAsync(cancellationToken);
            await worker.PublishKeysAsync(keys, OperatorEndorsement.Create(operatorKeys, services.Ledger.Id, keys, until), until, cancellationToken);
            await agency.AdmitAsync(worker.Id, cancellationToken);
            operators.Add(operatorKeys.Id);
            serving.Add(worker.RunAsync(cancellationToken));
        }

        return (operators, Task.WhenAll(serving));
    }

    private async Task<IConsentLedger> DeployAsync(EthereumNodeProcess chain, ActorId founder)
    {
        var nodes = new EthereumRpcOptions { Endpoints = [chain.Address] };
        SecretKey payer = Own(SecretKey.FromBytes(EthereumNodeProcess.AccountKey(0)));
        EthereumDeployment deployment = await EthereumLedgerDeployer.DeployAsync(nodes, payer, new LedgerParameters { FoundingAgency = founder, AgencyDelay = TimeSpan.FromSeconds(1) });
        await deployment.SaveAsync(Path.Combine(_folder, "ledger.json"));
        return await EthereumConsentLedger.ConnectAsync(new EthereumLedgerOptions
        {
            Deployment = deployment,
            Nodes = nodes,
            Relayer = payer,
            Finality = EthereumFinality.Head,
            MaxStaleness = TimeSpan.Zero,
            PollInterval = TimeSpan.FromMilliseconds(250),
            MaxHeadAge = null,
        });
    }

    // The account that pays for the portal is the portal's own.
    private async Task<Dictionary<string, string>> SettingsAsync(EthereumNodeProcess chain, IpfsNodeProcess ipfs, IReadOnlyList<ActorId> operators)
    {
        IdentityKeys payer = Own(IdentityKeys.Generate());
        await KeyFile.SaveAsync(Path.Combine(_folder, "payer.key"), payer, Passphrase.AsMemory(), new KeyFileOptions { MemoryKib = KeyFileOptions.MinMemoryKib, Passes = KeyFileOptions.MinPasses });
        await File.WriteAllTextAsync(Path.Combine(_folder, "payer.passphrase"), Passphrase + "\n");
        await chain.CallAsync("anvil_setBalance", $"0x{payer.Id}", "0x8ac7230489e80000");
        var settings = new Dictionary<string, string>
        {
            ["Portal:Ethereum:Deployment"] = Path.Combine(_folder, "ledger.json"),
            ["Portal:Ethereum:Nodes:0"] = chain.Address.ToString(),
            ["Portal:Ethereum:PayerFile"] = Path.Combine(_folder, "payer.key"),
            ["Portal:Ethereum:PayerPassphraseFile"] = Path.Combine(_folder, "payer.passphrase"),
            ["Portal:Ethereum:Development"] = "true",
            ["Portal:IpfsNodes:0"] = ipfs.Api.ToString(),
        };
        for (int i = 0; i < operators.Count; i++)
        {
            settings[$"Portal:Ethereum:Operators:{i}"] = operators[i].ToString();
        }

        return settings;
    }

    private T Own<T>(T part)
        where T : IDisposable
    {
        _owned.Add(part);
        return part;
    }
}
