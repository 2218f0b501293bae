using Phr.Crypto;

namespace Phr.Storage;

/// <summary>Reads single-block objects, such as bundle headers and dealings, from any <see cref="IContentSource"/>.</summary>
/// <remarks>Thread safe where the source is.</remarks>
public static class ContentSourceExtensions
{
    /// <summary>The longest block, in bytes: 1 MiB.</summary>
    public const int MaxBlockLength = 1 << 20;

    /// <summary>Reads a raw block by its digest, which is what a ledger holds of it and what its content id is made of.</summary>
    /// <param name="source">Where the block is.</param>
    /// <param name="digest">SHA-256 of the block: <see cref="Cid.Digest"/> of its content id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The block's bytes, at most <see cref="MaxBlockLength"/>, whose digest is <paramref name="digest"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="source"/> is null.</exception>
    /// <exception cref="PhrDataException">There is no such block (<see cref="PhrDataReason.NotFound"/>), or what is there is not it (<see cref="PhrDataReason.DigestMismatch"/>, <see cref="PhrDataReason.TooLarge"/>).</exception>
    public static Task<byte[]> GetBlockAsync(this IContentSource source, Digest digest, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return ReadBlockAsync(source, Cid.ForRawBlock(digest), cancellationToken);
    }

    private static async Task<byte[]> ReadBlockAsync(IContentSource source, Cid cid, CancellationToken cancellationToken)
    {
        await using Stream stream = await source.OpenAsync(cid, cancellationToken: cancellationToken).ConfigureAwait(false);
        using var block = new MemoryStream();
        byte[] piece = new byte[16_384];
        for (int count; (count = await stream.ReadAsync(piece, cancellationToken).ConfigureAwait(false)) > 0;)
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
