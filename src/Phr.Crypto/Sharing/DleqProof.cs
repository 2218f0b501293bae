using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>
/// A proof that two points are the same secret multiple of two bases (equality of discrete logarithms), made without a
/// partner and bound to a context.
/// </summary>
/// <remarks>
/// The challenge c is the hash to a scalar of Umbral under <c>phr/dleq/v1</c>, over the two bases, the two points, the two
/// nonce points (33 bytes each) and the context; the answer is z = k + c·x. Sources: Chaum and Pedersen, "Wallet databases
/// with observers" (1992); Fiat and Shamir (1986). Immutable and thread safe.
/// </remarks>
public sealed class DleqProof : IEquatable<DleqProof>
{
    /// <summary>Length in bytes: 64, the challenge and the answer as 32 bytes each, big endian.</summary>
    public const int Length = 2 * Scalar.Length;

    private readonly Scalar _challenge;
    private readonly Scalar _answer;

    private DleqProof(Scalar challenge, Scalar answer) => (_challenge, _answer) = (challenge, answer);

    /// <summary>Reads a proof.</summary>
    /// <param name="bytes">64 bytes: two scalars between 1 and the group order minus 1.</param>
    /// <returns>The proof, not yet verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not a proof.</exception>
    public static DleqProof FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new PhrDataException("DLEQ proof", PhrDataReason.WrongLength, $"{bytes.Length} bytes were given where {Length} are needed.");
        }

        return TryFromBytes(bytes, out DleqProof? proof)
            ? proof
            : throw new PhrDataException("DLEQ proof", PhrDataReason.InvalidScalar, "a scalar is zero or not below the group order.");
    }

    /// <summary>Reads a proof, without an exception.</summary>
    /// <param name="bytes">64 bytes.</param>
    /// <param name="proof">The proof, not yet verified, or null.</param>
    /// <returns>Whether the bytes were a proof.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DleqProof? proof)
    {
        proof = bytes.Length == Length
            && Scalar.TryFromBytes(bytes[..Scalar.Length], out Scalar challenge) && !challenge.IsZero
            && Scalar.TryFromBytes(bytes[Scalar.Length..], out Scalar answer) && !answer.IsZero
            ? new DleqProof(challenge, answer)
            : null;
        return proof is not null;
    }

    /// <summary>Writes the proof.</summary>
    /// <returns>A new array of 64 bytes.</returns>
    public byte[] ToBytes()
    {
        var bytes = new byte[Length];
        _challenge.WriteBytes(bytes);
        _answer.WriteBytes(bytes.AsSpan(Scalar.Length));
        return bytes;
    }

    /// <inheritdoc/>
    public bool Equals(DleqProof? other) => other is not null && _challenge == other._challenge && _answer == other._answer;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DleqProof);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_challenge.ToBytes());

    /// <summary>Proves that x·base1 and x·base2 have the same x, which is not zero.</summary>
    internal static DleqProof Create(Scalar x, Point base1, Point base2, ReadOnlySpan<byte> context, RandomSource random)
    {
        if (x.IsZero || base1.IsIdentity || base2.IsIdentity)
        {
            throw new ArgumentException("Neither the secret nor a base is zero.", nameof(x));
        }

        Point point1 = base1 * x, point2 = base2 * x;
        while (true)
        {
            Scalar nonce = Scalar.Random(random);
            Scalar challenge = Challenge(base1, base2, point1, point2, base1 * nonce, base2 * nonce, context);
            Scalar answer = nonce + (challenge * x);
            if (!answer.IsZero)
            {
                return new DleqProof(challenge, answer);
            }
        }
    }

    /// <summary>Whether the proof shows that point1 = x·base1 and point2 = x·base2 for one x, in this context. False if any point is the identity.</summary>
    internal bool Verify(Point base1, Point base2, Point point1, Point point2, ReadOnlySpan<byte> context)
    {
        if (base1.IsIdentity || base2.IsIdentity || point1.IsIdentity || point2.IsIdentity)
        {
            return false;
        }

        Point nonce1 = Point.LinearCombinationVarTime(_answer, base1, -_challenge, point1);
        Point nonce2 = Point.LinearCombinationVarTime(_answer, base2, -_challenge, point2);
        return !nonce1.IsIdentity && !nonce2.IsIdentity
            && Challenge(base1, base2, point1, point2, nonce1, nonce2, context) == _challenge;
    }

    private static Scalar Challenge(Point base1, Point base2, Point point1, Point point2, Point nonce1, Point nonce2, ReadOnlySpan<byte> context)
    {
        var data = new byte[(6 * Point.Length) + context.Length];
        base1.WriteBytes(data);
        base2.WriteBytes(data.AsSpan(Point.Length));
        point1.WriteBytes(data.AsSpan(2 * Point.Length));
        point2.WriteBytes(data.AsSpan(3 * Point.Length));
        nonce1.WriteBytes(data.AsSpan(4 * Point.Length));
        nonce2.WriteBytes(data.AsSpan(5 * Point.Length));
        context.CopyTo(data.AsSpan(6 * Point.Length));
        return UmbralHash.ToScalar("phr/dleq/v1"u8, data);
    }
}
