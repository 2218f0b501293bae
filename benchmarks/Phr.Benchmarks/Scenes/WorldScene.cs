using System.Globalization;
using Phr.Crypto;

namespace Phr.Benchmarks.Scenes;

/// <summary>A patient, documents, trustees in groups of at most five, a committee and a doctor's request, all real.</summary>
internal sealed class WorldScene : IDisposable
{
    private readonly Dictionary<(int Group, int Member), (IdentityKeys Identity, SecretKey EpochKey)> _trustees = [];
    private readonly List<(IdentityKeys Identity, SecretKey EnvelopeKey)> _oracles = [];
    private readonly SecretKey _receivingKey = SecretKey.Generate();

    private WorldScene(PatientKeys patient, BundleHeader header, TrusteePolicy policy)
    {
        Patient = patient;
        Header = header;
        Policy = policy;
    }

    public const int CommitteeThreshold = 3;

    public const int CommitteeSize = 5;

    public PatientKeys Patient { get; }

    public BundleHeader Header { get; }

    public TrusteePolicy Policy { get; }

    public DealingResult Dealt { get; private set; } = null!;

    public VerifiedDealing Dealing => Dealt.Dealing;

    public RequestTerms Terms { get; private set; } = null!;

    public static async Task<WorldScene> CreateAsync(int trustees, int documents)
    {
        var patient = PatientKeys.Generate();
        var ledger = new LedgerId(0, patient.Identity.Id);
        BundleHeader header;
        await using (BundleWriter writer = BundleWriter.Create(new HashingSink(), patient, ledger))
        {
            for (int i = 0; i < documents; i++)
            {
                using var content = new MemoryStream(new byte[1000]);
                await writer.AddAsync(content, new DocumentInfo($"document {i.ToString(CultureInfo.InvariantCulture)}", "text/plain"));
            }

            header = await writer.CompleteAsync();
        }

        Dictionary<(int, int), (IdentityKeys, SecretKey)> people = [];
        var groups = new List<TrusteeGroup>();
        for (int first = 0; first < trustees; first += 5)
        {
            int size = Math.Min(5, trustees - first), group = groups.Count + 1;
            TrusteeMember[] members =
            [
                .. Enumerable.Range(1, size).Select(member =>
                {
                    var identity = IdentityKeys.Generate();
                    var epochKey = SecretKey.Generate();
                    people.Add((group, member), (identity, epochKey));
                    IdentityPublicKeys keys = identity.PublicKeys;
                    return new TrusteeMember(keys.Id, default, keys.ObjectKey, keys.SignerKey, epochKey.PublicKey);
                }),
            ];
            groups.Add(new TrusteeGroup($"group-{group.ToString(CultureInfo.InvariantCulture)}", (size / 2) + 1, members));
        }

        var policy = new TrusteePolicy((groups.Count / 2) + 1, groups, new TrusteePolicyOptions { CommitteeThreshold = CommitteeThreshold, CommitteeSize = CommitteeSize });
        var scene = new WorldScene(patient, header, policy);
        foreach (((int Group, int Member) place, (IdentityKeys Identity, SecretKey EpochKey) person) in people)
        {
            scene._trustees.Add(place, person);
        }

        for (int k = 0; k < CommitteeSize; k++)
        {
            scene._oracles.Add((IdentityKeys.Generate(), SecretKey.Generate()));
        }

        scene.Dealt = scene.Deal();
        scene.Terms = new RequestTerms
        {
            Ledger = ledger,
            Request = RequestId.Parse(new string('7', 64)),
            HeaderDigest = header.Digest,
            DealingDigest = scene.Dealing.Dealing.Digest,
            Epoch = scene.Dealing.Dealing.Epoch,
            ReceivingKey = scene._receivingKey.PublicKey,
            PurposeDigest = Digest.Of("purpose"u8),
            NotAfter = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000),
            Committee = new OracleCommittee(CommitteeThreshold, scene._oracles.Select(o => new CommitteeSeat(o.Identity.Id, o.EnvelopeKey.PublicKey, o.Identity.PublicKeys.ObjectKey))),
        };
        return scene;
    }

    public DealingResult Deal() => Crypto.Dealing.Create(Patient, Header, Policy);

    public VerifiedDealing VerifyDealing() => Crypto.Dealing.FromBytes(Dealing.Dealing.ToBytes()).Verify(Header);

    public TrusteeShares OpenShares(int group, int member)
    {
        ShareEnvelope envelope = Dealt.Envelopes.Single(e => e.Group == group && e.Member == member);
        return TrusteeShares.Open(Dealing, group, member, _trustees[(group, member)].EpochKey, envelope.Bytes.Span);
    }

    /// <summary>An approval of the first document.</summary>
    public ApprovalResult Approve(int group, int member)
    {
        using TrusteeShares shares = OpenShares(group, member);
        return TrusteeApproval.Create(shares, Terms, [Header.Documents[0].Id], _trustees[(group, member)].Identity);
    }

    /// <summary>Approvals of just enough members of just enough groups.</summary>
    public ApprovalResult[] ApproveByQuorum() =>
    [
        .. Enumerable.Range(1, Policy.GroupThreshold).SelectMany(group =>
            Enumerable.Range(1, Policy.Groups[group - 1].Threshold).Select(member => Approve(group, member))),
    ];

    public VerifiedApproval VerifyApproval(ApprovalResult approval) => TrusteeApproval.FromBytes(approval.Approval.Approval.ToBytes()).Verify(Dealing, Terms);

    public OracleDelivery Deliver(int index, IEnumerable<ApprovalResult> approvals)
    {
        OpenedFragments[] opened =
        [
            .. approvals.Select(a => VerifyApproval(a).OpenFragments(index, _oracles[index - 1].EnvelopeKey, a.Envelopes[index - 1].Bytes.Span)),
        ];
        OracleDelivery delivery = OracleDelivery.Create(opened, _oracles[index - 1].Identity);
        foreach (OpenedFragments fragments in opened)
        {
            fragments.Dispose();
        }

        return delivery;
    }

    /// <summary>What the doctor does with approvals and deliveries until the document's key is there.</summary>
    public void Combine(IReadOnlyList<VerifiedApproval> approvals, IReadOnlyList<OracleDelivery> deliveries)
    {
        var combiner = new DocumentKeyCombiner(Terms, Dealing, _receivingKey);
        foreach (VerifiedApproval approval in approvals)
        {
            combiner.AddApproval(approval);
        }

        for (int i = 0; i < deliveries.Count; i++)
        {
            combiner.AddDelivery(deliveries[i], i + 1);
        }

        if (!combiner.TryCombine(Header.Documents[0].Id, out DocumentKey? key, out string missing))
        {
            throw new InvalidOperationException(missing);
        }

        key.Dispose();
    }

    public void Dispose()
    {
        Patient.Dispose();
        _receivingKey.Dispose();
        foreach ((IdentityKeys identity, SecretKey key) in _trustees.Values.Concat(_oracles))
        {
            identity.Dispose();
            key.Dispose();
        }
    }
}
