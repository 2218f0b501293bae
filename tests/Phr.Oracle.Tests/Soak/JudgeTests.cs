using System.Diagnostics;
using Phr.RunChecker;
using Phr.TestSupport;

namespace Phr.Oracle.Tests.Soak;

/// <summary>What judges runs with faults, on a run that was recorded: it finds nothing in it, and finds everything that is planted.</summary>
public sealed class JudgeTests
{
    private const string Delivered = "DeliveryRecorded";

    private static Recording Recorded => Recording.Load(RepositoryRoot.Combine("tests", "vectors", "runs", "faults.json"));

    [Fact]
    public void Decide_RecordedRun_FindsNothingAndCounts()
    {
        Verdict verdict = Judge.Decide(Recorded);
        Assert.Empty(verdict.Findings);
        Tally tally = verdict.Tally;
        Assert.Equal(Recorded.Facts.Requests.Count, tally.Requests);
        Assert.True(tally.Grants > 0 && tally.Deliveries >= 3 * tally.Opened && tally.Branches > 0 && tally is { Expired: > 0, TakenBack: > 0, Denied: > 0 }, tally.Write());
        Assert.True(tally.Approvals > tally.Grants, tally.Write());
        Assert.Equal(5, tally.Faults.Count);
        Assert.Contains("| deliveries | ", tally.Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_DeliveredTwice_FindsDouble()
    {
        Recording recording = Recorded;
        (int block, SeenEvent delivery) = Last(recording, Opened(recording));
        AssertFinds(FindingKind.Double, Add(recording, block, delivery));
    }

    [Fact]
    public void Decide_TwoDifferentDeliveriesOnTwoBranches_FindsContradiction()
    {
        Recording recording = Recorded;
        (int at, SeenEvent delivery) = Last(recording, Opened(recording));
        SeenBlock block = recording.Blocks[at];
        SeenBlock replaced = block with { Hash = new string('0', 64), Events = [.. block.Events.Select(e => e == delivery ? With(e, "deliveryDigest", new string('1', 64)) : e)] };
        AssertFinds(FindingKind.Contradiction, recording with { Blocks = [.. recording.Blocks.Take(at), replaced, .. recording.Blocks.Skip(at)] });
    }

    [Fact]
    public void Decide_SameDeliveryOnTwoBranches_FindsNothing()
    {
        Recording recording = Recorded;
        (int at, _) = Last(recording, Opened(recording));
        SeenBlock replaced = recording.Blocks[at] with { Hash = new string('0', 64) };
        Verdict verdict = Judge.Decide(recording with { Blocks = [.. recording.Blocks.Take(at), replaced, .. recording.Blocks.Skip(at)] });
        Assert.Empty(verdict.Findings);
        Assert.True(verdict.Tally.DeliveriesTakenAway > Judge.Decide(recording).Tally.DeliveriesTakenAway);
    }

    [Fact]
    public void Decide_DeliveredBeforeTheVetoWindowIsOver_FindsEarly()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        AssertFinds(FindingKind.Early, Change(recording, e => Concerns(e, fact) && e.Name == "GrantIssued" ? With(e, "vetoUntil", "9999999999") : e));
    }

    [Fact]
    public void Decide_DeliveredOnAGrantThatCouldStillBeReplaced_FindsEarly()
    {
        Recording recording = Recorded;
        Assert.Equal(2, recording.Facts.Confirmations);

        // As if the oracles had been told to wait for longer: from the depth on at which the quickest of them delivered.
        bool IsEarlyWith(int confirmations) =>
            Judge.Decide(recording with { Facts = recording.Facts with { Confirmations = confirmations } }).Findings.Any(finding => finding.Kind == FindingKind.Early);
        int quickest = Enumerable.Range(0, 30).First(IsEarlyWith);
        Assert.True(quickest > 2);
        Assert.True(IsEarlyWith(quickest + 1));
    }

    [Fact]
    public void Decide_DeliveredWithoutAGrant_FindsEarly()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        AssertFinds(FindingKind.Early, Remove(recording, e => Concerns(e, fact) && e.Name == "GrantIssued"));
    }

    [Fact]
    public void Decide_OneDeliveryMissing_FindsLost()
    {
        Recording recording = Recorded;
        (_, SeenEvent delivery) = Last(recording, Opened(recording));
        AssertFinds(FindingKind.Lost, Remove(recording, e => e == delivery));
    }

