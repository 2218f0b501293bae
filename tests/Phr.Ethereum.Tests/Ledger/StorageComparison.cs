using System.Numerics;
using System.Text.Json;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Tests;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>Reads the contract's storage, slot by slot, and compares it with what the model, evolved from the events alone, says should be there.</summary>
internal static class StorageComparison
{
    private static readonly Lazy<Dictionary<string, ulong>> _slots = new(ReadLayout);

    /// <returns>How many slots were compared.</returns>
    public static async Task<int> RunAsync(DevNode node, EthereumConsentLedger ledger)
    {
        await ledger.GetHeadAsync();
        ConsentState state = ledger.SeenState;
        var reader = new Reader(node, ledger.Id.Contract);
        foreach (ActorId id in LedgerStory.Everybody.Select(person => person.Id).Append(LedgerStory.Team))
        {
            if (state.GetActor(id) is { } actor)
            {
                await CompareActorAsync(reader, state, actor);
            }
        }

        IReadOnlyList<RequestRecord> requests = state.ListRequests(new RequestFilter(), DateTimeOffset.UnixEpoch);
        foreach (BundleId bundle in requests.Select(request => request.BundleId).Distinct())
        {
            await CompareBundleAsync(reader, state.GetBundle(bundle)!);
        }

        foreach (RequestRecord request in requests.GroupBy(request => (request.Doctor, request.BundleId)).Select(pair => pair.Last()))
        {
            await CompareRequestAsync(reader, state, request);
        }

        foreach (ClaimRecord claim in state.ListClaims(new ClaimFilter()))
        {
            byte[] key = AbiCodec.Encode(AbiType.Parse("(string,bytes32)"), AbiValue.List(AbiValue.Of("claim"), AbiValue.Of(claim.Id)));
            Assert.Equal((BigInteger)claim.PackSlot(), await reader.ReadAsync("_records", Keccak256.HashData(key)));
        }

        return reader.Count;
    }

    private static async Task CompareActorAsync(Reader reader, ConsentState state, ActorRecord actor)
    {
        BigInteger core = await reader.ReadAsync("_actors", Word(actor.Id));
        string who = $"actor {actor.Id}";
        Same(who + " status", Status(actor.Status), core, 0, 4);
        Same(who + " roles", (int)actor.Roles, core, 4, 12);
        Same(who + " valid until", BigInteger.Min(actor.ValidUntil == DateTimeOffset.MaxValue ? BigInteger.Pow(2, 40) : actor.ValidUntil.ToUnixTimeSeconds(), BigInteger.Pow(2, 40) - 1), core, 16, 40);
        Same(who + " nonce", state.GetNonce(actor.Id), core, 56, 40);
        Same(who + " licence", actor.Licence?.NotAfter.ToUnixTimeSeconds() ?? 0, core, 96, 40);
        Same(who + " last seen", (actor.Roles & ActorRoles.Patient) == 0 ? 0 : Math.Max(0, actor.LastSeen.ToUnixTimeSeconds()), core, 136, 40);
        Same(who + " abandoned", actor.AbandonedRequests, core, 176, 8);
        Same(who + " registry number", actor.OracleIndex, core, 240, 16);
        if (actor.OracleIndex == 0 || actor.Reputation is not { } reputation)
        {
            return;
        }

        BigInteger slot = await reader.ReadAsync("_oracles", Word(actor.OracleIndex));
        Same(who + " unit", new BigInteger(actor.Unit.ToBytes(), isUnsigned: true, isBigEndian: true), slot, 0, 160);
        Same(who + " correctness", reputation.Correctness, slot, 160, 20);
        Same(who + " timeliness", reputation.Timeliness, slot, 180, 20);
        Same(who + " rating", reputation.Rating, slot, 200, 20);
        Same(who + " since", reputation.SinceDay, slot, 220, 16);
    }

    private static async Task CompareBundleAsync(Reader reader, BundleRecord bundle)
    {
        BigInteger slot = await reader.ReadAsync("_bundles", bundle.Id.ToBytes());
        Same("bundle facts", Tag([.. Word(bundle.Patient), .. bundle.HeaderDigest.ToBytes(), .. bundle.DocumentsRoot.ToBytes()]), slot, 0, 160);
        Same("bundle epoch", bundle.Epoch, slot, 160, 24);
        Same("bundle emergency epoch", bundle.EmergencyEpoch, slot, 184, 24);
        Same("bundle last epoch", bundle.LastEpoch, slot, 208, 24);
        Same("bundle closed", bundle.IsRevoked ? 1 : 0, slot, 251, 1);
    }

