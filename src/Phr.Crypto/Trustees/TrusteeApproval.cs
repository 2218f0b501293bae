using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// A trustee's signed approval of a request, or the patient's own consent: what is approved, for whom, until when, and for every
/// document and oracle the id and commitment of the key fragment. The fragments themselves stay in the trustee's outbox.
/// </summary>
/// <remarks>
/// Public object; canonical CBOR [tag, payload, signature]. It is read with a valid shape; <see cref="Verify"/> checks it against
/// the dealing and the request. Format: docs/approval-format.md. Immutable and thread safe.
/// </remarks>
public sealed class TrusteeApproval
{
    /// <summary>Longest encoding in bytes: 1 MiB.</summary>
    public const int MaxLength = 1 << 20;

    internal const string Stage = "approval";
    private const string Tag = "phr/approval-statement/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private TrusteeApproval(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(14);
        Ledger = reader.LedgerId();
        Request = reader.RequestId();
        HeaderDigest = reader.Digest();
        DealingDigest = reader.Digest();
        Epoch = (uint)reader.UInt64(uint.MaxValue);
        PurposeDigest = reader.Digest();
        NotAfter = reader.Time();
        CommitteeDigest = reader.Digest();
        ReceivingKey = reader.PublicKey();
        Group = reader.Int32(TrusteePolicy.MaxGroups);
        Member = reader.Int32(TrusteePolicy.MaxTrustees);
        Approver = reader.ActorId();
        var documents = new ApprovedDocument[reader.BeginList(BundleHeader.MaxDocuments)];
        var read = new (DocumentId Id, Digest[] Fragments, DleqProof? Proof)[documents.Length];

        // Of each document the precursor, the commitments of its fragments, and the patient's own: all points are read at once.
        var points = new List<byte[]>();
        for (int d = 0; d < documents.Length; d++)
        {
            reader.BeginArray(4);
            DocumentId id = reader.DocumentId();
            points.Add(reader.BytesExactly(PublicKey.Length));
            var fragments = new Digest[reader.BeginList(TrusteePolicy.MaxCommittee)];
            for (int k = 0; k < fragments.Length; k++)
            {
                reader.BeginArray(2);
                fragments[k] = reader.Digest();
                points.Add(reader.BytesExactly(PublicKey.Length));
                reader.EndArray();
            }

            reader.EndArray();
            DleqProof? proof = null;
            if (reader.BeginList(2) != 0)
            {
                points.Add(reader.BytesExactly(PublicKey.Length));
                if (!DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out proof))
                {
                    throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
                }
            }

