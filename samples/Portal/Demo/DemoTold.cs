namespace Phr.Samples.Portal;

/// <summary>Says when the demonstration's story is told: until then pages show what there is already.</summary>
public sealed class DemoTold
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the story is told, or could not be.</summary>
    public Task Task => _told.Task;

    internal void Tell() => _told.TrySetResult();

    internal void Fail(Exception fault) => _told.TrySetException(fault);
}
