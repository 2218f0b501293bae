using System.Diagnostics;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto;

/// <summary>A key fragment that its delegator just made or that passed <see cref="KeyFrag.TryVerify"/>. It can be written but not read back: what was stored is verified again.</summary>
/// <remarks>Holds a secret, as <see cref="KeyFrag"/> does. Thread safe until disposed.</remarks>
[DebuggerDisplay("VerifiedKeyFrag")]
public sealed class VerifiedKeyFrag : IDisposable
{
    private readonly KeyFrag _keyFrag;

    /// <summary>Takes the fragment over. The caller vouches for the checks.</summary>
    internal VerifiedKeyFrag(KeyFrag keyFrag) => _keyFrag = keyFrag;

    /// <summary>Names the fragment among those of one delegation: 32 bytes.</summary>
    public ReadOnlySpan<byte> Id => _keyFrag.Id;

    /// <summary>X, fresh for each delegation: fragments with different precursors do not combine.</summary>
    public PublicKey Precursor => _keyFrag.Precursor;

    /// <summary>U1, the commitment to this fragment's secret, by which its re-encryptions are checked.</summary>
    public PublicKey Commitment => _keyFrag.Commitment;

    internal Scalar Key => _keyFrag.Key;

    internal Signature ForReceiver => _keyFrag.ForReceiver;

    /// <summary>Writes the fragment, the secret included, to be sealed to its proxy. The caller wipes the copy.</summary>
    /// <returns>A new array of 310 bytes.</returns>
    /// <exception cref="ObjectDisposedException">The fragment was disposed.</exception>
    public byte[] ToBytes() => _keyFrag.ToBytes();

    /// <summary>Writes the fragment, the secret included. The caller wipes the copy.</summary>
    /// <param name="destination">At least 310 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="ObjectDisposedException">The fragment was disposed.</exception>
    public void ExportTo(Span<byte> destination) => _keyFrag.ExportTo(destination);

    /// <summary>Wipes the secret.</summary>
    public void Dispose() => _keyFrag.Dispose();

    /// <summary>The type's name; never the secret.</summary>
    /// <returns><c>VerifiedKeyFrag</c>.</returns>
    public override string ToString() => nameof(VerifiedKeyFrag);
}
