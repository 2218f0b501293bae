using System.Numerics;
using System.Text;
using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Consent;

// What a contract stores of bundles, dealings, reshares, recoveries, requests and claims, word for word; with the words of ConsentState.Slots.cs it is all that a contract stores.
public sealed partial class ConsentState
{
    private const int BundlesVariable = 0;
    private const int DealingsVariable = 8;
    private const int RequestsVariable = 9;

    private static readonly BigInteger _reviewTag = ContractSlot.Number(Keccak256.HashData("phr/review"u8));

    /// <summary>Every word of a contract's storage; those that hold nothing may be among them, and none else holds anything.</summary>
    internal IEnumerable<ContractSlot> ContractSlots() =>
        [.. IdentitySlots(), .. BundleSlots(), .. DealingSlots(), .. ReshareSlots(), .. RecoverySlots(), .. TeamVoteSlots(), .. RequestSlots(), .. ClaimSlots()];

    /// <summary>What the contract holds in gwei: bonds, what is being released of them, what it owes, and what was burned.</summary>
    internal BigInteger ContractBalance() => _actors.Values.Aggregate((BigInteger)BurnedBonds, (sum, actor) => sum + actor.Bond + actor.ReleasingBond + actor.Credit);

    private static ContractSlot RecordSlot(string what, string type, BigInteger value, params AbiValue[] key)
    {
        byte[] hash = Keccak256.HashData(AbiCodec.Encode(AbiType.Parse(type), AbiValue.List(key)));
        return ContractSlot.Holding(ContractSlot.Of(hash, ContractSlot.Of(RecordsVariable)), value) with { What = what };
    }

    /// <summary>A set of seats as bits, by their places in the policy.</summary>
    private static BigInteger Bits(ConsentPolicy policy, IEnumerable<TrusteeSeat> seats)
    {
        TrusteeSeat[] all = [.. policy.Seats()];
        return seats.Aggregate(BigInteger.Zero, (bits, seat) => bits | (BigInteger.One << Array.IndexOf(all, seat)));
    }

    private static BigInteger Bit(bool isOn, int at) => isOn ? BigInteger.One << at : 0;

    private IEnumerable<ContractSlot> BundleSlots()
    {
        foreach (BundleRecord bundle in _bundles.Values)
        {
            yield return ContractSlot.Holding(
                ContractSlot.Of(bundle.Id.ToBytes(), ContractSlot.Of(BundlesVariable)),
                ContractSlot.Tag(ContractSlot.HashOf(ContractSlot.Number(bundle.Patient), ContractSlot.Number(bundle.HeaderDigest), ContractSlot.Number(bundle.DocumentsRoot)))
                | ((BigInteger)bundle.Epoch << 160)
                | ((BigInteger)bundle.EmergencyEpoch << 184)
                | ((BigInteger)bundle.LastEpoch << 208)
                | ((BigInteger)bundle.Revision << 232)
                | Bit(bundle.PendingReshare is not null, 250)
                | Bit(bundle.IsRevoked, 251)
                | Bit(bundle.PendingDealing is not null, 252)
                | Bit(FindPending(bundle) is { Policy.Emergency: true }, 253)
                | Bit(_activePlaces.GetValueOrDefault((bundle.Id, false)) == 1, 254)
                | Bit(_activePlaces.GetValueOrDefault((bundle.Id, true)) == 1, 255)) with { What = $"bundle {bundle.Id}" };
        }
    }

