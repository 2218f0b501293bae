using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A doctor's signed statement that a fresh receiving key belongs to one request, with proof that the doctor holds it.</summary>
/// <remarks>
/// Form: <c>[tag, payload, signature]</c> with the tag <c>phr/receiving-key/v1</c>; payload is the array of ledger id, doctor, request id, receiving
/// key and possession signature. Signed by the doctor's object key. The possession signature is the receiving key's own, over
/// SHA-256 of <c>phr/possession/v1</c>, a zero byte and the request id; a ledger asks for the same. Parsing verifies possession;
/// <see cref="Verify"/> the rest. Immutable and thread safe.
/// </remarks>
public sealed class ReceivingKeyProof
{
    /// <summary>The most bytes that a proof has: 512.</summary>
    public const int MaxLength = 512;

    private const string Tag = "phr/receiving-key/v1";
    private const string PossessionTag = "phr/possession/v1";
    private const string Stage = "receiving key proof";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private ReceivingKeyProof(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(5);
        Ledger = reader.LedgerId();
        Doctor = reader.ActorId();
        Request = reader.RequestId();
        ReceivingKey = reader.PublicKey();
        Possession = reader.Signature();
        reader.EndArray();
        reader.End();
        if (!VerifyPossession(ReceivingKey, Request, Possession))
        {
            throw reader.Fault(PhrDataReason.InvalidProof, "the proof of possession does not verify under the receiving key.");
        }
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The doctor.</summary>
    public ActorId Doctor { get; }

    /// <summary>The request, to which the key belongs and to no other.</summary>
    public RequestId Request { get; }

    /// <summary>The receiving key.</summary>
    public PublicKey ReceivingKey { get; }

    /// <summary>The receiving key's signature over the request, already verified.</summary>
    public Signature Possession { get; }

    /// <summary>Makes and signs a proof.</summary>
    /// <param name="doctor">The doctor's keys. Its object key signs.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="request">The request.</param>
    /// <param name="receivingKey">A key drawn for this request alone.</param>
    /// <returns>The proof.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static ReceivingKeyProof Create(IdentityKeys doctor, LedgerId ledger, RequestId request, SecretKey receivingKey)
    {
        ArgumentNullException.ThrowIfNull(doctor);
        Signature possession = SignPossession(receivingKey, request);
        byte[] payload = new CanonicalCborWriter().Array(5)
            .Id(ledger).Id(doctor.Id).Id(request).Key(receivingKey.PublicKey).Bytes(possession.Span).EndArray().ToBytes();
        return new ReceivingKeyProof(SignedObject.Sign(Tag, payload, doctor.ObjectSigner));
    }

    /// <summary>Proves possession of a receiving key, bound to a request.</summary>
    /// <param name="receivingKey">The receiving key.</param>
    /// <param name="request">The request.</param>
    /// <returns>A deterministic signature.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="receivingKey"/> is null.</exception>
    public static Signature SignPossession(SecretKey receivingKey, RequestId request)
    {
        ArgumentNullException.ThrowIfNull(receivingKey);
        return receivingKey.SignDigest(PossessionDigest(request)).Signature;
    }

    /// <summary>Verifies a proof of possession.</summary>
    /// <param name="receivingKey">The receiving key.</param>
    /// <param name="request">The request.</param>
    /// <param name="possession">The signature from <see cref="SignPossession"/>.</param>
    /// <returns>Whether whoever made the request holds the key.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static bool VerifyPossession(PublicKey receivingKey, RequestId request, Signature possession)
    {
        ArgumentNullException.ThrowIfNull(receivingKey);
        return receivingKey.VerifyDigest(PossessionDigest(request), possession);
    }

    /// <summary>Reads a proof and verifies possession. The doctor's signature is not verified yet.</summary>
    /// <param name="bytes">The exact bytes, at most 512.</param>
    /// <returns>The proof.</returns>
    /// <exception cref="PhrDataException">The bytes are not a proof, or possession is not proved.</exception>
    public static ReceivingKeyProof FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads a proof and verifies possession, without an exception. The doctor's signature is not verified yet.</summary>
    /// <param name="bytes">The exact bytes, at most 512.</param>
    /// <param name="proof">The proof, or null.</param>
    /// <returns>Whether the bytes were a proof that proves possession.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ReceivingKeyProof? proof)
    {
        try
        {
            proof = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            proof = null;
            return false;
        }
    }

    /// <summary>Verifies that the doctor made this proof for this request.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="doctor">The doctor's public keys, from its verified key record.</param>
    /// <param name="request">The request.</param>
    /// <exception cref="ArgumentNullException"><paramref name="doctor"/> is null.</exception>
    /// <exception cref="PhrDataException">The proof is for something else (<see cref="PhrDataReason.Mismatched"/>), or its signature is bad.</exception>
    public void Verify(LedgerId ledger, IdentityPublicKeys doctor, RequestId request)
    {
        ArgumentNullException.ThrowIfNull(doctor);
        if (!IsFor(ledger, doctor.Id, request))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is a proof of another doctor, or for another ledger or request.");
        }

        if (!_parts.Verify(doctor.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "the signature does not verify under the doctor's object key.");
        }
    }

    /// <summary>Verifies that the doctor made this proof for this request, without an exception.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="doctor">The doctor's public keys, from its verified key record.</param>
    /// <param name="request">The request.</param>
    /// <returns>Whether the doctor did.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="doctor"/> is null.</exception>
    public bool TryVerify(LedgerId ledger, IdentityPublicKeys doctor, RequestId request)
    {
        ArgumentNullException.ThrowIfNull(doctor);
        return IsFor(ledger, doctor.Id, request) && _parts.Verify(doctor.ObjectKey);
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    private static byte[] PossessionDigest(RequestId request) => SHA256.HashData(SignedObject.Message(PossessionTag, request.ToBytes()));

    private bool IsFor(LedgerId ledger, ActorId doctor, RequestId request) => Ledger == ledger && Doctor == doctor && Request == request;
}
