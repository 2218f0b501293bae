using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>Everything that one oracle delivers for one grant: a capsule fragment with proof for every document and trustee, in one signed object.</summary>
/// <remarks>
/// Canonical CBOR [tag, payload, signature], sealed to the doctor's receiving key; only the digests are on the ledger. Only this
/// object is evidence in a dispute. Immutable and thread safe.
/// </remarks>
public sealed class OracleDelivery
{
    /// <summary>Longest encoding in bytes: 1,000,000, so that the sealed and padded form is still one block.</summary>
    public const int MaxLength = 1_000_000;

    /// <summary>Most fragments in one delivery: 2,474 pairs of document and approving trustee.</summary>
    public const int MaxFragments = 2474;

    internal const string Stage = "delivery";
    private const string Tag = "phr/delivery-statement/v1";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private OracleDelivery(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(6);
        Ledger = reader.LedgerId();
        Request = reader.RequestId();
        CommitteeDigest = reader.Digest();
        Oracle = reader.ActorId();
        Index = reader.Int32(TrusteePolicy.MaxCommittee);
        var fragments = new DeliveredFragment[reader.BeginList(MaxFragments)];
        for (int i = 0; i < fragments.Length; i++)
        {
            reader.BeginArray(4);
            fragments[i] = new DeliveredFragment(
                reader.DocumentId(),
                reader.Int32(TrusteePolicy.MaxGroups),
                reader.Int32(TrusteePolicy.MaxTrustees),
                CapsuleFrag.FromBytes(reader.BytesExactly(CapsuleFrag.Length)));
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        if (fragments.Length == 0 || fragments.DistinctBy(f => (f.Document, f.Group, f.Member)).Count() != fragments.Length)
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it has no fragment, or two for one document and trustee.");
        }

        Fragments = fragments;
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The request that was granted.</summary>
    public RequestId Request { get; }

    /// <summary>The committee in which the oracle serves.</summary>
    public Digest CommitteeDigest { get; }

    /// <summary>The oracle.</summary>
    public ActorId Oracle { get; }

    /// <summary>Its seat, from 1.</summary>
    public int Index { get; }

    /// <summary>The capsule fragments.</summary>
    public IReadOnlyList<DeliveredFragment> Fragments { get; }

    /// <summary>The oracle's signature in the object.</summary>
    public Signature Signature => _parts.Signature;

    /// <summary>SHA-256 of the exact bytes; what the oracle signs for on the ledger.</summary>
    public Digest Digest { get; }

    /// <summary>Re-encrypts with the fragments of all approvals and signs the result.</summary>
    /// <param name="fragments">The opened fragments of each approving trustee, all for one seat of one request.</param>
    /// <param name="objectSigner">The oracle's object signer; the seat names its verifying key.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is nothing to re-encrypt, the parts belong to different requests or seats, or the signer is not the seat's.</exception>
    /// <remarks>Two deliveries of one job differ, and two that are signed are an offence: keep the first and send it again.</remarks>
    public static OracleDelivery Create(IReadOnlyCollection<OpenedFragments> fragments, Signer objectSigner)
    {
        ArgumentNullException.ThrowIfNull(fragments);
        ArgumentNullException.ThrowIfNull(objectSigner);
        if (fragments.Count == 0)
        {
            throw new ArgumentException("There is nothing to re-encrypt.", nameof(fragments));
        }

        OpenedFragments first = fragments.First();
        RequestTerms terms = first.Approval.Terms;
        if (fragments.Any(f => f.Index != first.Index || f.Approval.Terms.Request != terms.Request || f.Approval.Terms.Committee.Digest != terms.Committee.Digest))
        {
            throw new ArgumentException("The fragments belong to different requests, committees or seats.", nameof(fragments));
        }

        CommitteeSeat seat = terms.Committee.Seats[first.Index - 1];
        if (seat.ObjectKey != objectSigner.VerifyingKey)
        {
            throw new ArgumentException("The signer is not that of the oracle's seat.", nameof(objectSigner));
        }

        DeliveredFragment[] delivered = [.. fragments.SelectMany(f => f.Reencrypt())];
        var payload = new CanonicalCborWriter();
        payload.Array(6).Id(terms.Ledger).Id(terms.Request).Id(terms.Committee.Digest).Id(seat.Oracle).UInt64((ulong)first.Index).Array(delivered.Length);
        foreach (DeliveredFragment fragment in delivered)
        {
            payload.Array(4).Id(fragment.Document).UInt64((ulong)fragment.Group).UInt64((ulong)fragment.Member).Bytes(fragment.CapsuleFrag.ToBytes()).EndArray();
        }

        return new OracleDelivery(SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), objectSigner));
    }

    /// <summary>Reads a delivery: canonical form, shape and limits. Whose it is and whether its proofs hold, <see cref="DocumentKeyCombiner"/> checks.</summary>
    /// <param name="bytes">At most 1,000,000 bytes.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="PhrDataException">The bytes are not a delivery.</exception>
    public static OracleDelivery FromBytes(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxLength
            ? new OracleDelivery(bytes.ToArray())
            : throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"it is longer than {MaxLength} bytes.");

    /// <summary>Reads a delivery, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="delivery">The delivery, or null.</param>
    /// <returns>Whether the bytes were a delivery.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out OracleDelivery? delivery)
    {
        try
        {
            delivery = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            delivery = null;
            return false;
        }
    }

    /// <summary>Opens a sealed delivery with the doctor's receiving key.</summary>
    /// <param name="terms">The request.</param>
    /// <param name="index">The seat from which it came, from 1.</param>
    /// <param name="receivingKey">The secret of the request's receiving key.</param>
    /// <param name="envelope">The sealed bytes.</param>
    /// <returns>The delivery, signed by the oracle of that seat.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such seat.</exception>
    /// <exception cref="PhrDataException">The envelope does not open, or what it holds is not signed by that oracle for this request.</exception>
    public static OracleDelivery Open(RequestTerms terms, int index, SecretKey receivingKey, ReadOnlySpan<byte> envelope) =>
        Open(terms, index, (IReceiver)receivingKey, envelope);

    /// <summary>Opens a sealed delivery whose receiver is a team.</summary>
    /// <param name="terms">The request.</param>
    /// <param name="index">The seat from which it came, from 1.</param>
    /// <param name="receiver">What the team's members worked out for this request; it must cover this envelope.</param>
    /// <param name="envelope">The sealed bytes.</param>
    /// <returns>The delivery, signed by the oracle of that seat.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such seat.</exception>
    /// <exception cref="PhrDataException">The envelope does not open, what it holds is not signed by that oracle for this request, or the members were not asked for this envelope (<see cref="PhrDataReason.NotFound"/>).</exception>
    public static OracleDelivery Open(RequestTerms terms, int index, TeamReceiver receiver, ReadOnlySpan<byte> envelope) =>
        Open(terms, index, (IReceiver)receiver, envelope);

    private static OracleDelivery Open(RequestTerms terms, int index, IReceiver receivingKey, ReadOnlySpan<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(receivingKey);
        ArgumentOutOfRangeException.ThrowIfLessThan(index, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(index, terms.Committee.Seats.Count);
        CommitteeSeat seat = terms.Committee.Seats[index - 1];
        using EnvelopeContent content = Envelope.Open(receivingKey, seat.Oracle, seat.ObjectKey, terms.DeliveryContext(index), envelope);
        OracleDelivery delivery = FromBytes(content.Bytes);
        delivery.RequireSeat(terms, index);
        return delivery;
    }

    /// <summary>Seals the delivery to the doctor's receiving key.</summary>
    /// <param name="terms">The request.</param>
    /// <returns>The sealed bytes.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="terms"/> is null.</exception>
    /// <exception cref="ArgumentException">The delivery belongs to another request.</exception>
    public byte[] Seal(RequestTerms terms)
    {
        ArgumentNullException.ThrowIfNull(terms);
        if (terms.Request != Request || terms.Committee.Digest != CommitteeDigest)
        {
            throw new ArgumentException("The delivery belongs to another request.", nameof(terms));
        }

        return Envelope.Seal(terms.ReceivingKey, Oracle, terms.Committee.Seats[Index - 1].ObjectKey, terms.DeliveryContext(Index), _bytes);
    }

    /// <summary>Writes the delivery.</summary>
    /// <returns>A new array with the exact bytes that <see cref="Digest"/> is of.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal void RequireSeat(RequestTerms terms, int index)
    {
        if (Ledger != terms.Ledger || Request != terms.Request || CommitteeDigest != terms.Committee.Digest || Index != index
            || index < 1 || index > terms.Committee.Seats.Count || Oracle != terms.Committee.Seats[index - 1].Oracle)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it was made for another request, committee or seat.");
        }

        if (!_parts.Verify(terms.Committee.Seats[index - 1].ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it is not signed by the oracle of its seat.");
        }
    }
}
