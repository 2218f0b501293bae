using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// The sharing of a bundle's delegating keys among trustees for one epoch: the whole policy, the commitments for every
/// document, and the digests of the sealed shares. It is a content object of its own, so that trustees can be replaced without
/// touching the bundle. The patient makes and signs one, or the trustees of the one before make the next (<see cref="IsReshared"/>).
/// </summary>
/// <remarks>
/// <para>
/// One raw block of at most 1 MiB, canonical CBOR; <see cref="Digest"/> is SHA-256 of the exact bytes. Format: docs/dealing-format.md. A patient's
/// dealing that was read has a valid signature and shape, and <see cref="Verify(BundleHeader)"/> against the header makes it usable.
/// </para>
/// <para>
/// A reshared dealing is the same for whoever works it out from the dealers' contributions, and carries no signature. What makes it usable is
/// <see cref="Verify(VerifiedDealing, IEnumerable{ReshareConfirmation})"/>: the dealing before, which leads back to the patient, and a confirmation by each
/// of its dealers. Format: docs/reshare-format.md. Immutable and thread safe.
/// </para>
/// </remarks>
public sealed class Dealing
{
    /// <summary>Longest encoding in bytes: 1 MiB.</summary>
    public const int MaxLength = 1 << 20;

    internal const string Stage = "dealing";
    private const string Tag = "phr/dealing/v1";
    private const string CoreTag = "phr/dealing-core/v1";
    private const string ResharedTag = "phr/dealing-reshared/v1";

    private readonly byte[] _bytes;

