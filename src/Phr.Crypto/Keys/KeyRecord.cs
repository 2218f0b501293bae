using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>An actor's signed statement of its public keys and how long they hold. The ledger has its digest.</summary>
/// <remarks>
/// Form: <c>[tag, payload, signature]</c> with the tag <c>phr/key-record/v1</c>; payload is the array of ledger id, actor id, sequence, ledger
/// key, signer key, object key, envelope key, receiving key, valid from, valid until and endorsement (an empty array, or operator id, operator
/// object key, signature). Signed by the ledger key that the record names. A record that parsed has a good signature; whether that ledger key
/// is the actor's is what <see cref="Verify"/> asks. Immutable and thread safe.
/// </remarks>
public sealed class KeyRecord
{
    /// <summary>The most bytes that a record has: 1,024.</summary>
    public const int MaxLength = 1024;

    private const string Tag = "phr/key-record/v1";
    private const string Stage = "key record";

    private readonly byte[] _bytes;

    private KeyRecord(byte[] bytes, LedgerId ledger, IdentityPublicKeys keys, KeyRecordOptions terms)
    {
        _bytes = bytes;
        Ledger = ledger;
        Keys = keys;
        Sequence = terms.Sequence;
        ValidFrom = terms.ValidFrom;
        ValidUntil = terms.ValidUntil;
        Endorsement = terms.Endorsement;
        Digest = Digest.Of(bytes);
    }

    /// <summary>The ledger on which the actor acts.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The actor.</summary>
    public ActorId ActorId => Keys.Id;

    /// <summary>The public keys.</summary>
    public IdentityPublicKeys Keys { get; }

    /// <summary>The record's number among the actor's records.</summary>
    public uint Sequence { get; }

    /// <summary>When the record begins to count; whole seconds.</summary>
    public DateTimeOffset ValidFrom { get; }

    /// <summary>When the record ends (the first moment at which it no longer counts); whole seconds.</summary>
    public DateTimeOffset ValidUntil { get; }

    /// <summary>The operator's signature over an oracle's keys, already verified under the operator key that it names; or null.</summary>
    /// <remarks>Whether that operator key is one to trust is for the caller: the patient's policy names the accepted ones.</remarks>
    public OperatorEndorsement? Endorsement { get; }

    /// <summary>SHA-256 of the exact bytes: what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Makes and signs a record of an actor's keys.</summary>
    /// <param name="keys">The keys. Their ledger key signs.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="options">Validity, sequence and what else the record says.</param>
    /// <returns>The record.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">
    /// The validity is empty or outside the years 1970..9999; sequence is 0 though the ledger key is not the actor's first; two keys are the same; or
    /// the endorsement is for other keys.
    /// </exception>
    public static KeyRecord Create(IdentityKeys keys, LedgerId ledger, KeyRecordOptions options)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(options);
        IdentityPublicKeys published = options.EnvelopeKey is null ? keys.PublicKeys : keys.PublicKeys.WithEnvelopeKey(options.EnvelopeKey);
        var terms = new KeyRecordOptions
        {
            ValidFrom = Timestamps.WholeSeconds(options.ValidFrom, nameof(options)),
            ValidUntil = Timestamps.WholeSeconds(options.ValidUntil, nameof(options)),
            Sequence = options.Sequence,
            Endorsement = options.Endorsement,
        };
        if (Fault(ledger, published, terms) is { } fault)
        {
            throw new ArgumentException(fault.Detail, nameof(options));
        }

