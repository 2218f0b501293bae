using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// A trustee's answer in a drill: its part of opening a test document, in public and proved. It shows that the trustee has its share and can use it, without oracles or a request.
/// </summary>
/// <remarks>
/// <para>
/// The part is D_i = a_i·(E + V) for the test document's capsule, with a <see cref="DleqProof"/> for A_i. Parts of trustees who satisfy the policy open the document to everybody, so a trustee answers
/// only for a document that the patient marked as a test in the signed header, by the visible label <see cref="Label"/>. Never put that label on anything that matters.
/// </para>
/// <para>Canonical CBOR [tag, payload, signature]. Format: docs/dealing-format.md. Immutable and thread safe.</para>
/// </remarks>
public sealed class DrillAnswer
{
    /// <summary>The visible label that marks a test document: <c>phr/drill</c>.</summary>
    public const string Label = "phr/drill";

    /// <summary>The most bytes that an answer has: 512.</summary>
    public const int MaxLength = 512;

    private const string Stage = "drill answer";
    private const string Tag = "phr/drill-answer/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly PublicKey _part;
    private readonly DleqProof _proof;

    private DrillAnswer(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(5);
        DealingDigest = reader.Digest();
        Document = reader.DocumentId();
        Seat = ResharePlan.ReadSeat(reader);
        _part = reader.PublicKey();
        _proof = DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? proof)
            ? proof
            : throw reader.Fault(PhrDataReason.InvalidScalar, "a proof is not two scalars.");
        reader.EndArray();
        reader.End();
        Digest = Digest.Of(bytes);
    }

    /// <summary>The dealing whose shares are tried.</summary>
    public Digest DealingDigest { get; }

    /// <summary>The test document.</summary>
    public DocumentId Document { get; }

    /// <summary>The trustee's seat.</summary>
    public PolicySeat Seat { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Answers for a test document.</summary>
    /// <param name="shares">The trustee's shares.</param>
    /// <param name="document">The document; the patient marked it as a test.</param>
    /// <param name="identity">The trustee's keys, as the dealing names them.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The document is not in the bundle or not marked as a test, or the keys are not the trustee's.</exception>
    public static DrillAnswer Create(TrusteeShares shares, DocumentId document, IdentityKeys identity)
    {
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(identity);
        var seat = new PolicySeat(shares.Group, shares.Member);
        if (FindTest(shares.Dealing, document) is not { } entry)
        {
            throw new ArgumentException($"The bundle has no test document {document}: the patient marks one by the label {Label}.", nameof(document));
        }

        if (shares.Dealing.Dealing.Policy.FindMember(seat)!.ObjectKey != identity.PublicKeys.ObjectKey)
        {
            throw new ArgumentException("The keys are not those of this trustee in the dealing.", nameof(identity));
        }

        Digest dealing = shares.Dealing.Dealing.Digest;
        Point sum = entry.Capsule.E + entry.Capsule.V;
        SecretKey share = shares.Find(document)!;
        DleqProof proof = DleqProof.Create(share.Scalar, Point.Generator, sum, ProofContext(dealing, document, seat), RandomSource.System);
        CanonicalCborWriter payload = new CanonicalCborWriter().Array(5).Id(dealing).Id(document);
        ResharePlan.WriteSeat(payload, seat).Key(new PublicKey(sum * share.Scalar)).Bytes(proof.ToBytes()).EndArray();
        return new DrillAnswer(SignedObject.Sign(Tag, payload.ToBytes(), identity.ObjectSigner));
    }

    /// <summary>Reads an answer. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="PhrDataException">The bytes are not an answer.</exception>
    public static DrillAnswer FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads an answer, without an exception. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <param name="answer">The answer, or null.</param>
    /// <returns>Whether the bytes were an answer.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DrillAnswer? answer)
    {
        try
        {
            answer = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            answer = null;
            return false;
        }
    }

    /// <summary>Checks that the trustee used its share of a test document of this dealing.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <returns>The verified answer.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dealing"/> is null.</exception>
    /// <exception cref="PhrDataException">It is of another dealing, no test document or no trustee, or signature or proof is bad.</exception>
    public VerifiedDrillAnswer Verify(VerifiedDealing dealing)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        if (DealingDigest != dealing.Dealing.Digest)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is of another dealing.");
        }

        if (FindTest(dealing, Document) is not { } entry || dealing.Dealing.Policy.FindMember(Seat) is not { } member)
        {
            throw new PhrDataException(Stage, PhrDataReason.NotFound, "the dealing has no such test document or trustee.");
        }

        if (!_parts.Verify(member.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, $"it is not signed by trustee {Seat}.");
        }

        Point memberKey = dealing.FindMemberKey(Document, Seat.Group, Seat.Member)!.Point;
        return _proof.Verify(Point.Generator, entry.Capsule.E + entry.Capsule.V, memberKey, _part.Point, ProofContext(DealingDigest, Document, Seat))
            ? new VerifiedDrillAnswer(this, dealing, _part.Point)
            : throw new PhrDataException(Stage, PhrDataReason.InvalidProof, $"trustee {Seat} did not use its share.");
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal static BundleDocument? FindTest(VerifiedDealing dealing, DocumentId document) =>
        dealing.FindDocument(document) is { } entry && entry.VisibleLabels.Contains(Label, StringComparer.Ordinal) ? entry : null;

    private static byte[] ProofContext(Digest dealing, DocumentId document, PolicySeat seat) => ResharePlan.WriteSeat(
        new CanonicalCborWriter().Array(4).Text("phr/drill-proof/v1").Id(dealing).Id(document), seat).EndArray().ToBytes();
}
