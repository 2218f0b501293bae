namespace Phr.Crypto;

/// <summary>Takes content objects: a folder, an IPFS node, or the single-file packaging of a bundle.</summary>
public interface IContentSink
{
    /// <summary>Begins one object.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A writer for the object's bytes, in order. Disposing it before completion leaves nothing behind.</returns>
    ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default);
}
