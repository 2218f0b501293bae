using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// The public commitments of a two-level sharing: one vector for the groups, and one for the members of each group. They
/// give the public key of every member, and let each holder check its share.
/// </summary>
/// <remarks>
/// An object of this type is consistent: the group vector has as many points as groups are needed, each group's vector as
/// many as members are needed, no point is the identity, and each group's first point is the group vector's value at the
/// group's number. Immutable and thread safe.
/// </remarks>
public sealed class GroupCommitments : IEquatable<GroupCommitments>
{
    /// <summary>The longest written form that is read, in bytes: enough for 255 groups of 255 members, all needed.</summary>
    /// <remarks>Formats that contain commitments set tighter bounds of their own.</remarks>
    public const int MaxLength = 32 + FeldmanCommitments.MaxLength + (SecretSharing.MaxShares * (3 + FeldmanCommitments.MaxLength));

    private const string Tag = "phr/sharing/v1";
    private const string Stage = "group commitments";

    private readonly FeldmanCommitments _groups;
    private readonly FeldmanCommitments[] _members;
    private readonly byte[] _encoded;

    private GroupCommitments(uint epoch, SharingShape shape, FeldmanCommitments groups, FeldmanCommitments[] members)
    {
        Epoch = epoch;
        Shape = shape;
        _groups = groups;
        _members = members;
        _encoded = Encode();
        Digest = Digest.Of(_encoded);
    }

    /// <summary>The epoch of the sharing.</summary>
    public uint Epoch { get; }

    /// <summary>The thresholds and the number of members of each group.</summary>
    public SharingShape Shape { get; }

    /// <summary>SHA-256 of the written form; every share carries it as its sharing id.</summary>
    public Digest Digest { get; }

    /// <summary>The public key of the shared secret: F_0.</summary>
    public PublicKey SharedKey => _groups.SharedKey;

