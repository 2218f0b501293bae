namespace Phr.Samples.Portal;

/// <summary>What comes in as a whole, for which room is taken as it comes.</summary>
internal sealed class HeldStream(Stream content, StorageHold hold) : ReadOnceStream
{
    /// <inheritdoc/>
    /// <exception cref="QuotaExceededException">There is no room for more.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await content.ReadAsync(buffer, cancellationToken);
        await hold.CameAsync(read, cancellationToken);
        return read;
    }
}
