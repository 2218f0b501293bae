using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>
/// What goes with a command because the contract stores only a hash of it: facts of the request, bundle or dealing that it is about, the policy that counts, a team's terms. Where the state knows
/// nothing of what the command names, the facts are blank and the contract refuses, as the model does.
/// </summary>
internal sealed class LedgerWitnesses(ConsentState state, LedgerCommand command, LedgerAbi abi, ReadOnlyMemory<byte> header)
{
    private static readonly BigInteger _field = (BigInteger.One << 256) - (BigInteger.One << 32) - 977;

    private readonly AbiFieldWriter _fields = AbiFieldWriter.Of(command);

    private RequestRecord? RequestOf => _fields.FindBytes("requestId") is { } id ? state.GetRequest(RequestId.FromBytes(id), DateTimeOffset.UnixEpoch) : null;

    private BundleRecord? BundleOf => RequestOf is { } request ? state.GetBundle(request.BundleId) : _fields.FindBytes("bundleId") is { } id ? state.GetBundle(BundleId.FromBytes(id)) : null;

    private ActorId? TeamOf => _fields.FindActor("team") ?? ReceiverTeam((command as RequestAccess)?.Receiver ?? RequestOf?.Receiver);

    private ConsentPolicy? PolicyOf => command is SupportRecovery support ? state.GetRecovery(support.Patient)?.Policy : RequestOf?.Policy ?? ReshareOf?.Policy ?? DealingOf(string.Empty)?.Policy;

    /// <summary>Whether the call carries the policy, too: then its hash need not be in the facts.</summary>
    private bool PassesPolicy => abi.FindFunction(command.Kind)?.Inputs.Any(input => input is { Name: "policy", Type.Kind: AbiKind.Bytes }) ?? false;

    private ReshareRecord? ReshareOf => BundleOf is { } bundle && _fields.FindBytes("planDigest") is { } plan ? state.GetReshare(bundle.Id, Digest.FromBytes(plan)) : null;

    public bool TryGet(AbiParameter parameter, [NotNullWhen(true)] out AbiValue? value)
    {
        value = (parameter.Struct, parameter.Name) switch
        {
            ("RequestFacts", _) => Request(RequestOf, parameter, PassesPolicy ? default : RequestOf?.Policy.LedgerHash ?? default),
            ("BundleFacts", _) => Bundle(parameter),
            ("DealingFacts", _) => Dealing(parameter),
            ("ReshareFacts", _) => Reshare(parameter),
            ("RecoveryFacts", "proposal") when command is ProposeRecovery proposal => Proposal(proposal, parameter),
            ("RecoveryFacts", _) => Recovery(parameter),
            ("AccessWitness", _) when command is RequestAccess request => Access(request, parameter),
            ("ClaimFacts", _) => Claim(parameter),
            (_, "policies") => AbiValue.List(AbiValue.Of(DealingOf("active")?.Policy.ToLedgerBytes() ?? []), AbiValue.Of(_fields.FindBytes("policy") ?? PolicyOf?.ToLedgerBytes() ?? [])),
            _ => null,
        };
        if (value is null && parameter.Type.Kind == AbiKind.Bytes)
        {
            value = parameter.Name switch
            {
                "header" => AbiValue.Of(header.Span),
                "activePolicy" => AbiValue.Of(DealingOf("active")?.Policy.ToLedgerBytes() ?? []),
                "policy" => AbiValue.Of(PolicyOf is { } policy ? FormOf(policy) : []),
                "rule" => AbiValue.Of(PolicyOf?.ToLedgerRule() ?? []),
                "names" => AbiValue.Of(PolicyOf?.ToLedgerNames() ?? []),
                "team" => AbiValue.Of(Terms(TeamOf is { } team ? state.GetTeam(team)?.Terms : null)),
                "present" => AbiValue.Of(Terms(TeamOf is { } team ? state.GetTeam(team)?.Terms : null)),
                "proposed" => AbiValue.Of(Terms(Proposed())),
                _ => null,
            };
        }

        return value is not null;
    }

    /// <summary>What is packed into one word of a request's facts; contracts/src/LedgerTypes.sol has the layout.</summary>
    internal static BigInteger Meta(RequestRecord request) =>
        (BigInteger)request.NotAfter.ToUnixTimeSeconds()
        | ((BigInteger)request.Epoch << 40)
        | ((BigInteger)request.Snapshot << 64)
        | ((BigInteger)request.Uses << 96)
        | ((BigInteger)(int)request.Receiver.Kind << 104)
        | ((BigInteger)request.Receiver.KeyEpoch << 112)
        | ((BigInteger)request.EmergencyReason << 136)
        | ((BigInteger)request.DocumentCount << 168);