    /// <summary>Reads commitments and checks that they are consistent.</summary>
    /// <param name="bytes">The bytes that <see cref="ToBytes"/> writes.</param>
    /// <returns>The commitments.</returns>
    /// <exception cref="PhrDataException">
    /// The bytes are not canonical, a number is outside its range, a point is not one, or a group's first point is not the
    /// group vector's value (<see cref="PhrDataReason.CommitmentMismatch"/>).
    /// </exception>
    public static GroupCommitments FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > MaxLength)
        {
            throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"{bytes.Length} bytes were given where at most {MaxLength} are read.");
        }

        var reader = new CanonicalCborReader(Stage, bytes.ToArray(), MaxLength);
        reader.BeginArray(4);
        reader.Expect(Tag);
        uint epoch = (uint)reader.UInt64(uint.MaxValue);
        FeldmanCommitments groups = FeldmanCommitments.Read(reader);
        var shapes = new GroupShape[reader.BeginList(SecretSharing.MaxShares)];
        if (shapes.Length < groups.Threshold)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "there are fewer groups than the group vector has points.");
        }

        var members = new FeldmanCommitments[shapes.Length];
        for (int g = 0; g < shapes.Length; g++)
        {
            reader.BeginArray(2);
            int count = reader.Int32(SecretSharing.MaxShares);
            members[g] = FeldmanCommitments.Read(reader);
            if (count < members[g].Threshold)
            {
                throw reader.Fault(PhrDataReason.OutOfRange, $"group {g + 1} has fewer members than its vector has points.");
            }

            shapes[g] = new GroupShape(members[g].Threshold, count);
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        for (int g = 1; g <= shapes.Length; g++)
        {
            if (groups.At(g) != members[g - 1].SharedKey.Point)
            {
                throw reader.Fault(PhrDataReason.CommitmentMismatch, $"the first point of group {g} is not the group vector's value at {g}.");
            }
        }

        return new GroupCommitments(epoch, new SharingShape(groups.Threshold, shapes), groups, members);
    }

    /// <summary>Reads commitments and checks that they are consistent, without an exception.</summary>
    /// <param name="bytes">As for <see cref="FromBytes"/>.</param>
    /// <param name="commitments">The commitments, or null.</param>
    /// <returns>Whether the bytes were consistent commitments.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out GroupCommitments? commitments)
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

    /// <summary>The public key of a group's secret: the group vector's value at the group's number.</summary>
    /// <param name="group">The group, from 1.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such group.</exception>
    public PublicKey GroupKey(int group) => Members(group).SharedKey;

    /// <summary>The public key A of a member's share: the group's vector at the member's number.</summary>
    /// <param name="group">The group, from 1.</param>
    /// <param name="member">The member within the group, from 1.</param>
    /// <returns>The key.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such member.</exception>
    /// <exception cref="PhrDataException">Whoever made the commitments chose them so that this share is zero, which is no key (<see cref="PhrDataReason.InvalidPoint"/>).</exception>
    /// <remarks>Cost: the group's threshold - 1 multiplications of a point by a number below 256. Variable time in public values.</remarks>
    public PublicKey MemberKey(int group, int member)
    {
        FeldmanCommitments vector = Members(group);
        if (!Shape.Contains(group, member))
        {
            throw new ArgumentOutOfRangeException(nameof(member), member, $"Group {group} has {Shape.Groups[group - 1].Members} members.");
        }

        return vector.ShareKey(member);
    }

    /// <summary>Whether a share belongs to this sharing and lies on the committed polynomial.</summary>
    /// <param name="share">The share.</param>
    /// <returns>False if the epoch, the sharing id, the group, the member or the value is not of this sharing.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="share"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The share was disposed.</exception>
    public bool Verify(GroupShare share)
    {
        ArgumentNullException.ThrowIfNull(share);
        Scalar value = share.Scalar;
        return Belongs(share) && Members(share.Group).Matches(share.Member, value);
    }

    /// <summary>Verifies many shares: faster than one by one, with the same result.</summary>
    /// <param name="shares">The shares, of any members, in any order.</param>
    /// <returns>The positions in <paramref name="shares"/> of those that <see cref="Verify"/> would refuse, ascending. Empty when all are good.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="shares"/>, or one of them, is null.</exception>
    /// <exception cref="ObjectDisposedException">A share was disposed.</exception>
    /// <remarks>
    /// Source: Bellare, Garay, Rabin (1998), small exponents test: a random linear combination with 128-bit weights, so that a wrong share
    /// passes with a probability of 2^-128. If it fails, each share is checked by itself. Cost: 1 multiplication of the base point and one sum
    /// of the points of the groups concerned, for any number of shares. The values of the shares do not show in the time.
    /// </remarks>
    public IReadOnlyList<int> FindBadShares(IReadOnlyList<GroupShare> shares) => FindBadShares(shares, RandomSource.System);

    /// <summary>Writes the canonical form.</summary>
    /// <returns>
    /// Canonical CBOR: the tag <c>phr/sharing/v1</c>, the epoch, the array of the group vector's points, and an array with,
    /// for each group, the number of its members and the array of its points.
    /// </returns>
    public byte[] ToBytes() => (byte[])_encoded.Clone();

    /// <inheritdoc/>
    public bool Equals(GroupCommitments? other) => other is not null && Digest == other.Digest;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GroupCommitments);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.GetHashCode();

    internal IReadOnlyList<int> FindBadShares(IReadOnlyList<GroupShare> shares, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(shares);
        var batch = new ShareBatch(random);
        bool belong = true;
        for (int i = 0; i < shares.Count; i++)
        {
            GroupShare share = shares[i] ?? throw new ArgumentNullException(nameof(shares));
            Scalar value = share.Scalar;
            if (Belongs(share))
            {
                batch.Add(Members(share.Group), share.Member, value);
            }
            else
            {
                belong = false;
            }
        }

        return belong && shares.Count >= ShareBatch.Worthwhile && batch.AllMatch() ? [] : [.. Enumerable.Range(0, shares.Count).Where(i => !Verify(shares[i]))];
    }

    internal static GroupCommitments To(TwoLevelPolynomials<Scalar> polynomials, SharingShape shape, uint epoch)
    {
        var members = new FeldmanCommitments[shape.Groups.Count];
        for (int g = 1; g <= members.Length; g++)
        {
            members[g - 1] = FeldmanCommitments.To(polynomials.Members(g));
        }

        return new GroupCommitments(epoch, shape, FeldmanCommitments.To(polynomials.Groups), members);
    }

    /// <summary>The points that a dealer is free to choose: the group vector, then each group's vector without its first point.</summary>
    internal Point[] IndependentPoints()
    {
        var points = new List<Point>();
        points.AddRange(_groups.Points);
        foreach (FeldmanCommitments members in _members)
        {
            points.AddRange(members.Points[1..]);
        }

        return [.. points];
    }

    /// <summary>The commitments to the weighted sum of several sharings of one shape and epoch.</summary>
    /// <exception cref="PhrDataException">A point of the sum is the identity.</exception>
    internal static GroupCommitments Combine(string stage, ReadOnlySpan<Scalar> weights, IReadOnlyList<GroupCommitments> dealt)
    {
        GroupCommitments first = dealt[0];
        var column = new Point[dealt.Count];
        var members = new FeldmanCommitments[first._members.Length];
        FeldmanCommitments groups = Sum(stage, weights, dealt, static c => c._groups, column);
        for (int g = 0; g < members.Length; g++)
        {
            int group = g;
            members[g] = Sum(stage, weights, dealt, c => c._members[group], column);
        }

        return new GroupCommitments(first.Epoch, first.Shape, groups, members);
    }

    private static FeldmanCommitments Sum(
        string stage, ReadOnlySpan<Scalar> weights, IReadOnlyList<GroupCommitments> dealt, Func<GroupCommitments, FeldmanCommitments> vector, Point[] column)
    {
        var points = new Point[vector(dealt[0]).Threshold];
        for (int k = 0; k < points.Length; k++)
        {
            for (int d = 0; d < column.Length; d++)
            {
                column[d] = vector(dealt[d]).Points[k];
            }

            points[k] = Point.MultiScalarVarTime(weights, column);
            if (points[k].IsIdentity)
            {
                throw new PhrDataException(stage, PhrDataReason.InvalidPoint, "the dealers' sharings add up to a commitment that is the identity.");
            }
        }

        return new FeldmanCommitments(points);
    }

    private bool Belongs(GroupShare share) => share.Epoch == Epoch && share.SharingId == Digest && Shape.Contains(share.Group, share.Member);

    private FeldmanCommitments Members(int group) =>
        group >= 1 && group <= _members.Length
            ? _members[group - 1]
            : throw new ArgumentOutOfRangeException(nameof(group), group, $"There are {_members.Length} groups.");

    private byte[] Encode()
    {
        var writer = new CanonicalCborWriter();
        writer.Array(4).Text(Tag).UInt64(Epoch);
        _groups.WriteTo(writer);
        writer.Array(_members.Length);
        for (int g = 0; g < _members.Length; g++)
        {
            writer.Array(2).UInt64((ulong)Shape.Groups[g].Members);
            _members[g].WriteTo(writer);
            writer.EndArray();
        }

        return writer.EndArray().EndArray().ToBytes();
    }
}
