using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Phr.Crypto.Envelopes;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>Seals small secrets (shares to trustees, key fragments to oracles, deliveries to doctors) to one recipient's key.</summary>
/// <remarks>
/// <para>
/// Form: capsule (98 bytes, simple form), key commitment (32), ciphertext of the padded plaintext, tag (16). The capsule is an Umbral
/// encapsulation to the recipient; HKDF-SHA-256 turns its shared point into an AES-256-GCM key and the commitment, bound to capsule, recipient,
/// sender and context. <c>docs/envelope-format.md</c> has every byte.
/// </para>
/// <para>
/// An envelope hides and binds; it does not prove who sealed it, because anyone can seal for any sender. Process one only if its digest
/// (<see cref="Digest.Of"/>) stands in an object that the sender signed.
/// </para>
/// <para>Cost: three multiplications to seal; one, and the capsule's self-check, to open. Every member is thread safe.</para>
/// </remarks>
public static class Envelope
{
    /// <summary>The most bytes that an envelope has: 16 MiB.</summary>
    public const int MaxLength = 16 << 20;

    /// <summary>The fewest bytes that an envelope has: 147, for an empty plaintext.</summary>
    public const int MinLength = BodyOffset + 1 + TagLength;

    /// <summary>The most bytes that a plaintext has: 16,515,071 (15.75 MiB less one byte).</summary>
    public const int MaxPlaintextLength = (63 << 18) - 1;

    private const int CommitmentLength = 32;
    private const int TagLength = 16;
    private const int KeyLength = 32;
    private const int BodyOffset = Capsule.Length + CommitmentLength;
    private const string Stage = "envelope";

    /// <summary>Where opening stopped.</summary>
    internal enum Fault
    {
        None = 0,
        Length,
        Capsule,
        Commitment,
        Tag,
        Padding,
    }

    /// <summary>Seals a plaintext.</summary>
    /// <param name="recipient">The recipient's envelope key or receiving key.</param>
    /// <param name="senderId">The sender.</param>
    /// <param name="senderKey">The sender's object key, under which the object that names this envelope is signed.</param>
    /// <param name="context">What the envelope is for, in a form that both sides work out; not secret and not sent along.</param>
    /// <param name="plaintext">At most <see cref="MaxPlaintextLength"/> bytes; may be empty. It is padded to a Padmé length first.</param>
    /// <returns>The envelope.</returns>
    /// <exception cref="ArgumentNullException">A key is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="plaintext"/> is too long.</exception>
    public static byte[] Seal(PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext) =>
        Seal(recipient, senderId, senderKey, context, plaintext, RandomSource.System);

    /// <summary>Opens an envelope.</summary>
    /// <param name="recipientKey">The recipient's secret key.</param>
    /// <param name="senderId">The sender that the envelope must be from.</param>
    /// <param name="senderKey">The sender's object key.</param>
    /// <param name="context">What the envelope must be for.</param>
    /// <param name="envelope">The envelope's exact bytes.</param>
    /// <returns>The content. The caller disposes it.</returns>
    /// <exception cref="ArgumentNullException">A key is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="recipientKey"/> was disposed.</exception>
    /// <exception cref="PhrDataException">
    /// The length is impossible or the capsule malformed, or the envelope is not for this recipient, sender and context or was altered
    /// (<see cref="PhrDataReason.AuthenticationFailed"/>, with no cause told apart).
    /// </exception>
    public static EnvelopeContent Open(SecretKey recipientKey, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope) =>
        Open((IReceiver)recipientKey, senderId, senderKey, context, envelope);

    /// <summary>Opens an envelope, without an exception.</summary>
    /// <param name="recipientKey">The recipient's secret key.</param>
    /// <param name="senderId">The sender that the envelope must be from.</param>
    /// <param name="senderKey">The sender's object key.</param>
    /// <param name="context">What the envelope must be for.</param>
    /// <param name="envelope">The envelope's exact bytes.</param>
    /// <param name="content">The content, or null. The caller disposes it.</param>
    /// <returns>Whether the envelope opened.</returns>
    /// <exception cref="ArgumentNullException">A key is null.</exception>
    /// <exception cref="ObjectDisposedException"><paramref name="recipientKey"/> was disposed.</exception>
    public static bool TryOpen(
        SecretKey recipientKey,
        ActorId senderId,
        PublicKey senderKey,
        ReadOnlySpan<byte> context,
        ReadOnlySpan<byte> envelope,
        [NotNullWhen(true)] out EnvelopeContent? content) =>
        Open(recipientKey, senderId, senderKey, context, envelope, out content) == Fault.None;

