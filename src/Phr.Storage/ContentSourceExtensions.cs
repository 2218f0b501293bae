using Phr.Crypto;

namespace Phr.Storage;

/// <summary>Reads single-block objects, such as bundle headers and dealings, from any <see cref="IContentSource"/>.</summary>
/// <remarks>Thread safe where the source is.</remarks>
public static class ContentSourceExtensions
{
    /// <summary>The longest block, in bytes: 1 MiB.</summary>
    public const int MaxBlockLength = 1 << 20;

    /// <summary>Reads the block that a ledger names by its digest.</summary>
    /// <param name="source">Where the block is.</param>
    /// <param name="digest">SHA-256 of the block.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The block's bytes, whose digest is <paramref name="digest"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="PhrDataException">There is no such block (<see cref="PhrDataReason.NotFound"/>), or what is there is not it (<see cref="PhrDataReason.DigestMismatch"/>, <see cref="PhrDataReason.TooLarge"/>).</exception>
    public static Task<byte[]> GetBlockAsync(this IContentSource source, Digest digest, CancellationToken cancellationToken = default) =>
        GetBlockAsync(source, Cid.ForRawBlock(digest), cancellationToken);

    /// <summary>Reads a raw block.</summary>
    /// <param name="source">Where the block is.</param>
    /// <param name="cid">The block's id: version 1, <see cref="ContentCodec.Raw"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The block's bytes, at most <see cref="MaxBlockLength"/>, whose digest is the one in <paramref name="cid"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="cid"/> is not the id of a raw block.</exception>
    /// <exception cref="PhrDataException">There is no such block (<see cref="PhrDataReason.NotFound"/>), or what is there is not it (<see cref="PhrDataReason.DigestMismatch"/>, <see cref="PhrDataReason.TooLarge"/>).</exception>
    public static Task<byte[]> GetBlockAsync(this IContentSource source, Cid cid, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return cid is { Version: 1, Codec: ContentCodec.Raw }
            ? ReadBlockAsync(source, cid, cancellationToken)
            : throw new ArgumentException("This is the id of a tree of blocks; open it as a stream.", nameof(cid));
    }

    private static async Task<byte[]> ReadBlockAsync(IContentSource source, Cid cid, CancellationToken cancellationToken)
    {
        await using Stream stream = await source.OpenAsync(cid, cancellationToken: cancellationToken);
        using var block = new MemoryStream();
        byte[] piece = new byte[16_384];
        for (int count; (count = await stream.ReadAsync(piece, cancellationToken)) > 0;)
        {
            if (block.Length + count > MaxBlockLength)
            {
                throw Error.BlockTooLarge(cid);
            }

            block.Write(piece, 0, count);
        }

        byte[] bytes = block.ToArray();
        return cid.Matches(bytes) ? bytes : throw Error.Damaged(cid, "its bytes have another digest");
    }
}
