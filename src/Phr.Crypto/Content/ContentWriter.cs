namespace Phr.Crypto;

/// <summary>Writes the bytes of one content object and learns its content id at the end.</summary>
/// <remarks>Not thread safe: one writer, one caller.</remarks>
public abstract class ContentWriter : IAsyncDisposable
{
    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">The next bytes; they may be reused when the task ends.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the bytes were taken.</returns>
    public abstract ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Ends the object and makes it durable under its content id.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The content id.</returns>
    public abstract ValueTask<Cid> CompleteAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the writer. Without <see cref="CompleteAsync"/> the object is given up and nothing of it remains.</summary>
    /// <returns>A task that ends when everything is released.</returns>
    public abstract ValueTask DisposeAsync();
}
