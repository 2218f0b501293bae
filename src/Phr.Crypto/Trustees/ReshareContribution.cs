using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// One dealer's part of a new sharing by the trustees: for every document commitments to a fresh sharing of the dealer's own share, and the
/// digests of the envelopes with the sub-shares. The dealer's share itself is never shown.
/// </summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature], at most 1 MiB. Format: docs/reshare-format.md. A contribution read from bytes has a valid shape; anyone makes it
/// usable by <see cref="Verify"/>; each new trustee then checks its own envelope with <see cref="VerifiedReshareContribution.VerifyEnvelope"/>. Immutable and thread safe.
/// </remarks>
public sealed class ReshareContribution
{
    /// <summary>Longest encoding in bytes: 1 MiB.</summary>
    public const int MaxLength = 1 << 20;

    internal const string Stage = "reshare contribution";
    private const string Tag = "phr/reshare-contribution/v1";
    private const string CoreTag = "phr/reshare-core/v1";

    // Commitments for 8 groups and 16 members have at most 24 points.
    private const int MaxCommitmentsLength = 64 + (40 * (TrusteePolicy.MaxGroups + TrusteePolicy.MaxTrustees)) + (8 * TrusteePolicy.MaxGroups);

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly DleqProof[] _sealings;

    private ReshareContribution(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var outer = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        outer.BeginArray(2);
        byte[] core = outer.Bytes(MaxLength);
        var envelopes = new Digest[outer.BeginList(TrusteePolicy.MaxTrustees)];
        _sealings = new DleqProof[envelopes.Length];
        for (int k = 0; k < envelopes.Length; k++)
        {
            outer.BeginArray(2);
            envelopes[k] = outer.Digest();
            _sealings[k] = DleqProof.TryFromBytes(outer.BytesExactly(DleqProof.Length), out DleqProof? sealing)
                ? sealing
                : throw outer.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
            outer.EndArray();
        }

        outer.EndArray();
        outer.EndArray();
        outer.End();
        EnvelopeDigests = envelopes;
        CoreDigest = Digest.Of(core);
        var reader = new CanonicalCborReader(Stage, core, MaxLength);
        reader.BeginArray(5);
        reader.Expect(CoreTag);
        PlanDigest = reader.Digest();
        Epoch = (uint)reader.UInt64(uint.MaxValue);
        Dealer = ResharePlan.ReadSeat(reader);
        var documents = new ReshareDocument[reader.BeginList(BundleHeader.MaxDocuments)];
        for (int d = 0; d < documents.Length; d++)
        {
            reader.BeginArray(4);
            DocumentId id = reader.DocumentId();
            GroupCommitments commitments = GroupCommitments.FromBytes(reader.Bytes(MaxCommitmentsLength));
            SharingShape shape = commitments.Shape;
            if (commitments.Epoch != Epoch || shape.TotalMembers != envelopes.Length || shape.Groups.Count > TrusteePolicy.MaxGroups || (d > 0 && !shape.Equals(documents[0].Commitments.Shape)))
            {
                throw reader.Fault(PhrDataReason.Mismatched, $"the commitments of document {id} are of another epoch or shape than the rest.");
            }

            documents[d] = new ReshareDocument(id, commitments, CommitmentTwins.Read(reader, shape));
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        Documents = documents;
        if (documents.Length == 0 || documents.DistinctBy(d => d.Id).Count() != documents.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it has no document, or one twice.");
        }

        if (envelopes.Distinct().Count() != envelopes.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it names an envelope twice.");
        }
    }

    /// <summary>The plan that it follows.</summary>
    public Digest PlanDigest { get; }

    /// <summary>The new epoch.</summary>
    public uint Epoch { get; }

    /// <summary>The dealer's seat in the old policy.</summary>
    public PolicySeat Dealer { get; }

    /// <summary>The documents, in the header's order.</summary>
    public IReadOnlyList<ReshareDocument> Documents { get; }

    /// <summary>The digests of the sealed sub-shares, in the order of the new policy.</summary>
    public IReadOnlyList<Digest> EnvelopeDigests { get; }

    /// <summary>SHA-256 of the contribution without its list of envelopes: what the envelopes are bound to.</summary>
    public Digest CoreDigest { get; }

    /// <summary>SHA-256 of the exact bytes; what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Shares a trustee's own shares onward to the new trustees of a plan.</summary>
    /// <param name="plan">The plan. The caller has decided that the new trustees shall have the documents.</param>
    /// <param name="shares">The dealer's shares under the old dealing.</param>
    /// <param name="identity">The dealer's keys, as the old dealing names them.</param>
    /// <returns>The contribution, and one envelope per new trustee.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shares are of another dealing, the plan does not name the trustee as a dealer, the keys are not its, or the contribution would be over 1 MiB.</exception>
    /// <remarks>Cost: per document 2·K multiplications, K = T + Σ (t_g − 1), and 3 per new trustee. Every polynomial is fresh from the system generator.</remarks>
    public static ReshareContributionResult Create(VerifiedResharePlan plan, TrusteeShares shares, IdentityKeys identity)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(identity);
        Dealing old = plan.Previous.Dealing;
        var dealer = new PolicySeat(shares.Group, shares.Member);
        if (shares.Dealing.Dealing.Digest != old.Digest || !plan.Plan.Dealers.Contains(dealer))
        {
            throw new ArgumentException("The shares are of another dealing than the plan replaces, or the plan does not ask this trustee to deal.", nameof(shares));
        }

        if (old.Policy.FindMember(dealer)!.ObjectKey != identity.PublicKeys.ObjectKey)
        {
            throw new ArgumentException("The keys are not those of this trustee in the dealing.", nameof(identity));
        }

        TrusteePolicy policy = plan.Plan.Policy;
        SharingShape shape = policy.Shape;
        PolicySeat[] seats = [.. policy.Seats];
        var secrets = new SecretBytes[seats.Length];
        try
        {
            for (int k = 0; k < seats.Length; k++)
            {
                secrets[k] = new SecretBytes(old.Documents.Count * SecretKey.Length);
            }

            CanonicalCborWriter core = new CanonicalCborWriter().Array(5).Text(CoreTag).Id(plan.Plan.Digest).UInt64(plan.Plan.Epoch);
            ResharePlan.WriteSeat(core, dealer).Array(old.Documents.Count);
            for (int d = 0; d < old.Documents.Count; d++)
            {
                DocumentId id = old.Documents[d].Id;
                (GroupCommitments commitments, CommitmentTwins twins) = Redistribution.Deal(
                    shares.Find(id)!, shape, plan.Plan.Epoch, ProofContext(plan.Plan.Digest, dealer, id), secrets, d * SecretKey.Length, RandomSource.System);
                core.Array(4).Id(id).Bytes(commitments.ToBytes());
                twins.WriteTo(core);
                core.EndArray();
            }

            byte[] coreBytes = core.EndArray().EndArray().ToBytes();
            Digest coreDigest = Digest.Of(coreBytes);
            var envelopes = new ShareEnvelope[seats.Length];
            CanonicalCborWriter payload = new CanonicalCborWriter().Array(2).Bytes(coreBytes).Array(seats.Length);
            for (int k = 0; k < seats.Length; k++)
            {
                TrusteeMember member = policy.FindMember(seats[k])!;
                (byte[] bytes, DleqProof sealing) = Envelope.SealProven(
                    member.EnvelopeKey, identity.Id, identity.PublicKeys.ObjectKey, ShareContext(coreDigest, seats[k]), secrets[k].Reveal(), SealingContext(coreDigest, seats[k]), RandomSource.System);
                envelopes[k] = new ShareEnvelope(seats[k].Group, seats[k].Member, member.Identity, bytes, Digest.Of(bytes));
                payload.Array(2).Id(envelopes[k].Digest).Bytes(sealing.ToBytes()).EndArray();
            }

            byte[] signed = SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), identity.ObjectSigner);
            return signed.Length <= MaxLength
                ? new ReshareContributionResult(new ReshareContribution(signed).Verify(plan), envelopes)
                : throw new ArgumentException($"The contribution would have {signed.Length} bytes, more than {MaxLength}: only the patient can share this bundle anew, in several bundles.", nameof(plan));
        }
        finally
        {
            foreach (SecretBytes? secret in secrets)
            {
                secret?.Dispose();
            }
        }
    }

    /// <summary>Reads a contribution: canonical form, shape and limits. Signature and proofs are checked by <see cref="Verify"/>.</summary>
    /// <param name="bytes">At most 1 MiB.</param>
    /// <returns>The contribution, still to be verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not a contribution.</exception>
    public static ReshareContribution FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a contribution, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="contribution">The contribution, or null.</param>
    /// <returns>Whether the bytes were a contribution.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ReshareContribution? contribution)
    {
        try
        {
            contribution = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            contribution = null;
            return false;
        }
    }

    /// <summary>Checks everything about the contribution that is public: who signed it, that it shares exactly that trustee's shares, and that its commitments fit.</summary>
    /// <param name="plan">The plan that it must follow.</param>
    /// <returns>The verified contribution.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="plan"/> is null.</exception>
    /// <exception cref="PhrDataException">A check fails: the dealer, whom the detail names, is left out.</exception>
    /// <remarks>Cost: about 2·K + 4 multiplications per document, K = T + Σ (t_g − 1). Public data; variable time.</remarks>
    public VerifiedReshareContribution Verify(VerifiedResharePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Dealing old = plan.Previous.Dealing;
        if (PlanDigest != plan.Plan.Digest || Epoch != plan.Plan.Epoch)
        {
            throw Fault(PhrDataReason.Mismatched, "it was made for another plan.");
        }

        if (!plan.Plan.Dealers.Contains(Dealer))
        {
            throw Fault(PhrDataReason.NotFound, $"the plan does not ask trustee {Dealer} to deal.");
        }

        if (!_parts.Verify(old.Policy.FindMember(Dealer)!.ObjectKey))
        {
            throw Fault(PhrDataReason.InvalidSignature, $"it is not signed by trustee {Dealer}.");
        }

        SharingShape shape = plan.Plan.Policy.Shape;
        if (!Documents.Select(d => d.Id).SequenceEqual(old.Documents.Select(d => d.Id)) || !Documents[0].Commitments.Shape.Equals(shape))
        {
            throw Fault(PhrDataReason.Mismatched, $"trustee {Dealer} deals other documents, or for another policy.");
        }

        foreach (ReshareDocument document in Documents)
        {
            if (document.Commitments.SharedKey != plan.Previous.FindMemberKey(document.Id, Dealer.Group, Dealer.Member)
                || document.Twins.Shared != plan.Previous.CommitmentOf(document.Id, Dealer.Group, Dealer.Member).Point)
            {
                throw Fault(PhrDataReason.CommitmentMismatch, $"what trustee {Dealer} shares for document {document.Id} is not its share.");
            }

            foreach (PolicySeat seat in plan.Plan.Policy.Seats)
            {
                _ = document.Commitments.MemberKey(seat.Group, seat.Member);
            }

            if (!document.Twins.Verify(document.Commitments, ProofContext(PlanDigest, Dealer, document.Id)))
            {
                throw Fault(PhrDataReason.InvalidProof, $"the twin commitments of trustee {Dealer} for document {document.Id} are not proved.");
            }
        }

        return new VerifiedReshareContribution(this, plan);
    }

    /// <summary>Writes the contribution.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal static byte[] ShareContext(Digest coreDigest, PolicySeat seat) => Context("phr/reshare-share/v1", coreDigest, seat);

    internal static byte[] SealingContext(Digest coreDigest, PolicySeat seat) => Context("phr/reshare-seal/v1", coreDigest, seat);

    internal DleqProof SealingOf(int place) => _sealings[place];

    private static byte[] Context(string tag, Digest digest, PolicySeat seat) =>
        new CanonicalCborWriter().Array(4).Text(tag).Id(digest).UInt64((ulong)seat.Group).UInt64((ulong)seat.Member).EndArray().ToBytes();

    private static byte[] ProofContext(Digest plan, PolicySeat dealer, DocumentId document) =>
        new CanonicalCborWriter().Array(5).Text("phr/reshare-proof/v1").Id(plan).UInt64((ulong)dealer.Group).UInt64((ulong)dealer.Member).Id(document).EndArray().ToBytes();

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
