using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// A capsule fragment's proof laid out for a verifier that cannot multiply points cheaply, such as a contract: with every product given, the three equations
/// are additions, and the signature is a key recovery.
/// </summary>
/// <remarks>
/// <para>Wire form: umbral-pre's MessagePack, 528 bytes: E, zE, E1, hE1, E2, V, zV, V1, hV1, V2, zu, U1, hU1, U2, the signed digest, the parity of the signature's nonce point.</para>
/// <para>Evidence alone proves nothing; it is checked against the capsule and the fragment it is about. Holds no secret. Immutable and thread safe.</para>
/// </remarks>
public sealed class ReencryptionEvidence : IEquatable<ReencryptionEvidence>
{
    /// <summary>Length in bytes: 528.</summary>
    public const int Length = 528;

    private const string Stage = "re-encryption evidence";
    private const int PointCount = 14;

    private readonly Point[] _points;

    private ReencryptionEvidence(Point[] points, Digest signedDigest, bool signatureParity) =>
        (_points, SignedDigest, SignatureParity) = (points, signedDigest, signatureParity);

    /// <summary>SHA-256 of what the delegator signed: the fragment's id, commitment and precursor, and both keys.</summary>
    public Digest SignedDigest { get; }

    /// <summary>Whether the signature's nonce point has an odd y: the low bit of Ethereum's recovery id.</summary>
    public bool SignatureParity { get; }

    /// <summary>Lays out the proof of a verified fragment.</summary>
    /// <param name="capsule">The capsule that was re-encrypted.</param>
    /// <param name="capsuleFrag">The fragment.</param>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <param name="delegating">The delegating key.</param>
    /// <param name="receiving">The receiving key.</param>
    /// <returns>The evidence.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The fragment was not signed under these keys.</exception>
    /// <remarks>Cost: 6 multiplications and a key recovery.</remarks>
    public static ReencryptionEvidence Create(Capsule capsule, VerifiedCapsuleFrag capsuleFrag, PublicKey verifyingKey, PublicKey delegating, PublicKey receiving)
    {
        ArgumentNullException.ThrowIfNull(capsule);
        ArgumentNullException.ThrowIfNull(capsuleFrag);
        ArgumentNullException.ThrowIfNull(verifyingKey);
        ArgumentNullException.ThrowIfNull(delegating);
        ArgumentNullException.ThrowIfNull(receiving);
        CapsuleFrag frag = capsuleFrag.Frag;
        Digest digest = Digest.Of(KeyFrag.SignedMessage(frag.Id, frag.Commitment, frag.Precursor, delegating, receiving));
        foreach (bool parity in (ReadOnlySpan<bool>)[false, true])
        {
            if (Recovers(digest, frag.ForReceiver, parity, verifyingKey))
            {
                return new ReencryptionEvidence(Layout(capsule, frag), digest, parity);
            }
        }

        throw new ArgumentException("The fragment was not signed under these keys.", nameof(verifyingKey));
    }

    /// <summary>Reads evidence.</summary>
    /// <param name="bytes">528 bytes, canonical MessagePack.</param>
    /// <returns>The evidence.</returns>
    /// <exception cref="PhrDataException">The bytes are not evidence: wrong length, not canonical, or not points.</exception>
    public static ReencryptionEvidence FromBytes(ReadOnlySpan<byte> bytes) =>
        Read(bytes, out ReencryptionEvidence? evidence) is { } reason ? throw UmbralError.Refused(Stage, reason, Length) : evidence!;

    /// <summary>Reads evidence, without an exception.</summary>
    /// <param name="bytes">528 bytes, canonical MessagePack.</param>
    /// <param name="evidence">The evidence, or null.</param>
    /// <returns>Whether the bytes were evidence.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ReencryptionEvidence? evidence)
    {
        Read(bytes, out evidence);
        return evidence is not null;
    }

    /// <summary>Writes the evidence.</summary>
    /// <returns>A new array of 528 bytes.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        var writer = new FixedMessagePackWriter(bytes);
        writer.Array16(PointCount + 2);
        foreach (Point point in _points)
        {
            writer.Point(point);
        }

        writer.Bytes(SignedDigest.ToBytes());
        writer.Boolean(SignatureParity);
        return bytes;
    }

    /// <summary>Checks that the evidence is about this fragment of this capsule, and that it proves a right re-encryption.</summary>
    /// <param name="capsule">The capsule.</param>
    /// <param name="capsuleFrag">The fragment, verified or not.</param>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <returns>Whether points, equations and signature all hold. For whom the fragment was made is in <see cref="SignedDigest"/> alone.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <remarks>Cost: 6 multiplications and a key recovery.</remarks>
    public bool Verify(Capsule capsule, CapsuleFrag capsuleFrag, PublicKey verifyingKey)
    {
        ArgumentNullException.ThrowIfNull(capsule);
        ArgumentNullException.ThrowIfNull(capsuleFrag);
        ArgumentNullException.ThrowIfNull(verifyingKey);
        Point[] p = _points;
        return p.AsSpan().SequenceEqual(Layout(capsule, capsuleFrag))
            && p[1] == p[3] + p[4]
            && p[6] == p[8] + p[9]
            && p[10] == p[12] + p[13]
            && Recovers(SignedDigest, capsuleFrag.ForReceiver, SignatureParity, verifyingKey);
    }

    /// <inheritdoc/>
    public bool Equals(ReencryptionEvidence? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReencryptionEvidence);

    /// <inheritdoc/>
    public override int GetHashCode() => SignedDigest.GetHashCode();

    private static Point[] Layout(Capsule capsule, CapsuleFrag frag)
    {
        Scalar z = frag.Z, h = frag.Challenge(capsule);
        Point u1 = frag.Commitment.Point;
        return
        [
            capsule.E, capsule.E * z, frag.E1, frag.E1 * h, frag.E2,
            capsule.V, capsule.V * z, frag.V1, frag.V1 * h, frag.V2,
            Point.U * z, u1, u1 * h, frag.U2,
        ];
    }

    // Ids 2 and 3 mean an x coordinate above n, which happens to one signature in 2^128; one bit cannot say so.
    private static bool Recovers(Digest digest, Signature signature, bool parity, PublicKey expected) =>
        Ecdsa.Recover(digest.ToBytes(), signature.Span, parity ? (byte)1 : (byte)0) == expected.Point;

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, out ReencryptionEvidence? evidence)
    {
        evidence = null;
        if (bytes.Length != Length)
        {
            return PhrDataReason.WrongLength;
        }

        var reader = new FixedMessagePackReader(bytes);
        reader.Array16(PointCount + 2);
        var points = new Point[PointCount];
        for (int i = 0; i < PointCount; i++)
        {
            points[i] = reader.Point()!;
        }

        Digest.TryFromBytes(reader.Bytes(Digest.Length), out Digest digest);
        bool parity = reader.Boolean();
        reader.End();
        if (reader.Failure is null)
        {
            evidence = new ReencryptionEvidence(points, digest, parity);
        }

        return reader.Failure;
    }
}
