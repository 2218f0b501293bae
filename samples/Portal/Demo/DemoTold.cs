namespace Phr.Samples.Portal;

/// <summary>Says when the demonstration's story is told, and who is in it: until then pages show what there is already.</summary>
public sealed class DemoTold
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the story is told, or could not be.</summary>
    public Task Task => _told.Task;

    /// <summary>The made-up people, for the sign-in page. None where there is no demonstration.</summary>
    public IReadOnlyList<DemoAccount> Accounts { get; internal set; } = [];

    internal void Tell() => _told.TrySetResult();

    internal void Fail(Exception fault) => _told.TrySetException(fault);
}
