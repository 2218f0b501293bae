namespace Phr.Samples.Portal;

/// <summary>A part of what a browser sends. That it breaks off is the browser's fault, and told apart here from the faults of what it is written to.</summary>
internal sealed class SentStream(Stream part) : ReadOnceStream
{
    /// <summary>What is the matter then.</summary>
    public const string Fault = "What was sent breaks off.";

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">It breaks off, or is longer than its reader allows.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            return await part.ReadAsync(buffer, cancellationToken);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new InvalidDataException(Fault, e);
        }
    }
}
