using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A helper's second step in a repair: the sum of the summands that all helpers sent it, for every document, sealed to the trustee who asks.</summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature]; payload is the array of request digest, the helper's place, the digests of the contributions added up, and the envelope's digest.
/// Format: docs/reshare-format.md. Immutable and thread safe.
/// </remarks>
public sealed class ShareRepairSum
{
    /// <summary>The most bytes that a sum has, without its envelope: 1,024.</summary>
    public const int MaxLength = 1024;

    private const string Stage = "share repair sum";
    private const string Tag = "phr/share-repair-sum/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly Digest[] _contributions;

    private ShareRepairSum(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(4);
        RequestDigest = reader.Digest();
        Helper = reader.Int32(TrusteePolicy.MaxTrustees);
        _contributions = new Digest[reader.BeginList(TrusteePolicy.MaxTrustees)];
        for (int i = 0; i < _contributions.Length; i++)
        {
            _contributions[i] = reader.Digest();
        }

        reader.EndArray();
        EnvelopeDigest = reader.Digest();
        reader.EndArray();
        reader.End();
        Digest = Digest.Of(bytes);
    }

    /// <summary>The request that it answers.</summary>
    public Digest RequestDigest { get; }

    /// <summary>The helper's place in the group, from 1.</summary>
    public int Helper { get; }

