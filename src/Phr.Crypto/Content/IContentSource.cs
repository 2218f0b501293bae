namespace Phr.Crypto;

/// <summary>Gives content objects back, every byte verified against the content id it was asked for.</summary>
public interface IContentSource
{
    /// <summary>Opens an object, or a range of it, for reading.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="offset">First byte wanted, from 0.</param>
    /// <param name="length">Number of bytes wanted, or null for all that follow.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A forward stream. Reading it throws <see cref="PhrDataException"/> with <see cref="PhrDataReason.DigestMismatch"/> when stored bytes are not those of the content id.</returns>
    /// <exception cref="PhrDataException">No such object (<see cref="PhrDataReason.NotFound"/>).</exception>
    /// <exception cref="ArgumentOutOfRangeException">The range starts or ends outside the object.</exception>
    ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default);
}