    internal static EnvelopeContent Open(IReceiver recipientKey, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope) =>
        Open(recipientKey, senderId, senderKey, context, envelope, out EnvelopeContent? content) switch
        {
            Fault.None => content!,
            Fault.Length => throw new PhrDataException(Stage, PhrDataReason.WrongLength, $"{envelope.Length} bytes are not {MinLength} to {MaxLength}."),
            Fault.Capsule => throw new PhrDataException(Stage, PhrDataReason.InvalidProof, "the capsule is malformed or fails its self-check."),
            _ => throw new PhrDataException(Stage, PhrDataReason.AuthenticationFailed, "it does not open: another recipient, sender or context, or it was altered."),
        };

    internal static byte[] Seal(
        PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(senderKey);
        if (plaintext.Length > MaxPlaintextLength)
        {
            throw new ArgumentException($"An envelope holds at most {MaxPlaintextLength} bytes.", nameof(plaintext));
        }

        using var padded = new SecretBytes(Padme.PaddedPlaintextLength(plaintext.Length));
        Padme.Pad(plaintext, padded.Reveal());
        return SealPadded(recipient, senderId, senderKey, context, padded.Reveal(), random);
    }

    /// <summary>Seals bytes that are padded already, or, in a test, padded wrongly.</summary>
    internal static byte[] SealPadded(
        PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> padded, RandomSource random)
    {
        (Capsule capsule, SecretBytes shared) = Umbral.EncapsulateShared(recipient, random);
        return SealPadded(capsule, shared, recipient, senderId, senderKey, context, padded);
    }

    /// <summary>
    /// Seals, and proves knowledge of the capsule's secret: nobody can pass another sender's capsule for its own, so that opening the
    /// envelope before others shows nothing that its sender did not know.
    /// </summary>
    internal static (byte[] Envelope, DleqProof Sealing) SealProven(
        PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> proofContext, RandomSource random)
    {
        Scalar r = Scalar.Random(random), w;
        do
        {
            w = Scalar.Random(random);
        }
        while ((r + w).IsZero);

        using var padded = new SecretBytes(Padme.PaddedPlaintextLength(plaintext.Length));
        Padme.Pad(plaintext, padded.Reveal());
        var shared = new SecretBytes(Point.Length);
        (recipient.Point * (r + w)).WriteBytes(shared.Reveal());
        byte[] envelope = SealPadded(Capsule.Create(r, w), shared, recipient, senderId, senderKey, context, padded.Reveal());
        return (envelope, DleqProof.Create(r + w, Point.Generator, Point.Generator, proofContext, random));
    }

    /// <summary>Whether the envelope has a capsule, and the proof shows that its sealer knew the capsule's secret in this context.</summary>
    internal static bool IsSealingProven(ReadOnlySpan<byte> envelope, DleqProof sealing, ReadOnlySpan<byte> proofContext) =>
        TryReadCapsule(envelope, out Capsule? capsule)
        && sealing.Verify(Point.Generator, Point.Generator, capsule.E + capsule.V, capsule.E + capsule.V, proofContext);

    internal static bool TryReadCapsule(ReadOnlySpan<byte> envelope, [NotNullWhen(true)] out Capsule? capsule)
    {
        capsule = null;
        return envelope.Length is >= MinLength and <= MaxLength && Capsule.TryFromSimpleBytes(envelope[..Capsule.Length], out capsule);
    }

    private static byte[] SealPadded(
        Capsule capsule, SecretBytes shared, PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> padded)
    {
        using (shared)
        {
            using SecretBytes keys = DeriveKeys(shared, capsule, recipient, senderId, senderKey, context);
            var envelope = new byte[BodyOffset + padded.Length + TagLength];
            capsule.CopySimpleTo(envelope);
            keys.Reveal()[KeyLength..].CopyTo(envelope.AsSpan(Capsule.Length));
            using var aes = new AesGcm(keys.Reveal()[..KeyLength], TagLength);
            aes.Encrypt(ZeroNonce, padded, envelope.AsSpan(BodyOffset, padded.Length), envelope.AsSpan(BodyOffset + padded.Length), context);
            return envelope;
        }
    }