    /// <summary>The facts of a request; of one that the state does not know its id alone, over which the command is signed.</summary>
    private AbiValue Request(RequestRecord? request, AbiParameter parameter, Digest policyHash)
    {
        AbiFieldWriter facts = new AbiFieldWriter()
            .Set("requestId", request?.Id.ToBytes() ?? _fields.FindBytes("requestId") ?? new byte[RequestId.Length])
            .Set("doctor", request?.Doctor ?? default)
            .Set("patient", request?.Patient ?? default)
            .Set("bundleId", request?.BundleId.ToBytes() ?? new byte[BundleId.Length])
            .Set("meta", request is null ? BigInteger.Zero : Meta(request))
            .Set("team", ReceiverTeam(request?.Receiver) ?? default)
            .Set("policyHash", policyHash.ToBytes())
            .Set("evidenceRoot", request?.EvidenceRoot.ToBytes() ?? new byte[Digest.Length]);
        return facts.ToTuple(parameter.Components);
    }

    private AbiValue Bundle(AbiParameter parameter)
    {
        BundleRecord? bundle = BundleOf;
        return new AbiFieldWriter()
            .Set("patient", bundle?.Patient ?? default)
            .Set("headerDigest", bundle?.HeaderDigest.ToBytes() ?? new byte[Digest.Length])
            .Set("documentsRoot", bundle?.DocumentsRoot.ToBytes() ?? new byte[Digest.Length])
            .ToTuple(parameter.Components);
    }

    private AbiValue Dealing(AbiParameter parameter)
    {
        DealingRecord? dealing = DealingOf(parameter.Name);
        byte[]? named = parameter.Name == "active" ? null : _fields.FindBytes("dealingDigest");
        return new AbiFieldWriter()
            .Set("dealingDigest", dealing?.Digest.ToBytes() ?? named ?? new byte[Digest.Length])
            .Set("headerDigest", dealing?.HeaderDigest.ToBytes() ?? new byte[Digest.Length])
            .Set("policyHash", dealing?.Policy.LedgerHash.ToBytes() ?? new byte[Digest.Length])
            .Set("planDigest", dealing?.PlanDigest?.ToBytes() ?? new byte[Digest.Length])
            .ToTuple(parameter.Components);
    }

    private AbiValue Reshare(AbiParameter parameter)
    {
        ReshareRecord? reshare = ReshareOf;
        return new AbiFieldWriter()
            .Set("planDigest", (reshare?.PlanDigest ?? default).ToBytes())
            .Set("policyHash", (reshare?.Policy.LedgerHash ?? default).ToBytes())
            .Set("patient", BundleOf?.Patient ?? default)
            .Set("proposer", reshare?.ProposedBy ?? default)
            .Set("proposedAt", (BigInteger)(reshare?.ProposedAt.ToUnixTimeSeconds() ?? 0))
            .Set("notBefore", (BigInteger)(reshare?.NotBefore.ToUnixTimeSeconds() ?? 0))
            .Set("notAfter", (BigInteger)(reshare?.NotAfter.ToUnixTimeSeconds() ?? 0))
            .ToTuple(parameter.Components);
    }

    private AbiValue Proposal(ProposeRecovery proposal, AbiParameter parameter)
    {
        DealingRecord? active = DealingOf("active");
        return new AbiFieldWriter()
            .Set("bundleId", proposal.BundleId.ToBytes())
            .Set("epoch", (BigInteger)(active?.Epoch ?? 0))
            .Set("policyHash", (active?.Policy.LedgerHash ?? default).ToBytes())
            .Set("newLedgerAddress", proposal.NewLedgerAddress)
            .Set("keyRecordDigest", proposal.KeyRecordDigest.ToBytes())
            .Set("keyValidUntil", (BigInteger)proposal.ValidUntil.ToUnixTimeSeconds())
            .ToTuple(parameter.Components);
    }

    private AbiValue Recovery(AbiParameter parameter)
    {
        RecoveryRecord? recovery = state.GetRecovery(_fields.FindActor("patient") ?? command.Actor);
        return new AbiFieldWriter()
            .Set("bundleId", recovery?.BundleId.ToBytes() ?? new byte[BundleId.Length])
            .Set("epoch", (BigInteger)(recovery?.Epoch ?? 0))
            .Set("policyHash", (recovery?.Policy.LedgerHash ?? default).ToBytes())
            .Set("newLedgerAddress", recovery?.NewLedgerAddress ?? default)
            .Set("keyRecordDigest", (recovery?.KeyRecordDigest ?? default).ToBytes())
            .Set("keyValidUntil", (BigInteger)(recovery?.KeyValidUntil.ToUnixTimeSeconds() ?? 0))
            .ToTuple(parameter.Components);
    }

    private AbiValue Claim(AbiParameter parameter)
    {
        ClaimRecord? claim = _fields.FindBytes("claimId") is { } id ? state.GetClaim(Digest.FromBytes(id)) : null;
        return new AbiFieldWriter()
            .Set("patient", claim?.Patient ?? default)
            .Set("insurer", claim?.Insurer ?? default)
            .Set("doctor", claim?.Doctor ?? default)
            .Set("hospital", claim?.Hospital ?? default)
            .Set("amount", (BigInteger)(claim?.Amount ?? 0))
            .Set("currency", claim?.Currency ?? "\0\0\0")
            .Set("relatedTo", (claim?.RelatedTo ?? default).ToBytes())
            .Set("evidenceCommitment", (claim?.EvidenceCommitment ?? default).ToBytes())
            .Set("evidenceDigest", (claim?.EvidenceDigest ?? default).ToBytes())
            .Set("notAfter", (BigInteger)(claim?.NotAfter.ToUnixTimeSeconds() ?? 0))
            .Set("salt", (claim?.Salt ?? default).ToBytes())
            .ToTuple(parameter.Components);
    }

