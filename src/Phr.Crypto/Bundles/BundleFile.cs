using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Phr.Crypto.Bundles;

/// <summary>
/// The single-file packaging: magic, the documents' ciphertexts, the header, the trailer (docs/bundle-format.md §9). Ciphertexts stand in
/// the header's order without a gap, so a bundle has one file and no byte of it is unaccounted for.
/// </summary>
internal static class BundleFile
{
    public const string Stage = "bundle file";

    /// <summary>Header offset (8), header length (4), header digest (32), end magic (8).</summary>
    public const int TrailerLength = 8 + 4 + Digest.Length + 8;

    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'P', (byte)'H', (byte)'R', (byte)'B', 0x0D, 0x0A, 0x01];

    public static ReadOnlySpan<byte> EndMagic => [0x01, 0x0A, 0x0D, (byte)'B', (byte)'R', (byte)'H', (byte)'P', 0x89];

    public static byte[] Trailer(long headerOffset, int headerLength, Digest headerDigest)
    {
        byte[] trailer = new byte[TrailerLength];
        BinaryPrimitives.WriteInt64BigEndian(trailer, headerOffset);
        BinaryPrimitives.WriteInt32BigEndian(trailer.AsSpan(8), headerLength);
        headerDigest.CopyTo(trailer.AsSpan(12));
        EndMagic.CopyTo(trailer.AsSpan(12 + Digest.Length));
        return trailer;
    }

    /// <summary>Reads magic, trailer and header of a seekable stream, and checks that the parts fill it exactly.</summary>
    public static async Task<BundleHeader> ReadHeaderAsync(Stream input, CancellationToken cancellationToken)
    {
        long length = input.Length;
        if (length < Magic.Length + TrailerLength)
        {
            throw Fault(PhrDataReason.Truncated, "it is too short to be a bundle.");
        }

        byte[] magic = await ReadAsync(input, 0, Magic.Length, cancellationToken).ConfigureAwait(false);
        if (!Magic.SequenceEqual(magic))
        {
            throw Fault(PhrDataReason.UnknownVersion, "it does not begin as a bundle of version 1 does.");
        }

        byte[] trailer = await ReadAsync(input, length - TrailerLength, TrailerLength, cancellationToken).ConfigureAwait(false);
        if (!EndMagic.SequenceEqual(trailer.AsSpan(TrailerLength - EndMagic.Length)))
        {
            throw Fault(PhrDataReason.Truncated, "it does not end as a bundle does: it was cut, or never completed.");
        }

        ulong headerOffset = BinaryPrimitives.ReadUInt64BigEndian(trailer);
        uint headerLength = BinaryPrimitives.ReadUInt32BigEndian(trailer.AsSpan(8));
        if (headerLength > BundleHeader.MaxLength)
        {
            throw Fault(PhrDataReason.TooLarge, $"its header is longer than {BundleHeader.MaxLength} bytes.");
        }

        // Unsigned, and the length is small: this cannot wrap into a match.
        if (headerOffset < (ulong)Magic.Length || headerOffset > (ulong)length || headerOffset + headerLength + TrailerLength != (ulong)length)
        {
            throw Fault(PhrDataReason.OutOfRange, "its trailer does not point to a header that ends at the trailer.");
        }

        byte[] bytes = await ReadAsync(input, (long)headerOffset, (int)headerLength, cancellationToken).ConfigureAwait(false);
        if (!Digest.Of(bytes).ToBytes().AsSpan().SequenceEqual(trailer.AsSpan(12, Digest.Length)))
        {
            throw Fault(PhrDataReason.DigestMismatch, "its header does not have the digest in the trailer.");
        }

        var header = BundleHeader.FromBytes(bytes);
        long objects = Magic.Length;
        foreach (BundleDocument document in header.Documents)
        {
            objects += document.CiphertextLength;
        }

        return objects == (long)headerOffset
            ? header
            : throw Fault(PhrDataReason.Mismatched, "the documents' lengths do not fill the file up to the header.");
    }

    private static async Task<byte[]> ReadAsync(Stream input, long offset, int length, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[length];
        input.Position = offset;
        return await input.ReadAtLeastAsync(bytes, length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) == length
            ? bytes
            : throw Fault(PhrDataReason.Truncated, "it ends before its header does.");
    }

    public static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);
}
