using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A hospital's or doctor's signature that a document about a patient came from it, unaltered.</summary>
/// <remarks>
/// <para>It covers the plaintext's digest, a time, the patient and the signer, and travels sealed beside the document's title, so that
/// nobody who cannot open the document learns where it came from. The signature is checked under the key that stands in it; that this
/// key is <see cref="SignerId"/>'s, a key record or a ledger says.</para>
/// <para>Wire form: docs/bundle-format.md §7.2. Immutable and thread safe.</para>
/// </remarks>
public sealed class SourceSignature : IEquatable<SourceSignature>
{
    /// <summary>The most bytes that the wire form has.</summary>
    public const int MaxLength = 512;

    private const string Stage = "source signature";
    private const string Tag = "phr/source/v1";

    private readonly byte[] _bytes;

    private SourceSignature(byte[] bytes, Digest plaintextDigest, DateTimeOffset time, ActorId patientId, ActorId signerId, PublicKey signerKey)
    {
        _bytes = bytes;
        PlaintextDigest = plaintextDigest;
        Time = time;
        PatientId = patientId;
        SignerId = signerId;
        SignerKey = signerKey;
    }

    /// <summary>SHA-256 of the document's plaintext.</summary>
    public Digest PlaintextDigest { get; }

    /// <summary>When the source signed, to the second.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The patient whom the document is about.</summary>
    public ActorId PatientId { get; }

    /// <summary>Who signed.</summary>
    public ActorId SignerId { get; }

    /// <summary>The object key under which the signature verifies.</summary>
    public PublicKey SignerKey { get; }

    /// <summary>Signs a document's digest.</summary>
    /// <param name="objectSigner">The signer's object key.</param>
    /// <param name="signerId">Who signs.</param>
    /// <param name="plaintextDigest">SHA-256 of the document's plaintext.</param>
    /// <param name="patientId">The patient whom the document is about.</param>
    /// <param name="time">When; kept to the second, from 1970 to 9999.</param>
    /// <returns>The signature, to be given to the patient.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="objectSigner"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="time"/> is before 1970.</exception>
    public static SourceSignature Create(Signer objectSigner, ActorId signerId, Digest plaintextDigest, ActorId patientId, DateTimeOffset time) =>
        Create(objectSigner, signerId, plaintextDigest, patientId, time, RandomSource.System);

    /// <summary>Reads a signature and verifies it under the key that stands in it.</summary>
    /// <param name="bytes">The bytes that <see cref="ToBytes"/> wrote, at most <see cref="MaxLength"/>.</param>
    /// <returns>The signature.</returns>
    /// <exception cref="PhrDataException">The bytes are not a source signature in its one encoding, or it does not verify (stage <c>source signature</c>).</exception>
    public static SourceSignature FromBytes(ReadOnlyMemory<byte> bytes)
    {
        SignedObject.Parts parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        return Read(bytes.ToArray(), parts.Payload, parts.Verify);
    }

    /// <summary>Reads and verifies a signature, without an exception.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="signature">The signature, or null.</param>
    /// <returns>Whether the bytes were a signature that verifies under the key that stands in it.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SourceSignature? signature)
    {
        try
        {
            signature = FromBytes(bytes);
        }
        catch (PhrDataException)
        {
            signature = null;
        }

        return signature is not null;
    }

    /// <summary>Writes the signature.</summary>
    /// <returns>Deterministic CBOR, at most <see cref="MaxLength"/> bytes.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    /// <inheritdoc/>
    public bool Equals(SourceSignature? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SourceSignature);

    /// <inheritdoc/>
    public override int GetHashCode() => Digest.Of(_bytes).GetHashCode();

    internal static SourceSignature Read(byte[] bytes, ReadOnlyMemory<byte> payload, Func<PublicKey, bool> isSignedBy)
    {
        var reader = new CanonicalCborReader(Stage, payload, MaxLength);
        reader.BeginArray(5);
        Digest digest = reader.Digest();
        DateTimeOffset time = reader.Time();
        ActorId patient = reader.ActorId(), signer = reader.ActorId();
        PublicKey key = reader.PublicKey();
        reader.EndArray();
        reader.End();
        return isSignedBy(key)
            ? new SourceSignature(bytes, digest, time, patient, signer, key)
            : throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "it does not verify under the key that stands in it.");
    }

    internal static SourceSignature Create(
        Signer objectSigner, ActorId signerId, Digest plaintextDigest, ActorId patientId, DateTimeOffset time, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(objectSigner);
        ArgumentOutOfRangeException.ThrowIfLessThan(time, DateTimeOffset.UnixEpoch);
        byte[] payload = new CanonicalCborWriter()
            .Array(5).Id(plaintextDigest).Time(time).Id(patientId).Id(signerId).Key(objectSigner.VerifyingKey).EndArray().ToBytes();
        byte[] bytes = SignedObject.Encode(Tag, payload, objectSigner.Sign(SignedObject.Message(Tag, payload), random));
        return new SourceSignature(
            bytes, plaintextDigest, DateTimeOffset.FromUnixTimeSeconds(time.ToUnixTimeSeconds()), patientId, signerId, objectSigner.VerifyingKey);
    }
}
