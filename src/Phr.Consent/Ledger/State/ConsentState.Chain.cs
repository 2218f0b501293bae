using System.Buffers.Binary;
using System.Numerics;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Consent;

/// <content>Fills in what a contract's logs leave out or pack, because it follows from the state; contracts/src has the layouts.</content>
public sealed partial class ConsentState
{
    /// <summary>A request's log has what the state does not: the pinned header, dealing and seed block follow.</summary>
    internal AccessRequested CompleteRequest(AbiFieldReader fields, ulong block)
    {
        BigInteger meta = fields.Number("meta");
        int Part(int shift, int bits) => (int)((meta >> shift) & ((BigInteger.One << bits) - 1));
        BundleId bundleId = fields.Bundle("bundleId", default);
        BundleRecord bundle = Known(_bundles, bundleId);
        int emergencyReason = Part(136, 32);
        ActorId team = fields.Actor("team", default);
        ActorId doctor = fields.Actor("doctor", default);
        return new AccessRequested
        {
            RequestId = fields.Request("requestId", default),
            Doctor = doctor,
            BundleId = bundleId,
            HeaderDigest = bundle.HeaderDigest,
            DealingDigest = (emergencyReason != 0 ? bundle.ActiveEmergencyDealing : bundle.ActiveDealing)
                ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "a request pins a dealing where none is active."),
            Epoch = Part(40, 24),
            DocumentsCommitment = fields.Digest("documentsCommitment", default),
            DocumentCount = Part(168, 16),
            BodyCommitment = fields.Digest("bodyCommitment", default),
            BodyDigest = fields.Digest("bodyDigest", default),
            PurposeDigest = fields.Digest("purposeDigest", default),
            ReceivingKey = fields.Key("receivingKey", null!),
            NotAfter = DateTimeOffset.FromUnixTimeSeconds((long)(meta & 0xFF_FFFF_FFFF)),
            Receiver = team.IsZero ? RequestReceiver.Person(doctor) : RequestReceiver.Team(team, Part(112, 24)),
            Nonce = fields.Digest("requestNonce", default),
            Snapshot = Part(64, 32),
            Uses = Part(96, 8),
            EmergencyReason = emergencyReason,
            EvidenceRoot = fields.Names.Contains("evidenceRoot") ? fields.Digest("evidenceRoot", default) : default,
            Possession = fields.Signature("possession", null),
            SeedBlock = block + (ulong)Parameters.DrawDelay,
        };
    }

    /// <summary>A draw's log has the members' registry numbers, ten bits each, the first seat lowest.</summary>
    internal CommitteeDrawn CompleteDraw(AbiFieldReader fields)
    {
        var members = new List<CommitteeMember>();
        for (BigInteger rest = fields.Number("members"); !rest.IsZero; rest >>= 10)
        {
            int number = (int)(rest & 1023);
            ActorRecord oracle = KnownOracle(number);
            members.Add(new CommitteeMember { Index = members.Count + 1, Number = number, Oracle = oracle.Id, Operator = oracle.Operator, KeyRecordDigest = oracle.KeyRecordDigest });
        }

        return new CommitteeDrawn
        {
            RequestId = fields.Request("requestId", default),
            Round = fields.Int32("round", 0, LedgerLimits.RoundMax),
            Seed = fields.Digest("seed", default),
            Members = members,
        };
    }

    /// <summary>A snapshot's log has two bytes for each oracle: its number, ten bits, and its weight, six.</summary>
    internal SnapshotTaken CompleteSnapshot(AbiFieldReader fields)
    {
        byte[] bytes = fields.Bytes("entries");
        if (bytes.Length % 2 != 0 || bytes.Length / 2 > LedgerLimits.Oracles)
        {
            throw new PhrDataException(Stage, PhrDataReason.WrongLength, "a snapshot's entries have two bytes each, and there are not more than oracles.");
        }

        return new SnapshotTaken
        {
            Number = fields.Int32("number", 0, int.MaxValue),
            Entries =
            [
                .. bytes.Chunk(2).Select(entry => BinaryPrimitives.ReadUInt16BigEndian(entry)).Select(entry =>
                {
                    ActorRecord oracle = KnownOracle(entry >> 6);
                    return new RegistryEntry { Number = entry >> 6, Weight = entry & 63, Oracle = oracle.Id, Unit = oracle.Unit };
                }),
            ],
        };
    }

    /// <summary>A reputation's log has the oracle's slot as it is stored.</summary>
    internal ReputationChanged CompleteReputation(AbiFieldReader fields)
    {
        BigInteger record = fields.Number("record");
        int Part(int shift, int bits) => (int)((record >> shift) & ((BigInteger.One << bits) - 1));
        return new ReputationChanged
        {
            RequestId = fields.Request("requestId", default),
            Oracle = KnownOracle(fields.Int32("oracleIndex", 0, LedgerLimits.Oracles)).Id,
            Reputation = new Reputation { Correctness = Part(160, 20), Timeliness = Part(180, 20), Rating = Part(200, 20), SinceDay = Part(220, 16) },
        };
    }

    private ActorRecord KnownOracle(int number) =>
        _oracles.Select(id => _actors[id]).FirstOrDefault(oracle => oracle.OracleIndex == number)
            ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, $"the registry has no oracle {number}.");
}