    [Theory]
    [InlineData("GrantRevoked")]
    [InlineData("RequestVetoed")]
    [InlineData("RequestExpired")]
    public void Decide_DeliveredAfterAnEnd_FindsAfterEnd(string end)
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        (int block, _) = Last(recording, fact);
        var ended = new SeenEvent(end, new Dictionary<string, string> { ["requestId"] = fact.Id, ["reasonCode"] = "1" });
        SeenBlock before = recording.Blocks[block];
        AssertFinds(FindingKind.AfterEnd, recording with { Blocks = [.. recording.Blocks.Take(block), before with { Events = [ended, .. before.Events] }, .. recording.Blocks.Skip(block + 1)] });
    }

    [Fact]
    public void Decide_DeliveredWhenTheTimeIsOver_FindsAfterEnd()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        AssertFinds(FindingKind.AfterEnd, Change(recording, e => Concerns(e, fact) && e.Name == "AccessRequested" ? With(e, "meta", "1") : e));
    }

    [Fact]
    public void Decide_DeliveredToADoctorWithoutLicence_FindsAfterEnd()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        int first = recording.Blocks.ToList().FindIndex(b => b.Events.Any(e => Concerns(e, fact)));
        var withdrawn = new SeenEvent("LicenceWithdrawn", new Dictionary<string, string> { ["doctor"] = fact.Doctor, ["agency"] = new string('a', 40), ["reasonCode"] = "1" });
        AssertFinds(FindingKind.AfterEnd, Add(recording, first, withdrawn));
    }

    [Fact]
    public void Decide_DeliveredFromAnotherSeat_FindsStranger()
    {
        Recording recording = Recorded;
        (_, SeenEvent delivery) = Last(recording, Opened(recording));
        AssertFinds(FindingKind.Stranger, Change(recording, e => e == delivery ? With(e, "oracle", new string('e', 40)) : e));
    }

    [Fact]
    public void Decide_DeliveredObjectNowhere_FindsIt()
    {
        Recording recording = Recorded;
        (_, SeenEvent delivery) = Last(recording, Opened(recording));
        AssertFinds(FindingKind.ObjectMissing, recording with { Objects = recording.Objects.ToDictionary(o => o.Key, o => o.Value && o.Key != delivery["envelopeDigest"]) });
    }

    [Fact]
    public void Decide_DoctorLacksADocumentOrHasAnother_FindsNotOpened()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        AssertFinds(FindingKind.NotOpened, WithFolder(recording, fact.Folder, new Dictionary<string, string>()));
        AssertFinds(FindingKind.NotOpened, WithFolder(recording, fact.Folder, fact.Documents.ToDictionary(d => d.Key, _ => new string('0', 64))));
    }

    [Fact]
    public void Decide_DocumentWithoutAGrant_FindsOpenedUngranted()
    {
        Recording recording = Recorded;
        RequestFact opened = Opened(recording), refused = recording.Facts.Requests.First(r => r.Expects == Expectation.Refused);
        AssertFinds(FindingKind.OpenedUngranted, WithFolder(recording, refused.Folder, refused.Documents));
        AssertFinds(FindingKind.OpenedUngranted, WithFolder(recording, recording.Facts.EmptyFolders[0], opened.Documents));
        AssertFinds(FindingKind.OpenedUngranted, WithFolder(recording, opened.Folder, new Dictionary<string, string>(opened.Documents) { ["another.bin"] = new string('0', 64) }));
    }

    [Fact]
    public void Decide_NoGrantWhereOneIsDue_FindsNotGranted()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        AssertFinds(FindingKind.NotGranted, Remove(recording, e => Concerns(e, fact) && e.Name == "GrantIssued"));
    }

    [Fact]
    public void Decide_GrantWhereNoneIsDue_FindsGranted()
    {
        Recording recording = Recorded;
        RequestFact fact = recording.Facts.Requests.First(r => r.Expects == Expectation.Refused);
        int first = recording.Blocks.ToList().FindIndex(b => b.Events.Any(e => Concerns(e, fact)));
        Recording granted = Add(recording, first, new SeenEvent("GrantIssued", new Dictionary<string, string> { ["requestId"] = fact.Id, ["vetoUntil"] = "0" }));
        AssertFinds(FindingKind.Granted, granted);
    }

    [Fact]
    public void Decide_RequestsOfNobody_FindsUnaccounted()
    {
        Recording recording = Recorded;
        RequestFact fact = Opened(recording);
        AssertFinds(FindingKind.Unaccounted, recording with { Facts = recording.Facts with { Requests = [.. recording.Facts.Requests.Where(r => r.Id != fact.Id)] } });
        AssertFinds(FindingKind.Unaccounted, Remove(recording, e => Concerns(e, fact)));
    }

    /// <summary>The program, as benchmarks/soak.sh and anybody after it runs it on a recording: what it finds is its exit code.</summary>
    [Fact]
    public async Task JudgeFile_PlantedFinding_EndsWithOneAndWithoutItWithZero()
    {
        string folder = Directory.CreateTempSubdirectory("phr-judge-").FullName;
        try
        {
            (int code, string output) = await RunAsync("judge", RepositoryRoot.Combine("tests", "vectors", "runs", "faults.json"));
            Assert.True(code == 0, output);
            Assert.Contains("Nothing was found.", output, StringComparison.Ordinal);

            Recording recording = Recorded;
            (int block, SeenEvent delivery) = Last(recording, Opened(recording));
            string planted = Path.Combine(folder, "planted.json");
            Add(recording, block, delivery).Save(planted);
            (code, output) = await RunAsync("judge", planted);
            Assert.True(code == 1, output);
            Assert.Contains("Double: request", output, StringComparison.Ordinal);
            Assert.Contains("1 findings.", output, StringComparison.Ordinal);

            Assert.Equal(2, (await RunAsync("judge")).Code);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string program = RepositoryRoot.Combine("benchmarks", "Phr.RunChecker", "bin", here.Parent!.Name, here.Name, "Phr.RunChecker.dll");
        using Process process = Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    // What judges must not stand on what it judges.
    [Fact]
    public void Project_References_NameNoProjectOfOurs()
    {
        string folder = RepositoryRoot.Combine("benchmarks", "Phr.RunChecker");
        Assert.DoesNotContain("ProjectReference", File.ReadAllText(Path.Combine(folder, "Phr.RunChecker.csproj")), StringComparison.Ordinal);
        Assert.DoesNotContain("Compile Include", File.ReadAllText(Path.Combine(folder, "Phr.RunChecker.csproj")), StringComparison.Ordinal);
        Assert.All(Directory.GetFiles(folder, "*.cs"), file => Assert.DoesNotMatch("Phr\\.(Oracle|Consent|Crypto|Storage)", File.ReadAllText(file)));
    }

    private static void AssertFinds(FindingKind kind, Recording recording)
    {
        IReadOnlyList<Finding> findings = Judge.Decide(recording).Findings;
        Assert.Contains(findings, finding => finding.Kind == kind);
    }

    private static RequestFact Opened(Recording recording) => recording.Facts.Requests.First(r => r.Expects == Expectation.Opened);

    private static bool Concerns(SeenEvent seen, RequestFact fact) => seen.Arguments.TryGetValue("requestId", out string? id) && id == fact.Id;

    // The last delivery of a request, which no later block takes back.
    private static (int Block, SeenEvent Delivery) Last(Recording recording, RequestFact fact)
    {
        for (int i = recording.Blocks.Count - 1; i >= 0; i--)
        {
            if (recording.Blocks[i].Events.LastOrDefault(e => e.Name == Delivered && Concerns(e, fact)) is { } found)
            {
                return (i, found);
            }
        }

        throw new InvalidOperationException("The recorded run has no delivery for the request.");
    }

    private static SeenEvent With(SeenEvent seen, string argument, string value) => seen with { Arguments = new Dictionary<string, string>(seen.Arguments) { [argument] = value } };

    private static Recording Change(Recording recording, Func<SeenEvent, SeenEvent> change) =>
        recording with { Blocks = [.. recording.Blocks.Select(b => b with { Events = [.. b.Events.Select(change)] })] };

    private static Recording Remove(Recording recording, Func<SeenEvent, bool> unwanted) =>
        recording with { Blocks = [.. recording.Blocks.Select(b => b with { Events = [.. b.Events.Where(e => !unwanted(e))] })] };

    private static Recording Add(Recording recording, int block, SeenEvent seen) =>
        recording with { Blocks = [.. recording.Blocks.Select((b, i) => i == block ? b with { Events = [.. b.Events, seen] } : b)] };

    private static Recording WithFolder(Recording recording, string folder, IReadOnlyDictionary<string, string> files) =>
        recording with { Folders = new Dictionary<string, IReadOnlyDictionary<string, string>>(recording.Folders) { [folder] = files } };
}