    /// <summary>The envelope with the sums.</summary>
    public Digest EnvelopeDigest { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Opens what the helpers sent, checks it, adds it up and seals the sums to the trustee who asks.</summary>
    /// <param name="repair">The repair.</param>
    /// <param name="contributions">One contribution from each helper.</param>
    /// <param name="identity">This helper's keys, as the dealing names them.</param>
    /// <param name="envelopeKey">The secret of this helper's envelope key in the dealing.</param>
    /// <param name="envelopes">The envelopes for this helper, in the helpers' order.</param>
    /// <returns>The sum and its envelope.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The contributions are not one from each helper, the keys are no helper's, or there is not one envelope from each.</exception>
    /// <exception cref="PhrDataException">An envelope is not the named one, or its helper sent garbage; the detail names it, and the trustee asks others.</exception>
    public static ShareRepairSumResult Create(
        ShareRepair repair, IEnumerable<VerifiedShareRepairContribution> contributions, IdentityKeys identity, SecretKey envelopeKey, IReadOnlyList<ReadOnlyMemory<byte>> envelopes)
    {
        ArgumentNullException.ThrowIfNull(repair);
        ArgumentNullException.ThrowIfNull(contributions);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        ArgumentNullException.ThrowIfNull(envelopes);
        VerifiedShareRepairContribution[] all = repair.RequireAll(contributions, nameof(contributions));
        int helper = repair.FindHelper(identity) ?? throw new ArgumentException("The keys are not those of a helper.", nameof(identity));
        if (envelopes.Count != all.Length)
        {
            throw new ArgumentException("There is not one envelope from each helper.", nameof(envelopes));
        }

        int documents = repair.Dealing.Dealing.Documents.Count;
        var contents = new List<EnvelopeContent>(all.Length);
        try
        {
            for (int i = 0; i < all.Length; i++)
            {
                DealtEnvelope dealt = all[i].EnvelopeFor(helper);
                dealt.RequireKey(envelopeKey.PublicKey, nameof(envelopeKey));
                contents.Add(OpenNamed(dealt, envelopeKey, envelopes[i].Span, all[i].Contribution.Helper));
            }

            using var sums = new SecretBytes(documents * SecretKey.Length);
            Scalar[] ones = [.. all.Select(_ => Scalar.One)];
            for (int d = 0; d < documents; d++)
            {
                using SecretKey sum = Redistribution.Combine(Stage, ones, contents, d * SecretKey.Length);
                sum.ExportTo(sums.Reveal().Slice(d * SecretKey.Length, SecretKey.Length));
            }

            Digest[] digests = [.. all.Select(c => c.Contribution.Digest)];
            byte[] envelope = Envelope.Seal(repair.Request.RepairKey, identity.Id, identity.PublicKeys.ObjectKey, SumContext(repair.Request.Digest, helper, digests), sums.Reveal());
            CanonicalCborWriter payload = new CanonicalCborWriter().Array(4).Id(repair.Request.Digest).UInt64((ulong)helper).Array(digests.Length);
            foreach (Digest digest in digests)
            {
                payload.Id(digest);
            }

            var sumObject = new ShareRepairSum(SignedObject.Sign(Tag, payload.EndArray().Id(Digest.Of(envelope)).EndArray().ToBytes(), identity.ObjectSigner));
            PolicySeat seat = repair.Request.Seat;
            return new ShareRepairSumResult(
                sumObject, new ShareEnvelope(seat.Group, seat.Member, repair.Dealing.Dealing.Policy.FindMember(seat)!.Identity, envelope, sumObject.EnvelopeDigest));
        }
        finally
        {
            contents.ForEach(c => c.Dispose());
        }
    }

    /// <summary>Reads a sum: canonical form, shape and limits. <see cref="TrusteeShares.Repair"/> verifies it.</summary>
    /// <param name="bytes">At most 1,024 bytes.</param>
    /// <returns>The sum.</returns>
    /// <exception cref="PhrDataException">The bytes are not a sum.</exception>
    public static ShareRepairSum FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a sum, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="sum">The sum, or null.</param>
    /// <returns>Whether the bytes were a sum.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShareRepairSum? sum)
    {
        try
        {
            sum = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            sum = null;
            return false;
        }
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <summary>Verifies the signature and opens the envelope; the sums are compared with the helpers' commitments.</summary>
    internal EnvelopeContent Open(ShareRepair repair, VerifiedShareRepairContribution[] all, SecretKey repairKey, ReadOnlySpan<byte> envelope)
    {
        Digest[] digests = [.. all.Select(c => c.Contribution.Digest)];
        int place = repair.PlaceOf(Helper);
        if (RequestDigest != repair.Request.Digest || place < 0 || !_contributions.AsSpan().SequenceEqual(digests))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it answers another request, or adds up other contributions.");
        }

        TrusteeMember sender = repair.Helper(Helper);
        if (!_parts.Verify(sender.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, $"it is not signed by helper {Helper}.");
        }

        TrusteeMember self = repair.Dealing.Dealing.Policy.FindMember(repair.Request.Seat)!;
        var dealt = new DealtEnvelope
        {
            Digest = EnvelopeDigest,
            Recipient = new TrusteeMember(self.Identity, self.Organisation, self.ObjectKey, self.SignerKey, repair.Request.RepairKey),
            SenderId = sender.Identity,
            SenderKey = sender.ObjectKey,
            Context = SumContext(RequestDigest, Helper, digests),
            ShareKeys = [.. Enumerable.Range(0, repair.Dealing.Dealing.Documents.Count).Select(d => SumKey(all, d, place))],
        };
        return OpenNamed(dealt, repairKey, envelope, Helper);
    }

    private static PublicKey SumKey(VerifiedShareRepairContribution[] all, int document, int place)
    {
        Point sum = Point.Identity;
        foreach (VerifiedShareRepairContribution contribution in all)
        {
            sum += contribution.Contribution.SummandKey(document, place).Point;
        }

        return sum.IsIdentity ? throw new PhrDataException(Stage, PhrDataReason.InvalidPoint, "the helpers' summands add up to zero.") : new PublicKey(sum);
    }

    private static EnvelopeContent OpenNamed(DealtEnvelope dealt, SecretKey key, ReadOnlySpan<byte> envelope, int helper)
    {
        dealt.RequireDigest(envelope);
        EnvelopeContent? content = null;
        try
        {
            content = Envelope.Open(key, dealt.SenderId, dealt.SenderKey, dealt.Context, envelope);
            if (dealt.FindFault(content) is { } fault)
            {
                throw fault;
            }

            return content;
        }
        catch (PhrDataException e)
        {
            content?.Dispose();
            throw new PhrDataException(Stage, e.Reason, $"helper {helper} sent no good summands.", e);
        }
    }

    private static byte[] SumContext(Digest request, int helper, Digest[] contributions)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(4).Text("phr/share-repair-total/v1").Id(request).UInt64((ulong)helper).Array(contributions.Length);
        foreach (Digest digest in contributions)
        {
            writer.Id(digest);
        }

        return writer.EndArray().EndArray().ToBytes();
    }
}
