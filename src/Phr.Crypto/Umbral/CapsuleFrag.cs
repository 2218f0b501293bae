using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// What a proxy made of a capsule, as it came from outside: well formed, its proof not yet checked. The receiver verifies it;
/// only the verified kind combines.
/// </summary>
/// <remarks>
/// <para>Holds the re-encrypted points E1 = rk·E and V1 = rk·V, a proof that both, and the commitment the delegator signed, have the same rk, and that signature. No secret.</para>
/// <para>Wire form: umbral-pre's MessagePack, 381 bytes. Immutable and thread safe.</para>
/// </remarks>
public sealed class CapsuleFrag : IEquatable<CapsuleFrag>
{
    /// <summary>Length in bytes: 381.</summary>
    public const int Length = 381;

    /// <summary>Length in bytes of the simple form, the fields without their headers: 359.</summary>
    public const int SimpleLength = 359;

    private const string Stage = "capsule fragment";

    private readonly byte[] _id;
    private readonly Signature _forReceiver;

    internal CapsuleFrag(Point e1, Point v1, ReadOnlySpan<byte> id, PublicKey precursor, Point e2, Point v2, PublicKey commitment, Point u2, Scalar z, Signature forReceiver)
    {
        _id = id.ToArray();
        (E1, V1, Precursor, E2, V2, Commitment, U2, Z, _forReceiver) = (e1, v1, precursor, e2, v2, commitment, u2, z, forReceiver);
    }

    /// <summary>The id of the key fragment that made this one: 32 bytes.</summary>
    public ReadOnlySpan<byte> Id => _id;

    /// <summary>X, fresh for each delegation: fragments with different precursors do not combine.</summary>
    public PublicKey Precursor { get; }

    /// <summary>U1, the commitment to the secret of the key fragment that made this one.</summary>
    public PublicKey Commitment { get; }

    internal Point E1 { get; }

    internal Point V1 { get; }

    internal Point E2 { get; }

    internal Point V2 { get; }

    internal Point U2 { get; }

    internal Scalar Z { get; }

    internal Signature ForReceiver => _forReceiver;

    /// <summary>Reads a fragment.</summary>
    /// <param name="bytes">381 bytes, canonical MessagePack.</param>
    /// <returns>The fragment, to be verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not a fragment: wrong length, not canonical, a point, scalar or signature out of range.</exception>
    public static CapsuleFrag FromBytes(ReadOnlySpan<byte> bytes) =>
        Read(bytes, out CapsuleFrag? capsuleFrag) is { } reason ? throw UmbralError.Refused(Stage, reason, Length) : capsuleFrag!;

    /// <summary>Reads a fragment, without an exception.</summary>
    /// <param name="bytes">381 bytes, canonical MessagePack.</param>
    /// <param name="capsuleFrag">The fragment, to be verified, or null.</param>
    /// <returns>Whether the bytes were a fragment.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out CapsuleFrag? capsuleFrag)
    {
        Read(bytes, out capsuleFrag);
        return capsuleFrag is not null;
    }

