using System.Buffers.Binary;

namespace Phr.Crypto;

/// <summary>The leaves of the two trees that a dispute looks into.</summary>
internal static class EvidenceLeaf
{
    /// <summary>Capsule, the share's public key, the address of the trustee's signer key.</summary>
    public const int TermsLength = CapsuleLength + PublicKey.Length + ActorId.Length;

    /// <summary>E, V and s.</summary>
    public const int CapsuleLength = Capsule.Length;

    /// <summary>What a fragment delivered for one place is checked against: capsule || A_i || signer address.</summary>
    public static byte[] Terms(Capsule capsule, PublicKey memberKey, PublicKey signerKey) =>
        [.. capsule.ToSimpleBytes(), .. memberKey.ToBytes(), .. ActorId.FromPublicKey(signerKey).ToBytes()];

    /// <summary>keccak256(0x00 || capsule || A_i || signer address).</summary>
    public static byte[] OfTerms(ReadOnlySpan<byte> terms) => Keccak256.HashData([0, .. terms]);

    /// <summary>keccak256(0x02 || be16(place) || fragment).</summary>
    public static byte[] OfFragment(int place, ReadOnlySpan<byte> fragment)
    {
        var bytes = new byte[3 + fragment.Length];
        bytes[0] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(1), checked((ushort)place));
        fragment.CopyTo(bytes.AsSpan(3));
        return Keccak256.HashData(bytes);
    }
}
