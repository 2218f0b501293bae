using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>Shows that a delivery which an oracle signed is false: one fragment, what it is checked against, and the numbers with which a contract checks one broken rule cheaply.</summary>
/// <remarks>
/// <para>Against an honest delivery there is none: every fact in it lies under a root that the oracle signed or compared, and each check is one that an honest delivery passes. It holds no secret; the
/// fragment that it shows becomes public and opens nothing, see docs/algorithms/dispute.md.</para>
/// <para>Layout: docs/approval-format.md. Immutable and thread safe.</para>
/// </remarks>
public sealed class DeliveryEvidence : IEquatable<DeliveryEvidence>
{
    /// <summary>Most bytes: 2,048.</summary>
    public const int MaxLength = 2048;

    private const string Stage = "delivery evidence";
    private const int HeadLength = 7;
    private const int FragmentEnd = HeadLength + CapsuleFrag.SimpleLength;
    private const int HelperLength = 4 * 32;

    // Request ids are hashes of this many words; see RequestAccess in Phr.Consent.
    private const int RequestWords = 23;
    private const int ReceivingKeyWord = 13;
    private const int EvidenceRootWord = 22;

    // Where the seven points of a fragment stand.
    private static readonly int[] _points = [0, 33, 98, 131, 164, 197, 230];

    private readonly byte[] _bytes;

    private DeliveryEvidence(byte[] bytes) => _bytes = bytes;

    /// <summary>What is shown to be broken.</summary>
    public DeliveryCheck Check => (DeliveryCheck)_bytes[0];

    /// <summary>Looks for a fault in a delivery that was opened: the first fragment that breaks a rule.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="dealing">The dealing that its request pins.</param>
    /// <returns>The evidence, or null when nothing in it can be shown to be false; that it is late, incomplete, or uses a fragment made for another seat, is no fault of this kind.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The delivery names other terms than the dealing has: that is shown with the request, see <see cref="OfTerms"/>.</exception>
    /// <remarks>Cost for each good fragment: one signature and three double multiplications.</remarks>
    public static DeliveryEvidence? Find(OracleDelivery delivery, VerifiedDealing dealing)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        ArgumentNullException.ThrowIfNull(dealing);
        if (delivery.Statement.EvidenceRoot != dealing.EvidenceRoot)
        {
            throw new ArgumentException("The delivery names other terms than the dealing has.", nameof(delivery));
        }

        for (int i = 0; i < delivery.Fragments.Count; i++)
        {
            if (FindFault(delivery, i, dealing) is { } check)
            {
                return Make(delivery, i, dealing, check);
            }
        }