    private static async Task CompareRequestAsync(Reader reader, ConsentState state, RequestRecord request)
    {
        AbiParameter facts = LedgerAbi.Shipped.FindFunction(LedgerCommandKind.VetoRequest)!.Inputs.Single(input => input.Struct == "RequestFacts");
        Assert.True(new LedgerWitnesses(state, new VetoRequest { Actor = request.Patient, RequestId = request.Id }, LedgerAbi.Shipped, default).TryGet(facts, out AbiValue? value));
        BigInteger slot = await reader.ReadAsync("_requests", Keccak256.HashData([.. Word(request.Doctor), .. request.BundleId.ToBytes()]));
        Same("request facts", Tag(AbiCodec.Encode(AbiType.Tuple(facts.Type), AbiValue.List(value))), slot, 0, 160);
        Same("request settled", request.SettledAt is null ? 0 : 1, slot, 165, 1);
        Same("request round", request.Round, slot, 164, 1);
        TrusteeSeat[] seats = [.. request.Policy.Seats()];
        BigInteger approvals = request.Approvals.Aggregate(BigInteger.Zero, (mask, approval) => mask | (BigInteger.One << (approval.Seat == TrusteeSeat.Patient ? 16 : Array.IndexOf(seats, approval.Seat))));
        Same("request approvals", approvals, slot, 206, 17);
        Same("request denials", request.Denials.Aggregate(BigInteger.Zero, (mask, denial) => mask | (BigInteger.One << Array.IndexOf(seats, denial.Seat))), slot, 223, 16);
        if (request.Ended is null && request.Committee.Count > 0)
        {
            BigInteger second = await reader.ReadAsync("_requests", Keccak256.HashData([.. Word(request.Doctor), .. request.BundleId.ToBytes()]), offset: 1);
            foreach (CommitteeMember member in request.Committee)
            {
                Same($"committee seat {member.Index}", member.Number, second, 10 * (member.Index - 1), 10);
            }
        }
    }

    private static void Same(string what, BigInteger expected, BigInteger slot, int shift, int bits)
    {
        BigInteger actual = (slot >> shift) & ((BigInteger.One << bits) - 1);
        Assert.True(expected == actual, $"{what}: the model has {expected}, the contract {actual}");
    }

    private static int Status(ActorStatus status) => status switch
    {
        ActorStatus.Pending => 1,
        ActorStatus.Active => 2,
        ActorStatus.Suspended => 3,
        _ => 4,
    };

    private static BigInteger Tag(ReadOnlySpan<byte> encoded) => new(Keccak256.HashData(encoded).AsSpan(12), isUnsigned: true, isBigEndian: true);

    private static byte[] Word(ActorId actor) => [.. new byte[12], .. actor.ToBytes()];

    private static byte[] Word(BigInteger number)
    {
        byte[] word = new byte[32];
        byte[] bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(word, word.Length - bytes.Length);
        return word;
    }

    private static Dictionary<string, ulong> ReadLayout()
    {
        using Stream stream = typeof(EthereumConsentLedger).Assembly.GetManifestResourceStream("Phr.Consent.Contracts.PhrLedger.json")!;
        using JsonDocument document = JsonDocument.Parse(stream);
        return document.RootElement.GetProperty("storageLayout").GetProperty("storage").EnumerateArray().ToDictionary(
            item => item.GetProperty("label").GetString()!,
            item => ulong.Parse(item.GetProperty("slot").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }

    private sealed class Reader(DevNode node, ActorId contract)
    {
        public int Count { get; private set; }

        /// <summary>A slot of a mapping: keccak256(key, the mapping's own slot), and what follows it.</summary>
        public async Task<BigInteger> ReadAsync(string mapping, byte[] key, int offset = 0)
        {
            Count++;
            var place = new BigInteger(Keccak256.HashData([.. key, .. Word(_slots.Value[mapping])]), isUnsigned: true, isBigEndian: true) + offset;
            Digest value = await node.Rpc.GetStorageAsync(contract, Digest.FromBytes(Word(place)), BlockTag.Latest, default);
            return new BigInteger(value.ToBytes(), isUnsigned: true, isBigEndian: true);
        }
    }
}
