namespace Phr.Crypto.Bundles;

/// <summary>Counts what was delivered of one document, and tells of it about every MiB: a report may cost its listener much more than a chunk costs us.</summary>
internal sealed class ProgressSteps(IProgress<long>? progress)
{
    private const long Step = 1 << 20;

    private long _delivered;
    private long _reported;

    /// <summary>Waits for a batch's delivery, then counts it, or throws why opening it stopped.</summary>
    public ValueTask AfterAsync(ValueTask delivery, ChunkBatch batch)
    {
        if (!delivery.IsCompletedSuccessfully)
        {
            return WaitAsync(delivery, batch);
        }

        Count(batch);
        return ValueTask.CompletedTask;
    }

    private async ValueTask WaitAsync(ValueTask delivery, ChunkBatch batch)
    {
        await delivery.ConfigureAwait(false);
        Count(batch);
    }

    private void Count(ChunkBatch batch)
    {
        if (batch.Fault is not null)
        {
            throw batch.Fault;
        }

        _delivered += batch.Content;
        if (_delivered - _reported >= Step)
        {
            _reported = _delivered;
            progress?.Report(_delivered);
        }
    }
}