    private IEnumerable<ContractSlot> DealingSlots()
    {
        foreach (((BundleId bundle, bool emergency, int place), Digest digest) in _dealingPlaces)
        {
            DealingRecord dealing = _dealings[(bundle, emergency, digest)];
            byte[] key = ContractSlot.HashOf(ContractSlot.Number(bundle.ToBytes()), emergency ? 1 : 0, place);
            yield return ContractSlot.Holding(
                ContractSlot.Of(key, ContractSlot.Of(DealingsVariable)),
                ContractSlot.Tag(ContractSlot.HashOf(
                    ContractSlot.Number(dealing.Digest), ContractSlot.Number(dealing.HeaderDigest), ContractSlot.Number(dealing.Policy.LedgerHash), ContractSlot.Number(dealing.PlanDigest ?? default)))
                | (ContractSlot.Number(dealing.NotBefore) << 160)
                | (Bits(dealing.Policy, dealing.Acknowledgements.Select(acknowledgement => acknowledgement.Seat)) << 196)
                | (Bits(dealing.Policy, dealing.Complaints.Select(complaint => complaint.Seat)) << 212)
                | Bit(dealing.IsReshared, 231)) with { What = $"dealing {digest} in place {place}" };
        }
    }

    private IEnumerable<ContractSlot> ReshareSlots()
    {
        foreach (ReshareRecord reshare in _reshares.Values.Concat(_formerReshares))
        {
            AbiValue bundle = AbiValue.Of(reshare.BundleId.ToBytes().AsSpan());
            string what = $"reshare {reshare.Round} of bundle {reshare.BundleId}";
            ConsentPolicy deciding = reshare.DecidingPolicy;
            if (reshare.Round == _reshareRounds[reshare.BundleId])
            {
                yield return RecordSlot(
                    what,
                    "(string,bytes32)",
                    ContractSlot.Tag(ContractSlot.HashOf(
                        ContractSlot.Number(reshare.PlanDigest), ContractSlot.Number(reshare.Policy.LedgerHash), ContractSlot.Number(reshare.Patient), ContractSlot.Number(reshare.ProposedBy),
                        ContractSlot.Number(reshare.ProposedAt), ContractSlot.Number(reshare.NotAfter)))
                    | (Bits(deciding, reshare.Contributions.Select(contribution => contribution.Seat)) << 160)
                    | (Bits(deciding, reshare.Complaints.Select(complaint => complaint.Dealer)) << 176)
                    | Bit(reshare.DealingDigest is not null, 192)
                    | Bit(reshare.Policy.Emergency, 193)
                    | ((BigInteger)reshare.Round << 200),
                    AbiValue.Of("reshare"), bundle);
            }

            BigInteger complaints = reshare.Complaints.Aggregate(
                BigInteger.Zero, (bits, complaint) => bits | (Bits(deciding, [complaint.Dealer]) << (16 * (int)BigInteger.Log2(Bits(reshare.Policy, [complaint.Seat])))));
            yield return RecordSlot(what + ", complaints", "(string,bytes32,uint256)", complaints, AbiValue.Of("reshare complaints"), bundle, AbiValue.Of((long)reshare.Round));
            foreach (ReshareConfirmationRecord confirmation in reshare.Confirmations)
            {
                yield return RecordSlot(
                    what + ", confirmation",
                    "(string,bytes32,uint256,uint256)",
                    ContractSlot.Number(ContractSlot.HashOf(ContractSlot.Number(confirmation.DealingDigest), Bits(deciding, confirmation.Dealers))),
                    AbiValue.Of("reshare confirmation"), bundle, AbiValue.Of((long)reshare.Round), AbiValue.Of(BigInteger.Log2(Bits(deciding, [confirmation.Seat]))));
            }
        }

        foreach (((BundleId bundle, ActorId trustee), DateTimeOffset turn) in _turns)
        {
            yield return RecordSlot($"reshare turn of {trustee}", "(string,bytes32,address)", ContractSlot.Number(turn), AbiValue.Of("reshare turn"), AbiValue.Of(bundle.ToBytes().AsSpan()), AbiValue.Of(trustee));
        }
    }

    private IEnumerable<ContractSlot> RecoverySlots() => _recoveries.Values.Select(recovery => RecordSlot(
        $"recovery of {recovery.Patient}",
        "(string,address)",
        ContractSlot.Tag(ContractSlot.HashOf(
            ContractSlot.Number(recovery.BundleId.ToBytes()), recovery.Epoch, ContractSlot.Number(recovery.Policy.LedgerHash), ContractSlot.Number(recovery.NewLedgerAddress),
            ContractSlot.Number(recovery.KeyRecordDigest), ContractSlot.Number(recovery.KeyValidUntil)))
        | (Bits(recovery.Policy, recovery.Supporters.Select(supporter => supporter.Seat)) << 160)
        | (ContractSlot.Number(recovery.EffectiveAt ?? default) << 176)
        | (ContractSlot.Number(recovery.ProposedAt) << 216),
        AbiValue.Of("recovery"), AbiValue.Of(recovery.Patient)));

