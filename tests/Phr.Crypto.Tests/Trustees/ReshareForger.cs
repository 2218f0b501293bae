using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>What dishonest trustees of a <see cref="ReshareWorld"/> could send: well formed and signed, and wrong in one place.</summary>
internal sealed class ReshareForger(ReshareWorld world, PolicySeat dealer)
{
    /// <summary>What is shared for a document, if not the dealer's share.</summary>
    public SecretKey? OtherSecret { get; init; }

    /// <summary>The constant under u is of another number than the one under G.</summary>
    public bool ForeignTwins { get; init; }

    /// <summary>The proof is bound to another dealer.</summary>
    public bool ProofOfAnother { get; init; }

    public VerifiedResharePlan Plan { get; init; } = world.Plan;

    public Digest? PlanDigest { get; init; }

    public uint? Epoch { get; init; }

    public SharingShape? Shape { get; init; }

    public IdentityKeys? SignedBy { get; init; }

    /// <summary>Changes what is sealed to one seat.</summary>
    public Action<PolicySeat, byte[]>? Tamper { get; init; }

    /// <summary>Replaces the whole envelope for one seat.</summary>
    public Func<PolicySeat, Digest, byte[], byte[]>? Replace { get; init; }

    public (ReshareContribution Contribution, ShareEnvelope[] Envelopes) Make()
    {
        ResharePlan plan = Plan.Plan;
        IdentityKeys identity = world.OldTrustees[dealer.Indices].Identity;
        SharingShape shape = Shape ?? plan.Policy.Shape;
        PolicySeat[] seats = [.. plan.Policy.Seats];
        uint epoch = Epoch ?? plan.Epoch;
        using TrusteeShares shares = world.Old.OpenShares(dealer.Group, dealer.Member);
        IReadOnlyList<DealtDocument> documents = world.Previous.Dealing.Documents;
        byte[][] secrets = [.. seats.Select(_ => new byte[documents.Count * 32])];
        CanonicalCborWriter core = new CanonicalCborWriter().Array(5).Text("phr/reshare-core/v1").Id(PlanDigest ?? plan.Digest).UInt64(epoch)
            .Array(2).UInt64((ulong)dealer.Group).UInt64((ulong)dealer.Member).EndArray().Array(documents.Count);
        for (int d = 0; d < documents.Count; d++)
        {
            SecretKey secret = OtherSecret ?? shares.Find(documents[d].Id)!;
            PolicySeat named = ProofOfAnother ? new PolicySeat(dealer.Group, dealer.Member + 1) : dealer;
            byte[] context = new CanonicalCborWriter().Array(5).Text("phr/reshare-proof/v1").Id(PlanDigest ?? plan.Digest)
                .UInt64((ulong)named.Group).UInt64((ulong)named.Member).Id(documents[d].Id).EndArray().ToBytes();
            SecretBytes[] sink = [.. Enumerable.Range(0, shape.TotalMembers).Select(_ => new SecretBytes(32))];
            (GroupCommitments commitments, CommitmentTwins twins) = Redistribution.Deal(secret, shape, epoch, context, sink, 0, RandomSource.System);
            for (int k = 0; k < Math.Min(sink.Length, seats.Length); k++)
            {
                sink[k].Reveal().CopyTo(secrets[k].AsSpan(d * 32));
            }

            if (ForeignTwins)
            {
                // The same constant, honest twins of another sharing of it: each hides another number than its commitment, but for the first.
                twins = Redistribution.Deal(secret, shape, epoch, context, sink, 0, RandomSource.System).Twins;
            }

            core.Array(4).Id(documents[d].Id).Bytes(commitments.ToBytes());
            twins.WriteTo(core);
            core.EndArray();
        }

        byte[] coreBytes = core.EndArray().EndArray().ToBytes();
        Digest coreDigest = Digest.Of(coreBytes);
        var envelopes = new ShareEnvelope[shape.TotalMembers];
        CanonicalCborWriter payload = new CanonicalCborWriter().Array(2).Bytes(coreBytes).Array(envelopes.Length);
        for (int k = 0; k < envelopes.Length; k++)
        {
            PolicySeat seat = k < seats.Length ? seats[k] : new PolicySeat(8, k);
            TrusteeMember member = plan.Policy.FindMember(k < seats.Length ? seat : seats[0])!;
            byte[] secret = k < seats.Length ? secrets[k] : new byte[32];
            Tamper?.Invoke(seat, secret);
            (byte[] bytes, DleqProof sealing) = Envelope.SealProven(
                member.EnvelopeKey, identity.Id, identity.PublicKeys.ObjectKey, ReshareContribution.ShareContext(coreDigest, seat), secret,
                ReshareContribution.SealingContext(coreDigest, seat), RandomSource.System);
            bytes = Replace?.Invoke(seat, coreDigest, bytes) ?? bytes;
            envelopes[k] = new ShareEnvelope(seat.Group, seat.Member, member.Identity, bytes, Digest.Of(bytes));
            payload.Array(2).Id(envelopes[k].Digest).Bytes(sealing.ToBytes()).EndArray();
        }

        byte[] signed = SignedObject.Sign("phr/reshare-contribution/v1", payload.EndArray().EndArray().ToBytes(), (SignedBy ?? identity).ObjectSigner);
        return (ReshareContribution.FromBytes(signed), envelopes);
    }
}
