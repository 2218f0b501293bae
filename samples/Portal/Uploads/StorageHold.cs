namespace Phr.Samples.Portal;

/// <summary>The room of one upload that comes in as a whole. It grows with what has come in, and goes when the upload is noted, or fails.</summary>
internal sealed class StorageHold(StorageQuota quota, StorageHolds holds, int patient, string? once) : IDisposable
{
    // So much is taken at a time, where there is so much: the database need not be asked for every packet.
    private const long Step = 1 << 20;

    private long _held;

    // What the files take that have come in whole, and how much there is of the present one: each is padded by itself.
    private long _before;
    private long _came;

    /// <summary>Takes room for an upload that has at least so many bytes, in however many files.</summary>
    /// <exception cref="QuotaExceededException">There is no more.</exception>
    public Task ReserveAsync(long length, CancellationToken cancellationToken) => GrowAsync(length, length, cancellationToken);

    /// <summary>Begins with the next one of the upload's files.</summary>
    public void BeginFile()
    {
        _before += _came == 0 ? 0 : StorageQuota.CiphertextLength(_came);
        _came = 0;
    }

    /// <summary>Takes room for so many bytes more of the present file.</summary>
    /// <exception cref="QuotaExceededException">There is no more.</exception>
    public Task CameAsync(int more, CancellationToken cancellationToken)
    {
        _came += more;
        return GrowAsync(_before + StorageQuota.SealedLength(_came), _before + StorageQuota.SealedLength(_came + Step), cancellationToken);
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

    private async Task GrowAsync(long needed, long wished, CancellationToken cancellationToken)
    {
        if (needed <= _held)
        {
            return;
        }

        using IDisposable turn = await quota.TurnAsync(patient, cancellationToken);
        long more = wished - _held;
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
}
