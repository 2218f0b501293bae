using FsCheck;
using FsCheck.Fluent;
using Phr.Consent;
using Phr.Consent.Tests;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>
/// Random commands at the contract itself: nothing is decided beforehand, so it is the contract that accepts or refuses, and its errors' names, its events and its storage are compared with the
/// model's, step by step.
/// </summary>
public sealed class DifferentialTests
{
    private const int Histories = 7;
    private const int Length = 150;

    [Fact]
    public void RandomCommands_AtTheContract_HaveTheModelsOutcomes()
    {
        NodeLedgers.RequireContracts();
        Arbitrary<int[]> scripts = Gen.Choose(0, int.MaxValue).ArrayOf(Length).ToArbitrary();
        Prop.ForAll(scripts, script => RunAsync(script).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(Histories));
    }

    private static async Task RunAsync(int[] script)
    {
        await using DevNode node = await DevNode.StartAnvilAsync("--disable-code-size-limit");
        await using EthereumConsentLedger ledger = await NodeLedgers.DeployAsync(node, LedgerStory.Parameters with { MaxOracleKeyLifetime = TimeSpan.FromDays(40) }, decidesFirst: false);
        DateTimeOffset Now() => NodeLedgers.NowAsync(node).GetAwaiter().GetResult();
        var story = new LedgerStory(ledger, Now);
        await story.InstituteAsync();
        await story.SealAsync();
        var commands = new RandomCommands(
            story,
            Now,
            by => NodeLedgers.AdvanceAsync(node, by),
            async block => await ledger.FindRandomnessAsync(block, default) ?? throw new InvalidOperationException("there is no such block"),
            comparesLeaves: false);
        await commands.BeginAsync();
        await commands.RunAsync(script);
        await StorageComparison.RunAsync(node, ledger);
    }
}
