using System.Diagnostics.CodeAnalysis;
using Phr.Crypto.Hashing;
using Phr.Shared;

namespace Phr.Crypto;

/// <summary>A trustee's signed offer of the envelope key to which its share of one bundle in one epoch is sealed.</summary>
/// <remarks>
/// Form: <c>[tag, payload, signature]</c> with the tag <c>phr/envelope-key/v1</c>; payload is the array of ledger id, trustee, bundle id, epoch and
/// envelope key. Signed by the trustee's object key. The trustee keeps the secret key in an <see cref="ISecretStore"/> and erases it with the
/// share when the next epoch is active. Parsing verifies nothing; use <see cref="Verify"/>. Immutable and thread safe.
/// </remarks>
public sealed class EnvelopeKeyOffer
{
    /// <summary>The most bytes that an offer has: 512.</summary>
    public const int MaxLength = 512;

    private const string Tag = "phr/envelope-key/v1";
    private const string Stage = "envelope key offer";

    private readonly byte[] _bytes;
    private readonly SignedObject.Parts _parts;

    private EnvelopeKeyOffer(byte[] bytes)
    {
        _bytes = bytes;
        _parts = SignedObject.Parse(Stage, Tag, bytes, MaxLength);
        var reader = new CanonicalCborReader(Stage, _parts.Payload, MaxLength);
        reader.BeginArray(5);
        Ledger = reader.LedgerId();
        Trustee = reader.ActorId();
        Bundle = reader.BundleId();
        Epoch = (uint)reader.UInt64(uint.MaxValue);
        EnvelopeKey = reader.PublicKey();
        reader.EndArray();
        reader.End();
        if (Epoch == 0)
        {
            throw reader.Fault(PhrDataReason.OutOfRange, "epochs are counted from 1.");
        }

        Digest = Digest.Of(bytes);
    }

    /// <summary>The ledger.</summary>
    public LedgerId Ledger { get; }

    /// <summary>The trustee.</summary>
    public ActorId Trustee { get; }

    /// <summary>The bundle whose share is awaited.</summary>
    public BundleId Bundle { get; }

    /// <summary>The epoch of the dealing, from 1.</summary>
    public uint Epoch { get; }

    /// <summary>The key to seal to.</summary>
    public PublicKey EnvelopeKey { get; }

    /// <summary>SHA-256 of the exact bytes: what the ledger records.</summary>
    public Digest Digest { get; }

    /// <summary>Makes and signs an offer.</summary>
    /// <param name="trustee">The trustee's keys. Its object key signs.</param>
    /// <param name="ledger">The ledger.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="envelopeKey">The public half of a fresh key.</param>
    /// <returns>The offer.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="epoch"/> is 0.</exception>
    public static EnvelopeKeyOffer Create(IdentityKeys trustee, LedgerId ledger, BundleId bundle, uint epoch, PublicKey envelopeKey)
    {
        ArgumentNullException.ThrowIfNull(trustee);
        ArgumentNullException.ThrowIfNull(envelopeKey);
        ArgumentOutOfRangeException.ThrowIfZero(epoch);
        byte[] payload = new CanonicalCborWriter().Array(5)
            .Id(ledger).Id(trustee.Id).Id(bundle).UInt64(epoch).Key(envelopeKey).EndArray().ToBytes();
        return new EnvelopeKeyOffer(SignedObject.Sign(Tag, payload, trustee.ObjectSigner));
    }

    /// <summary>Reads an offer. Its signature is not verified yet.</summary>
    /// <param name="bytes">The exact bytes, at most 512.</param>
    /// <returns>The offer.</returns>
    /// <exception cref="PhrDataException">The bytes are not an offer.</exception>
    public static EnvelopeKeyOffer FromBytes(ReadOnlySpan<byte> bytes) => new(InputLimits.Copy(Stage, bytes, MaxLength));

    /// <summary>Reads an offer, without an exception. Its signature is not verified yet.</summary>
    /// <param name="bytes">The exact bytes, at most 512.</param>
    /// <param name="offer">The offer, or null.</param>
    /// <returns>Whether the bytes were an offer.</returns>
    public static bool TryFromBytes(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out EnvelopeKeyOffer? offer)
    {
        try
        {
            offer = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            offer = null;
            return false;
        }
    }

    /// <summary>Verifies that the trustee offers this key for this use.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="trustee">The trustee's public keys, from its verified key record.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch.</param>
    /// <exception cref="ArgumentNullException"><paramref name="trustee"/> is null.</exception>
    /// <exception cref="PhrDataException">The offer is for something else (<see cref="PhrDataReason.Mismatched"/>), or its signature is bad.</exception>
    public void Verify(LedgerId ledger, IdentityPublicKeys trustee, BundleId bundle, uint epoch)
    {
        ArgumentNullException.ThrowIfNull(trustee);
        if (!IsFor(ledger, trustee.Id, bundle, epoch))
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "it is an offer of another trustee, or for another ledger, bundle or epoch.");
        }

        if (!_parts.Verify(trustee.ObjectKey))
        {
            throw new PhrDataException(Stage, PhrDataReason.InvalidSignature, "the signature does not verify under the trustee's object key.");
        }
    }

    /// <summary>Verifies that the trustee offers this key for this use, without an exception.</summary>
    /// <param name="ledger">The ledger that the caller uses.</param>
    /// <param name="trustee">The trustee's public keys, from its verified key record.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch.</param>
    /// <returns>Whether it does.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="trustee"/> is null.</exception>
    public bool TryVerify(LedgerId ledger, IdentityPublicKeys trustee, BundleId bundle, uint epoch)
    {
        ArgumentNullException.ThrowIfNull(trustee);
        return IsFor(ledger, trustee.Id, bundle, epoch) && _parts.Verify(trustee.ObjectKey);
    }

    /// <summary>Writes the exact bytes.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes() => (byte[])_bytes.Clone();

    internal bool IsSignedBy(PublicKey objectKey) => _parts.Verify(objectKey);

    private bool IsFor(LedgerId ledger, ActorId trustee, BundleId bundle, uint epoch) =>
        Ledger == ledger && Trustee == trustee && Bundle == bundle && Epoch == epoch;
}
