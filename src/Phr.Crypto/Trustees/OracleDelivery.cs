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
    internal const int MaxPlace = (BundleHeader.MaxDocuments * (TrusteePolicy.MaxTrustees + 1)) - 1;
    private const string Tag = "phr/delivery/v2";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private OracleDelivery(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        Digest = Digest.Of(bytes);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(12);
        Ledger = reader.LedgerId();
        Request = reader.RequestId();
        CommitteeDigest = reader.Digest();
        int round = reader.Int32(byte.MaxValue);
        Oracle = reader.ActorId();
        Index = reader.Int32(TrusteePolicy.MaxCommittee);
        uint slashes = (uint)reader.UInt64(uint.MaxValue);
        int use = reader.Int32(byte.MaxValue);
        Digest evidenceRoot = reader.Digest();
        ReceivingKey = reader.PublicKey();
        StatementSignature = RecoverableSignature.TryFromBytes(reader.BytesExactly(RecoverableSignature.Length), out RecoverableSignature? signature)
            ? signature
            : throw reader.Fault(PhrDataReason.InvalidSignature, "its statement has no signature.");
        var fragments = new DeliveredFragment[reader.BeginList(MaxFragments)];
        for (int i = 0; i < fragments.Length; i++)
        {
            reader.BeginArray(2);
            fragments[i] = new DeliveredFragment(reader.Int32(MaxPlace), reader.BytesExactly(CapsuleFrag.SimpleLength));
            reader.EndArray();
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        if (fragments.Length == 0 || fragments.Zip(fragments.Skip(1)).Any(pair => pair.First.Place >= pair.Second.Place))
        {
            throw reader.Fault(PhrDataReason.Duplicate, "it has no fragment, or they do not stand in the order of their places.");
        }

        Fragments = fragments;
        Tree = TreeOf(fragments);
        Statement = new DeliveryStatement
        {
            Ledger = Ledger,
            Oracle = Oracle,
            Slashes = slashes,
            Request = Request,
            Round = round,
            Use = use,
            Index = Index,
            EvidenceRoot = evidenceRoot,
            ReceivingKeyHash = DeliveryStatement.HashReceivingKey(ReceivingKey),
            Root = Tree.Root,
        };
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

    /// <summary>The receiving key for which it was made.</summary>
    public PublicKey ReceivingKey { get; }

    /// <summary>What the oracle signed with its ledger key: with <see cref="StatementSignature"/> it is the evidence if the delivery is false.</summary>
    public DeliveryStatement Statement { get; }

    /// <summary>The signature of the oracle's ledger key over the statement.</summary>
    public RecoverableSignature StatementSignature { get; }

    internal KeccakTree Tree { get; }

    /// <summary>SHA-256 of the exact bytes; what the oracle records on the ledger.</summary>
    public Digest Digest { get; }

    /// <summary>Re-encrypts with the fragments of all approvals and signs the result.</summary>
    /// <param name="fragments">The opened fragments of each approving trustee, all for one seat of one request.</param>
    /// <param name="oracle">The oracle's keys: the object signer, which the seat names, and the ledger key.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is nothing to re-encrypt, the parts belong to different requests or seats, or the keys are not the seat's.</exception>
    /// <remarks>Two deliveries of one job differ, and two that are signed are an offence: keep the first and send it again.</remarks>
    public static OracleDelivery Create(IReadOnlyCollection<OpenedFragments> fragments, IdentityKeys oracle)
    {
        ArgumentNullException.ThrowIfNull(fragments);
        ArgumentNullException.ThrowIfNull(oracle);
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

        if (terms.Committee.Seats[first.Index - 1].ObjectKey != oracle.ObjectSigner.VerifyingKey)
        {
            throw new ArgumentException("The signer is not that of the oracle's seat.", nameof(oracle));
        }

        return Create(terms, first.Index, first.Approval.Dealing.EvidenceRoot, [.. fragments.SelectMany(f => f.Reencrypt()).OrderBy(f => f.Place)], oracle);
    }

    /// <summary>Signs whatever fragments there are, false ones too.</summary>
    internal static OracleDelivery Create(RequestTerms terms, int index, Digest evidenceRoot, IReadOnlyList<DeliveredFragment> delivered, IdentityKeys oracle)
    {
        CommitteeSeat seat = terms.Committee.Seats[index - 1];
        var statement = new DeliveryStatement
        {
            Ledger = terms.Ledger,
            Oracle = seat.Oracle,
            Slashes = seat.Slashes,
            Request = terms.Request,
            Round = terms.Committee.Round,
            Use = terms.Use,
            Index = index,
            EvidenceRoot = evidenceRoot,
            ReceivingKeyHash = DeliveryStatement.HashReceivingKey(terms.ReceivingKey),
            Root = DeliveryStatement.ComputeRoot(delivered),
        };
        var payload = new CanonicalCborWriter();
        payload.Array(12).Id(terms.Ledger).Id(terms.Request).Id(terms.Committee.Digest).UInt64((ulong)statement.Round).Id(seat.Oracle).UInt64((ulong)index)
            .UInt64(statement.Slashes).UInt64((ulong)statement.Use).Id(evidenceRoot).Key(terms.ReceivingKey).Bytes(statement.Sign(oracle.LedgerKey).ToBytes()).Array(delivered.Count);
        foreach (DeliveredFragment fragment in delivered)
        {
            payload.Array(2).UInt64((ulong)fragment.Place).Bytes(fragment.Bytes.Span).EndArray();
        }

        return new OracleDelivery(SignedObject.Sign(Tag, payload.EndArray().EndArray().ToBytes(), oracle.ObjectSigner));
    }

    internal static KeccakTree TreeOf(IEnumerable<DeliveredFragment> fragments) => new([.. fragments.Select(f => EvidenceLeaf.OfFragment(f.Place, f.Bytes.Span))]);

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
            || index < 1 || index > terms.Committee.Seats.Count || Oracle != terms.Committee.Seats[index - 1].Oracle
            || Statement.Round != terms.Committee.Round || Statement.Use > terms.Use || ReceivingKey != terms.ReceivingKey)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it was made for another request, committee, seat or use.");
        }

        CommitteeSeat seat = terms.Committee.Seats[index - 1];
        if (!_parts.Verify(seat.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it is not signed by the oracle of its seat.");
        }

        // What could not be shown to a contract is not taken either: a statement by another key, or one that is to count later.
        if (Statement.Slashes > seat.Slashes || Statement.RecoverSigner(StatementSignature) is not { } signer || !seat.LedgerAddresses.Contains(signer))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "its statement is not signed by the oracle's ledger key.");
        }
    }
}