    private IEnumerable<ContractSlot> TeamVoteSlots() => _teamVotes.Select(vote => RecordSlot(
        $"vote of {vote.Key.Member} in team {vote.Key.Team}",
        "(string,address,uint256,address)",
        ContractSlot.Tag(Keccak256.HashData(AbiEncode(vote.Value))) | ((ContractSlot.Number(vote.Value.CharterDigest) >> 160) << 160),
        AbiValue.Of("team vote"), AbiValue.Of(vote.Key.Team), AbiValue.Of((long)vote.Key.RosterEpoch), AbiValue.Of(vote.Key.Member)));

    /// <summary>Two words for each pair of doctor and bundle, and the reviews of emergencies, which outlive them.</summary>
    private IEnumerable<ContractSlot> RequestSlots()
    {
        foreach (RequestRecord request in _latest.Values.Select(id => _requests[id]))
        {
            byte[] key = ContractSlot.HashOf(ContractSlot.Number(request.Doctor), ContractSlot.Number(request.BundleId.ToBytes()));
            BigInteger place = ContractSlot.Of(key, ContractSlot.Of(RequestsVariable));
            BigInteger tag = ContractSlot.Tag(ContractSlot.HashOf(
                ContractSlot.Number(request.Id.ToBytes()), ContractSlot.Number(request.Doctor), ContractSlot.Number(request.Patient), ContractSlot.Number(request.BundleId.ToBytes()), LedgerWitnesses.Meta(request),
                request.Receiver.Kind == ReceiverKinds.Team ? ContractSlot.Number(request.Receiver.Id) : 0, ContractSlot.Number(request.Policy.LedgerHash)));
            yield return ContractSlot.Holding(place, tag | request.PackProgress()) with { What = $"request {request.Id}, progress" };

            yield return ContractSlot.Holding(place + 1, IsUntouched(request) ? _formerServices.GetValueOrDefault((request.Doctor, request.BundleId)) : request.PackService()) with { What = $"request {request.Id}, service" };
        }

        foreach (RequestRecord request in _requests.Values.Where(request => request.ReviewDueAt is not null))
        {
            byte[] key = ContractSlot.HashOf(_reviewTag, ContractSlot.Number(request.Id.ToBytes()), ContractSlot.Number(request.Doctor), ContractSlot.Number(request.Patient));
            yield return ContractSlot.Holding(
                ContractSlot.Of(key, ContractSlot.Of(RecordsVariable)), (request.Review is null ? 1 : 2) | (ContractSlot.Number(request.ReviewDueAt!.Value) << 8)) with { What = $"review of request {request.Id}" };
        }
    }

    /// <summary>Until its first draw a request has not touched what the pair's former one left in the second word.</summary>
    private static bool IsUntouched(RequestRecord request) => request.Committee.Count == 0 && request.Round == 0;

    private IEnumerable<ContractSlot> ClaimSlots()
    {
        foreach (ClaimRecord claim in _claims.Values)
        {
            yield return RecordSlot($"claim {claim.Id}", "(string,bytes32)", claim.PackSlot(), AbiValue.Of("claim"), AbiValue.Of(claim.Id));
        }

        foreach (((ActorId insurer, string currency), ulong threshold) in _reviewThresholds)
        {
            byte[] code = [.. Encoding.ASCII.GetBytes(currency), .. new byte[29]];
            yield return RecordSlot($"review threshold of {insurer}", "(string,address,bytes32)", threshold, AbiValue.Of("claim review"), AbiValue.Of(insurer), AbiValue.Of(code.AsSpan()));
        }
    }
}
