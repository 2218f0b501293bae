namespace Phr.Samples.Portal;

/// <summary>The room of one upload that comes in as a whole. It grows with what has come in, and goes when the upload is noted, or fails.</summary>
internal sealed class StorageHold(StorageQuota quota, StorageHolds holds, int patient, string? once) : IDisposable
{
    // So much is taken at a time, where there is so much: the database need not be asked for every packet.
    private const long Step = 1 << 20;

    private long _held;
    private long _came;

    /// <summary>Takes room for a file that has at least so many bytes.</summary>
    /// <exception cref="QuotaExceededException">There is no more.</exception>
    public async Task GrowAsync(long length, CancellationToken cancellationToken)
    {
        long needed = StorageQuota.SealedLength(length);
        if (needed <= _held)
        {
            return;
        }

        using IDisposable turn = await quota.TurnAsync(patient, cancellationToken);
        long more = StorageQuota.SealedLength(length + Step) - _held;
        try
        {
            await quota.RequireAsync(patient, once, more, cancellationToken);
        }
        catch (QuotaExceededException)
        {
            more = needed - _held;
            await quota.RequireAsync(patient, once, more, cancellationToken);
        }

        holds.Add(patient, more);
        _held += more;
    }

    /// <summary>Takes room for so many bytes more, of whichever of the upload's files.</summary>
    /// <exception cref="QuotaExceededException">There is no more.</exception>
    public Task CameAsync(int more, CancellationToken cancellationToken)
    {
        _came += more;
        return GrowAsync(_came, cancellationToken);
    }

    /// <summary>Notes the upload, which counts by itself from then on.</summary>
    public async Task CommitAsync(Func<Task> note)
    {
        using IDisposable turn = await quota.TurnAsync(patient, CancellationToken.None);
        await note();
        Dispose();
    }

    public void Dispose()
    {
        holds.Add(patient, -_held);
        _held = 0;
    }
}
