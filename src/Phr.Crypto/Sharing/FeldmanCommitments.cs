using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// The public commitments to a sharing polynomial: its coefficients times the base point. They let a holder check its
/// share and let anyone compute the public key of any share, and they determine the threshold.
/// </summary>
/// <remarks>Source: Feldman, "A practical scheme for non-interactive verifiable secret sharing" (1987). Immutable and thread safe.</remarks>
public sealed class FeldmanCommitments : IEquatable<FeldmanCommitments>
{
    /// <summary>The longest written form in bytes, at threshold 255: 8,927.</summary>
    public const int MaxLength = 2 + (SecretSharing.MaxShares * (2 + Point.Length));

    private const string Stage = "commitments";

    private readonly Point[] _points;

    internal FeldmanCommitments(Point[] points)
    {
        _points = points;
        SharedKey = new PublicKey(points[0]);
    }

    /// <summary>How many shares are needed: the number of points, 1 to 255.</summary>
    public int Threshold => _points.Length;

    /// <summary>The public key of the shared secret: the first point, F_0.</summary>
    public PublicKey SharedKey { get; }

    /// <summary>Reads commitments.</summary>
    /// <param name="bytes">A canonical CBOR array of 1 to 255 byte strings, each a point in 33-byte compressed form.</param>
    /// <returns>The commitments.</returns>
    /// <exception cref="PhrDataException">The bytes are not that. The identity point has no such form and is never accepted.</exception>
    public static FeldmanCommitments FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxLength)
        {
            throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"{bytes.Length} bytes were given where at most {MaxLength} are read.");
        }

        var reader = new CanonicalCborReader(Stage, bytes.ToArray(), MaxLength);
        FeldmanCommitments commitments = Read(reader);
        reader.End();
        return commitments;
    }

    /// <summary>Reads commitments, without an exception.</summary>
    /// <param name="bytes">As for <see cref="FromBytes"/>.</param>
    /// <param name="commitments">The commitments, or null.</param>
    /// <returns>Whether the bytes were commitments.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out FeldmanCommitments? commitments)
    {
        try
        {
            commitments = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            commitments = null;
            return false;
        }
    }

    /// <summary>The public key of the share with this index: Σ index^k · F_k.</summary>
    /// <param name="index">The share's index, 1 to 255.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not 1 to 255.</exception>
    /// <exception cref="PhrDataException">Whoever made the commitments chose them so that this share is zero, which is no key (<see cref="PhrDataReason.InvalidPoint"/>).</exception>
    /// <remarks>Cost: threshold - 1 multiplications of a point by a number below 256. Variable time in public values.</remarks>
    public PublicKey ShareKey(int index)
    {
        SecretSharing.CheckIndex(index, nameof(index));
        Point key = At(index);
        return key.IsIdentity
            ? throw new PhrDataException(Stage, PhrDataReason.InvalidPoint, $"the key of share {index} is the identity point.")
            : new PublicKey(key);
    }

    /// <summary>Whether a share lies on the committed polynomial.</summary>
    /// <param name="share">The share.</param>
    /// <returns>Whether the share's public key is <see cref="ShareKey"/> of its index.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="share"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public bool Verify(Share share)
    {
        ArgumentNullException.ThrowIfNull(share);
        return Matches(share.Index, share.Scalar);
    }

    /// <summary>Verifies many shares: faster than one by one, with the same result.</summary>
    /// <param name="shares">The shares, in any order; an index may occur twice.</param>
    /// <returns>The positions in <paramref name="shares"/> of those that are not on the committed polynomial, ascending. Empty when all are.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="shares"/>, or one of them, is null.</exception>
    /// <exception cref="ObjectDisposedException">A share was disposed.</exception>
    /// <remarks>
    /// Source: Bellare, Garay, Rabin (1998), small exponents test: a random linear combination with 128-bit weights, so that a wrong share
    /// passes with a probability of 2^-128. If it fails, each share is checked by itself. Cost: 1 multiplication of the base point and one sum
    /// of as many points as the threshold, for any number of shares. The values of the shares do not show in the time.
    /// </remarks>
    public IReadOnlyList<int> FindBadShares(IReadOnlyList<Share> shares) => FindBadShares(shares, RandomSource.System);

    /// <summary>Writes the canonical form.</summary>
    /// <returns>The bytes that <see cref="FromBytes"/> reads.</returns>
    public byte[] ToBytes()
    {
        var writer = new CanonicalCborWriter();
        WriteTo(writer);
        return writer.ToBytes();
    }

    /// <inheritdoc/>
    public bool Equals(FeldmanCommitments? other) => other is not null && _points.AsSpan().SequenceEqual(other._points);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FeldmanCommitments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Threshold, SharedKey);

    internal ReadOnlySpan<Point> Points => _points;

    internal IReadOnlyList<int> FindBadShares(IReadOnlyList<Share> shares, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(shares);
        var batch = new ShareBatch(random);
        for (int i = 0; i < shares.Count; i++)
        {
            Share share = shares[i] ?? throw new ArgumentNullException(nameof(shares));
            batch.Add(this, share.Index, share.Scalar);
        }

        return shares.Count >= ShareBatch.Worthwhile && batch.AllMatch() ? [] : [.. Enumerable.Range(0, shares.Count).Where(i => !Verify(shares[i]))];
    }

    internal static FeldmanCommitments To(Polynomial<Scalar> polynomial)
    {
        var points = new Point[polynomial.Threshold];
        for (int k = 0; k < points.Length; k++)
        {
            points[k] = Point.MultiplyBase(polynomial.Coefficients[k]);
        }

        return new FeldmanCommitments(points);
    }

    internal static FeldmanCommitments Read(CanonicalCborReader reader)
    {
        int count = reader.BeginList(SecretSharing.MaxShares);
        if (count == 0)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "commitments have at least one point.");
        }

        Point[] points = Array.ConvertAll(reader.PublicKeys(count), key => key.Point);
        reader.EndArray();
        return new FeldmanCommitments(points);
    }

    internal void WriteTo(CanonicalCborWriter writer)
    {
        writer.Array(_points.Length);
        foreach (Point point in _points)
        {
            writer.Bytes(point.ToBytes());
        }

        writer.EndArray();
    }

    /// <summary>The commitment to the coefficient of x^k.</summary>
    internal Point Coefficient(int k) => _points[k];

    /// <summary>The committed polynomial's value at an index, as a point; possibly the identity if the maker was dishonest.</summary>
    internal Point At(int index) => Point.EvaluateVarTime(_points, (byte)index);

    /// <summary>weight · Σ index^k·F_k, term by term.</summary>
    internal void AddTo(RelationBatch batch, Scalar weight, int index)
    {
        var x = Scalar.FromUInt32((uint)index);
        foreach (Point point in _points)
        {
            batch.Add(weight, point);
            weight *= x;
        }
    }

    internal bool Matches(int index, Scalar share) => Point.MultiplyBase(share) == At(index);
}
