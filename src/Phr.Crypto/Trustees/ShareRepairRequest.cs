using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A trustee's signed request that others of its group give it back the shares that it lost, under a key that it made for this alone.</summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature]; payload is the array of dealing digest, the trustee's seat, the repair key, and the helpers' places in the group. Signed by
/// the object key that the dealing names. Format: docs/reshare-format.md. A request read from bytes has a valid shape; <see cref="Verify"/> makes it usable. Immutable and thread safe.
/// </remarks>
public sealed class ShareRepairRequest
{
    /// <summary>The most bytes that a request has: 512.</summary>
    public const int MaxLength = 512;

    internal const string Stage = "share repair request";
    private const string Tag = "phr/share-repair-request/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private ShareRepairRequest(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(4);
        DealingDigest = reader.Digest();
        Seat = ResharePlan.ReadSeat(reader);
        RepairKey = reader.PublicKey();
        var helpers = new int[reader.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < helpers.Length; i++)
        {
            helpers[i] = reader.Int32(TrusteePolicy.MaxTrustees);
            if (helpers[i] == Seat.Member || (i > 0 && helpers[i] <= helpers[i - 1]))
            {
                throw reader.Fault(PhrDataReason.NonCanonical, "its helpers are not in order, each once, and without the one who asks.");
            }
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        Helpers = helpers;
        Digest = Digest.Of(bytes);
    }

    /// <summary>The dealing whose shares were lost.</summary>
    public Digest DealingDigest { get; }

    /// <summary>The seat of the trustee who asks.</summary>
    public PolicySeat Seat { get; }

    /// <summary>The key to which the helpers seal. Whoever has its secret and the helpers' sums has the shares.</summary>
    public PublicKey RepairKey { get; }

    /// <summary>The helpers: places in the same group, from 1, in order; exactly as many as the group's threshold.</summary>
    public IReadOnlyList<int> Helpers { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Asks for repair.</summary>
    /// <param name="dealing">The dealing whose shares were lost.</param>
    /// <param name="identity">The trustee's keys, as the dealing names them.</param>
    /// <param name="repairKey">The public half of a fresh key.</param>
    /// <param name="helpers">Which members of the group shall help, exactly as many as its threshold; null for the lowest-numbered.</param>
    /// <returns>The request.</returns>
    /// <exception cref="ArgumentNullException">An argument other than <paramref name="helpers"/> is null.</exception>
    /// <exception cref="ArgumentException">The keys are no trustee's of the dealing, or the helpers are not as many as the threshold, others than the one who asks, and of the group.</exception>
    /// <exception cref="InvalidOperationException">The group has not enough other members, so nobody else together knows this share: let the trustees or the patient share the keys anew.</exception>
    public static ShareRepairRequest Create(VerifiedDealing dealing, IdentityKeys identity, PublicKey repairKey, IEnumerable<int>? helpers = null)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(repairKey);
        TrusteePolicy policy = dealing.Dealing.Policy;
        if (policy.FindIndices(identity.Id) is not (int g, int member) || policy.FindMember(g, member)!.ObjectKey != identity.PublicKeys.ObjectKey)
        {
            throw new ArgumentException("The keys are not those of a trustee of the dealing.", nameof(identity));
        }

        TrusteeGroup group = policy.Groups[g - 1];
        if (group.Members.Count - 1 < group.Threshold)
        {
            throw new InvalidOperationException(
                $"Group {g} needs {group.Threshold} of its {group.Members.Count} members, so the others cannot repair a share: let the trustees or the patient share the keys anew.");
        }

        int[] chosen = [.. (helpers ?? Enumerable.Range(1, group.Members.Count).Where(i => i != member).Take(group.Threshold)).Order()];
        if (chosen.Length != group.Threshold || chosen.Distinct().Count() != chosen.Length || chosen.Any(i => i < 1 || i > group.Members.Count || i == member))
        {
            throw new ArgumentException($"Name {group.Threshold} other members of the group, each once.", nameof(helpers));
        }

        CanonicalCborWriter payload = new CanonicalCborWriter().Array(4).Id(dealing.Dealing.Digest);
        ResharePlan.WriteSeat(payload, new PolicySeat(g, member)).Key(repairKey).Array(chosen.Length);
        foreach (int helper in chosen)
        {
            payload.UInt64((ulong)helper);
        }

        return new ShareRepairRequest(SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), identity.ObjectSigner));
    }

    /// <summary>Reads a request. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <returns>The request.</returns>
    /// <exception cref="PhrDataException">The bytes are not a request.</exception>
    public static ShareRepairRequest FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a request, without an exception. Its signature is not verified yet.</summary>
    /// <param name="bytes">At most 512 bytes.</param>
    /// <param name="request">The request, or null.</param>
    /// <returns>Whether the bytes were a request.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShareRepairRequest? request)
    {
        try
        {
            request = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            request = null;
            return false;
        }
    }

    /// <summary>Checks the request against the dealing: signed by the trustee whose share it is, with as many helpers of its group as the threshold says.</summary>
    /// <param name="dealing">The dealing.</param>
    /// <returns>The repair that it asks for. Whether this trustee really lost its share is for the helpers to judge.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="dealing"/> is null.</exception>
    /// <exception cref="PhrDataException">A check fails; reason and detail say which.</exception>
    public ShareRepair Verify(VerifiedDealing dealing)
    {
        ArgumentNullException.ThrowIfNull(dealing);
        if (DealingDigest != dealing.Dealing.Digest)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is about another dealing.");
        }

        TrusteePolicy policy = dealing.Dealing.Policy;
        TrusteeMember member = policy.FindMember(Seat) ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, $"the policy has no trustee {Seat}.");
        if (!_parts.Verify(member.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it is not signed by the trustee that it names.");
        }

        if (Helpers.Count != policy.Groups[Seat.Group - 1].Threshold || Helpers.Any(h => policy.FindMember(Seat.Group, h) is null))
        {
            throw new PhrDataException(Stage, PhrDataReason.OutOfRange, "its helpers are not as many members of the group as its threshold.");
        }

        return new ShareRepair(this, dealing);
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();
}