            reader.EndArray();
            reader.EndArray();
            read[d] = (id, fragments, proof);
        }

        reader.EndArray();
        var envelopes = new Digest[reader.BeginList(TrusteePolicy.MaxCommittee)];
        for (int k = 0; k < envelopes.Length; k++)
        {
            envelopes[k] = reader.Digest();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        PublicKey[] keys = PublicKey.TryFromBytesMany(points) ?? throw reader.Fault(PhrDataReason.InvalidPoint, "a public key is not a point of the curve.");
        int next = 0;
        for (int d = 0; d < documents.Length; d++)
        {
            (DocumentId id, Digest[] ids, DleqProof? proof) = read[d];
            PublicKey precursor = keys[next++];
            FragmentCommitment[] fragments = Array.ConvertAll(ids, fragment => new FragmentCommitment(fragment, keys[next++]));
            documents[d] = new ApprovedDocument(id, precursor, fragments, proof is null ? null : new MemberCommitment(keys[next++], proof));
        }

        Documents = documents;
        EnvelopeDigests = envelopes;
        if (documents.Length == 0 || documents.DistinctBy(d => d.Id).Count() != documents.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it has no document, or one twice.");
        }

        if ((Group == 0) != (Member == 0) || documents.Any(d => (d.OwnCommitment is null) == (Group == 0)))
        {
            throw reader.Fault(PhrDataReason.Malformed, "index 0 is the patient's alone, and only the patient's consent carries its own commitments.");
        }

        if (envelopes.Length == 0 || documents.Any(d => d.Fragments.Count != envelopes.Length))
        {
            throw reader.Fault(PhrDataReason.Mismatched, "it does not have one fragment per document and oracle.");
        }
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The request that is approved.</summary>
    public RequestId Request { get; }

    /// <summary>The header that the request pins.</summary>
    public Digest HeaderDigest { get; }

    /// <summary>The dealing that the request pins.</summary>
    public Digest DealingDigest { get; }

    /// <summary>The epoch of that dealing.</summary>
    public uint Epoch { get; }

    /// <summary>The salted commitment to the purpose.</summary>
    public Digest PurposeDigest { get; }

    /// <summary>Until when the approval holds.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>The committee for which fragments were made.</summary>
    public Digest CommitteeDigest { get; }

    /// <summary>The doctor's receiving key.</summary>
    public PublicKey ReceivingKey { get; }

    /// <summary>The trustee's group from 1; 0 for the patient.</summary>
    public int Group { get; }

    /// <summary>The trustee's place in the group from 1; 0 for the patient.</summary>
    public int Member { get; }

    /// <summary>Who approves.</summary>
    public ActorId Approver { get; }

    /// <summary>The documents approved.</summary>
    public IReadOnlyList<ApprovedDocument> Documents { get; }

    /// <summary>The digests of the sealed fragments, in committee order.</summary>
    public IReadOnlyList<Digest> EnvelopeDigests { get; }

    /// <summary>SHA-256 of the exact bytes; what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Makes a trustee's approval: fresh key fragments from its shares to the doctor's receiving key, for every document and oracle.</summary>
    /// <param name="shares">The trustee's checked shares.</param>
    /// <param name="terms">The request as the ledger has it. The caller has checked doctor, licence, purpose and committee.</param>
    /// <param name="documents">The documents to approve, each once.</param>
    /// <param name="identity">The trustee's keys; they must be those that the dealing names.</param>
    /// <returns>The approval, and one envelope per oracle for the outbox.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The terms pin another dealing, a document is not in it, or the keys are not the trustee's.</exception>
    public static ApprovalResult Create(TrusteeShares shares, RequestTerms terms, IEnumerable<DocumentId> documents, IdentityKeys identity)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(identity);
        TrusteeMember member = shares.Dealing.Dealing.Policy.FindMember(shares.Group, shares.Member)!;
        if (member.ObjectKey != identity.PublicKeys.ObjectKey || member.SignerKey != identity.PublicKeys.SignerKey)
        {
            throw new ArgumentException("The keys are not those of this trustee in the dealing.", nameof(identity));
        }

        return Create(shares.Dealing, terms, documents, shares.Group, shares.Member, member.Identity, identity, shares.Find, disposeKeys: false);
    }

    /// <summary>Makes the patient's own consent: key fragments from the delegating keys themselves. It needs no trustee.</summary>
    /// <param name="patient">The patient's keys.</param>
    /// <param name="dealing">The dealing that the request pins.</param>
    /// <param name="terms">The request as the ledger has it.</param>
    /// <param name="documents">The documents to open, each once.</param>
    /// <returns>The consent, and one envelope per oracle.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The terms pin another dealing, a document is not in it, or the bundle is not this patient's.</exception>
    public static ApprovalResult CreateByPatient(PatientKeys patient, VerifiedDealing dealing, RequestTerms terms, IEnumerable<DocumentId> documents)
    {
        ArgumentNullException.ThrowIfNull(patient);
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(documents);
        if (!dealing.Header.IsSignedBy(patient.PublicKeys))
        {
            throw new ArgumentException("The bundle is not this patient's.", nameof(dealing));
        }

        return Create(
            dealing, terms, documents, 0, 0, patient.PublicKeys.Id, patient.Identity,
            id => patient.DeriveDelegatingKey(dealing.Dealing.BundleId, id), disposeKeys: true);
    }

    /// <summary>Reads an approval: canonical form, shape and limits. The signature is checked by <see cref="Verify"/>, which knows whose it must be.</summary>
    /// <param name="bytes">At most 1 MiB.</param>
    /// <returns>The approval, still to be verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not an approval.</exception>
    public static TrusteeApproval FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxLength
            ? new TrusteeApproval(bytes.ToArray())
            : throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"it is longer than {MaxLength} bytes.");

    /// <summary>Reads an approval, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="approval">The approval, or null.</param>
    /// <returns>Whether the bytes were an approval.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TrusteeApproval? approval)
    {
        try
        {
            approval = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            approval = null;
            return false;
        }
    }

    /// <summary>Writes the approval.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Checks the approval against the request and the dealing that it pins: who signed, what for, and that every fragment id follows from it.</summary>
    /// <param name="dealing">The verified dealing.</param>
    /// <param name="terms">The request as the ledger has it.</param>
    /// <returns>The verified approval.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="PhrDataException">A check fails; reason and detail say which.</exception>
    public VerifiedApproval Verify(VerifiedDealing dealing, RequestTerms terms)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(terms);
        RequirePinned(dealing, terms);
        if (Ledger != terms.Ledger || Request != terms.Request || HeaderDigest != terms.HeaderDigest || DealingDigest != terms.DealingDigest
            || Epoch != terms.Epoch || PurposeDigest != terms.PurposeDigest || NotAfter != terms.NotAfter
            || CommitteeDigest != terms.Committee.Digest || ReceivingKey != terms.ReceivingKey
            || EnvelopeDigests.Count != terms.Committee.Seats.Count)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it was given for other terms than the request has.");
        }

        Dealing deal = dealing.Dealing;
        (ActorId approver, PublicKey objectKey) = Group == 0
            ? (deal.Patient, deal.PatientKey)
            : deal.Policy.FindMember(Group, Member) is { } member
                ? (member.Identity, member.ObjectKey)
                : throw new PhrDataException(Stage, PhrDataReason.NotFound, $"the policy has no member {Member} in group {Group}.");
        if (approver != Approver || !_parts.Verify(objectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it is not signed by the trustee that it names.");
        }

        foreach (ApprovedDocument document in Documents)
        {
            if (dealing.FindDocument(document.Id) is not { } entry)
            {
                throw new PhrDataException(Stage, PhrDataReason.NotFound, $"document {document.Id} is not in the bundle.");
            }

            PublicKey memberKey = dealing.FindMemberKey(document.Id, Group, Member)!;
            byte[] context = terms.ContextOf(entry, Group, Member, memberKey);
            for (int k = 0; k < document.Fragments.Count; k++)
            {
                if (document.Fragments[k].Id != Digest.FromBytes(terms.KeyFragId(context, document.Precursor, k + 1)))
                {
                    throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the id of fragment {k + 1} for document {document.Id} does not follow from what was approved.");
                }
            }

            if (document.OwnCommitment is { } own
                && !own.Proof!.Verify(Point.Generator, Point.U, memberKey.Point, own.Commitment.Point, Dealing.ProofContext(deal.BundleId, Epoch, document.Id)))
            {
                throw new PhrDataException(Stage, PhrDataReason.InvalidProof, $"the patient's commitment for document {document.Id} is not proved.");
            }
        }

        return new VerifiedApproval(this, dealing, terms);
    }

    private static void RequirePinned(VerifiedDealing dealing, RequestTerms terms)
    {
        if (dealing.Dealing.Digest != terms.DealingDigest || dealing.Dealing.Epoch != terms.Epoch
            || dealing.Header.Digest != terms.HeaderDigest || dealing.Dealing.Ledger != terms.Ledger)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "the request pins another ledger, header, dealing or epoch.");
        }
    }

    private static ApprovalResult Create(
        VerifiedDealing dealing,
        RequestTerms terms,
        IEnumerable<DocumentId> documents,
        int group,
        int member,
        ActorId approver,
        IdentityKeys identity,
        Func<DocumentId, SecretKey?> keyOf,
        bool disposeKeys)
    {
        DocumentId[] ids = [.. documents];
        if (ids.Length == 0 || ids.Distinct().Count() != ids.Length)
        {
            throw new ArgumentException("Name at least one document, each once.", nameof(documents));
        }

        try
        {
            RequirePinned(dealing, terms);
        }
        catch (PhrDataException e)
        {
            throw new ArgumentException(e.Message, nameof(terms), e);
        }

        TrusteePolicy policy = dealing.Dealing.Policy;
        int seats = terms.Committee.Seats.Count;
        if (terms.Committee.Threshold < policy.CommitteeThreshold || seats < policy.CommitteeSize || terms.Committee.Threshold * 2 <= seats)
        {
            throw new ArgumentException("The committee is weaker than the patient's policy allows.", nameof(terms));
        }

        var fragments = new CanonicalCborWriter[seats];
        for (int k = 0; k < seats; k++)
        {
            fragments[k] = new CanonicalCborWriter().Array(ids.Length);
        }

        var payload = new CanonicalCborWriter();
        payload.Array(14).Id(terms.Ledger).Id(terms.Request).Id(terms.HeaderDigest).Id(terms.DealingDigest).UInt64(terms.Epoch)
            .Id(terms.PurposeDigest).Time(terms.NotAfter).Id(terms.Committee.Digest).Key(terms.ReceivingKey)
            .UInt64((ulong)group).UInt64((ulong)member).Id(approver).Array(ids.Length);
        foreach (DocumentId id in ids)
        {
            BundleDocument document = dealing.FindDocument(id) ?? throw new ArgumentException($"Document {id} is not in the bundle.", nameof(documents));
            SecretKey key = keyOf(id) ?? throw new ArgumentException($"There is no share for document {id}.", nameof(documents));
            try
            {
                byte[] context = terms.ContextOf(document, group, member, key.PublicKey);
                VerifiedKeyFrag[] keyFrags = Umbral.GenerateKeyFrags(
                    key,
                    terms.ReceivingKey,
                    identity.Signer,
                    new KeyFragOptions { Threshold = terms.Committee.Threshold, Shares = seats, SignOnce = true },
                    (precursor, k) => terms.KeyFragId(context, precursor, k + 1),
                    RandomSource.System);
                payload.Array(4).Id(id).Key(keyFrags[0].Precursor).Array(seats);
                for (int k = 0; k < seats; k++)
                {
                    using VerifiedKeyFrag keyFrag = keyFrags[k];
                    payload.Array(2).Bytes(keyFrag.Id).Key(keyFrag.Commitment).EndArray();
                    byte[] encoded = keyFrag.ToBytes();
                    fragments[k].Array(2).Id(id).Bytes(encoded).EndArray();
                    System.Security.Cryptography.CryptographicOperations.ZeroMemory(encoded);
                }

                payload.EndArray();
                if (group == 0)
                {
                    var commitment = new PublicKey(Point.U * key.Scalar);
                    DleqProof proof = DleqProof.Create(
                        key.Scalar, Point.Generator, Point.U, Dealing.ProofContext(dealing.Dealing.BundleId, terms.Epoch, id), RandomSource.System);
                    payload.Array(2).Key(commitment).Bytes(proof.ToBytes()).EndArray();
                }
                else
                {
                    payload.Array(0).EndArray();
                }

                payload.EndArray();
            }
            finally
            {
                if (disposeKeys)
                {
                    key.Dispose();
                }
            }
        }

        payload.EndArray().Array(seats);
        var envelopes = new FragmentEnvelope[seats];
        for (int k = 0; k < seats; k++)
        {
            CommitteeSeat seat = terms.Committee.Seats[k];
            byte[] plaintext = fragments[k].EndArray().ToBytes();
            byte[] sealedBytes = Envelope.Seal(
                seat.EnvelopeKey, approver, identity.PublicKeys.ObjectKey, terms.FragmentContext(group, member, k + 1), plaintext);
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(plaintext);
            envelopes[k] = new FragmentEnvelope(k + 1, seat.Oracle, sealedBytes, Digest.Of(sealedBytes));
            payload.Id(envelopes[k].Digest);
        }

        byte[] bytes = SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), identity.ObjectSigner);
        return new ApprovalResult(new TrusteeApproval(bytes).Verify(dealing, terms), envelopes);
    }
}
