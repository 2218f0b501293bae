namespace Phr.Samples.Portal;

/// <summary>One press of one button, and what came of it.</summary>
internal sealed class SentForm
{
    private readonly TaskCompletionSource<bool> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private FormAnswer? _answer;
    private DateTimeOffset? _endedAt;

    /// <summary>Ends when the work is done: whether there is an answer, or it failed and can be tried again.</summary>
    public Task<bool> Ended => _ended.Task;

    /// <summary>When the work was done; null while it goes on.</summary>
    public DateTimeOffset? EndedAt
    {
        get
        {
            lock (_lock)
            {
                return _endedAt;
            }
        }
    }

    /// <summary>Where the browser was sent, which pages do when they have done something; null for a page that was only drawn again.</summary>
    public string? Location { get; private set; }

    public bool DidSomething => Location is not null;

    /// <summary>A copy of the answer for a second press; null when it is wiped already.</summary>
    public FormAnswer? CopyAnswer()
    {
        lock (_lock)
        {
            return _answer is { } answer ? answer with { Body = [.. answer.Body] } : null;
        }
    }

    public void End(FormAnswer? answer, DateTimeOffset now)
    {
        lock (_lock)
        {
            _answer = answer;
            Location = answer?.Location;
            _endedAt = now;
        }

        _ended.TrySetResult(answer is not null);
    }

    public void Wipe()
    {
        lock (_lock)
        {
            _answer?.Wipe();
            _answer = null;
        }
    }
}