    /// <summary>Writes the fragment.</summary>
    /// <returns>A new array of 381 bytes.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        var writer = new FixedMessagePackWriter(bytes);
        writer.Array(5);
        writer.Point(E1);
        writer.Point(V1);
        writer.Bytes(_id);
        writer.PublicKey(Precursor);
        writer.Array(6);
        writer.Point(E2);
        writer.Point(V2);
        writer.PublicKey(Commitment);
        writer.Point(U2);
        writer.Scalar(Z);
        writer.Signature(_forReceiver);
        return bytes;
    }

    /// <summary>Writes the simple form: E1, V1, id, X, E2, V2, U1, U2, z, signature, without headers. There is no reader for it.</summary>
    /// <returns>A new array of 359 bytes.</returns>
    public byte[] ToSimpleBytes() =>
    [
        .. E1.ToBytes(), .. V1.ToBytes(), .. _id, .. Precursor.ToBytes(),
        .. E2.ToBytes(), .. V2.ToBytes(), .. Commitment.ToBytes(), .. U2.ToBytes(), .. Z.ToBytes(), .. _forReceiver.Span,
    ];

    /// <summary>Checks that the fragment is the right re-encryption of a capsule with a key fragment that the delegator made for this receiver.</summary>
    /// <param name="capsule">The capsule that was to be re-encrypted.</param>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <param name="delegating">The delegating key.</param>
    /// <param name="receiving">The receiving key.</param>
    /// <param name="verified">The verified fragment, or null.</param>
    /// <returns>Whether every check held.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <remarks>Source: Umbral, "ReEncVerification". Cost: 1 signature check and 3 double multiplications.</remarks>
    public bool TryVerify(Capsule capsule, PublicKey verifyingKey, PublicKey delegating, PublicKey receiving, [NotNullWhen(true)] out VerifiedCapsuleFrag? verified)
    {
        verified = Check(capsule, verifyingKey, delegating, receiving) is null ? new VerifiedCapsuleFrag(this) : null;
        return verified is not null;
    }

    /// <summary>Checks the fragment as <see cref="TryVerify"/> does, and says which check failed.</summary>
    /// <param name="capsule">The capsule that was to be re-encrypted.</param>
    /// <param name="verifyingKey">The delegator's verifying key.</param>
    /// <param name="delegating">The delegating key.</param>
    /// <param name="receiving">The receiving key.</param>
    /// <returns>The verified fragment.</returns>
    /// <exception cref="PhrDataException">A check failed: <see cref="PhrDataReason.InvalidSignature"/> (the delegator did not make the key fragment, or for other keys) or
    /// <see cref="PhrDataReason.InvalidProof"/> (the proxy did not re-encrypt this capsule with it).</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public VerifiedCapsuleFrag Verify(Capsule capsule, PublicKey verifyingKey, PublicKey delegating, PublicKey receiving) =>
        Check(capsule, verifyingKey, delegating, receiving) is { } failure ? throw failure : new VerifiedCapsuleFrag(this);

    /// <summary>Verifies many fragments, of any capsules and delegations: faster than one by one, with the same result.</summary>
    /// <param name="claims">The fragments, each with what it is to be verified against.</param>
    /// <returns>For each claim, in order, the verified fragment, or null for a bad one. <see cref="Verify"/> says what is wrong with it.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="claims"/>, or one of them, is null.</exception>
    /// <remarks>
    /// <para>
    /// Source: Bellare, Garay, Rabin (1998), small exponents test. The proofs are checked together, as a random linear combination with
    /// 128-bit weights: a bad one passes with a probability of 2^-128. If the combination fails, each is checked by itself. Signatures
    /// are always checked by themselves: an ECDSA signature without its recovery id does not determine the point that its equation is about.
    /// </para>
    /// <para>Cost: n signature checks and one sum of 6n points, and one more for each capsule's two and for <c>u</c>. Variable time in public values.</para>
    /// </remarks>
    public static IReadOnlyList<VerifiedCapsuleFrag?> VerifyMany(IReadOnlyList<CapsuleFragClaim> claims) => VerifyMany(claims, RandomSource.System);

    /// <summary>Reads the simple form, the fields without their headers.</summary>
    internal static bool TryFromSimpleBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out CapsuleFrag? capsuleFrag)
    {
        capsuleFrag = null;
        if (bytes.Length != SimpleLength)
        {
            return false;
        }

        // The same fields in the same order: only the headers of the wire form are missing.
        Span<byte> wire = stackalloc byte[Length];
        wire[0] = 0x95;
        int from = 0, to = 1;
        foreach (byte length in (ReadOnlySpan<byte>)[33, 33, 32, 33, 0, 33, 33, 33, 33, 32, 64])
        {
            if (length == 0)
            {
                wire[to++] = 0x96;
                continue;
            }

            wire[to] = 0xC4;
            wire[to + 1] = length;
            bytes.Slice(from, length).CopyTo(wire[(to + 2)..]);
            from += length;
            to += length + 2;
        }

        return TryFromBytes(wire, out capsuleFrag);
    }

    /// <inheritdoc/>
    public bool Equals(CapsuleFrag? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CapsuleFrag);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_id, 0);

    internal static VerifiedCapsuleFrag?[] VerifyMany(IReadOnlyList<CapsuleFragClaim> claims, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var uses = new Dictionary<PublicKey, int>();
        for (int i = 0; i < claims.Count; i++)
        {
            PublicKey key = claims[i]?.VerifyingKey ?? throw new ArgumentNullException(nameof(claims));
            uses[key] = uses.GetValueOrDefault(key) + 1;
        }

        // A key that checks several signatures gets a table for as long as this takes.
        var keys = uses.ToDictionary(u => u.Key, u => u.Value < 3 ? u.Key : new PublicKey(u.Key.Point.WithTableVarTime()));
        var verified = new VerifiedCapsuleFrag?[claims.Count];
        var batch = new RelationBatch(random);
        for (int i = 0; i < verified.Length; i++)
        {
            CapsuleFragClaim claim = claims[i];
            if (claim.CapsuleFrag.IsSigned(keys[claim.VerifyingKey], claim.DelegatingKey, claim.ReceivingKey))
            {
                verified[i] = new VerifiedCapsuleFrag(claim.CapsuleFrag);
                claim.CapsuleFrag.AddRelations(claim.Capsule, batch);
            }
        }

        // One proof alone is checked faster by itself.
        if (verified.Length < 2 || !batch.SumIsVarTime(Point.Identity))
        {
            for (int i = 0; i < verified.Length; i++)
            {
                if (verified[i] is { } candidate && !candidate.Frag.IsProved(claims[i].Capsule))
                {
                    verified[i] = null;
                }
            }
        }

        return verified;
    }

    /// <summary>The challenge of this fragment's proof.</summary>
    internal Scalar Challenge(Capsule capsule) => UmbralHash.CapsuleFragProof(capsule, E1, E2, V1, V2, Commitment.Point, U2);

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, out CapsuleFrag? capsuleFrag)
    {
        capsuleFrag = null;
        if (bytes.Length != Length)
        {
            return PhrDataReason.WrongLength;
        }

        var reader = new FixedMessagePackReader(bytes);
        reader.Array(5);
        Point? e1 = reader.Point();
        Point? v1 = reader.Point();
        ReadOnlySpan<byte> id = reader.Bytes(KeyFrag.IdLength);
        PublicKey? precursor = reader.PublicKey();
        reader.Array(6);
        Point? e2 = reader.Point();
        Point? v2 = reader.Point();
        PublicKey? commitment = reader.PublicKey();
        Point? u2 = reader.Point();
        Scalar z = reader.Scalar(allowZero: true);
        Signature? forReceiver = reader.Signature();
        reader.End();
        if (reader.Failure is null)
        {
            capsuleFrag = new CapsuleFrag(e1!, v1!, id, precursor!, e2!, v2!, commitment!, u2!, z, forReceiver!);
        }

        return reader.Failure;
    }

    private PhrDataException? Check(Capsule capsule, PublicKey verifyingKey, PublicKey delegating, PublicKey receiving)
    {
        ArgumentNullException.ThrowIfNull(capsule);
        ArgumentNullException.ThrowIfNull(verifyingKey);
        ArgumentNullException.ThrowIfNull(delegating);
        ArgumentNullException.ThrowIfNull(receiving);
        if (!IsSigned(verifyingKey, delegating, receiving))
        {
            return UmbralError.Unverified(Stage, PhrDataReason.InvalidSignature, "the delegator's signature for these keys does not verify.");
        }

        return IsProved(capsule)
            ? null
            : UmbralError.Unverified(Stage, PhrDataReason.InvalidProof, "the proof of re-encryption of this capsule does not hold.");
    }

    private bool IsSigned(PublicKey verifyingKey, PublicKey delegating, PublicKey receiving) =>
        verifyingKey.Verify(KeyFrag.SignedMessage(Id, Commitment, Precursor, delegating, receiving), _forReceiver);

    private bool IsProved(Capsule capsule)
    {
        Scalar minusH = -Challenge(capsule);
        return Point.LinearCombinationEqualsVarTime(Z, capsule.E, minusH, E1, E2)
            && Point.LinearCombinationEqualsVarTime(Z, capsule.V, minusH, V1, V2)
            && Point.LinearCombinationEqualsVarTime(Z, Point.U, minusH, Commitment.Point, U2);
    }

    // The three equations of IsProved, each with a weight of its own.
    private void AddRelations(Capsule capsule, RelationBatch batch)
    {
        Scalar h = Challenge(capsule);
        Add(capsule.E, E1, E2);
        Add(capsule.V, V1, V2);
        Add(Point.U, Commitment.Point, U2);

        void Add(Point start, Point result, Point nonce)
        {
            Scalar minusWeight = -batch.NextWeight();
            batch.Add(-(minusWeight * Z), start);
            batch.Add(minusWeight * h, result);
            batch.Add(minusWeight, nonce);
        }
    }
}
