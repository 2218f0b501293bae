using Phr.Crypto;

namespace Phr.Storage;

/// <summary>
/// Keeps content objects under their content ids: bundle ciphertexts, headers, dealings. Bundles write to it and read from it through
/// <see cref="IContentSink"/> and <see cref="IContentSource"/>.
/// </summary>
/// <remarks>
/// <para><b>Ids.</b> Every store gives the same bytes the same id: that of <see cref="UnixFsHasher"/> with <see cref="UnixFsLayout.Default"/> for
/// an object that was streamed in, and the raw block's id for <see cref="IContentSink.PutBlockAsync"/>. Ids of version 1 alone are found.</para>
/// <para><b>Trust.</b> Nothing read is handed out before it was checked against the id, so a damaged disk or a lying node is a
/// <see cref="PhrDataException"/> with <see cref="PhrDataReason.DigestMismatch"/>, and the same holds for lengths. Opening can throw it already.</para>
/// <para><b>Keeping.</b> An object is pinned from the moment that it is complete. <see cref="CollectAsync"/> removes what is not pinned and
/// nothing else, so an object goes only after somebody unpinned it. A pin is a mark, not a count: an object that was put twice is let go by one unpin.</para>
/// <para><b>Threads.</b> All members may be called at once, from several threads and several processes.</para>
/// <para>Every member throws <see cref="OperationCanceledException"/> when cancelled; a put that was cancelled leaves nothing.</para>
/// </remarks>
public interface IContentStore : IContentSink, IContentSource
{
    /// <summary>Stores a stream as one object.</summary>
    /// <param name="content">Read from where it stands to its end; not disposed.</param>
    /// <param name="progress">Receives the number of bytes taken so far, or null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The content id. The object is durable and pinned.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="content"/> is null.</exception>
    Task<Cid> PutAsync(Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Says whether the store has an object, without checking its bytes.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether it is there.</returns>
    Task<bool> ExistsAsync(Cid cid, CancellationToken cancellationToken = default);

    /// <summary>Says how long an object is.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Its length in bytes, checked against the content id.</returns>
    /// <exception cref="PhrDataException">There is no such object (<see cref="PhrDataReason.NotFound"/>), or it is damaged (<see cref="PhrDataReason.DigestMismatch"/>).</exception>
    Task<long> GetLengthAsync(Cid cid, CancellationToken cancellationToken = default);

    /// <summary>Marks an object to be kept. Pinning twice is the same as once.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the mark is durable.</returns>
    /// <exception cref="PhrDataException">There is no such object (<see cref="PhrDataReason.NotFound"/>).</exception>
    Task PinAsync(Cid cid, CancellationToken cancellationToken = default);

    /// <summary>Lets an object go: the next <see cref="CollectAsync"/> may remove it. Does nothing if it is not pinned.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the mark is gone.</returns>
    Task UnpinAsync(Cid cid, CancellationToken cancellationToken = default);

    /// <summary>Says whether an object is marked to be kept.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether it is pinned.</returns>
    Task<bool> IsPinnedAsync(Cid cid, CancellationToken cancellationToken = default);

    /// <summary>Lists what is marked to be kept.</summary>
    /// <param name="cancellationToken">Cancels the listing.</param>
    /// <returns>The content ids, in no order. What is pinned or unpinned meanwhile may be listed or not.</returns>
    IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes every object that is not pinned, and what interrupted writers left.</summary>
    /// <param name="cancellationToken">Cancels the operation; what was removed by then stays removed.</param>
    /// <returns>What was removed.</returns>
    Task<CollectReport> CollectAsync(CancellationToken cancellationToken = default);

    /// <summary>Reads a whole object and checks every byte.</summary>
    /// <param name="cid">The content id.</param>
    /// <param name="progress">Receives the number of bytes checked so far, or null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends without an exception when the object is there and whole.</returns>
    /// <exception cref="PhrDataException">There is no such object (<see cref="PhrDataReason.NotFound"/>), or it is damaged (<see cref="PhrDataReason.DigestMismatch"/>).</exception>
    Task VerifyAsync(Cid cid, IProgress<long>? progress = null, CancellationToken cancellationToken = default);
}
