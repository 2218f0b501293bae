using System.Diagnostics.CodeAnalysis;
using System.Text;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>An authority's signed statement that a doctor is licensed. Trustees act on it because the patient's policy names the authority.</summary>
/// <remarks>
/// Form: <c>[tag, payload, signature]</c> with the tag <c>phr/licence/v1</c>; payload is the array of ledger id, authority, doctor, doctor's object key, licence number,
/// speciality, organisation, valid from and not after. Signed by the authority's object key. It holds personal data: it goes to the parties and
/// never onto a ledger. Parsing verifies nothing; use <see cref="Verify"/>. Immutable and thread safe.
/// </remarks>
public sealed class LicenceCredential
{
    /// <summary>The most bytes that a credential has: 1,024.</summary>
    public const int MaxLength = 1024;

    private const string Tag = "phr/licence/v1";
    private const string Stage = "licence credential";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private LicenceCredential(byte[] bytes, SignedObject.Parts parts, LedgerId ledger, ActorId authority, LicenceTerms terms)
    {
        _bytes = bytes;
        _parts = parts;
        Ledger = ledger;
        Authority = authority;
        Doctor = terms.Doctor;
        DoctorObjectKey = terms.DoctorObjectKey;
        LicenceNumber = terms.LicenceNumber;
        Speciality = terms.Speciality;
        Organisation = terms.Organisation;
        ValidFrom = terms.ValidFrom;
        NotAfter = terms.NotAfter;
        Digest = Digest.Of(bytes);
    }

    /// <summary>The ledger on which doctor and authority act.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The authority that licenses.</summary>
    public ActorId Authority { get; }

    /// <summary>The doctor.</summary>
    public ActorId Doctor { get; }

    /// <summary>The key with which the doctor signs requests.</summary>
    public PublicKey DoctorObjectKey { get; }

    /// <summary>The licence's number.</summary>
    public string LicenceNumber { get; }

    /// <summary>The speciality.</summary>
    public string Speciality { get; }

    /// <summary>The organisation for which the doctor works; zero when there is none.</summary>
    public ActorId Organisation { get; }

    /// <summary>When the licence begins; whole seconds.</summary>
    public DateTimeOffset ValidFrom { get; }

    /// <summary>When the licence ends (the first moment at which it no longer counts); whole seconds.</summary>
    public DateTimeOffset NotAfter { get; }

    /// <summary>SHA-256 of the exact bytes: what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Makes and signs a credential.</summary>
    /// <param name="authority">The authority's keys. Its object key signs.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="terms">What is certified.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">A text is empty, too long or has control characters, or the validity is empty or outside the years 1970..9999.</exception>
    public static LicenceCredential Create(IdentityKeys authority, LedgerId ledger, LicenceTerms terms)
    {
        ArgumentNullException.ThrowIfNull(authority);
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(terms.DoctorObjectKey, nameof(terms));
        DateTimeOffset validFrom = Timestamps.WholeSeconds(terms.ValidFrom, nameof(terms));
        DateTimeOffset notAfter = Timestamps.WholeSeconds(terms.NotAfter, nameof(terms));
        if (!IsText(terms.LicenceNumber) || !IsText(terms.Speciality))
        {
            throw new ArgumentException($"Licence number and speciality have 1 to {LicenceTerms.MaxTextLength} characters and no control characters.", nameof(terms));
        }

        if (notAfter <= validFrom)
        {
            throw new ArgumentException("The licence ends before it begins.", nameof(terms));
        }

        byte[] payload = new CanonicalCborWriter().Array(9)
            .Id(ledger).Id(authority.Id).Id(terms.Doctor).Key(terms.DoctorObjectKey).Text(terms.LicenceNumber).Text(terms.Speciality).Id(terms.Organisation)
            .Time(validFrom).Time(notAfter).EndArray().ToBytes();
        return FromBytes(SignedObject.Sign(Tag, payload, authority.ObjectSigner));
    }

    /// <summary>Reads a credential. Its signature is not verified yet.</summary>
    /// <param name="bytes">The exact bytes, at most 1,024.</param>
    /// <returns>The credential.</returns>
    /// <exception cref="PhrDataException">The bytes are not a credential.</exception>
    public static LicenceCredential FromBytes(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = InputLimits.Copy(Stage, bytes, MaxLength);
        SignedObject.Parts parts = SignedObject.Parse(Stage, Tag, copy, MaxLength);
        var reader = new CanonicalCborReader(Stage, parts.Payload, MaxLength);
        reader.BeginArray(9);
        LedgerId ledger = reader.LedgerId();
        ActorId authority = reader.ActorId();
        var terms = new LicenceTerms
        {
            Doctor = reader.ActorId(),
            DoctorObjectKey = reader.PublicKey(),
            LicenceNumber = reader.Text(LicenceTerms.MaxTextLength),
            Speciality = reader.Text(LicenceTerms.MaxTextLength),
            Organisation = reader.ActorId(),
            ValidFrom = reader.Time(),
            NotAfter = reader.Time(),
        };
        reader.EndArray();
        reader.End();
        if (!IsText(terms.LicenceNumber) || !IsText(terms.Speciality))
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "a text is empty or has control characters.");
        }

        return terms.NotAfter > terms.ValidFrom
            ? new LicenceCredential(copy, parts, ledger, authority, terms)
            : throw reader.Fault(PhrDataReason.OutOfRange, "the licence ends before it begins.");
    }

    /// <summary>Reads a credential, without an exception. Its signature is not verified yet.</summary>
    /// <param name="bytes">The exact bytes, at most 1,024.</param>
    /// <param name="credential">The credential, or null.</param>
    /// <returns>Whether the bytes were a credential.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out LicenceCredential? credential)
    {
        try
        {
            credential = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            credential = null;
            return false;
        }
    }

    /// <summary>Verifies that the authority made this credential on this ledger and that it holds now.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="authorityKey">The authority's object key, from the patient's policy or the authority's key record.</param>
    /// <param name="now">The present time.</param>
    /// <exception cref="ArgumentNullException"><paramref name="authorityKey"/> is null.</exception>
    /// <exception cref="PhrDataException">Another ledger (<see cref="PhrDataReason.Mismatched"/>), a bad signature, or not valid now.</exception>
    public void Verify(LedgerId ledger, PublicKey authorityKey, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(authorityKey);
        if (Ledger != ledger)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is a credential of another ledger.");
        }

        if (!_parts.Verify(authorityKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "the signature does not verify under the authority's key.");
        }

        if (now < ValidFrom || now >= NotAfter)
        {
            throw new PhrDataException(Stage, PhrDataReason.Expired, "the licence does not hold at this time.");
        }
    }

    /// <summary>Verifies that the authority made this credential on this ledger and that it holds now, without an exception.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="authorityKey">The authority's object key, from the patient's policy or the authority's key record.</param>
    /// <param name="now">The present time.</param>
    /// <returns>Whether it did, and does.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="authorityKey"/> is null.</exception>
    public bool TryVerify(LedgerId ledger, PublicKey authorityKey, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(authorityKey);
        return Ledger == ledger && now >= ValidFrom && now < NotAfter && _parts.Verify(authorityKey);
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    // Well-formed UTF-16 is asked for here because the writer could not encode anything else.
    private static bool IsText(string? text) =>
        text is { Length: > 0 and <= LicenceTerms.MaxTextLength } && !text.Any(char.IsControl) && IsWellFormed(text);

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(text, out _, out int consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            text = text[consumed..];
        }

        return true;
    }
}