    private Dealing(byte[] bytes)
    {
        _bytes = bytes;
        Digest = Digest.Of(bytes);
        IsReshared = bytes.AsSpan().StartsWith(ResharedStart);
        SignedObject.Parts? parts = null;
        byte[] core = bytes;
        Digest[] envelopes = [];
        if (!IsReshared)
        {
            parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
            var outer = new CanonicalCborReader(Stage, parts.Payload, MaxLength);
            outer.BeginArray(2);
            core = outer.Bytes(MaxLength);
            envelopes = ReadDigests(outer);
            outer.EndArray();
            outer.End();
        }

        EnvelopeDigests = envelopes;
        CoreDigest = Digest.Of(core);
        var reader = new CanonicalCborReader(Stage, core, MaxLength);
        reader.BeginArray(IsReshared ? 13 : 11);
        reader.Expect(IsReshared ? ResharedTag : CoreTag);
        Ledger = reader.LedgerId();
        Patient = reader.ActorId();
        PatientKey = reader.PublicKey();
        if (parts is not null && !parts.Verify(PatientKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "the patient's signature does not verify.");
        }

        PatientSignerKey = reader.PublicKey();
        BundleId = reader.BundleId();
        HeaderDigest = reader.Digest();
        Epoch = (uint)reader.UInt64(uint.MaxValue);
        PreviousDigest = reader.Digest();
        PlanDigest = IsReshared ? reader.Digest() : default;
        Policy = TrusteePolicy.Read(reader);
        SharingShape shape = Policy.Shape;
        int trustees = Policy.Groups.Sum(g => g.Members.Count);
        var documents = new DealtDocument[reader.BeginList(BundleHeader.MaxDocuments)];
        for (int i = 0; i < documents.Length; i++)
        {
            reader.BeginArray(3);
            DocumentId id = reader.DocumentId();
            byte[] encoded = reader.Bytes(MaxCommitmentsLength(shape));
            var members = new MemberCommitment[trustees];
            reader.BeginArray(trustees);
            for (int k = 0; k < trustees; k++)
            {
                members[k] = IsReshared ? new MemberCommitment(reader.PublicKey(), null) : ReadMember(reader);
            }

            reader.EndArray();
            reader.EndArray();
            GroupCommitments commitments = GroupCommitments.FromBytes(encoded);
            if (commitments.Epoch != Epoch || !commitments.Shape.Equals(shape))
            {
                throw reader.Fault(PhrDataReason.Mismatched, $"the commitments of document {id} are of another epoch or another shape than the policy.");
            }

            documents[i] = new DealtDocument(id, commitments, members);
        }

        reader.EndArray();
        Dealers = IsReshared ? ReadDealers(reader, trustees) : [];
        reader.EndArray();
        reader.End();
        Documents = documents;
        // A bundle's dealings for emergencies have a chain of their own under the same count of epochs: the first of a chain may have any epoch.
        if (Epoch == 0 || (Epoch == 1 && !PreviousDigest.IsZero) || (IsReshared && PreviousDigest.IsZero))
        {
            throw new PhrDataException(Stage, PhrDataReason.OutOfRange, "epochs count from 1, and the first has no predecessor; what trustees made has one.");
        }

        if (documents.Length == 0 || documents.DistinctBy(d => d.Id).Count() != documents.Length)
        {
            throw new PhrDataException(Stage, PhrDataReason.Duplicate, "it has no document, or one twice.");
        }

        if (!IsReshared && (envelopes.Length != trustees || envelopes.Distinct().Count() != trustees))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it does not name one envelope for every trustee.");
        }
    }

    /// <summary>The ledger to which the dealing is bound.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The patient.</summary>
    public ActorId Patient { get; }

    /// <summary>Verifies the patient's objects: header, dealing, own consent.</summary>
    public PublicKey PatientKey { get; }

    /// <summary>Verifies the Umbral signatures on key fragments that the patient makes itself.</summary>
    public PublicKey PatientSignerKey { get; }

    /// <summary>The bundle.</summary>
    public BundleId BundleId { get; }

    /// <summary>The header whose documents are shared.</summary>
    public Digest HeaderDigest { get; }

    /// <summary>Counts the dealings of the bundle, from 1.</summary>
    public uint Epoch { get; }

    /// <summary>The dealing that this one replaces; all zero in epoch 1.</summary>
    public Digest PreviousDigest { get; }

    /// <summary>The whole policy.</summary>
    public TrusteePolicy Policy { get; }

    /// <summary>The documents' sharings, in the header's order.</summary>
    public IReadOnlyList<DealtDocument> Documents { get; }

    /// <summary>The digests of the shares that the patient sealed, in policy order; empty in a reshared dealing. See <see cref="EnvelopesOf"/> for either kind.</summary>
    public IReadOnlyList<Digest> EnvelopeDigests { get; }

    /// <summary>SHA-256 of the dealing without its list of envelopes: what a patient's envelopes are bound to. Of a reshared dealing, its digest.</summary>
    public Digest CoreDigest { get; }

    /// <summary>Whether the trustees of the dealing before made this one, and not the patient.</summary>
    public bool IsReshared { get; }

    /// <summary>The plan that a reshared dealing follows; all zero in a patient's.</summary>
    public Digest PlanDigest { get; }

    /// <summary>The old trustees whose contributions add up to a reshared dealing, in the order of the old policy; empty in a patient's.</summary>
    public IReadOnlyList<ResharingDealer> Dealers { get; }

    /// <summary>SHA-256 of the exact bytes; also the multihash of the block's content id, and what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Shares the delegating keys of every document of a bundle among the trustees of a policy.</summary>
    /// <param name="patient">The patient's keys; the header must be theirs.</param>
    /// <param name="header">The bundle's current header.</param>
    /// <param name="policy">The policy, with the envelope key that each trustee offered for this epoch.</param>
    /// <param name="previous">The dealing to replace, or null for the first. Its shares are useless together with the new ones.</param>
    /// <param name="epoch">The bundle's next epoch; null for one above the predecessor's, or 1. A bundle with dealings for emergencies counts both in one sequence.</param>
    /// <returns>The dealing and one sealed envelope per trustee.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header is not this patient's, the predecessor is of another bundle, the epoch is not above the predecessor's, or the result would be over 1 MiB.</exception>
    /// <remarks>Cost: for d documents and n trustees about 4·d·n scalar multiplications. Source: PROTOCOL of docs/protocol.md, rules on dealing.</remarks>
    public static DealingResult Create(PatientKeys patient, BundleHeader header, TrusteePolicy policy, Dealing? previous = null, uint? epoch = null)
    {
        ArgumentNullException.ThrowIfNull(patient);
        ArgumentNullException.ThrowIfNull(header);
        ArgumentNullException.ThrowIfNull(policy);
        if (!header.IsSignedBy(patient.PublicKeys))
        {
            throw new ArgumentException("The header is not signed by this patient.", nameof(header));
        }

        if (previous is not null && (previous.BundleId != header.BundleId || previous.Patient != header.PatientId))
        {
            throw new ArgumentException("The predecessor is a dealing of another bundle.", nameof(previous));
        }

        uint number = epoch ?? checked((previous?.Epoch ?? 0) + 1);
        if (number <= (previous?.Epoch ?? 0))
        {
            throw new ArgumentException("A dealing's epoch lies above its predecessor's, and above 0.", nameof(epoch));
        }

        SharingShape shape = policy.Shape;
        TrusteeMember[] trustees = [.. policy.Groups.SelectMany(g => g.Members)];
        var secrets = new SecretBytes[trustees.Length];
        try
        {
            for (int k = 0; k < trustees.Length; k++)
            {
                secrets[k] = new SecretBytes(header.Documents.Count * SecretKey.Length);
            }

            var core = new CanonicalCborWriter();
            core.Array(11).Text(CoreTag).Id(header.LedgerId).Id(patient.PublicKeys.Id).Key(patient.PublicKeys.ObjectKey).Key(patient.PublicKeys.SignerKey)
                .Id(header.BundleId).Id(header.Digest).UInt64(number).Id(previous?.Digest ?? default);
            policy.Write(core);
            core.Array(header.Documents.Count);
            for (int d = 0; d < header.Documents.Count; d++)
            {
                BundleDocument document = header.Documents[d];
                using SecretKey delegating = patient.DeriveDelegatingKey(header.BundleId, document.Id);
                if (delegating.PublicKey != document.DelegatingKey)
                {
                    throw new ArgumentException($"Document {document.Id} has a delegating key that this patient's secret does not derive.", nameof(header));
                }

                using GroupSharingResult sharing = GroupSharing.Split(delegating, shape, number);
                core.Array(3).Id(document.Id).Bytes(sharing.Commitments.ToBytes()).Array(trustees.Length);
                for (int k = 0; k < trustees.Length; k++)
                {
                    GroupShare share = sharing.Shares[k];
                    using SecretKey key = share.ToSecretKey();
                    var commitment = new PublicKey(Point.U * key.Scalar);
                    DleqProof proof = DleqProof.Create(key.Scalar, Point.Generator, Point.U, ProofContext(header.BundleId, number, document.Id), RandomSource.System);
                    core.Array(2).Key(commitment).Bytes(proof.ToBytes()).EndArray();
                    key.ExportTo(secrets[k].Reveal().Slice(d * SecretKey.Length, SecretKey.Length));
                }

                core.EndArray().EndArray();
            }

            byte[] coreBytes = core.EndArray().EndArray().ToBytes();
            Digest coreDigest = Digest.Of(coreBytes);
            var envelopes = new ShareEnvelope[trustees.Length];
            var payload = new CanonicalCborWriter();
            payload.Array(2).Bytes(coreBytes).Array(trustees.Length);
            int index = 0;
            for (int g = 0; g < policy.Groups.Count; g++)
            {
                for (int i = 0; i < policy.Groups[g].Members.Count; i++, index++)
                {
                    byte[] sealedBytes = Envelope.Seal(
                        trustees[index].EnvelopeKey,
                        patient.PublicKeys.Id,
                        patient.PublicKeys.ObjectKey,
                        ShareContext(coreDigest, g + 1, i + 1),
                        secrets[index].Reveal());
                    envelopes[index] = new ShareEnvelope(g + 1, i + 1, trustees[index].Identity, sealedBytes, Digest.Of(sealedBytes));
                    payload.Id(envelopes[index].Digest);
                }
            }

            byte[] bytes = SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), patient.Identity.ObjectSigner);
            if (bytes.Length > MaxLength)
            {
                throw new ArgumentException($"The dealing would have {bytes.Length} bytes, more than {MaxLength}: spread the documents over several bundles.", nameof(header));
            }

            return new DealingResult(new Dealing(bytes).Verify(header), envelopes);
        }
        finally
        {
            foreach (SecretBytes? secret in secrets)
            {
                secret?.Dispose();
            }
        }
    }

    /// <summary>Shares the same keys among the same trustees anew: every old share becomes useless together with the new ones.</summary>
    /// <param name="patient">The patient's keys; the header must be theirs.</param>
    /// <param name="header">The bundle's current header.</param>
    /// <param name="previous">The dealing to replace.</param>
    /// <param name="offers">From each trustee of the policy its envelope key for the next epoch.</param>
    /// <returns>The dealing and one sealed envelope per trustee.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Create"/>; or an offer is missing, not its trustee's, or for another ledger, bundle or epoch.</exception>
    /// <remarks>
    /// It does not take back what somebody has opened, nor a key that somebody has rebuilt: for that, seal the document anew under a new id. Cost as for <see cref="Create"/>.
    /// </remarks>
    public static DealingResult Refresh(PatientKeys patient, BundleHeader header, Dealing previous, IEnumerable<EnvelopeKeyOffer> offers)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(offers);
        EnvelopeKeyOffer[] all = [.. offers];
        return all.Length > 0 && all.All(o => o.Ledger == previous.Ledger && o.Bundle == previous.BundleId && o.Epoch > previous.Epoch && o.Epoch == all[0].Epoch)
            ? Create(patient, header, previous.Policy.WithEnvelopeKeys(all), previous, all[0].Epoch)
            : throw new ArgumentException("An offer is for another ledger, bundle or epoch.", nameof(offers));
    }

    /// <summary>Shares the same keys among other trustees, or with other thresholds. The patient may relax what the trustees alone may not.</summary>
    /// <param name="patient">The patient's keys; the header must be theirs.</param>
    /// <param name="header">The bundle's current header.</param>
    /// <param name="previous">The dealing to replace.</param>
    /// <param name="policy">The new policy, with the envelope key that each trustee offered for the next epoch.</param>
    /// <param name="epoch">As for <see cref="Create"/>: the bundle's next epoch, where a dealing for emergencies has taken the one above the predecessor's.</param>
    /// <returns>The dealing and one sealed envelope per trustee.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">As for <see cref="Create"/>.</exception>
    public static DealingResult Reshare(PatientKeys patient, BundleHeader header, Dealing previous, TrusteePolicy policy, uint? epoch = null)
    {
        ArgumentNullException.ThrowIfNull(previous);
        return Create(patient, header, policy, previous, epoch);
    }

    /// <summary>Adds up the contributions of old trustees into the next dealing, without the patient. Nobody learns a share that is not its own.</summary>
    /// <param name="plan">The plan that they follow.</param>
    /// <param name="contributions">
    /// The contributions of the dealers that are not left out. Of those that are more than enough, the lowest-numbered groups and members are used: everybody who takes the same set gets the same bytes.
    /// </param>
    /// <returns>The dealing, which its <see cref="Dealers"/> still have to confirm.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A contribution follows another plan, or a dealer is there twice.</exception>
    /// <exception cref="PhrDataException">
    /// The dealers do not satisfy the old policy (<see cref="PhrDataReason.BelowThreshold"/>; the message says who is lacking), the dealers together made a point zero, or the result would be over 1 MiB.
    /// </exception>
    /// <remarks>
    /// For each document the new share of a trustee is Σ λ_i·s_i over the dealers, s_i what dealer i sent it and λ_i the interpolation weights of the dealers used; the
    /// commitments are added up alike. Cost: about 2·K multiplications per document and dealer, K = T + Σ (t_g − 1). Source: docs/algorithms/resharing.md.
    /// </remarks>
    public static Dealing FromReshare(VerifiedResharePlan plan, IEnumerable<VerifiedReshareContribution> contributions)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(contributions);
        VerifiedReshareContribution[] all = [.. contributions.OrderBy(c => c.Contribution.Dealer)];
        if (all.Any(c => c.Plan.Plan.Digest != plan.Plan.Digest) || all.DistinctBy(c => c.Contribution.Dealer).Count() != all.Length)
        {
            throw new ArgumentException("A contribution follows another plan, or a dealer contributes twice.", nameof(contributions));
        }

        Dealing old = plan.Previous.Dealing;
        PolicySeat[] quorum = Quorum(old.Policy.Shape, all.Select(c => c.Contribution.Dealer), out string shortfall)
            ?? throw new PhrDataException(Stage, PhrDataReason.BelowThreshold, shortfall);
        ReshareContribution[] used = [.. all.Select(c => c.Contribution).Where(c => quorum.Contains(c.Dealer))];
        Scalar[] weights = Redistribution.Weights<Scalar>(quorum);
        TrusteePolicy policy = plan.Plan.Policy;
        SharingShape shape = policy.Shape;
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(13).Text(ResharedTag)
            .Id(old.Ledger).Id(old.Patient).Key(old.PatientKey).Key(old.PatientSignerKey)
            .Id(old.BundleId).Id(old.HeaderDigest).UInt64(plan.Plan.Epoch).Id(old.Digest).Id(plan.Plan.Digest);
        policy.Write(writer);
        writer.Array(old.Documents.Count);
        for (int d = 0; d < old.Documents.Count; d++)
        {
            int place = d;
            GroupCommitments commitments = GroupCommitments.Combine(Stage, weights, [.. used.Select(c => c.Documents[place].Commitments)]);
            PublicKey[] members = CommitmentTwins.CombineMembers(Stage, shape, weights, [.. used.Select(c => c.Documents[place].Twins)]);
            writer.Array(3).Id(old.Documents[d].Id).Bytes(commitments.ToBytes()).Array(members.Length);
            foreach (PublicKey member in members)
            {
                writer.Key(member);
            }

            writer.EndArray().EndArray();
        }

        writer.EndArray().Array(used.Length);
        foreach (ReshareContribution contribution in used)
        {
            TrusteeMember dealer = old.Policy.FindMember(contribution.Dealer)!;
            ResharePlan.WriteSeat(writer.Array(6), contribution.Dealer)
                .Id(dealer.Identity).Key(dealer.ObjectKey).Id(contribution.Digest).Id(contribution.CoreDigest).Array(contribution.EnvelopeDigests.Count);
            foreach (Digest envelope in contribution.EnvelopeDigests)
            {
                writer.Id(envelope);
            }

            writer.EndArray().EndArray();
        }

        byte[] bytes = writer.EndArray().EndArray().ToBytes();
        return bytes.Length <= MaxLength
            ? new Dealing(bytes)
            : throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"it would have {bytes.Length} bytes, more than {MaxLength}.");
    }

    /// <summary>Reads a dealing: canonical form, shape, limits and, of a patient's, the signature.</summary>
    /// <param name="bytes">At most 1 MiB.</param>
    /// <returns>The dealing, still to be verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not a dealing; the reason says what is wrong.</exception>
    public static Dealing FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxLength
            ? new Dealing(bytes.ToArray())
            : throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"it is longer than {MaxLength} bytes.");

    /// <summary>Reads a dealing, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="dealing">The dealing, or null.</param>
    /// <returns>Whether the bytes were a dealing.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Dealing? dealing)
    {
        try
        {
            dealing = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            dealing = null;
            return false;
        }
    }

    /// <summary>Checks the dealing against the header it was made for: bundle, patient, documents, keys, and every trustee's commitment.</summary>
    /// <param name="header">The header that the ledger pins.</param>
    /// <returns>The verified dealing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="header"/> is null.</exception>
    /// <exception cref="PhrDataException">The two do not belong together, or a proof fails; the detail names the document.</exception>
    /// <remarks>
    /// For a patient's dealing; a reshared one is refused (<see cref="PhrDataReason.InvalidSignature"/>), because no signature of the patient stands behind it alone.
    /// Cost: about 4 scalar multiplications per document and trustee. Public data; variable time.
    /// </remarks>
    public VerifiedDealing Verify(BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (IsReshared)
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "the patient did not sign it: it counts only with the dealing before it and its dealers' confirmations.");
        }

        if (header.Digest != HeaderDigest || header.BundleId != BundleId || header.LedgerId != Ledger || header.PatientId != Patient || header.PatientKey != PatientKey)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it was made for another header, bundle, ledger or patient.");
        }

        if (header.Documents.Count != Documents.Count)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it does not share exactly the documents of the header.");
        }

        for (int d = 0; d < Documents.Count; d++)
        {
            DealtDocument dealt = Documents[d];
            BundleDocument document = header.Documents[d];
            if (dealt.Id != document.Id || dealt.Commitments.SharedKey != document.DelegatingKey)
            {
                throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, $"what is shared for document {document.Id} is not its delegating key.");
            }

            byte[] context = ProofContext(BundleId, Epoch, dealt.Id);
            int index = 0;
            for (int g = 1; g <= Policy.Groups.Count; g++)
            {
                for (int i = 1; i <= Policy.Groups[g - 1].Members.Count; i++, index++)
                {
                    MemberCommitment member = dealt.Members[index];
                    if (!member.Proof!.Verify(Point.Generator, Point.U, dealt.Commitments.MemberKey(g, i).Point, member.Commitment.Point, context))
                    {
                        throw new PhrDataException(Stage, PhrDataReason.InvalidProof, $"the commitment to member {i} of group {g} for document {document.Id} is not proved.");
                    }
                }
            }
        }

        return new VerifiedDealing(this, header);
    }

    /// <summary>Checks a reshared dealing against the one that it replaces: nothing relaxed, the same keys, and confirmed by every one of its dealers, who satisfy the old policy.</summary>
    /// <param name="previous">The dealing before, verified; a chain of such leads back to one that the patient signed.</param>
    /// <param name="confirmations">The dealers' confirmations. One that is of no use is passed over.</param>
    /// <returns>The verified dealing, good for all that a patient's is good for.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="PhrDataException">
    /// It is the patient's own, follows another dealing, relaxes something, has dealers that are not exactly a quorum of the old policy, shares other keys, or a dealer's confirmation is lacking.
    /// </exception>
    /// <remarks>
    /// Every dealer has worked the dealing out from proved contributions before it signed, and they satisfy the old policy: if all of them lied, they could open the documents anyway.
    /// Cost: one signature per dealer. Public data; variable time.
    /// </remarks>
    public VerifiedDealing Verify(VerifiedDealing previous, IEnumerable<ReshareConfirmation> confirmations)
    {
        ArgumentNullException.ThrowIfNull(previous);
        ArgumentNullException.ThrowIfNull(confirmations);
        Dealing old = previous.Dealing;
        if (!IsReshared)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is the patient's own dealing, which is verified against the header.");
        }

        if (PreviousDigest != old.Digest || Epoch <= old.Epoch || HeaderDigest != old.HeaderDigest || BundleId != old.BundleId || Ledger != old.Ledger
            || Patient != old.Patient || PatientKey != old.PatientKey || PatientSignerKey != old.PatientSignerKey)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it follows another dealing, or is of another header, bundle, ledger or patient.");
        }

        if (Policy.FindRelaxation(old.Policy) is { } relaxation)
        {
            throw new PhrDataException(Stage, PhrDataReason.OutOfRange, $"without the patient nothing may be relaxed: {relaxation}");
        }

        if (!Documents.Select(d => d.Id).SequenceEqual(old.Documents.Select(d => d.Id)))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it does not share exactly the documents of the dealing before.");
        }

        for (int d = 0; d < Documents.Count; d++)
        {
            if (Documents[d].Commitments.SharedKey != old.Documents[d].Commitments.SharedKey)
            {
                throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, $"what is shared for document {Documents[d].Id} is not its delegating key.");
            }
        }

        if (Quorum(old.Policy.Shape, Dealers.Select(d => d.Seat), out _) is not { } quorum || !quorum.SequenceEqual(Dealers.Select(d => d.Seat)))
        {
            throw new PhrDataException(Stage, PhrDataReason.BelowThreshold, "its dealers are not exactly a quorum of the old policy.");
        }

        ReshareConfirmation[] given = [.. confirmations];
        foreach (ResharingDealer dealer in Dealers)
        {
            TrusteeMember member = old.Policy.FindMember(dealer.Seat)!;
            if (member.Identity != dealer.Identity || member.ObjectKey != dealer.ObjectKey)
            {
                throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"it names another actor or key for dealer {dealer.Seat} than the dealing before.");
            }

            if (!given.Any(c => c.IsOf(this, dealer)))
            {
                throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, $"dealer {dealer.Seat} has not confirmed it.");
            }
        }

        return new VerifiedDealing(this, previous.Header);
    }

    /// <summary>The digests of the envelopes from which one trustee gets its shares: one from the patient, or one from each dealer of a reshared dealing.</summary>
    /// <param name="seat">The trustee's seat in this policy.</param>
    /// <returns>The digests, in the order in which <see cref="TrusteeShares.Open(VerifiedDealing, PolicySeat, SecretKey, IReadOnlyList{ReadOnlyMemory{byte}})"/> takes the envelopes.</returns>
    /// <exception cref="ArgumentException">The policy has no such seat.</exception>
    public IReadOnlyList<Digest> EnvelopesOf(PolicySeat seat)
    {
        if (Policy.FindMember(seat) is null)
        {
            throw new ArgumentException("The policy has no such trustee.", nameof(seat));
        }

        int place = Policy.PlaceOf(seat.Group, seat.Member);
        return IsReshared ? [.. Dealers.Select(d => d.EnvelopeDigests[place])] : [EnvelopeDigests[place]];
    }

    /// <summary>Writes the dealing.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal DealtEnvelope PatientEnvelopeFor(PolicySeat seat)
    {
        int place = Policy.PlaceOf(seat.Group, seat.Member);
        return new DealtEnvelope
        {
            Digest = EnvelopeDigests[place],
            Recipient = Policy.FindMember(seat)!,
            SenderId = Patient,
            SenderKey = PatientKey,
            Context = ShareContext(CoreDigest, seat.Group, seat.Member),
            ShareKeys = [.. Documents.Select(d => d.Commitments.MemberKey(seat.Group, seat.Member))],
        };
    }

    // Array of 13, then the tag as text of 23 bytes: what no signed object begins with.
    private static byte[] ResharedStart { get; } = [0x8d, 0x77, .. System.Text.Encoding.ASCII.GetBytes(ResharedTag)];

    private static PolicySeat[]? Quorum(SharingShape shape, IEnumerable<PolicySeat> dealers, out string shortfall) =>
        shape.SelectQuorum(dealers.Select(d => d.Indices), out shortfall) is { } quorum
            ? [.. quorum.SelectMany(g => g.Members.Select(m => new PolicySeat(g.Group, m)))]
            : null;

    private static MemberCommitment ReadMember(CanonicalCborReader reader)
    {
        reader.BeginArray(2);
        PublicKey commitment = reader.PublicKey();
        DleqProof proof = DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? read)
            ? read
            : throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
        reader.EndArray();
        return new MemberCommitment(commitment, proof);
    }

    private static ResharingDealer[] ReadDealers(CanonicalCborReader reader, int trustees)
    {
        var dealers = new ResharingDealer[reader.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < dealers.Length; i++)
        {
            reader.BeginArray(6);
            PolicySeat seat = ResharePlan.ReadSeat(reader);
            dealers[i] = new ResharingDealer(seat, reader.ActorId(), reader.PublicKey(), reader.Digest(), reader.Digest(), ReadDigests(reader));
            reader.EndArray();
            if (dealers[i].EnvelopeDigests.Count != trustees)
            {
                throw reader.Fault(PhrDataReason.Mismatched, $"dealer {seat} does not have one envelope for every trustee.");
            }

            if (i > 0 && seat <= dealers[i - 1].Seat)
            {
                throw reader.Fault(PhrDataReason.NonCanonical, "its dealers are not in policy order, each once.");
            }
        }

        reader.EndArray();
        return dealers.Length > 0 ? dealers : throw reader.Fault(PhrDataReason.BelowThreshold, "it has no dealers.");
    }

    private static Digest[] ReadDigests(CanonicalCborReader reader)
    {
        var digests = new Digest[reader.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < digests.Length; i++)
        {
            digests[i] = reader.Digest();
        }

        reader.EndArray();
        return digests;
    }

    // A sharing of the policy's own shape is short; a larger one is refused before its points are computed.
    private static int MaxCommitmentsLength(SharingShape shape) =>
        64 + (40 * (shape.GroupThreshold + shape.Groups.Sum(g => g.Threshold))) + (8 * shape.Groups.Count);

    internal static byte[] ShareContext(Digest coreDigest, int group, int member) =>
        new CanonicalCborWriter().Array(4).Text("phr/share/v1").Id(coreDigest).UInt64((ulong)group).UInt64((ulong)member).EndArray().ToBytes();

    internal static byte[] ProofContext(BundleId bundle, uint epoch, DocumentId document) =>
        new CanonicalCborWriter().Array(4).Text("phr/dealing-proof/v1").Id(bundle).UInt64(epoch).Id(document).EndArray().ToBytes();
}