    /// <summary>Opens and says where it stopped: length, capsule's self-check, commitment, tag, padding, in that order.</summary>
    internal static Fault Open(
        IReceiver recipientKey, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope, out EnvelopeContent? content)
    {
        ArgumentNullException.ThrowIfNull(recipientKey);
        ArgumentNullException.ThrowIfNull(senderKey);
        content = null;
        if (envelope.Length is < MinLength or > MaxLength)
        {
            return Fault.Length;
        }

        if (!Capsule.TryFromSimpleBytes(envelope[..Capsule.Length], out Capsule? capsule))
        {
            return Fault.Capsule;
        }

        using SecretBytes shared = Umbral.DecapsulateShared(recipientKey, capsule);
        return OpenShared(capsule, shared, recipientKey.PublicKey, senderId, senderKey, context, envelope, out content);
    }

    /// <summary>Opens with the shared point that the recipient has shown, and says where it stopped.</summary>
    internal static Fault OpenShown(
        Capsule capsule, PublicKey shared, PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope,
        out EnvelopeContent? content)
    {
        using var bytes = new SecretBytes(shared.ToBytes());
        return OpenShared(capsule, bytes, recipient, senderId, senderKey, context, envelope, out content);
    }

    private static Fault OpenShared(
        Capsule capsule, SecretBytes shared, PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context, ReadOnlySpan<byte> envelope,
        out EnvelopeContent? content)
    {
        content = null;
        using SecretBytes keys = DeriveKeys(shared, capsule, recipient, senderId, senderKey, context);
        if (!CryptographicOperations.FixedTimeEquals(keys.Reveal()[KeyLength..], envelope.Slice(Capsule.Length, CommitmentLength)))
        {
            return Fault.Commitment;
        }

        ReadOnlySpan<byte> body = envelope[BodyOffset..^TagLength];
        var padded = new SecretBytes(body.Length);
        using var aes = new AesGcm(keys.Reveal()[..KeyLength], TagLength);
        try
        {
            aes.Decrypt(ZeroNonce, body, envelope[^TagLength..], padded.Reveal(), context);
        }
        catch (AuthenticationTagMismatchException)
        {
            padded.Dispose();
            return Fault.Tag;
        }

        if (!Padme.TryUnpad(padded.Reveal(), out int length))
        {
            padded.Dispose();
            return Fault.Padding;
        }

        content = new EnvelopeContent(padded, length);
        return Fault.None;
    }

    // The key is used once, because every envelope has a fresh capsule; so the nonce may be zero.
    private static ReadOnlySpan<byte> ZeroNonce => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>K_enc (32 bytes) and K_com (32 bytes).</summary>
    private static SecretBytes DeriveKeys(
        SecretBytes shared, Capsule capsule, PublicKey recipient, ActorId senderId, PublicKey senderKey, ReadOnlySpan<byte> context)
    {
        Span<byte> head = stackalloc byte[Capsule.Length + PublicKey.Length + ActorId.Length + PublicKey.Length];
        capsule.CopySimpleTo(head);
        recipient.CopyTo(head[Capsule.Length..]);
        senderId.CopyTo(head[(Capsule.Length + PublicKey.Length)..]);
        senderKey.CopyTo(head[(Capsule.Length + PublicKey.Length + ActorId.Length)..]);
        Span<byte> info = stackalloc byte[SHA256.HashSizeInBytes];
        using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
        {
            hash.AppendData(head);
            hash.AppendData(context);
            hash.GetHashAndReset(info);
        }

        Span<byte> prk = stackalloc byte[SHA256.HashSizeInBytes];
        var keys = new SecretBytes(KeyLength + CommitmentLength);
        try
        {
            HKDF.Extract(HashAlgorithmName.SHA256, shared.Reveal(), "phr/envelope/v1"u8, prk);
            HKDF.Expand(HashAlgorithmName.SHA256, prk, keys.Reveal(), info);
            return keys;
        }
        catch
        {
            keys.Dispose();
            throw;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prk);
        }
    }
}