    private static ActorId? ReceiverTeam(RequestReceiver? receiver) => receiver is { Kind: ReceiverKinds.Team } team ? team.Id : null;

    /// <summary>The dealing that a command is about, or the one that serves where another is to follow it.</summary>
    private DealingRecord? DealingOf(string name)
    {
        if (BundleOf is not { } bundle)
        {
            return null;
        }

        bool emergency = command switch
        {
            RequestAccess request => request.EmergencyReason != 0,
            ProposeDealing dealing => dealing.Policy.Emergency,
            ProposeReshare reshare => reshare.Policy.Emergency,
            _ => RequestOf?.Policy.Emergency ?? ReshareOf?.Policy.Emergency ?? false,
        };
        Digest? serving = emergency ? bundle.ActiveEmergencyDealing : bundle.ActiveDealing;
        Digest? digest = name switch
        {
            "active" => serving,
            "pending" => bundle.PendingDealing,
            _ when command is ProposeDealing or ProposeReshare => serving,
            _ => _fields.FindBytes("dealingDigest") is { } own ? Digest.FromBytes(own) : serving,
        };
        return digest is { } found ? state.GetDealing(bundle.Id, found) : null;
    }

    private TeamTerms? Proposed() =>
        command is ConfirmTeamChange change ? state.GetTeam(change.Team)?.Votes.FirstOrDefault(vote => vote.Terms.CharterDigest == change.CharterDigest)?.Terms : null;

    /// <summary>The bundle, the dealing and its policy that a request pins, and the pair's former request where that one ended without a word of its own.</summary>
    private AbiValue Access(RequestAccess request, AbiParameter parameter)
    {
        BundleRecord? bundle = BundleOf;
        DealingRecord? dealing = DealingOf(string.Empty);
        RequestRecord? former = state.ListRequests(new RequestFilter { BundleId = request.BundleId, Doctor = request.Actor }, DateTimeOffset.UnixEpoch).LastOrDefault();
        bool tells = former is { Ended: RequestStatus.Voided, VoidCause: VoidCause.NewDealing or VoidCause.NewTeamKey };
        AbiParameter facts = parameter.Components.Single(component => component.Name == "former");
        return new AbiFieldWriter()
            .Set("patient", bundle?.Patient ?? default)
            .Set("documentsRoot", (bundle?.DocumentsRoot ?? default).ToBytes())
            .Set("dealtHeaderDigest", dealing is null || dealing.HeaderDigest == request.HeaderDigest ? new byte[Digest.Length] : dealing.HeaderDigest.ToBytes())
            .Set("planDigest", (dealing?.PlanDigest ?? default).ToBytes())
            .Set("receivingKeyY", OtherCoordinate(request.ReceivingKey))
            .Set("policy", dealing?.Policy.ToLedgerTerms() ?? [])
            .Set("rule", dealing?.Policy.ToLedgerRule() ?? [])
            .Set("team", Terms(TeamOf is { } team ? state.GetTeam(team)?.Terms : null))
            .Set("former", tells ? AbiValue.List(Request(former, facts, former!.Policy.LedgerHash)) : AbiValue.List())
            .ToTuple(parameter.Components);
    }

    /// <summary>The shortest form that has what the contract reads of a policy at this command.</summary>
    private byte[] FormOf(ConsentPolicy policy) => command switch
    {
        ApproveRequest or DenyRequest or AcknowledgeDealing or ComplainOfDealing or ActivateDealing => policy.ToLedgerSeats(),
        ConfirmOpened or RedrawCommittee => policy.ToLedgerTerms(),
        _ => policy.ToLedgerBytes(),
    };

    /// <summary>The y of a key: the root of x³ + 7 in the field of secp256k1 that has the parity which the key's first byte says. The contract can check it but would pay for finding it.</summary>
    private static BigInteger OtherCoordinate(PublicKey key)
    {
        byte[] bytes = key.ToBytes();
        var x = new BigInteger(bytes.AsSpan(1), isUnsigned: true, isBigEndian: true);
        var y = BigInteger.ModPow(BigInteger.ModPow(x, 3, _field) + 7, (_field + 1) / 4, _field);
        return y.IsEven == (bytes[0] == 2) ? y : _field - y;
    }

    /// <summary>abi.encode of the terms; of blank ones when there are none.</summary>
    private byte[] Terms(TeamTerms? terms)
    {
        if (terms is null)
        {
            return [];
        }

        AbiParameter parameter = abi.FindFunction(LedgerCommandKind.RegisterTeam)!.Inputs.Single(p => p.Struct == "TeamTerms");
        return AbiCodec.Encode(AbiType.Tuple(parameter.Type), AbiValue.List(AbiFieldWriter.Of(terms).ToTuple(parameter.Components)));
    }
}
