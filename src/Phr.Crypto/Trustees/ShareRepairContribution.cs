using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Sharing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>
/// A helper's first step in a repair: its weighted share of every document, broken into random summands, one sealed to each helper; public are the summands' keys, which add up to
/// the weighted A_i.
/// </summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature], at most 1 MiB. Format: docs/reshare-format.md. A contribution read from bytes has a valid shape; <see cref="Verify"/> makes it usable.
/// Immutable and thread safe.
/// </remarks>
public sealed class ShareRepairContribution
{
    /// <summary>Longest encoding in bytes: 1 MiB.</summary>
    public const int MaxLength = 1 << 20;

    private const string Stage = "share repair contribution";
    private const string Tag = "phr/share-repair/v1";
    private const string CoreTag = "phr/share-repair-core/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;
    private readonly PublicKey[][] _summands;

    private ShareRepairContribution(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var outer = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        outer.BeginArray(2);
        byte[] core = outer.Bytes(MaxLength);
        var envelopes = new Digest[outer.BeginList(TrusteePolicy.MaxTrustees)];
        for (int j = 0; j < envelopes.Length; j++)
        {
            envelopes[j] = outer.Digest();
        }

        outer.EndArray();
        outer.EndArray();
        outer.End();
        EnvelopeDigests = envelopes;
        CoreDigest = Digest.Of(core);
        var reader = new CanonicalCborReader(Stage, core, MaxLength);
        reader.BeginArray(4);
        reader.Expect(CoreTag);
        RequestDigest = reader.Digest();
        Helper = reader.Int32(TrusteePolicy.MaxTrustees);
        _summands = new PublicKey[reader.BeginList(BundleHeader.MaxDocuments)][];
        for (int d = 0; d < _summands.Length; d++)
        {
            reader.BeginArray(envelopes.Length);
            _summands[d] = reader.PublicKeys(envelopes.Length);
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        if (envelopes.Length == 0 || envelopes.Distinct().Count() != envelopes.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it names no envelope, or one twice.");
        }
    }

    /// <summary>The request that it answers.</summary>
    public Digest RequestDigest { get; }

    /// <summary>The helper's place in the group, from 1.</summary>
    public int Helper { get; }

    /// <summary>The digests of the sealed summands, in the helpers' order.</summary>
    public IReadOnlyList<Digest> EnvelopeDigests { get; }

    /// <summary>SHA-256 of the contribution without its list of envelopes: what the envelopes are bound to.</summary>
    public Digest CoreDigest { get; }

    /// <summary>SHA-256 of the exact bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Breaks a helper's weighted shares into summands for all helpers.</summary>
    /// <param name="repair">The repair. The caller has made sure that the trustee who asks is the one it should be, and lost its share.</param>
    /// <param name="shares">The helper's own shares.</param>
    /// <param name="identity">The helper's keys, as the dealing names them.</param>
    /// <returns>The contribution, and one envelope per helper.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">The shares are of another dealing, or the request does not name this trustee as a helper.</exception>
    /// <remarks>Cost: per document as many multiplications as helpers. The summands are fresh from the system generator.</remarks>
    public static ShareRepairContributionResult Create(ShareRepair repair, TrusteeShares shares, IdentityKeys identity)
    {
        ArgumentNullException.ThrowIfNull(repair);
        ArgumentNullException.ThrowIfNull(shares);
        ArgumentNullException.ThrowIfNull(identity);
        Dealing deal = repair.Dealing.Dealing;
        int place = repair.FindHelper(identity) is { } own ? repair.PlaceOf(own) : -1;
        if (place < 0 || shares.Dealing.Dealing.Digest != deal.Digest || shares.Group != repair.Group || shares.Member != repair.Request.Helpers[place])
        {
            throw new ArgumentException("The request does not name this trustee as a helper, or the shares are not its own of that dealing.", nameof(shares));
        }

        int count = repair.Request.Helpers.Count;
        Scalar weight = repair.Weights()[place];
        var secrets = new SecretBytes[count];
        try
        {
            for (int j = 0; j < count; j++)
            {
                secrets[j] = new SecretBytes(deal.Documents.Count * SecretKey.Length);
            }

            CanonicalCborWriter core = new CanonicalCborWriter().Array(4).Text(CoreTag).Id(repair.Request.Digest).UInt64((ulong)shares.Member).Array(deal.Documents.Count);
            for (int d = 0; d < deal.Documents.Count; d++)
            {
                core.Array(count);
                foreach (PublicKey key in ShareMending.Deal(weight, shares.Find(deal.Documents[d].Id)!, secrets, d * SecretKey.Length, RandomSource.System))
                {
                    core.Key(key);
                }

                core.EndArray();
            }

            byte[] coreBytes = core.EndArray().EndArray().ToBytes();
            Digest coreDigest = Digest.Of(coreBytes);
            var envelopes = new ShareEnvelope[count];
            CanonicalCborWriter payload = new CanonicalCborWriter().Array(2).Bytes(coreBytes).Array(count);
            for (int j = 0; j < count; j++)
            {
                int helper = repair.Request.Helpers[j];
                TrusteeMember member = repair.Helper(helper);
                byte[] bytes = Envelope.Seal(member.EnvelopeKey, identity.Id, identity.PublicKeys.ObjectKey, ShareContext(coreDigest, helper), secrets[j].Reveal());
                envelopes[j] = new ShareEnvelope(repair.Group, helper, member.Identity, bytes, Digest.Of(bytes));
                payload.Id(envelopes[j].Digest);
            }

            byte[] signed = SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), identity.ObjectSigner);
            return new ShareRepairContributionResult(FromBytes(signed).Verify(repair), envelopes);
        }
        finally
        {
            foreach (SecretBytes? secret in secrets)
            {
                secret?.Dispose();
            }
        }
    }

    /// <summary>Reads a contribution: canonical form, shape and limits.</summary>
    /// <param name="bytes">At most 1 MiB.</param>
    /// <returns>The contribution, still to be verified.</returns>
    /// <exception cref="PhrDataException">The bytes are not a contribution.</exception>
    public static ShareRepairContribution FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a contribution, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="contribution">The contribution, or null.</param>
    /// <returns>Whether the bytes were a contribution.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShareRepairContribution? contribution)
    {
        try
        {
            contribution = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            contribution = null;
            return false;
        }
    }

    /// <summary>Checks what is public: the helper's signature, and that its summands add up to its weighted share of every document.</summary>
    /// <param name="repair">The repair.</param>
    /// <returns>The verified contribution.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="repair"/> is null.</exception>
    /// <exception cref="PhrDataException">A check fails; the detail names the helper.</exception>
    /// <remarks>Cost: one multiplication per document. Public data; variable time.</remarks>
    public VerifiedShareRepairContribution Verify(ShareRepair repair)
    {
        ArgumentNullException.ThrowIfNull(repair);
        int place = repair.PlaceOf(Helper);
        if (RequestDigest != repair.Request.Digest || place < 0)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it answers another request, or nobody asked this trustee.");
        }

        if (!_parts.Verify(repair.Helper(Helper).ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, $"it is not signed by helper {Helper}.");
        }

        Dealing deal = repair.Dealing.Dealing;
        if (_summands.Length != deal.Documents.Count || EnvelopeDigests.Count != repair.Request.Helpers.Count)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"helper {Helper} has not one summand per document and helper.");
        }

        Scalar weight = repair.Weights()[place];
        for (int d = 0; d < _summands.Length; d++)
        {
            Point sum = Point.Identity;
            foreach (PublicKey summand in _summands[d])
            {
                sum += summand.Point;
            }

            if (sum != deal.Documents[d].Commitments.MemberKey(repair.Group, Helper).Point * weight)
            {
                throw new PhrDataException(Stage, PhrDataReason.CommitmentMismatch, $"the summands of helper {Helper} for document {deal.Documents[d].Id} do not add up to its weighted share.");
            }
        }

        return new VerifiedShareRepairContribution(this, repair);
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal static byte[] ShareContext(Digest coreDigest, int helper) =>
        new CanonicalCborWriter().Array(3).Text("phr/share-repair-summand/v1").Id(coreDigest).UInt64((ulong)helper).EndArray().ToBytes();

    internal PublicKey SummandKey(int document, int place) => _summands[document][place];
}
