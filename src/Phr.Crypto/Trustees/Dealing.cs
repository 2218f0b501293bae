using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// The sharing of a bundle's delegating keys among trustees for one epoch: the whole policy, the commitments for every
/// document, and the digests of the sealed shares, signed by the patient. It is a content object of its own, so that
/// trustees can be replaced without touching the bundle.
/// </summary>
/// <remarks>
/// One raw block of at most 1 MiB: canonical CBOR [tag, payload, signature]; <see cref="Digest"/> is SHA-256 of the exact bytes.
/// Format: docs/dealing-format.md. A dealing read from bytes has a valid signature and shape; only <see cref="Verify"/> against
/// the header makes it usable. Immutable and thread safe.
/// </remarks>
public sealed class Dealing
{
    /// <summary>Longest encoding in bytes: 1 MiB.</summary>
    public const int MaxLength = 1 << 20;

    internal const string Stage = "dealing";
    private const string Tag = "phr/dealing/v1";
    private const string CoreTag = "phr/dealing-core/v1";

    private readonly byte[] _bytes;

    private Dealing(byte[] bytes)
    {
        _bytes = bytes;
        SignedObject.Parts parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var outer = new CanonicalCborReader(Stage, parts.Payload, MaxLength);
        outer.BeginArray(2);
        byte[] core = outer.Bytes(MaxLength);
        var envelopes = new Digest[outer.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < envelopes.Length; i++)
        {
            envelopes[i] = outer.Digest();
        }

        outer.EndArray();
        outer.EndArray();
        outer.End();
        EnvelopeDigests = envelopes;
        CoreDigest = Digest.Of(core);
        Digest = Digest.Of(bytes);

        var reader = new CanonicalCborReader(Stage, core, MaxLength);
        reader.BeginArray(11);
        reader.Expect(CoreTag);
        Ledger = reader.LedgerId();
        Patient = reader.ActorId();
        PatientKey = reader.PublicKey();
        if (!parts.Verify(PatientKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "the patient's signature does not verify.");
        }

        PatientSignerKey = reader.PublicKey();
        BundleId = reader.BundleId();
        HeaderDigest = reader.Digest();
        Epoch = (uint)reader.UInt64(uint.MaxValue);
        PreviousDigest = reader.Digest();
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
                reader.BeginArray(2);
                PublicKey commitment = reader.PublicKey();
                if (!DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? proof))
                {
                    throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
                }

                reader.EndArray();
                members[k] = new MemberCommitment(commitment, proof);
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
        reader.EndArray();
        reader.End();
        Documents = documents;
        if (Epoch == 0 || (Epoch == 1) != PreviousDigest.IsZero)
        {
            throw new PhrDataException(Stage, PhrDataReason.OutOfRange, "epochs count from 1, and every epoch but the first names its predecessor.");
        }

        if (documents.Length == 0 || documents.DistinctBy(d => d.Id).Count() != documents.Length)
        {
            throw new PhrDataException(Stage, PhrDataReason.Duplicate, "it has no document, or one twice.");
        }

        if (envelopes.Length != trustees || envelopes.Distinct().Count() != trustees)
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

    /// <summary>The digests of the sealed shares, in policy order.</summary>
    public IReadOnlyList<Digest> EnvelopeDigests { get; }

    /// <summary>SHA-256 of the dealing without its list of envelopes: what the envelopes are bound to.</summary>
    public Digest CoreDigest { get; }

    /// <summary>SHA-256 of the exact bytes; also the multihash of the block's content id, and what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Shares the delegating keys of every document of a bundle among the trustees of a policy.</summary>
    /// <param name="patient">The patient's keys; the header must be theirs.</param>
    /// <param name="header">The bundle's current header.</param>
    /// <param name="policy">The policy, with the envelope key that each trustee offered for this epoch.</param>
    /// <param name="previous">The dealing to replace, or null for the first. Its shares are useless together with the new ones.</param>
    /// <returns>The dealing and one sealed envelope per trustee.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The header is not this patient's, the predecessor is of another bundle, or the result would be over 1 MiB.</exception>
    /// <remarks>Cost: for d documents and n trustees about 4·d·n scalar multiplications. Source: PROTOCOL of docs/protocol.md, rules on dealing.</remarks>
    public static DealingResult Create(PatientKeys patient, BundleHeader header, TrusteePolicy policy, Dealing? previous = null)
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

        uint epoch = checked((previous?.Epoch ?? 0) + 1);
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
                .Id(header.BundleId).Id(header.Digest).UInt64(epoch).Id(previous?.Digest ?? default);
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

                using GroupSharingResult sharing = GroupSharing.Split(delegating, shape, epoch);
                core.Array(3).Id(document.Id).Bytes(sharing.Commitments.ToBytes()).Array(trustees.Length);
                for (int k = 0; k < trustees.Length; k++)
                {
                    GroupShare share = sharing.Shares[k];
                    using SecretKey key = share.ToSecretKey();
                    var commitment = new PublicKey(Point.U * key.Scalar);
                    DleqProof proof = DleqProof.Create(key.Scalar, Point.Generator, Point.U, ProofContext(header.BundleId, epoch, document.Id), RandomSource.System);
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

    /// <summary>Reads a dealing: canonical form, shape, limits and the patient's signature.</summary>
    /// <param name="bytes">At most 1 MiB.</param>
    /// <returns>The dealing, still to be verified against the header.</returns>
    /// <exception cref="PhrDataException">The bytes are not a dealing; the reason says what is wrong.</exception>
    public static Dealing FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxLength
            ? new Dealing(bytes.ToArray())
            : throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"it is longer than {MaxLength} bytes.");

    /// <summary>Reads a dealing, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="dealing">The dealing, or null.</param>
    /// <returns>Whether the bytes were a dealing with a valid signature.</returns>
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
    /// <remarks>Cost: about 4 scalar multiplications per document and trustee. Public data; variable time.</remarks>
    public VerifiedDealing Verify(BundleHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
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
                    if (!member.Proof.Verify(Point.Generator, Point.U, dealt.Commitments.MemberKey(g, i).Point, member.Commitment.Point, context))
                    {
                        throw new PhrDataException(Stage, PhrDataReason.InvalidProof, $"the commitment to member {i} of group {g} for document {document.Id} is not proved.");
                    }
                }
            }
        }

        return new VerifiedDealing(this, header);
    }

    /// <summary>Writes the dealing.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    // A sharing of the policy's own shape is short; a larger one is refused before its points are computed.
    private static int MaxCommitmentsLength(SharingShape shape) =>
        64 + (40 * (shape.GroupThreshold + shape.Groups.Sum(g => g.Threshold))) + (8 * shape.Groups.Count);

    internal static byte[] ShareContext(Digest coreDigest, int group, int member) =>
        new CanonicalCborWriter().Array(4).Text("phr/share/v1").Id(coreDigest).UInt64((ulong)group).UInt64((ulong)member).EndArray().ToBytes();

    internal static byte[] ProofContext(BundleId bundle, uint epoch, DocumentId document) =>
        new CanonicalCborWriter().Array(4).Text("phr/dealing-proof/v1").Id(bundle).UInt64(epoch).Id(document).EndArray().ToBytes();
}
