using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Phr.Samples.Portal;

/// <summary>
/// Remembers which forms were sent. Every page that is loaded gets a verification token of its own, so a form that comes with the same token and the same fields is the same press of the same button: a double click, a
/// page that was loaded again, a line that broke. Its work is done once, and both get the answer.
/// </summary>
internal sealed class SentForms : IDisposable
{
    /// <summary>How long an answer is kept for a second press. It can hold words that are shown once, and is wiped then.</summary>
    private static readonly TimeSpan _answersFor = TimeSpan.FromSeconds(10);

    /// <summary>How long it is known that something was done.</summary>
    private static readonly TimeSpan _remembersFor = TimeSpan.FromHours(1);

    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(1);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, SentForm> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _turns = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;
    private readonly ITimer _sweeper;

    public SentForms(TimeProvider time)
    {
        _time = time;
        _sweeper = time.CreateTimer(_ => Sweep(), null, _answersFor, _answersFor);
    }

    /// <summary>A name for this press of a button: of the session, the address, the token and all fields.</summary>
    public string NameOf(HttpContext context, IFormCollection form)
    {
        var text = new StringBuilder();
        foreach (string part in (string[])[context.User.FindFirst(PortalSignInManager.SessionClaim)?.Value ?? string.Empty, context.Request.Path, context.Request.QueryString.Value ?? string.Empty, .. form.SelectMany(f => f.Value.Select(v => $"{f.Key.Length} {f.Key} {v}")), .. form.Files.Select(f => $"{f.Name} {f.FileName} {f.Length}")])
        {
            text.Append(part.Length).Append(' ').Append(part);
        }

        return Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The form as it was sent before, or as it is sent now.</summary>
    public SentForm Begin(string name, out bool isFirst)
    {
        var mine = new SentForm();
        SentForm first = _sent.GetOrAdd(name, mine);
        isFirst = ReferenceEquals(first, mine);
        return first;
    }

    /// <summary>Tells whoever waits how it ended. What failed is forgotten, so that it can be tried again.</summary>
    public void End(string name, SentForm form, FormAnswer? answer)
    {
        if (answer is null)
        {
            _sent.TryRemove(name, out _);
        }

        form.End(answer, _time.GetUtcNow());
    }

    /// <summary>Waits for this person's turn: what one person sends is worked off one after the other, so that two of their windows cannot both find something undone.</summary>
    /// <returns>Dispose it to let the next one; null when the one before takes too long.</returns>
    public async Task<IDisposable?> TakeTurnAsync(string person, CancellationToken cancellationToken)
    {
        SemaphoreSlim turn = _turns.GetOrAdd(person, _ => new SemaphoreSlim(1));
        return await turn.WaitAsync(_longestWait, cancellationToken) ? new Turn(turn) : null;
    }

    public void Dispose()
    {
        _sweeper.Dispose();
        foreach (SentForm form in _sent.Values)
        {
            form.Wipe();
        }

        foreach (SemaphoreSlim turn in _turns.Values)
        {
            turn.Dispose();
        }
    }

    private void Sweep()
    {
        DateTimeOffset now = _time.GetUtcNow();
        foreach ((string name, SentForm form) in _sent)
        {
            if (form.EndedAt is { } ended && now - ended > _answersFor)
            {
                form.Wipe();
                if (now - ended > _remembersFor || !form.DidSomething)
                {
                    _sent.TryRemove(name, out _);
                }
            }
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
