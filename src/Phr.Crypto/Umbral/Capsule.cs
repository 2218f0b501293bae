using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// An encapsulated key: the public part of a ciphertext, from which the delegator, or a receiver with enough re-encrypted fragments, works out the key.
/// A capsule that exists has passed its self-check.
/// </summary>
/// <remarks>
/// <para>Holds two points E, V and a Schnorr proof s that its maker knew the discrete logarithm of E: <c>sG = V + h(E, V)·E</c>.</para>
/// <para>Source: Umbral, "Encapsulate"; byte-compatible with umbral-pre 0.9 and later. Cost of reading: 2 multiplications. Holds no secret. Immutable and thread safe.</para>
/// </remarks>
public sealed class Capsule : IEquatable<Capsule>
{
    /// <summary>Length in bytes of the simple form E || V || s, which is also what ciphertexts authenticate: 98. <see cref="ToBytes"/> gives <see cref="SerializedLength"/>.</summary>
    public const int Length = Point.Length + Point.Length + Scalar.Length;

    /// <summary>Length in bytes of the MessagePack form, the one that Umbral peers exchange: 105.</summary>
    public const int SerializedLength = 105;

    private const string Stage = "capsule";

    private readonly byte[] _simple = new byte[Length];

    // The caller vouches for the self-check.
    private Capsule(Point e, Point v, Scalar s, Scalar challenge)
    {
        (E, V, S, Challenge) = (e, v, s, challenge);
        e.WriteBytes(_simple);
        v.WriteBytes(_simple.AsSpan(Point.Length));
        s.WriteBytes(_simple.AsSpan(2 * Point.Length));
        Digest = Digest.Of(_simple);
    }

    /// <summary>SHA-256 of the simple form: the capsule's name in signed statements.</summary>
    public Digest Digest { get; }

    internal Point E { get; }

    internal Point V { get; }

    internal Scalar S { get; }

    /// <summary>h(E, V).</summary>
    internal Scalar Challenge { get; }

    internal ReadOnlySpan<byte> Simple => _simple;

    /// <summary>Reads the MessagePack form and runs the self-check.</summary>
    /// <param name="bytes">105 bytes, canonical.</param>
    /// <returns>The capsule.</returns>
    /// <exception cref="PhrDataException">The bytes are not a capsule: wrong length, not canonical, not points, self-check failed, or E + V is the identity.</exception>
    public static Capsule FromBytes(ReadOnlySpan<byte> bytes) =>
        Read(bytes, out Capsule? capsule) is { } reason ? throw UmbralError.Refused(Stage, reason, SerializedLength) : capsule!;

    /// <summary>Reads the MessagePack form and runs the self-check, without an exception.</summary>
    /// <param name="bytes">105 bytes, canonical.</param>
    /// <param name="capsule">The capsule, or null.</param>
    /// <returns>Whether the bytes were a capsule.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Capsule? capsule)
    {
        Read(bytes, out capsule);
        return capsule is not null;
    }

    /// <summary>Reads the simple form and runs the self-check.</summary>
    /// <param name="bytes">98 bytes, E || V || s.</param>
    /// <returns>The capsule.</returns>
    /// <exception cref="PhrDataException">The bytes are not a capsule: wrong length, not points, self-check failed, or E + V is the identity.</exception>
    public static Capsule FromSimpleBytes(ReadOnlySpan<byte> bytes) =>
        ReadSimple(bytes, out Capsule? capsule) is { } reason ? throw UmbralError.Refused(Stage, reason, Length) : capsule!;

    /// <summary>Reads the simple form and runs the self-check, without an exception.</summary>
    /// <param name="bytes">98 bytes, E || V || s.</param>
    /// <param name="capsule">The capsule, or null.</param>
    /// <returns>Whether the bytes were a capsule.</returns>
    public static bool TryFromSimpleBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Capsule? capsule)
    {
        ReadSimple(bytes, out capsule);
        return capsule is not null;
    }

    /// <summary>Writes the MessagePack form.</summary>
    /// <returns>A new array of 105 bytes.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[SerializedLength];
        var writer = new FixedMessagePackWriter(bytes);
        writer.Array(3);
        writer.Point(E);
        writer.Point(V);
        writer.Scalar(S);
        return bytes;
    }

    /// <summary>Writes the simple form.</summary>
    /// <returns>A new array of 98 bytes.</returns>
    public byte[] ToSimpleBytes() => (byte[])_simple.Clone();

    /// <summary>Writes the simple form to the start of <paramref name="destination"/>.</summary>
    /// <param name="destination">At least 98 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void CopySimpleTo(Span<byte> destination) => _simple.CopyTo(destination);

    /// <inheritdoc/>
    public bool Equals(Capsule? other) => other is not null && Simple.SequenceEqual(other.Simple);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Capsule);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();

    /// <summary>Makes the capsule of two fresh scalars; true by construction, so nothing is checked.</summary>
    internal static Capsule Create(Scalar r, Scalar w)
    {
        Point e = Point.MultiplyBase(r);
        Point v = Point.MultiplyBase(w);
        Scalar challenge = UmbralHash.CapsulePoints(e, v);
        return new Capsule(e, v, w + (r * challenge), challenge);
    }

    private static PhrDataReason? Read(ReadOnlySpan<byte> bytes, out Capsule? capsule)
    {
        capsule = null;
        if (bytes.Length != SerializedLength)
        {
            return PhrDataReason.WrongLength;
        }

        var reader = new FixedMessagePackReader(bytes);
        reader.Array(3);
        Point? e = reader.Point();
        Point? v = reader.Point();
        Scalar s = reader.Scalar(allowZero: true);
        reader.End();
        return reader.Failure ?? Check(e!, v!, s, out capsule);
    }

    private static PhrDataReason? ReadSimple(ReadOnlySpan<byte> bytes, out Capsule? capsule)
    {
        capsule = null;
        if (bytes.Length != Length)
        {
            return PhrDataReason.WrongLength;
        }

        if (!Point.TryFromBytes(bytes[..Point.Length], out Point? e) || !Point.TryFromBytes(bytes.Slice(Point.Length, Point.Length), out Point? v))
        {
            return PhrDataReason.InvalidPoint;
        }

        return Scalar.TryFromBytes(bytes[(2 * Point.Length)..], out Scalar s) ? Check(e, v, s, out capsule) : PhrDataReason.InvalidScalar;
    }

    // V = -E with an honest s passes the self-check; E + V would then be the identity and the encapsulated key known to everyone.
    private static PhrDataReason? Check(Point e, Point v, Scalar s, out Capsule? capsule)
    {
        capsule = null;
        Scalar challenge = UmbralHash.CapsulePoints(e, v);
        if (!Point.LinearCombinationEqualsVarTime(s, Point.Generator, -challenge, e, v))
        {
            return PhrDataReason.InvalidProof;
        }

        if ((e + v).IsIdentity)
        {
            return PhrDataReason.InvalidPoint;
        }

        capsule = new Capsule(e, v, s, challenge);
        return null;
    }
}
