namespace Phr.Crypto;

/// <summary>A capsule fragment that a proxy just made or that passed <see cref="CapsuleFrag.TryVerify"/>. It can be written but not read back: the receiver verifies what arrives.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedCapsuleFrag
{
    /// <summary>The caller vouches for the checks.</summary>
    internal VerifiedCapsuleFrag(CapsuleFrag unverified) => Frag = unverified;

    /// <summary>The id of the key fragment that made this one: 32 bytes.</summary>
    public ReadOnlySpan<byte> Id => Frag.Id;

    /// <summary>X, fresh for each delegation: fragments with different precursors do not combine.</summary>
    public PublicKey Precursor => Frag.Precursor;

    /// <summary>U1, the commitment to the secret of the key fragment that made this one.</summary>
    public PublicKey Commitment => Frag.Commitment;

    internal CapsuleFrag Frag { get; }

    /// <summary>Writes the fragment.</summary>
    /// <returns>A new array of 381 bytes.</returns>
    public byte[] ToBytes() => Frag.ToBytes();

    /// <summary>Writes the simple form, as <see cref="CapsuleFrag.ToSimpleBytes"/> does.</summary>
    /// <returns>A new array of 359 bytes.</returns>
    public byte[] ToSimpleBytes() => Frag.ToSimpleBytes();
}
