using System.Numerics;

namespace Phr.Consent.Tests.Ledger;

/// <summary>What the contract's library must compute as the model does: <c>contracts/test/vectors/reputation.json</c>. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.</summary>
public class ReputationVectorTests
{
    private const int Steps = 256;
    private const int Levels = 128;

    [Fact]
    public void Vectors_Committed_AreTheModels() => ContractVectors.Compare("reputation.json", Write());

    /// <summary>An oracle's slot as the contract keeps it: unit 160 bits, three terms of 20, day 16, hour 20.</summary>
    private static BigInteger Slot(Reputation reputation) =>
        (BigInteger.One << 159) + 7
        + ((BigInteger)reputation.Correctness << 160)
        + ((BigInteger)reputation.Timeliness << 180)
        + ((BigInteger)reputation.Rating << 200)
        + ((BigInteger)reputation.SinceDay << 220)
        + ((BigInteger)500_001 << 236);

    private static string Write()
    {
        var random = new ContractVectors.Lehmer(20_261_123);
        var steps = new List<string>();
        var levels = new List<string>();
        DateTimeOffset now = LedgerWorld.Start;
        Reputation reputation = Reputation.Newcomer(now);
        for (int i = 0; i < Steps; i++)
        {
            // Runs of good or of bad news, so that the ends of the range are reached, with pauses of every length between.
            if (i % 64 == 0)
            {
                reputation = new Reputation { Correctness = random.Below(Reputation.Full + 1), Timeliness = random.Below(Reputation.Full + 1), Rating = i % 128 == 0 ? Reputation.Full : 0, SinceDay = Reputation.DayOf(now) };
            }

            now += TimeSpan.FromDays(random.Below(8) switch { 0 => random.Below(5000), 1 => 29, 2 => 30, 3 => random.Below(100), _ => 0 });
            int kind = random.Below(3);
            ReputationTerm term = (ReputationTerm)random.Below(3);
            int target = random.Below(4) switch { 0 => 0, 1 => Reputation.Full, _ => random.Below(Reputation.Full + 1) };
            Reputation after = kind == 0 ? reputation.At(now) : kind == 1 ? reputation.Observe(term, target, now) : reputation.Reward(term, target, now);
            steps.Add(ContractVectors.Words(Slot(reputation), kind, (int)term, target, Reputation.DayOf(now), Slot(after), after.Weight));
            reputation = after;
        }

        for (int i = 0; i < Levels; i++)
        {
            int window = random.Below(3) switch { 0 => 1 + random.Below(20), 1 => 3600, _ => 1 + random.Below(1 << 30) };
            int latency = random.Below(3) switch { 0 => window, 1 => window + 1, _ => random.Below(window + 1) };
            int level = Reputation.LevelOf(TimeSpan.FromSeconds(latency), TimeSpan.FromSeconds(window));
            levels.Add(ContractVectors.Words(latency, window, level, Reputation.TimelinessTarget(level)));
        }

        return ContractVectors.ToJson(
            new
            {
                about = "Written by ReputationVectorTests (C#). steps: abi.encode(slot before, kind 0 decay 1 observe 2 reward, term, target, day, slot after, weight). levels: abi.encode(latency, window, level, target).",
                steps,
                levels,
            });
    }
}
