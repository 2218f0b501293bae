using System.Text;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>A patient with a sealed bundle, trustees in groups, a committee of oracles and a doctor's request: the real objects, no stand-ins.</summary>
internal sealed class TrusteeWorld : IDisposable
{
    public static readonly LedgerId Ledger = new(0, ActorId.Parse("00112233445566778899aabbccddeeff00112233"));
    public static readonly DateTimeOffset Until = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000);

    /// <summary>The receiving key in place of the doctor's own, when a team receives.</summary>
    private PublicKey? _teamKey;

    private TrusteeWorld(PatientKeys patient, byte[] file, BundleHeader header)
    {
        Patient = patient;
        File = file;
        Header = header;
    }

    public PatientKeys Patient { get; }

    public byte[] File { get; }

    public BundleHeader Header { get; }

    public Dictionary<(int Group, int Member), (IdentityKeys Identity, SecretKey EpochKey)> Trustees { get; } = [];

    public List<(IdentityKeys Identity, SecretKey EnvelopeKey)> Oracles { get; } = [];

    public SecretKey ReceivingKey { get; } = SecretKey.Generate();

    public TrusteePolicy Policy { get; private set; } = null!;

    public VerifiedDealing Dealing { get; private set; } = null!;

    public IReadOnlyList<ShareEnvelope> Envelopes { get; private set; } = null!;

    public RequestTerms Terms { get; private set; } = null!;

    public static async Task<TrusteeWorld> CreateAsync(int groupThreshold, (int Threshold, int Members)[] groups, int documents = 1, int m = 2, int n = 3, string? label = null, PublicKey? receivingKey = null)
    {
        var patient = PatientKeys.Generate();
        using var output = new MemoryStream();
        BundleHeader header;
        await using (BundleWriter writer = BundleWriter.Create(output, patient, Ledger))
        {
            for (int i = 0; i < documents; i++)
            {
                using var content = new MemoryStream(ContentOf(i));
                await writer.AddAsync(content, new DocumentInfo($"document {i}", "text/plain") { VisibleLabels = label is not null && i == documents - 1 ? [label] : [] });
            }

            header = await writer.CompleteAsync();
        }

        var world = new TrusteeWorld(patient, output.ToArray(), header) { _teamKey = receivingKey };
        world.Policy = world.MakePolicy(groupThreshold, groups, m, n);
        for (int k = 0; k < n; k++)
        {
            world.Oracles.Add((IdentityKeys.Generate(), SecretKey.Generate()));
        }

        DealingResult result = Crypto.Dealing.Create(patient, header, world.Policy);
        world.Dealing = Crypto.Dealing.FromBytes(result.Dealing.Dealing.ToBytes()).Verify(BundleHeader.FromBytes(header.ToBytes()));
        world.Envelopes = result.Envelopes;
        world.Terms = world.MakeTerms(world.Dealing, m);
        return world;
    }

    public static byte[] ContentOf(int document) => Encoding.UTF8.GetBytes($"the content of document {document}");

    public TrusteePolicy MakePolicy(int groupThreshold, (int Threshold, int Members)[] groups, int m, int n) => new(
        groupThreshold,
        groups.Select((g, index) => new TrusteeGroup($"group-{index + 1}", g.Threshold, Enumerable.Range(1, g.Members).Select(i =>
        {
            if (!Trustees.TryGetValue((index + 1, i), out (IdentityKeys Identity, SecretKey EpochKey) trustee))
            {
                Trustees.Add((index + 1, i), trustee = (IdentityKeys.Generate(), SecretKey.Generate()));
            }

            IdentityPublicKeys keys = trustee.Identity.PublicKeys;
            return new TrusteeMember(keys.Id, default, keys.ObjectKey, keys.SignerKey, trustee.EpochKey.PublicKey);
        }))),
        new TrusteePolicyOptions { CommitteeThreshold = m, CommitteeSize = n });

    public RequestTerms MakeTerms(VerifiedDealing dealing, int m, string request = "11") => new()
    {
        Ledger = Ledger,
        Request = RequestId.Parse(string.Concat(Enumerable.Repeat(request, 32))),
        HeaderDigest = dealing.Header.Digest,
        DealingDigest = dealing.Dealing.Digest,
        Epoch = dealing.Dealing.Epoch,
        ReceivingKey = _teamKey ?? ReceivingKey.PublicKey,
        PurposeDigest = Digest.Of("purpose"u8),
        NotAfter = Until,
        Committee = new OracleCommittee(m, Oracles.Select(o => new CommitteeSeat(o.Identity.Id, o.EnvelopeKey.PublicKey, o.Identity.PublicKeys.ObjectKey))),
    };

    public TrusteeShares OpenShares(int group, int member)
    {
        var seat = new PolicySeat(group, member);
        return TrusteeShares.Open(
            Dealing, seat, Trustees[(group, member)].EpochKey, [.. Dealing.Dealing.EnvelopesOf(seat).Select(d => Envelopes.Single(e => e.Digest == d).Bytes)]);
    }

    /// <summary>Goes on under another dealing, with its trustees and their envelopes.</summary>
    public void Become(VerifiedDealing dealing, IEnumerable<ShareEnvelope> envelopes, Dictionary<(int Group, int Member), (IdentityKeys Identity, SecretKey EpochKey)> trustees)
    {
        Dealing = dealing;
        Policy = dealing.Dealing.Policy;
        Envelopes = [.. envelopes];
        Trustees.Clear();
        foreach (((int, int) seat, (IdentityKeys, SecretKey) trustee) in trustees)
        {
            Trustees.Add(seat, trustee);
        }

        Terms = MakeTerms(dealing, Terms.Committee.Threshold);
    }

    public ApprovalResult Approve(int group, int member, params DocumentId[] documents)
    {
        using TrusteeShares shares = OpenShares(group, member);
        return TrusteeApproval.Create(shares, Terms, documents.Length == 0 ? [.. Header.Documents.Select(d => d.Id)] : documents, Trustees[(group, member)].Identity);
    }

    /// <summary>What an honest oracle delivers for these approvals, as it comes out of the wire.</summary>
    public OracleDelivery Deliver(int index, params ApprovalResult[] approvals) =>
        OracleDelivery.Open(Terms, index, ReceivingKey, DeliverSealed(index, approvals));

    public byte[] DeliverSealed(int index, params ApprovalResult[] approvals)
    {
        var opened = approvals
            .Select(a => TrusteeApproval.FromBytes(a.Approval.Approval.ToBytes()).Verify(Dealing, Terms)
                .OpenFragments(index, Oracles[index - 1].EnvelopeKey, a.Envelopes[index - 1].Bytes.Span))
            .ToList();
        OracleDelivery delivery = OracleDelivery.Create(opened, Oracles[index - 1].Identity);
        opened.ForEach(o => o.Dispose());
        return delivery.Seal(Terms);
    }

    public DocumentKeyCombiner Combiner(params ApprovalResult[] approvals)
    {
        var combiner = new DocumentKeyCombiner(Terms, Dealing, ReceivingKey);
        foreach (ApprovalResult approval in approvals)
        {
            combiner.AddApproval(TrusteeApproval.FromBytes(approval.Approval.Approval.ToBytes()).Verify(Dealing, Terms));
        }

        return combiner;
    }

    public async Task<byte[]> DecryptAsync(DocumentId document, DocumentKey key)
    {
        await using BundleReader reader = await BundleReader.OpenAsync(new MemoryStream(File), Patient.PublicKeys);
        using var output = new MemoryStream();
        await reader.DecryptAsync(document, key, output);
        return output.ToArray();
    }

    public void Dispose()
    {
        Patient.Dispose();
        ReceivingKey.Dispose();
        foreach ((IdentityKeys identity, SecretKey key) in Trustees.Values.Concat(Oracles))
        {
            identity.Dispose();
            key.Dispose();
        }
    }
}
