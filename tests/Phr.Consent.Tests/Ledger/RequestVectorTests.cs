using System.Globalization;
using System.Numerics;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>
/// What the contract must do as the model does with draws, ids of requests and signed commands: <c>contracts/test/vectors/requests.json</c>, which forge replays. With <c>PHR_WRITE_VECTORS=1</c> the
/// file is written anew first.
/// </summary>
public class RequestVectorTests
{
    private const int Draws = 64;
    private const int Asks = 8;

    /// <summary>The ledger that the forge test puts at this address of forge's own chain.</summary>
    private static readonly LedgerId _ledger = new(31337, ActorId.Parse("5068720000000000000000000000000000000001"));

    private static readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void Vectors_Committed_AreTheModels() => ContractVectors.Compare("requests.json", Write());

    private static string Write()
    {
        var random = new ContractVectors.Lehmer(19_991_231);
        var draws = new List<string>();
        var oracles = new List<string>();
        for (int i = 0; i < Draws; i++)
        {
            (string words, string entries) = Draw(random, i);
            draws.Add(words);
            oracles.Add(entries);
        }

        var asks = new List<string>();
        var keys = new List<string>();
        var possessions = new List<string>();
        var signatures = new List<string>();
        for (int i = 0; i < Asks; i++)
        {
            RequestAccess ask = Ask(i);
            asks.Add(ContractVectors.Words(
                Number(ask.DocumentsCommitment), ask.DocumentCount, Number(ask.BodyCommitment), Number(ask.BodyDigest), Number(ask.PurposeDigest), ask.NotAfter.ToUnixTimeSeconds(), Number(ask.Nonce), ask.Uses,
                Number(ask.EvidenceRoot), Number(ask.ComputeId(_ledger).ToBytes())));
            keys.Add(Hex(ask.ReceivingKey.ToBytes()));
            possessions.Add(Hex(ask.Possession!.ToBytes()));
            signatures.Add(Sign("doctor", ask));
        }

        RequestId id = RequestId.FromBytes(Keccak("request").ToBytes());
        ActorId nobody = default;
        string[] commands =
        [
            Sign("insurer", new TakeSnapshot { Actor = nobody }),
            Sign("insurer", new DrawCommittee { Actor = nobody, RequestId = id }),
            Sign("trustee 1", new ApproveRequest { Actor = nobody, RequestId = id, Seat = new TrusteeSeat(1, 1), ApprovalDigest = Keccak("approval") }),
            Sign("trustee 1", new DenyRequest { Actor = nobody, RequestId = id, Seat = new TrusteeSeat(1, 1), ReasonCode = 7 }),
            Sign("patient", new ConsentToRequest { Actor = nobody, RequestId = id, ApprovalDigest = Keccak("approval") }),
            Sign("patient", new VetoRequest { Actor = nobody, RequestId = id }),
            Sign("doctor", new CancelRequest { Actor = nobody, RequestId = id }),
            Sign("patient", new RevokeGrant { Actor = nobody, RequestId = id, ReasonCode = 7 }),
            Sign("patient", new AttachToGrant { Actor = nobody, RequestId = id, AttachmentKind = GrantAttachmentKind.SearchTokens, AttachmentDigest = Keccak("attachment") }),
            Sign("insurer", new ExpireRequest { Actor = nobody, RequestId = id }),
        ];
        return ContractVectors.ToJson(
            new
            {
                about = "Written by RequestVectorTests (C#). draws: abi.encode(seed, request, round, seats, party, former committee, failed seats, members or 0, entries); oracles: for each entry 2 bytes of number and weight, 20 of unit. "
                    + "asks: abi.encode(documents, count, body commitment, body, purpose, not after, nonce, uses, evidence, id). commands: signatures of TakeSnapshot, DrawCommittee, ApproveRequest, DenyRequest, ConsentToRequest, VetoRequest, CancelRequest, RevokeGrant, AttachToGrant, ExpireRequest.",
                draws,
                oracles,
                asks,
                askKeys = keys,
                askPossessions = possessions,
                askSignatures = signatures,
                commands,
            });
    }

