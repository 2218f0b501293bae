using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>One capsule fragment of a delivery: for which document and trustee, by its place, and the fragment's bytes as the oracle signed for them.</summary>
/// <remarks>Not verified, and perhaps not even a fragment: what is signed and malformed is an offence to be shown. Immutable and thread safe.</remarks>
public sealed class DeliveredFragment
{
    private readonly byte[] _bytes;

    // Read when it is asked for: the oracle that made it never asks, and its five square roots are half as dear as the re-encryption.
    private readonly Lazy<CapsuleFrag?> _capsuleFrag;

    internal DeliveredFragment(int place, byte[] bytes)
    {
        Place = place;
        _bytes = bytes;
        _capsuleFrag = new Lazy<CapsuleFrag?>(() => CapsuleFrag.TryFromSimpleBytes(bytes, out CapsuleFrag? frag) ? frag : null, LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>The place among all documents and trustees of the dealing, see <see cref="VerifiedDealing.FindPlace"/>.</summary>
    public int Place { get; }

    /// <summary>The fragment in its simple form, 359 bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>The fragment, not yet verified; null when the bytes are none.</summary>
    public CapsuleFrag? CapsuleFrag => _capsuleFrag.Value;
}
