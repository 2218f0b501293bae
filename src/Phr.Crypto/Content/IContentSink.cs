namespace Phr.Crypto;

/// <summary>Takes content objects: a folder, an IPFS node, or the single-file packaging of a bundle.</summary>
public interface IContentSink
{
    /// <summary>Begins one object of any length.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A writer for the object's bytes, in order. Disposing it before completion leaves nothing behind.</returns>
    ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default);

    /// <summary>Stores one raw block, uncut, so that its content id is the SHA-256 digest of exactly these bytes: a bundle header, a dealing.</summary>
    /// <param name="block">0 to 1,048,576 bytes (1 MiB); they may be reused when the task ends.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The content id: version 1, raw codec, SHA-256 of <paramref name="block"/>. The block is durable under it.</returns>
    /// <remarks>An object from <see cref="CreateAsync"/> is cut into smaller chunks when it is long, and then its content id is that of a tree.</remarks>
    /// <exception cref="ArgumentException"><paramref name="block"/> is longer than 1 MiB.</exception>
    ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default);
}
