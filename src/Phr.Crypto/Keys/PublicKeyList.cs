using Phr.Shared;

namespace Phr.Crypto.Keys;

/// <summary>Reads keys that follow one another together: the square roots are most of the work, and four at a time are faster than one by one.</summary>
internal static class PublicKeyList
{
    public static PublicKey[] PublicKeys(this CanonicalCborReader reader, int count)
    {
        var encoded = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            encoded[i] = reader.BytesExactly(PublicKey.Length);
        }

        return PublicKey.TryFromBytesMany(encoded) ?? throw reader.Fault(PhrDataReason.InvalidPoint, "a public key is not a point of the curve.");
    }
}