    private static (string Words, string Entries) Draw(ContractVectors.Lehmer random, int i)
    {
        // Small registries, so that draws give up now and then, and units with several oracles.
        int count = 1 + random.Below(i % 4 == 0 ? 6 : 50);
        int seats = 1 + random.Below(i % 3 == 0 ? 16 : 5);
        int round = random.Below(2);
        int number = 0;
        RegistryEntry[] entries = new RegistryEntry[count];
        for (int k = 0; k < count; k++)
        {
            number += 1 + random.Below(20);
            entries[k] = new RegistryEntry
            {
                Number = number,
                Weight = 16 + random.Below(48),
                Oracle = default,
                Unit = random.Below(5) == 0 && k > 0 ? entries[k - 1].Unit : SampleFiller.SampleActor(5000 + number),
            };
        }

        ActorId party = entries[random.Below(count)].Unit;
        int[] former = round == 0 ? [] : [.. entries.Where(_ => random.Below(2) == 0).Take(16).Select(entry => entry.Number)];
        int failed = random.Below(1 << former.Length);
        var inputs = new DrawInputs
        {
            Seed = SampleFiller.SampleDigest(9000 + i),
            RequestId = RequestId.FromBytes(SampleFiller.SampleDigest(9500 + i).ToBytes()),
            Round = round,
            Entries = entries,
            Seats = seats,
            Parties = new HashSet<ActorId> { party },
            Failed = [.. former.Where((_, seat) => (failed >> seat & 1) == 1)],
        };
        IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(inputs);
        BigInteger members = drawn.Count < seats ? 0 : Committee(drawn.Select(entry => entry.Number));
        string words = ContractVectors.Words(Number(inputs.Seed), Number(inputs.RequestId.ToBytes()), round, seats, Number(party.ToBytes()), Committee(former), failed, members, count);
        return (words, Hex([.. entries.SelectMany(entry => (byte[])[(byte)((entry.Number << 6 | entry.Weight) >> 8), (byte)((entry.Number << 6 | entry.Weight) & 0xFF), .. entry.Unit.ToBytes()])]));
    }

    private static BigInteger Committee(IEnumerable<int> numbers) => numbers.Select((number, seat) => (BigInteger)number << (10 * seat)).Aggregate(BigInteger.Zero, BigInteger.Add);

    private static RequestAccess Ask(int i)
    {
        using SecretKey receiving = SecretKey.FromBytes(SampleFiller.SampleDigest(7000 + i).ToBytes());
        ActorId doctor = ActorId.FromPublicKey(KeyOf("doctor").PublicKey);
        return new RequestAccess
        {
            Actor = doctor,
            BundleId = BundleId.FromBytes(Keccak("bundle").ToBytes()),
            HeaderDigest = Keccak("header"),
            DealingDigest = Keccak("dealing"),
            Epoch = 3,
            DocumentsCommitment = SampleFiller.SampleDigest(8000 + i),
            DocumentCount = 1 + (i * 100),
            BodyCommitment = SampleFiller.SampleDigest(8100 + i),
            BodyDigest = SampleFiller.SampleDigest(8200 + i),
            PurposeDigest = SampleFiller.SampleDigest(8300 + i),
            ReceivingKey = receiving.PublicKey,
            NotAfter = _start + TimeSpan.FromDays(1 + i),
            Nonce = SampleFiller.SampleDigest(8400 + i),
            Receiver = RequestReceiver.Person(doctor),
            Snapshot = 1,
            Uses = 1 + i,
            EvidenceRoot = i % 2 == 0 ? default : SampleFiller.SampleDigest(8500 + i),
        }.WithPossession(receiving, _ledger);
    }

    /// <summary>The key of a person of the forge tests' fixture.</summary>
    private static SecretKey KeyOf(string name)
    {
        BigInteger number = Number(Keccak(name)) >> 1;
        return SecretKey.FromBytes(Convert.FromHexString(number.ToString("x64", CultureInfo.InvariantCulture)[^64..]));
    }

    private static string Sign(string person, LedgerCommand command)
    {
        using SecretKey key = KeyOf(person);
        byte[] signature = SignedCommand.Sign(command with { Actor = ActorId.FromPublicKey(key.PublicKey) }, 0, _ledger, key).Signature.ToBytes();

        // The precompile counts from 27.
        signature[^1] += 27;
        return Hex(signature);
    }

    private static Digest Keccak(string text) => Digest.FromBytes(Keccak256.HashData(Encoding.UTF8.GetBytes(text)));

    private static BigInteger Number(Digest digest) => Number(digest.ToBytes());

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static string Hex(byte[] bytes) => "0x" + Convert.ToHexStringLower(bytes);
}