        CanonicalCborWriter writer = new CanonicalCborWriter().Array(11)
            .Id(ledger).Id(published.Id).UInt64(terms.Sequence)
            .Key(published.LedgerKey).Key(published.SignerKey).Key(published.ObjectKey).Key(published.EnvelopeKey).Key(published.ReceivingKey)
            .Time(terms.ValidFrom).Time(terms.ValidUntil);
        writer = terms.Endorsement is { } endorsement
            ? writer.Array(3).Id(endorsement.OperatorId).Key(endorsement.OperatorObjectKey).Bytes(endorsement.Signature.Span).EndArray()
            : writer.Array(0).EndArray();
        return new KeyRecord(SignedObject.Sign(Tag, writer.EndArray().ToBytes(), keys.LedgerKey), ledger, published, terms);
    }

    /// <summary>Reads a record and verifies its own signature, and the operator's when there is one.</summary>
    /// <param name="bytes">The exact bytes, at most 1,024.</param>
    /// <returns>The record.</returns>
    /// <exception cref="PhrDataException">The bytes are not a record, or a signature does not verify.</exception>
    public static KeyRecord FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = InputLimits.Copy(Stage, bytes, MaxLength);
        SignedObject.Parts parts = SignedObject.Parse(Stage, Tag, copy, MaxLength);
        var reader = new CanonicalCborReader(Stage, parts.Payload, MaxLength);
        reader.BeginArray(11);
        LedgerId ledger = reader.LedgerId();
        ActorId actor = reader.ActorId();
        uint sequence = (uint)reader.UInt64(uint.MaxValue);
        var keys = new IdentityPublicKeys(actor, reader.PublicKey(), reader.PublicKey(), reader.PublicKey(), reader.PublicKey(), reader.PublicKey());
        DateTimeOffset validFrom = reader.Time();
        DateTimeOffset validUntil = reader.Time();
        OperatorEndorsement? endorsement = null;
        int items = reader.BeginList(3);
        if (items == 3)
        {
            endorsement = new OperatorEndorsement(reader.ActorId(), reader.PublicKey(), reader.Signature());
        }
        else if (items != 0)
        {
            throw reader.Fault(PhrDataReason.Malformed, "an endorsement has neither no item nor three.");
        }

        reader.EndArray();
        reader.EndArray();
        reader.End();
        var terms = new KeyRecordOptions { ValidFrom = validFrom, ValidUntil = validUntil, Sequence = sequence, Endorsement = endorsement };
        if (!parts.Verify(keys.LedgerKey))
        {
            throw reader.Fault(PhrDataReason.InvalidSignature, "the signature does not verify under the record's ledger key.");
        }

        return Fault(ledger, keys, terms) is { } fault ? throw reader.Fault(fault.Reason, fault.Detail) : new KeyRecord(copy, ledger, keys, terms);
    }

    /// <summary>Reads a record, without an exception.</summary>
    /// <param name="bytes">The exact bytes, at most 1,024.</param>
    /// <param name="record">The record, or null.</param>
    /// <returns>Whether the bytes were a record with good signatures.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out KeyRecord? record)
    {
        try
        {
            record = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            record = null;
            return false;
        }
    }

    /// <summary>Verifies that this record is the actor's own and holds now.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="currentLedgerAddress">The address of the actor's present ledger key, as the ledger has it; the actor's id when it was never replaced.</param>
    /// <param name="now">The present time.</param>
    /// <exception cref="PhrDataException">
    /// The record is of another ledger or its ledger key is not the present one (<see cref="PhrDataReason.Mismatched"/>), or it does not hold now
    /// (<see cref="PhrDataReason.Expired"/>).
    /// </exception>
    public void Verify(LedgerId ledger, ActorId currentLedgerAddress, DateTimeOffset now)
    {
        if (Ledger != ledger)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is a record of another ledger.");
        }

        if (ActorId.FromPublicKey(Keys.LedgerKey) != currentLedgerAddress)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "its ledger key is not the one that the ledger has for the actor.");
        }

        if (now < ValidFrom || now >= ValidUntil)
        {
            throw new PhrDataException(Stage, PhrDataReason.Expired, "it does not hold at this time.");
        }
    }

    /// <summary>Verifies that this record is the actor's own and holds now, without an exception.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="currentLedgerAddress">The address of the actor's present ledger key, as the ledger has it.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Whether it is, and does.</returns>
    public bool TryVerify(LedgerId ledger, ActorId currentLedgerAddress, DateTimeOffset now) =>
        Ledger == ledger && ActorId.FromPublicKey(Keys.LedgerKey) == currentLedgerAddress && now >= ValidFrom && now < ValidUntil;

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    // What is wrong with the content, for Create and FromBytes alike.
    private static (PhrDataReason Reason, string Detail)? Fault(LedgerId ledger, IdentityPublicKeys keys, KeyRecordOptions terms)
    {
        if (terms.ValidUntil <= terms.ValidFrom)
        {
            return (PhrDataReason.OutOfRange, "its validity ends before it begins.");
        }

        if (!keys.AreDistinct)
        {
            return (PhrDataReason.Duplicate, "two of its keys are the same; each key serves one purpose.");
        }

        if (terms.Sequence == 0 && ActorId.FromPublicKey(keys.LedgerKey) != keys.Id)
        {
            return (PhrDataReason.Mismatched, "the actor id is not the address of the ledger key, and the sequence does not say that the key was replaced.");
        }

        return terms.Endorsement is { } endorsement && !endorsement.Verify(ledger, keys, terms.ValidUntil)
            ? (PhrDataReason.InvalidSignature, "the operator's endorsement does not verify for these keys and this validity.")
            : null;
    }
}
