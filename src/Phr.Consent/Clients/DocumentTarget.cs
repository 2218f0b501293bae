namespace Phr.Consent;

/// <summary>Where one opened document is written. Plaintext arrives chunk by chunk; only completion says that all of it was genuine.</summary>
public abstract class DocumentTarget : IAsyncDisposable
{
    /// <summary>The name under which the document can be found afterwards.</summary>
    public abstract string Name { get; }

    /// <summary>Takes the plaintext.</summary>
    public abstract Stream Stream { get; }

    /// <summary>Keeps what was written.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when it is kept.</returns>
    public abstract ValueTask CompleteAsync(CancellationToken cancellationToken = default);

    /// <summary>Releases the target; without completion nothing of it remains.</summary>
    /// <returns>A task that ends when it is released.</returns>
    public abstract ValueTask DisposeAsync();
}
