using System.Globalization;
using System.Numerics;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

public class CommitteeDrawTests
{
    private const int Requests = 10_000;
    private const int Seats = 5;

    private static readonly int[] _weights = [16, 19, 25, 31, 31, 38, 47, 57, 63];

    [Fact]
    public void Draw_Committee_IsWhatTheDocumentedStepsGive()
    {
        RegistryEntry[] entries = Entries(_weights);
        var refused = new int[4];
        for (int i = 0; i < 200; i++)
        {
            DrawInputs inputs = Inputs(SampleFiller.SampleDigest(i), entries) with
            {
                RequestId = RequestId.FromBytes(SampleFiller.SampleDigest(1000 + i).ToBytes()),
                Round = i % 2,
                Parties = new HashSet<ActorId> { entries[i % 9].Unit },
                Failed = i % 2 == 0 ? [] : [entries[(i + 1) % 9].Number],
            };

            // By hand, with big integers.
            List<RegistryEntry> expected = [];
            for (int t = 0; t < 256 && expected.Count < Seats; t++)
            {
                byte[] hash = Keccak256.HashData([.. "phr/draw/v2"u8, .. inputs.Seed.ToBytes(), .. inputs.RequestId.ToBytes(), (byte)(i % 2), (byte)(t >> 8), (byte)t]);
                RegistryEntry hit = entries[(int)(new BigInteger(hash.AsSpan(0, 16), isUnsigned: true, isBigEndian: true) % 9)];
                int why = new BigInteger(hash.AsSpan(24), isUnsigned: true, isBigEndian: true) % 63 >= hit.Weight ? 0
                    : expected.Contains(hit) ? 1
                    : inputs.Parties.Contains(hit.Unit) ? 2
                    : inputs.Failed.Contains(hit.Number) ? 3
                    : -1;
                if (why < 0)
                {
                    expected.Add(hit);
                }
                else
                {
                    refused[why]++;
                }
            }

            Assert.Equal(expected, CommitteeDraw.Draw(inputs));
        }

        Assert.DoesNotContain(0, refused);
    }

    [Fact]
    public void Draw_UnitsWithSeveralOracles_HaveOneSeatEach()
    {
        RegistryEntry[] entries = [.. Entries([.. Enumerable.Repeat(63, 12)]).Select((entry, i) => entry with { Unit = SampleFiller.SampleActor(i < 8 ? 1 : i) })];
        for (int i = 0; i < 200; i++)
        {
            IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(Inputs(SampleFiller.SampleDigest(i), entries));
            Assert.Equal(5, drawn.Count);
            Assert.Distinct(drawn.Select(member => member.Unit));
        }
    }

    [Fact]
    public void Draw_FewerUnitsThanSeats_GivesUpAfterAllAttempts()
    {
        RegistryEntry[] entries = Entries([63, 63, 63, 63]);
        Assert.Equal(4, CommitteeDraw.Draw(Inputs(default, entries)).Count);
        Assert.Equal(3, CommitteeDraw.Draw(Inputs(default, entries) with { Parties = new HashSet<ActorId> { entries[2].Unit } }).Count);
        Assert.Equal(3, CommitteeDraw.Draw(Inputs(default, entries) with { Failed = [entries[0].Number] }).Count);
        Assert.Empty(CommitteeDraw.Draw(Inputs(default, [])));
    }

    [Fact]
    public void Draw_InputsOutOfRange_Throw()
    {
        RegistryEntry[] entries = Entries(_weights);
        Assert.Throws<ArgumentNullException>(() => CommitteeDraw.Draw(null!));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(Inputs(default, entries) with { Seats = 0 }));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(Inputs(default, entries) with { Seats = 17 }));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(Inputs(default, entries) with { Round = 256 }));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(Inputs(default, [entries[0] with { Weight = 0 }])));
        Assert.Throws<ArgumentException>(() => CommitteeDraw.Draw(Inputs(default, [entries[0] with { Weight = 64 }])));
    }

    [Fact]
    public void Draw_TwoOraclesOfOneUnit_AddTheirWeightsInTheFirstSeatOnly()
    {
        // Splitting into many oracles under many operators is the attack that admission and one seat for each unit are there for; splitting under one operator gains no second seat.
        RegistryEntry[] entries = [.. Entries([31, 31, 31, 31]).Select((entry, i) => i < 2 ? entry with { Unit = SampleFiller.SampleActor(1) } : entry)];
        int seated = Enumerable.Range(0, 2000).Count(i => CommitteeDraw.Draw(Inputs(SampleFiller.SampleDigest(i), entries) with { Seats = 2 }).Any(member => member.Unit == SampleFiller.SampleActor(1)));

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
        RegistryEntry[] entries = Entries(_weights);
        double[] expected = SeatChances(_weights, Seats);
        var seated = new int[_weights.Length];
        var adversary = new Adversary(entries[own].Oracle, entries);
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
            foreach (RegistryEntry member in CommitteeDraw.Draw(Inputs(Beacon(seedBlock), entries) with { RequestId = request.ComputeId(LedgerWorld.Id) }))
            {
                seated[member.Number - 1]++;
            }
        }

        Assert.True(aborted > Requests / 10, "The adversary made no use of aborting.");
        Assert.Equal(Seats, expected.Sum(), 9);
        AssertInBand(seated[own], Requests, expected[own]);
    }

    [Fact]
    public void SeatChances_Exact_AgreeWithTheDrawItselfUnderIndependentSeeds()
    {
        RegistryEntry[] entries = Entries(_weights);
        double[] expected = SeatChances(_weights, Seats);
        var seated = new int[_weights.Length];
        for (int i = 0; i < 20_000; i++)
        {
            foreach (RegistryEntry member in CommitteeDraw.Draw(Inputs(SampleFiller.SampleDigest(i), entries)))
            {
                seated[member.Number - 1]++;
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
        IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(Inputs(request.Seed!.Value, world.State.GetSnapshot(request.Snapshot)!.Entries) with { RequestId = id, Parties = request.Parties.ToHashSet() });
        Assert.Equal(drawn.Select(entry => entry.Oracle), request.Committee.Select(member => member.Oracle));
    }

    private static RegistryEntry[] Entries(int[] weights) =>
    [
        .. weights.Select((weight, i) => new RegistryEntry
        {
            Number = i + 1,
            Weight = weight,
            Oracle = SampleFiller.SampleActor(500 + i),
            Unit = SampleFiller.SampleActor(600 + i),
        }),
    ];

    private static DrawInputs Inputs(Digest seed, IReadOnlyList<RegistryEntry> entries) => new() { Seed = seed, RequestId = default, Entries = entries, Seats = Seats };

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
    private sealed class Adversary(ActorId own, RegistryEntry[] entries)
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
            CommitteeDraw.Draw(Inputs(seed, entries) with { RequestId = request.ComputeId(LedgerWorld.Id) }).Any(member => member.Oracle == own);

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
            Snapshot = 1,
        };
    }
}
