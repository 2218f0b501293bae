using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// Random commands at the contract itself: nothing is decided beforehand, so it is the contract that accepts or refuses, and its errors' names, its events and the whole of its storage are compared
/// with the model's: the outcomes step by step, the storage at the end.
/// </summary>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const int Histories = 3;
    private const int Length = 150;
    private static readonly bool _isLong = Environment.GetEnvironmentVariable("PHR_TEST_LONG") == "1";

    [Fact]
    public void RandomCommands_AtTheContract_HaveTheModelsOutcomes()
    {
        Arbitrary<int[]> scripts = Gen.Choose(0, int.MaxValue).ArrayOf(Length).ToArbitrary();
        Prop.ForAll(scripts, script => RunAsync(script, lasts: false).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(_isLong ? 10 * Histories : Histories));
    }

    /// <summary>A thousand commands, ten thousand with PHR_TEST_LONG; what cannot be undone is begun anew, so that all of them have something to act on.</summary>
    [Fact]
    public async Task ContractStorage_AfterAThousandRandomCommands_IsTheModelsToTheLastWord()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("PHR_TEST_SEED"), out int wanted) ? wanted : Random.Shared.Next();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PHR_TEST_SEED={seed}"));
        var random = new Random(seed);
        await RunAsync(Enumerable.Repeat(random, int.MaxValue).Select(numbers => numbers.Next()), lasts: true, _isLong ? 10_000 : 1_000);
    }

    /// <summary>A request may be made again word for word after another one of the pair. What trustees granted of it is reviewed once all the same.</summary>
    [Fact]
    public async Task ContractStorage_AnEmergencyAskedForTwiceWordForWord_IsTheModels()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        DateTimeOffset Now() => NodeLedgers.NowAsync(node).GetAwaiter().GetResult();
        var story = new LedgerStory(ledger, Now);
        await story.InstituteAsync();
        await story.SealAsync();
        Digest dealing = LedgerStory.Fresh();
        await story.SubmitAsync(LedgerStory.Patient, new ProposeDealing { Actor = default, BundleId = story.Bundle, HeaderDigest = story.Header, Epoch = 2, DealingDigest = dealing, Policy = LedgerStory.Policy with { Emergency = true } });
        foreach ((Person trustee, TrusteeSeat seat) in LedgerStory.Trustees)
        {
            await story.SubmitAsync(trustee, new AcknowledgeDealing { Actor = default, BundleId = story.Bundle, DealingDigest = dealing, Seat = seat });
        }

        await story.SubmitAsync(LedgerStory.Patient, new ActivateDealing { Actor = default, BundleId = story.Bundle, DealingDigest = dealing });
        RequestAccess Emergency() => story.Request() with { EmergencyReason = 1, DealingDigest = dealing, Epoch = 2, NotAfter = Now().AddHours(22) };
        RequestAccess first = Emergency();
        RequestId id = first.ComputeId(ledger.Id);
        foreach (RequestAccess request in (RequestAccess[])[first, Emergency(), first])
        {
            RequestId asked = request.ComputeId(ledger.Id);
            await story.SubmitAsync(LedgerStory.Doctor, request);
            await story.SubmitAsync(LedgerStory.Doctor, new DrawCommittee { Actor = default, RequestId = asked });
            await (asked == id ? story.ApproveAsync(asked) : story.SubmitAsync(LedgerStory.Patient, new ConsentToRequest { Actor = default, RequestId = asked, ApprovalDigest = LedgerStory.Fresh() }));
            await story.SubmitAsync(LedgerStory.Patient, new RevokeGrant { Actor = default, RequestId = asked, ReasonCode = 1 });
            Assert.Equal(1, (await ledger.GetActorAsync(LedgerStory.Doctor.Id))!.OpenReviews);
            await StorageComparison.RunAsync(node, ledger);
        }

        await story.SubmitAsync(LedgerStory.Patient, new ReviewEmergency { Actor = default, RequestId = id, Finding = EmergencyFinding.Justified });
        Assert.Equal(0, (await ledger.GetActorAsync(LedgerStory.Doctor.Id))!.OpenReviews);
        await StorageComparison.RunAsync(node, ledger);
    }

    [Fact]
    public void ContractSlots_Variables_LieWhereTheCompilerPutThem() => Assert.Equal(
        StorageComparison.ReadLayout().OrderBy(variable => variable.Value).Select(variable => (variable.Key, variable.Value)),
        [
            ("_bundles", 0), ("_actors", 1), ("_addresses", 2), ("_oracles", 3), ("_registry", 4), ("_snapshots", 5), ("_snapshotEntries", 7), ("_dealings", 8), ("_requests", 9),
            ("_credits", 10), ("_records", 11), ("_locked", 12),
        ]);

    [Fact]
    public async Task ContractStorage_WithOneWordChanged_IsNotTheModels()
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters);
        await NodeLedgers.StoryOf(node, ledger).RegisterAsync(LedgerStory.Agency, ActorRoles.Agency);
        await StorageComparison.RunAsync(node, ledger);
        ContractSlot known = ledger.SeenState.ContractSlots().First(slot => !slot.Value.IsZero);
        foreach ((string key, string value) in ((string, string)[])[($"0x{known.Key}", $"0x{new string('0', 63)}7"), ($"0x{new string('0', 63)}d", $"0x{new string('0', 63)}1")])
        {
            string before = $"0x{(await node.Rpc.GetStorageAsync(ledger.Id.Contract, Digest.FromBytes(Convert.FromHexString(key[2..])), BlockTag.Latest, default))}";
            await node.DevAsync("anvil_setStorageAt", $"0x{ledger.Id.Contract}", key, value);
            await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(() => StorageComparison.RunAsync(node, ledger));
            await node.DevAsync("anvil_setStorageAt", $"0x{ledger.Id.Contract}", key, before);
            await StorageComparison.RunAsync(node, ledger);
        }
    }

    private async Task RunAsync(IEnumerable<int> script, bool lasts, int wanted = int.MaxValue)
    {
        await using DevNode node = await NodeLedgers.StartNodeAsync();
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters with { MaxOracleKeyLifetime = TimeSpan.FromDays(40) }, decidesFirst: false);
        RandomCommands commands = await NodeLedgers.RandomCommandsAsync(node, ledger, lasts);
        await commands.RunAsync(script.TakeWhile(_ => commands.Accepted + commands.Refused < wanted));
        int words = await StorageComparison.RunAsync(node, ledger);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{commands.Accepted} accepted, {commands.Refused} refused, {words} words; {string.Join(", ", commands.Kinds)}; most often refused {string.Join(", ", commands.Refusals.OrderByDescending(refusal => refusal.Value).Take(10))}"));
    }
}