        return null;
    }

    /// <summary>Evidence that a delivery names another evidence root or receiving key than its request.</summary>
    /// <param name="requestPreimage">The words of which the request's id is the hash.</param>
    /// <returns>The evidence.</returns>
    /// <exception cref="ArgumentException">A request has another number of words.</exception>
    public static DeliveryEvidence OfTerms(ReadOnlySpan<byte> requestPreimage) =>
        requestPreimage.Length == RequestWords * 32
            ? new DeliveryEvidence([(byte)DeliveryCheck.Terms, .. requestPreimage])
            : throw new ArgumentException($"A request's id is the hash of {RequestWords} words.", nameof(requestPreimage));

    /// <summary>Reads evidence: its length alone. What it shows, <see cref="Judge"/> says.</summary>
    /// <param name="bytes">1 to 2,048 bytes.</param>
    /// <returns>The evidence.</returns>
    /// <exception cref="PhrDataException">There are no bytes, or too many.</exception>
    public static DeliveryEvidence FromBytes(ReadOnlySpan<byte> bytes) =>
        TryFromBytes(bytes, out DeliveryEvidence? evidence)
            ? evidence
            : throw new PhrDataException(Stage, bytes.IsEmpty ? PhrDataReason.Truncated : PhrDataReason.TooLarge, $"it has 1 to {MaxLength} bytes.");

    /// <summary>Reads evidence, without an exception.</summary>
    /// <param name="bytes">1 to 2,048 bytes.</param>
    /// <param name="evidence">The evidence, or null.</param>
    /// <returns>Whether there are as many bytes as evidence may have.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DeliveryEvidence? evidence)
    {
        evidence = bytes.Length is >= 1 and <= MaxLength ? new DeliveryEvidence(bytes.ToArray()) : null;
        return evidence is not null;
    }

    /// <summary>Writes the evidence.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Judges the evidence, exactly as a contract does. That the oracle signed the statement is for the caller to check.</summary>
    /// <param name="statement">The statement of the delivery.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="statement"/> is null.</exception>
    /// <remarks>Cost: at most two multiplications or key recoveries.</remarks>
    public DeliveryVerdict Judge(DeliveryStatement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        if (Check == DeliveryCheck.Terms)
        {
            return JudgeTerms(statement);
        }

        if (_bytes.Length < FragmentEnd || Check is < DeliveryCheck.Point or > DeliveryCheck.Place)
        {
            return DeliveryVerdict.NoEvidence;
        }

        int depth = _bytes[1], termsDepth = _bytes[2];
        int tail = Check switch
        {
            DeliveryCheck.Point => 33,
            DeliveryCheck.Scalar => 0,
            DeliveryCheck.Signature => EvidenceLeaf.TermsLength + PublicKey.Length,
            DeliveryCheck.Place => 32,
            _ => EvidenceLeaf.TermsLength + HelperLength,
        };
        bool pinned = Check >= DeliveryCheck.EquationE;
        if (depth > KeccakTree.MaxDepth || termsDepth > KeccakTree.MaxDepth || (!pinned && termsDepth != 0)
            || _bytes.Length != FragmentEnd + (32 * (depth + termsDepth)) + tail)
        {
            return DeliveryVerdict.NoEvidence;
        }

        ReadOnlySpan<byte> bytes = _bytes;
        int index = BinaryPrimitives.ReadUInt16BigEndian(bytes[3..]), place = BinaryPrimitives.ReadUInt16BigEndian(bytes[5..]);
        ReadOnlySpan<byte> fragment = bytes[HeadLength..FragmentEnd];
        ReadOnlySpan<byte> path = bytes.Slice(FragmentEnd, 32 * depth);
        ReadOnlySpan<byte> termsPath = bytes.Slice(FragmentEnd + path.Length, 32 * termsDepth);
        ReadOnlySpan<byte> rest = bytes[(FragmentEnd + path.Length + termsPath.Length)..];
        if (KeccakTree.Climb(EvidenceLeaf.OfFragment(place, fragment), index, path) != statement.Root)
        {
            return DeliveryVerdict.NoEvidence;
        }

        switch (Check)
        {
            case DeliveryCheck.Point:
                return JudgePoint(fragment, rest[0], rest[1..]);
            case DeliveryCheck.Scalar:
                return IsScalar(fragment.Slice(263, 32)) && IsScalar(fragment.Slice(1, 32)) && IsScalar(fragment.Slice(34, 32)) && IsScalar(fragment.Slice(198, 32))
                    ? DeliveryVerdict.Holds
                    : DeliveryVerdict.False;
            case DeliveryCheck.Place:
                // Beyond the tree any leaf shows how large it is; within it the place must be one of the zeros that fill it up.
                int inside = place & ((1 << termsDepth) - 1);
                return KeccakTree.Climb(rest, inside, termsPath) != statement.EvidenceRoot ? DeliveryVerdict.NoEvidence
                    : inside != place || rest.IndexOfAnyExcept((byte)0) < 0 ? DeliveryVerdict.False
                    : DeliveryVerdict.Holds;
        }

        ReadOnlySpan<byte> terms = rest[..EvidenceLeaf.TermsLength];
        return KeccakTree.Climb(EvidenceLeaf.OfTerms(terms), place, termsPath) != statement.EvidenceRoot ? DeliveryVerdict.NoEvidence
            : Check == DeliveryCheck.Signature ? JudgeSignature(statement, fragment, terms, rest[EvidenceLeaf.TermsLength..])
            : JudgeEquation(Check, fragment, terms, rest[EvidenceLeaf.TermsLength..]);
    }

    /// <inheritdoc/>
    public bool Equals(DeliveryEvidence? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DeliveryEvidence);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_bytes);
        return hash.ToHashCode();
    }

    internal static DeliveryEvidence Make(OracleDelivery delivery, int index, VerifiedDealing dealing, DeliveryCheck check)
    {
        DeliveredFragment delivered = delivery.Fragments[index];
        ReadOnlySpan<byte> fragment = delivered.Bytes.Span;
        bool pinned = check >= DeliveryCheck.EquationE;
        int inside = delivered.Place & ((1 << dealing.Evidence.Depth) - 1);
        byte[] termsPath = pinned ? dealing.Evidence.Path(inside) : [];
        byte[] tail = check switch
        {
            DeliveryCheck.Point => PointTail(fragment),
            DeliveryCheck.Scalar => [],
            DeliveryCheck.Place => dealing.Evidence.Leaf(inside).ToArray(),
            DeliveryCheck.Signature => [.. dealing.TermsAt(delivered.Place), .. delivery.ReceivingKey.ToBytes()],
            _ => [.. dealing.TermsAt(delivered.Place), .. Helper(check, fragment, dealing.TermsAt(delivered.Place))],
        };
        var head = new byte[HeadLength];
        (head[0], head[1], head[2]) = ((byte)check, (byte)delivery.Tree.Depth, (byte)(pinned ? dealing.Evidence.Depth : 0));
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(3), (ushort)index);
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(5), (ushort)delivered.Place);
        return new DeliveryEvidence([.. head, .. fragment, .. delivery.Tree.Path(index), .. termsPath, .. tail]);
    }

    private static DeliveryCheck? FindFault(OracleDelivery delivery, int index, VerifiedDealing dealing)
    {
        DeliveredFragment delivered = delivery.Fragments[index];
        if (dealing.AtPlace(delivered.Place) is not { } at)
        {
            return DeliveryCheck.Place;
        }

        ReadOnlySpan<byte> fragment = delivered.Bytes.Span;
        foreach (int offset in _points)
        {
            if (!Point.TryFromBytes(fragment.Slice(offset, Point.Length), out _))
            {
                return DeliveryCheck.Point;
            }
        }

        if (!IsScalar(fragment.Slice(263, 32)) || !IsScalar(fragment.Slice(1, 32)) || !IsScalar(fragment.Slice(34, 32)) || !IsScalar(fragment.Slice(198, 32)))
        {
            return DeliveryCheck.Scalar;
        }

        if (delivered.CapsuleFrag is not { } frag)
        {
            // Of a fragment whose points and scalar are in order, only the signature can be none.
            return DeliveryCheck.Signature;
        }

        PublicKey memberKey = dealing.FindMemberKey(at.Document, at.Group, at.Member)!;
        if (!IsSignedBy(ActorId.FromPublicKey(dealing.SignerKeyOf(at.Group, at.Member)), fragment, memberKey.ToBytes(), delivery.ReceivingKey.ToBytes()))
        {
            return DeliveryCheck.Signature;
        }

        Capsule capsule = dealing.FindDocument(at.Document)!.Capsule;
        Scalar minusH = -frag.Challenge(capsule);
        return !Point.LinearCombinationEqualsVarTime(frag.Z, capsule.E, minusH, frag.E1, frag.E2) ? DeliveryCheck.EquationE
            : !Point.LinearCombinationEqualsVarTime(frag.Z, capsule.V, minusH, frag.V1, frag.V2) ? DeliveryCheck.EquationV
            : !Point.LinearCombinationEqualsVarTime(frag.Z, Point.U, minusH, frag.Commitment.Point, frag.U2) ? DeliveryCheck.EquationU
            : null;
    }

    private static bool IsScalar(ReadOnlySpan<byte> bytes) => Scalar.TryFromBytes(bytes, out _);

    private static byte[] PointTail(ReadOnlySpan<byte> fragment)
    {
        for (int i = 0; i < _points.Length; i++)
        {
            ReadOnlySpan<byte> point = fragment.Slice(_points[i], Point.Length);
            if (!Point.TryFromBytes(point, out _))
            {
                var tail = new byte[33];
                tail[0] = (byte)i;
                if (TryMinusCurve(point, out FieldElement minusCurve) && FieldElement.TrySquareRoot(minusCurve, out FieldElement root))
                {
                    FieldElement.Normalize(root, out root);
                    root.WriteBytes(tail.AsSpan(1));
                }

                return tail;
            }
        }

        throw new InvalidOperationException("Every point is one.");
    }

    /// <summary>-(x³ + 7) of an encoding that has the form of a point. Minus one is no square here, so either x³ + 7 or this is one.</summary>
    private static bool TryMinusCurve(ReadOnlySpan<byte> point, out FieldElement minusCurve)
    {
        minusCurve = default;
        if (point[0] is not (2 or 3) || !FieldElement.TryFromBytes(point[1..], out FieldElement x))
        {
            return false;
        }

        FieldElement.Square(x, out FieldElement value);
        FieldElement.Multiply(value, x, out value);
        FieldElement.Add(value, FieldElement.FromUInt32(7), out value);
        FieldElement.Normalize(value, out value);
        FieldElement.Negate(value, 1, out value);
        FieldElement.Normalize(value, out minusCurve);
        return true;
    }

    private static DeliveryVerdict JudgePoint(ReadOnlySpan<byte> fragment, byte which, ReadOnlySpan<byte> witness)
    {
        if (which >= _points.Length || !FieldElement.TryFromBytes(witness, out FieldElement w))
        {
            return DeliveryVerdict.NoEvidence;
        }

        if (!TryMinusCurve(fragment.Slice(_points[which], Point.Length), out FieldElement minusCurve))
        {
            return witness.IndexOfAnyExcept((byte)0) < 0 ? DeliveryVerdict.False : DeliveryVerdict.NoEvidence;
        }

        FieldElement.Square(w, out FieldElement square);
        return FieldElement.EqualsNormalizing(square, minusCurve) ? DeliveryVerdict.False : DeliveryVerdict.NoEvidence;
    }

    private static DeliveryVerdict JudgeSignature(DeliveryStatement statement, ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> terms, ReadOnlySpan<byte> receivingKey) =>
        Digest.FromBytes(Keccak256.HashData(receivingKey)) != statement.ReceivingKeyHash ? DeliveryVerdict.NoEvidence
        : IsSignedBy(
            ActorId.FromBytes(terms[(EvidenceLeaf.CapsuleLength + PublicKey.Length)..]), fragment, terms.Slice(EvidenceLeaf.CapsuleLength, PublicKey.Length), receivingKey)
            ? DeliveryVerdict.Holds
            : DeliveryVerdict.False;

    /// <summary>As a contract sees it: a low s, and a key that is recovered with id 0 or 1 and has the signer's address.</summary>
    private static bool IsSignedBy(ActorId signer, ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> memberKey, ReadOnlySpan<byte> receivingKey)
    {
        ReadOnlySpan<byte> signature = fragment[295..];
        if (!Signature.TryFromBytes(signature, out _))
        {
            return false;
        }

        byte[] digest = SHA256.HashData(
            [.. fragment.Slice(66, 32), .. fragment.Slice(197, 33), .. fragment.Slice(98, 33), 1, .. memberKey, 1, .. receivingKey]);
        return Signs(signature, digest, 0, signer) || Signs(signature, digest, 1, signer);
    }

    private static bool Signs(ReadOnlySpan<byte> signature, byte[] digest, byte recoveryId, ActorId signer) =>
        RecoverableSignature.TryFromBytes([.. signature, recoveryId], out RecoverableSignature? recoverable)
        && recoverable.TryRecover(digest, out PublicKey? key) && ActorId.FromPublicKey(key) == signer;

    private static (ReadOnlyMemory<byte> Start, Scalar Challenge) Parts(DeliveryCheck check, ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> terms)
    {
        byte[] e = terms[..33].ToArray(), v = terms[33..66].ToArray(), u = Point.U.ToBytes();
        Scalar challenge = UmbralHash.ToScalar(
            "CFRAG_VERIFICATION"u8,
            [
                .. e, .. fragment[..33], .. fragment.Slice(131, 33), .. v, .. fragment.Slice(33, 33), .. fragment.Slice(164, 33), .. u, .. fragment.Slice(197, 33), .. fragment.Slice(230, 33),
            ]);
        return (check == DeliveryCheck.EquationE ? e : check == DeliveryCheck.EquationV ? v : u, challenge);
    }

    private static (int Result, int Nonce) OffsetsOf(DeliveryCheck check) => check switch
    {
        DeliveryCheck.EquationE => (0, 131),
        DeliveryCheck.EquationV => (33, 164),
        _ => (197, 230),
    };

    private static DeliveryVerdict JudgeEquation(DeliveryCheck check, ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> terms, ReadOnlySpan<byte> helper)
    {
        (ReadOnlyMemory<byte> start, Scalar h) = Parts(check, fragment, terms);
        (int resultAt, int nonceAt) = OffsetsOf(check);
        if (!Point.TryFromBytes(fragment.Slice(resultAt, 33), out Point? result) || !IsScalar(fragment.Slice(resultAt + 1, 32))
            || !Point.TryFromBytes(fragment.Slice(nonceAt, 33), out Point? nonce)
            || !Scalar.TryFromBytes(fragment.Slice(263, 32), out Scalar z)
            || MakeHelper(nonce, Point.LinearCombinationVarTime(h, result, Scalar.Zero, Point.U)) is not { } expected
            || !helper.SequenceEqual(expected))
        {
            return DeliveryVerdict.NoEvidence;
        }

        return z.IsZero ? DeliveryVerdict.False
            : !Point.TryFromBytes(start.Span, out Point? from) || !IsScalar(start.Span[1..]) ? DeliveryVerdict.NoEvidence
            : Point.LinearCombinationEqualsVarTime(z, from, -h, result, nonce) ? DeliveryVerdict.Holds
            : DeliveryVerdict.False;
    }

    private static byte[] Helper(DeliveryCheck check, ReadOnlySpan<byte> fragment, ReadOnlySpan<byte> terms)
    {
        Scalar h = Parts(check, fragment, terms).Challenge;
        (int resultAt, int nonceAt) = OffsetsOf(check);
        return MakeHelper(
            Point.FromBytes(fragment.Slice(nonceAt, 33)),
            Point.LinearCombinationVarTime(h, Point.FromBytes(fragment.Slice(resultAt, 33)), Scalar.Zero, Point.U)) ?? new byte[HelperLength];
    }

    /// <summary>y of the nonce point || x || y of h·result || 1/(x of the latter - x of the former). None where the two have one x, which no hash leads to.</summary>
    private static byte[]? MakeHelper(Point nonce, Point multiple)
    {
        Span<byte> n = stackalloc byte[64], m = stackalloc byte[64];
        nonce.WriteCoordinates(n);
        multiple.WriteCoordinates(m);
        FieldElement.TryFromBytes(n[..32], out FieldElement nx);
        FieldElement.TryFromBytes(m[..32], out FieldElement mx);
        FieldElement.Subtract(mx, nx, 1, out FieldElement difference);
        FieldElement.Normalize(difference, out difference);
        if (FieldElement.IsZeroVarTime(difference))
        {
            return null;
        }

        FieldElement.InvertVarTime(difference, out FieldElement inverse);
        FieldElement.Normalize(inverse, out inverse);
        var helper = new byte[HelperLength];
        n[32..].CopyTo(helper);
        m.CopyTo(helper.AsSpan(32));
        inverse.WriteBytes(helper.AsSpan(96));
        return helper;
    }

    private DeliveryVerdict JudgeTerms(DeliveryStatement statement)
    {
        ReadOnlySpan<byte> words = _bytes.AsSpan(1);
        if (words.Length != RequestWords * 32 || !words[..32].SequenceEqual(Keccak256.HashData("phr/request/v2"u8))
            || !statement.Request.ToBytes().AsSpan().SequenceEqual(Keccak256.HashData(words)))
        {
            return DeliveryVerdict.NoEvidence;
        }

        return words.Slice(32 * ReceivingKeyWord, 32).SequenceEqual(statement.ReceivingKeyHash.ToBytes())
            && words.Slice(32 * EvidenceRootWord, 32).SequenceEqual(statement.EvidenceRoot.ToBytes())
            ? DeliveryVerdict.Holds
            : DeliveryVerdict.False;
    }
}
