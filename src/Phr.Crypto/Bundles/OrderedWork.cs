namespace Phr.Crypto.Bundles;

/// <summary>
/// Takes batches through three steps: work, which several batches may be in at once; a second step and delivery, each one batch at a time in the
/// order in which they were posted. With one worker all of it happens within <see cref="PostAsync"/>.
/// </summary>
/// <remarks>
/// Batches are reused, so memory does not grow. After a failure every later batch fails in the same way, and the first failure in order is the one
/// that is thrown. Disposing it cancels what still runs, waits for it, and disposes the batches: no task is left behind. One caller.
/// </remarks>
internal sealed class OrderedWork<T> : IAsyncDisposable
    where T : class, IDisposable
{
    private readonly int _limit;
    private readonly Func<T> _create;
    private readonly Steps _steps;
    private readonly CancellationTokenSource? _stop;
    private readonly SemaphoreSlim? _workers;
    private readonly CancellationToken _cancellation;
    private readonly List<T> _created = [];
    private readonly Stack<T> _free = [];
    private readonly Queue<Flight> _flights = [];
    private Task _lastSecond = Task.CompletedTask;
    private Task _lastDelivery = Task.CompletedTask;

    public OrderedWork(int parallelism, Func<T> create, Steps steps, CancellationToken cancellationToken)
    {
        _create = create;
        _steps = steps;
        _cancellation = cancellationToken;

        // The batch that is being filled and the one ahead of it; and those in flight.
        _limit = parallelism == 1 ? 2 : parallelism + 2;
        if (parallelism > 1)
        {
            _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _cancellation = _stop.Token;
            _workers = new SemaphoreSlim(parallelism);
        }
    }

    /// <summary>A batch that nothing uses: a new one, or the oldest one when it is done.</summary>
    public ValueTask<T> TakeAsync()
    {
        if (_free.TryPop(out T? batch))
        {
            return ValueTask.FromResult(batch);
        }

        if (_created.Count == _limit)
        {
            return OldestAsync();
        }

        batch = _create();
        _created.Add(batch);
        return ValueTask.FromResult(batch);
    }

    /// <summary>Gives a batch back that was taken and not posted.</summary>
    public void Return(T batch) => _free.Push(batch);

    public ValueTask PostAsync(T batch)
    {
        if (_workers is null)
        {
            return RunAsync(batch);
        }

        Launch(batch);
        return ValueTask.CompletedTask;
    }

    /// <summary>Waits until everything that was posted is delivered. Throws the first failure.</summary>
    public async Task CompleteAsync()
    {
        while (_flights.Count > 0)
        {
            Return(await OldestAsync().ConfigureAwait(false));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop is not null)
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            foreach (Flight flight in _flights)
            {
                await Task.WhenAll(flight.Work, flight.Second, flight.Delivery).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _stop.Dispose();
            _workers!.Dispose();
        }

        foreach (T batch in _created)
        {
            batch.Dispose();
        }
    }

    private async ValueTask<T> OldestAsync()
    {
        Flight flight = _flights.Peek();
        await flight.Delivery.ConfigureAwait(false);
        await flight.Second.ConfigureAwait(false);
        _flights.Dequeue();
        return flight.Batch;
    }

    private void Launch(T batch)
    {
        Task work = Task.Run(() => WorkAsync(batch), CancellationToken.None);
        _lastSecond = SecondAsync(_lastSecond, work, batch);
        _lastDelivery = DeliverAsync(_lastDelivery, work, batch);
        _flights.Enqueue(new Flight(batch, work, _lastSecond, _lastDelivery));
    }

    // No state machine where nothing has to be waited for.
    private ValueTask RunAsync(T batch)
    {
        _cancellation.ThrowIfCancellationRequested();
        _steps.Work(batch);
        _steps.Second(batch);
        ValueTask delivery = _steps.DeliverAsync(batch, _cancellation);
        if (!delivery.IsCompletedSuccessfully)
        {
            return ReturnAfterAsync(delivery, batch);
        }

        Return(batch);
        return ValueTask.CompletedTask;
    }

    private async ValueTask ReturnAfterAsync(ValueTask delivery, T batch)
    {
        await delivery.ConfigureAwait(false);
        Return(batch);
    }

    private async Task WorkAsync(T batch)
    {
        await _workers!.WaitAsync(_cancellation).ConfigureAwait(false);
        try
        {
            _steps.Work(batch);
        }
        finally
        {
            _workers.Release();
        }
    }

    private async Task SecondAsync(Task previous, Task work, T batch)
    {
        await previous.ConfigureAwait(false);
        if (_steps.SecondNeedsWork)
        {
            await work.ConfigureAwait(false);
        }

        // Never on the caller's thread, which is to go on reading.
        await _workers!.WaitAsync(_cancellation).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            _steps.Second(batch);
        }
        finally
        {
            _workers.Release();
        }
    }

    private async Task DeliverAsync(Task previous, Task work, T batch)
    {
        await previous.ConfigureAwait(false);
        await work.ConfigureAwait(false);
        await _workers!.WaitAsync(_cancellation).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await _steps.DeliverAsync(batch, _cancellation).ConfigureAwait(false);
        }
        finally
        {
            _workers.Release();
        }
    }

    /// <summary>What is done with a batch. <see cref="Second"/> and <see cref="DeliverAsync"/> may run at the same time for one batch.</summary>
    /// <param name="Work">In any order, several batches at once.</param>
    /// <param name="Second">In order; after the batch's work where <paramref name="SecondNeedsWork"/>.</param>
    /// <param name="SecondNeedsWork">Whether the second step uses what the work made.</param>
    /// <param name="DeliverAsync">In order, after the batch's work.</param>
    public sealed record Steps(Action<T> Work, Action<T> Second, bool SecondNeedsWork, Func<T, CancellationToken, ValueTask> DeliverAsync);

    private sealed record Flight(T Batch, Task Work, Task Second, Task Delivery);
}
