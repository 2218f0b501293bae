using System.Globalization;
using System.Numerics;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class CommitteeDrawTests
{
    private const int Requests = 10_000;
    private const int Seats = 5;

    private static readonly int[] _weights = [250_000, 300_000, 400_000, 500_000, 500_000, 600_000, 750_000, 900_000, 1_000_000];

    [Fact]
    public void Draw_Committee_IsWhatTheDocumentedStepsGive()
    {
        OracleCandidate[] candidates = Candidates(_weights);
        for (int i = 0; i < 200; i++)
        {
            Digest seed = SampleFiller.SampleDigest(i);
            RequestId request = RequestId.FromBytes(SampleFiller.SampleDigest(1000 + i).ToBytes());
            IReadOnlyList<CommitteeMember> drawn = CommitteeDraw.Draw(seed, request, i % 2, [.. candidates.Reverse()], Seats);

            // By hand, with big integers: sorted ids, keccak, remainder, cumulative weight.
            List<OracleCandidate> left = [.. candidates.OrderBy(candidate => Convert.ToHexString(candidate.Oracle.ToBytes()), StringComparer.Ordinal)];
            for (int k = 0; k < Seats; k++)
            {
                byte[] hash = Keccak256.HashData([.. "phr/draw/v1"u8, .. seed.ToBytes(), .. request.ToBytes(), 0, (byte)(i % 2), 0, (byte)k]);
                BigInteger r = new BigInteger(hash, isUnsigned: true, isBigEndian: true) % left.Sum(candidate => candidate.Weight);
                int at = 0;
                for (BigInteger sum = left[0].Weight; sum <= r; sum += left[at].Weight)
                {
                    at++;
                }

                Assert.Equal((k + 1, left[at].Oracle), (drawn[k].Index, drawn[k].Oracle));
                left.RemoveAt(at);
            }
        }
    }

    [Fact]
    public void Draw_OperatorsWithSeveralOracles_HaveOneSeatEach()
    {
        OracleCandidate[] candidates = [.. Candidates([.. Enumerable.Repeat(1_000_000, 12)]).Select((candidate, i) => candidate with { Operator = SampleFiller.SampleActor(i < 8 ? 1 : i) })];
        for (int i = 0; i < 200; i++)
        {
            IReadOnlyList<CommitteeMember> drawn = CommitteeDraw.Draw(SampleFiller.SampleDigest(i), default, 0, candidates, 5);
            Assert.Distinct(drawn.Select(member => member.Operator));
        }

        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(default, default, 0, candidates, 6));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(default, default, 0, [candidates[9], candidates[9]], 1));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(default, default, 0, [candidates[9] with { Weight = 0 }], 1));
    }

    [Fact]
    public void Draw_TwoOraclesUnderOneOperator_AddTheirWeightsInTheFirstSeatOnly()
    {
        // Splitting into many oracles under many operators is the attack that admission and one seat for each operator are there for; splitting under one operator gains no second seat.
        OracleCandidate[] candidates = [.. Candidates([500_000, 500_000, 500_000, 500_000]).Select((candidate, i) => i < 2 ? candidate with { Operator = SampleFiller.SampleActor(1) } : candidate)];
        int seated = Enumerable.Range(0, 2000).Count(i => CommitteeDraw.Draw(SampleFiller.SampleDigest(i), default, 0, candidates, 2).Any(member => member.Operator == SampleFiller.SampleActor(1)));

        // Of two seats among weights {2, 1, 1}: 1/2 + 1/2 · 2/3 = 5/6.
        AssertInBand(seated, 2000, 5.0 / 6);
    }

    /// <summary>
    /// The expectation is exact: the chance of a seat when n are drawn one by one without replacement is summed over all subsets of the nine oracles (dynamic programming, 512 states).
    /// The band is the 99 % interval of a binomial count, ± 2.576 standard deviations. The seeds are SHA-256 of a counter under a key that the adversary's code cannot see, so the test never flickers.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    public void Draw_TenThousandRequestsOfAnAdversary_ItsShareStaysWithinTheBandOfItsWeight(int own)
    {
        OracleCandidate[] candidates = Candidates(_weights);
        double[] expected = SeatChances(_weights, Seats);
        var seated = new int[_weights.Length];
        var adversary = new Adversary(candidates[own].Oracle, candidates);
        ulong block = 100;
        int aborted = 0;
        for (int i = 0; i < Requests; i++)
        {
            // It sees every block up to now, chooses when to ask, with which nonce and which documents.
            block += adversary.BlocksToWait(Beacon(block));
            RequestAccess request = adversary.Choose(Beacon(block));
            for (int tries = 0; tries < 2 && adversary.WantsToAbort(request, Beacon(block)); tries++)
            {
                // It withdraws before the seed exists, and asks anew. To withdraw later is what the cooldown is for.
                aborted++;
                block++;
                request = adversary.Choose(Beacon(block));
            }

            ulong seedBlock = block + 1;
            block = seedBlock + 1;
            foreach (CommitteeMember member in CommitteeDraw.Draw(Beacon(seedBlock), request.ComputeId(LedgerWorld.Id), 0, candidates, Seats))
            {
                seated[Array.FindIndex(candidates, candidate => candidate.Oracle == member.Oracle)]++;
            }
        }

        Assert.True(aborted > Requests / 10, "The adversary made no use of aborting.");
        Assert.Equal(Seats, expected.Sum(), 9);
        AssertInBand(seated[own], Requests, expected[own]);
    }

    [Fact]
    public void SeatChances_Exact_AgreeWithTheDrawItselfUnderIndependentSeeds()
    {
        OracleCandidate[] candidates = Candidates(_weights);
        double[] expected = SeatChances(_weights, Seats);
        var seated = new int[_weights.Length];
        for (int i = 0; i < 20_000; i++)
        {
            foreach (CommitteeMember member in CommitteeDraw.Draw(SampleFiller.SampleDigest(i), default, 0, candidates, Seats))
            {
                seated[Array.FindIndex(candidates, candidate => candidate.Oracle == member.Oracle)]++;
            }
        }

        // Nine bands at once, so a wider one: 3.5 standard deviations, 99.6 % over all nine.
        for (int i = 0; i < _weights.Length; i++)
        {
            AssertInBand(seated[i], 20_000, expected[i], 3.5);
        }
    }

    /// <summary>Aborting after the seed is known would choose among committees; the cooldown leaves a handful of choices in a year, where honest requests have thousands.</summary>
    [Fact]
    public void Cooldown_AdversaryWhoCancelsEveryUnwelcomeDraw_GetsFewDrawsAYear()
    {
        LedgerWorld world = new LedgerWorld().WithBundle();
        DateTimeOffset end = world.Now + TimeSpan.FromDays(25);
        int draws = 0;
        while (world.Now < end)
        {
            RequestAccess asking = world.Asking();
            if (world.Try(asking).Error == LedgerError.CoolingDown)
            {
                // It tries again after 10 minutes, 20, 40, …: the very waits that the ledger asks for.
                TimeSpan waited = world.Now - world.State.GetActor(world.Doctor.Id)!.LastAbandonedAt;
                world.Pass(waited > TimeSpan.Zero ? waited : world.Parameters.Cooldown);
                continue;
            }

            RequestId id = asking.ComputeId(LedgerWorld.Id);
            world.Mine();
            world.Do(new DrawCommittee { Actor = world.Guardians[0].Id, RequestId = id });
            draws++;
            world.Do(new CancelRequest { Actor = world.Doctor.Id, RequestId = id });
        }

        // 10 min, 20 min, … 5120 min, then one every seven days.
        Assert.InRange(draws, 10, 14);
    }

    [Fact]
    public void Draw_ThroughTheLedger_TakesTheSeedOfTheBlockThatTheRequestFixed()
    {
        LedgerWorld world = new LedgerWorld(new LedgerParameters { FoundingAgency = Person.Of("agency").Id, DrawDelay = 7 }).WithBundle();
        RequestId id = world.Ask();
        Assert.Equal(world.Block + 7, world.Request(id).SeedBlock);
        for (int i = 0; i < 7; i++)
        {
            world.Refused(LedgerError.NotYet, new DrawCommittee { Actor = world.Patient.Id, RequestId = id });
        }

        world.Mine(30);
        world.Do(new DrawCommittee { Actor = world.Patient.Id, RequestId = id });
        RequestRecord request = world.Request(id);
        Assert.Equal(LedgerWorld.RandomnessOf(request.SeedBlock), request.Seed);
        Assert.Equal(CommitteeDraw.Draw(request.Seed!.Value, id, 0, request.Candidates, 5), request.Committee);
    }

    private static OracleCandidate[] Candidates(int[] weights) =>
    [
        .. weights.Select((weight, i) => new OracleCandidate
        {
            Oracle = SampleFiller.SampleActor(500 + i),
            Operator = SampleFiller.SampleActor(600 + i),
            KeyRecordDigest = SampleFiller.SampleDigest(i),
            Weight = weight,
        }),
    ];

    private static Digest Beacon(ulong block) => Digest.Of(Encoding.ASCII.GetBytes("public seed, simulated: " + block.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The exact chance of each candidate to be among the first <paramref name="seats"/> drawn.</summary>
    private static double[] SeatChances(int[] weights, int seats)
    {
        var reached = new double[1 << weights.Length];
        reached[0] = 1;
        var chances = new double[weights.Length];
        for (int taken = 0; taken < reached.Length; taken++)
        {
            if (BitOperations.PopCount((uint)taken) == seats)
            {
                for (int i = 0; i < weights.Length; i++)
                {
                    chances[i] += (taken >> i & 1) == 1 ? reached[taken] : 0;
                }

                continue;
            }

            double total = weights.Where((_, i) => (taken >> i & 1) == 0).Sum(weight => (double)weight);
            for (int i = 0; i < weights.Length; i++)
            {
                if ((taken >> i & 1) == 0)
                {
                    reached[taken | 1 << i] += reached[taken] * weights[i] / total;
                }
            }
        }

        return chances;
    }

    private static void AssertInBand(int count, int trials, double chance, double deviations = 2.576)
    {
        double width = deviations * Math.Sqrt(trials * chance * (1 - chance));
        Assert.InRange(count, (trials * chance) - width, (trials * chance) + width);
    }

    /// <summary>Steers by everything that is known before the seed: it tries nonces, document sets and times, and judges them by the last seed that it knows.</summary>
    private sealed class Adversary(ActorId own, OracleCandidate[] candidates)
    {
        private int _tries;

        public ulong BlocksToWait(Digest known) => known.ToBytes()[0] % 3u;

        public RequestAccess Choose(Digest known)
        {
            RequestAccess best = Make();
            for (int i = 0; i < 4 && !Seats(known, best); i++)
            {
                best = Make();
            }

            return best;
        }

        public bool WantsToAbort(RequestAccess request, Digest known) => !Seats(known, request) || _tries % 2 == 0;

        private bool Seats(Digest seed, RequestAccess request) =>
            CommitteeDraw.Draw(seed, request.ComputeId(LedgerWorld.Id), 0, candidates, CommitteeDrawTests.Seats).Any(member => member.Oracle == own);

        private RequestAccess Make() => new()
        {
            Actor = Person.Of("doctor").Id,
            BundleId = default,
            HeaderDigest = default,
            DealingDigest = default,
            Epoch = 1,
            DocumentsCommitment = SampleFiller.SampleDigest(_tries % 7),
            DocumentCount = 1 + (_tries % 7),
            BodyCommitment = default,
            BodyDigest = default,
            PurposeDigest = default,
            ReceivingKey = Person.Of("doctor").Key.PublicKey,
            NotAfter = LedgerWorld.Start,
            Nonce = SampleFiller.SampleDigest(1_000_000 + _tries++),
            Receiver = RequestReceiver.Person(Person.Of("doctor").Id),
        };
    }
}
