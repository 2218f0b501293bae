using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// A member's proof that a dealer sealed a wrong sub-share to it: the point that opens the one envelope, with a proof that it is the
/// right one, so that everybody opens the envelope and sees. It gives away that sub-share and nothing else.
/// </summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature by the member's object key]. A complaint that proves nothing changes nothing; nobody's word
/// puts a dealer out. Immutable and thread safe.
/// </remarks>
public sealed class TeamComplaint
{
    /// <summary>Longest encoding in bytes: 512.</summary>
    public const int MaxLength = 512;

    private const string Tag = "phr/team-complaint/v1";
    private const string Stage = "team complaint";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly PublicKey _sharedPoint;
    private readonly DleqProof _proof;

    private TeamComplaint(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(5);
        PlanDigest = reader.Digest();
        DealingDigest = reader.Digest();
        Member = reader.ActorId();
        _sharedPoint = reader.PublicKey();
        _proof = DleqProof.TryFromBytes(reader.BytesExactly(DleqProof.Length), out DleqProof? proof)
            ? proof
            : throw reader.Fault(PhrDataReason.InvalidScalar, "a scalar of the proof is zero or not below the group order.");
        reader.EndArray();
        reader.End();
    }

    /// <summary>The plan of the round.</summary>
    public Digest PlanDigest { get; }

    /// <summary>The dealing that is complained of.</summary>
    public Digest DealingDigest { get; }

    /// <summary>Who complains.</summary>
    public ActorId Member { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Reads a complaint. Whether it is justified, <see cref="TeamOutcome.Conclude"/> finds out.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <returns>The complaint.</returns>
    /// <exception cref="PhrDataException">The bytes are not a complaint.</exception>
    public static TeamComplaint FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a complaint, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="complaint">The complaint, or null.</param>
    /// <returns>Whether the bytes were a complaint.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out TeamComplaint? complaint)
    {
        try
        {
            complaint = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            complaint = null;
            return false;
        }
    }

    /// <summary>Writes the complaint.</summary>
    /// <returns>A new array with the exact bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal static TeamComplaint Create(TeamPlan plan, TeamDealing dealing, IdentityKeys member, RandomSource random)
    {
        Capsule capsule = CapsuleOf(plan, dealing, plan.FindMember(member.Id)!);
        Point sum = capsule.E + capsule.V;
        Scalar secret = member.EnvelopeKey.Scalar;
        DleqProof proof = DleqProof.Create(secret, Point.Generator, sum, Context(dealing, member.Id), random);
        byte[] payload = new CanonicalCborWriter().Array(5).Id(plan.Digest).Id(dealing.Digest).Id(member.Id)
            .Bytes((sum * secret).ToBytes()).Bytes(proof.ToBytes()).EndArray().ToBytes();
        return new TeamComplaint(SignedObject.Sign(Tag, payload, member.ObjectSigner));
    }

    /// <summary>Whether it proves that the dealing, which passed every public check, holds a wrong sub-share for the one who complains.</summary>
    internal bool IsJustified(TeamPlan plan, TeamDealing dealing)
    {
        if (PlanDigest != plan.Digest || DealingDigest != dealing.Digest || plan.FindMember(Member) is not { } member || !_parts.Verify(member.ObjectKey))
        {
            return false;
        }

        Capsule capsule = CapsuleOf(plan, dealing, member);
        Point sum = capsule.E + capsule.V;
        if (!_proof.Verify(Point.Generator, sum, member.EnvelopeKey.Point, _sharedPoint.Point, Context(dealing, Member)))
        {
            return false;
        }

        using var shared = new SharedPoints(member.EnvelopeKey);
        shared.TryAdd(new PublicKey(sum), _sharedPoint.Point);
        bool good = dealing.TryOpen(plan, member, shared, out Scalar[] subShares);
        JointSharing.Wipe(subShares);
        return !good;
    }

    private static Capsule CapsuleOf(TeamPlan plan, TeamDealing dealing, TeamMember member) =>
        Capsule.FromSimpleBytes(dealing.Envelopes[TeamDealing.Position(plan, member)].Span[..Capsule.Length]);

    private static byte[] Context(TeamDealing dealing, ActorId member) =>
        new CanonicalCborWriter().Array(3).Text(Tag).Id(dealing.Digest).Id(member).EndArray().ToBytes();
}
