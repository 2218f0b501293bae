using System.Globalization;
using Phr.Consent;
using Phr.Crypto;
using Phr.Oracle.Telemetry;

namespace Phr.Oracle.Hosting;

/// <summary>What the service's loops have seen, for whoever asks. Thread safe.</summary>
internal sealed class OracleState(TimeProvider time)
{
    /// <summary>From when on an operator is told that the key record ends.</summary>
    public static readonly TimeSpan KeyWarning = TimeSpan.FromDays(7);

    private static readonly TimeSpan _lateWarning = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _silence = TimeSpan.FromMinutes(5);

    // Reading a chain for the first time takes long.
    private static readonly TimeSpan _silenceOfOpening = TimeSpan.FromMinutes(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, OraclePart> _parts = [];
    private readonly Dictionary<string, (long At, TimeSpan Limit)> _beats = [];
    private readonly DateTimeOffset _startedAt = time.GetUtcNow();
    private ActorId _oracle;
    private string _process = string.Empty;
    private bool _isOpen;
    private bool _isStopping;
    private int _inHand;
    private int _parked;
    private JobCounts? _counts;
    private LedgerHead? _head;
    private ActorRecord? _record;
    private string? _distrust;

    public event Action<OraclePart>? PartChanged;

    public void Named(ActorId oracle, string process)
    {
        lock (_lock)
        {
            _oracle = oracle;
            _process = process;
        }
    }

    /// <summary>The parts are opened, or were tried to be. The process hangs when it says neither this nor <see cref="Opened"/> for long.</summary>
    public void Opening() => Beat("open the parts", _silenceOfOpening);

    /// <summary>The parts are open, and the loops begin to go round.</summary>
    /// <param name="loops">Their names. Each is expected to beat from now on, also one that hangs in its first turn.</param>
    /// <param name="rest">How long a turn may wait for nothing.</param>
    public void Opened(IReadOnlyCollection<string> loops, TimeSpan rest) => Change(() =>
    {
        _isOpen = true;
        _beats.Clear();
        foreach (string loop in loops)
        {
            _beats[loop] = (time.GetTimestamp(), _silence + rest);
        }
    });

    public void Stopping() => Change(() => _isStopping = true);

    public void Counted(JobCounts counts) => Change(() => _counts = counts);

    public void Saw(LedgerHead head, ActorRecord? record) => Change(() => (_head, _record) = (head, record));

    /// <summary>Whether the ledger has grown from what was seen before; else what is wrong with it.</summary>
    public void Trusts(string? distrust) => Change(() => _distrust = distrust);

    public void TookInHand(int change) => Change(() => _inHand += change);

    /// <summary>A job that was in hand waits for its block to become final, or waits no more.</summary>
    public void Parked(int change) => Change(() => _parked += change);

    /// <summary>A loop went round. One that nobody expects is none that could hang.</summary>
    public void Beat(string loop) => Change(() =>
    {
        if (_beats.TryGetValue(loop, out (long At, TimeSpan Limit) beat))
        {
            _beats[loop] = beat with { At = time.GetTimestamp() };
        }
    });

    /// <summary>Asks something of a part, and remembers whether that went well. What the part says about data is no fault of its own.</summary>
    public async Task<T> TrackAsync<T>(string part, Func<Task<T>> ask)
    {
        try
        {
            T answer = await ask().ConfigureAwait(false);
            Remember(part, null);
            return answer;
        }
        catch (Exception e) when (e is not (OperationCanceledException or LedgerRejectedException))
        {
            Remember(part, Fault.Describe(e));
            throw;
        }
    }

    /// <summary>Which loop has not gone round for long, and for how many minutes; null for none.</summary>
    public (string Loop, int Minutes)? FindSilentLoop()
    {
        lock (_lock)
        {
            foreach ((string loop, (long at, TimeSpan limit)) in _isStopping ? [] : _beats)
            {
                if (time.GetElapsedTime(at) is var silence && silence > limit)
                {
                    return (loop, (int)silence.TotalMinutes);
                }
            }

            return null;
        }
    }

    public OracleSnapshot Read()
    {
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            return new OracleSnapshot
            {
                AsOf = now,
                StartedAt = _startedAt,
                Oracle = _oracle,
                Process = _process,
                Parts = [.. _parts.Values.OrderBy(part => part.Name, StringComparer.Ordinal)],
                InHand = _inHand,
                Parked = _parked,
                Jobs = _counts,
                Head = _head,
                Record = _record,
                Reputation = _record?.Reputation?.At(now),
                Obstacles = [.. FindObstacles(now)],
                Warnings = [.. FindWarnings(now)],
            };
        }
    }

    private IEnumerable<string> FindObstacles(DateTimeOffset now)
    {
        if (_isStopping)
        {
            yield return "the service is stopping.";
        }

        if (!_isOpen)
        {
            yield return "the service has not opened all of its parts yet.";
        }

        foreach (OraclePart part in _parts.Values.Where(part => !part.IsWorking))
        {
            yield return $"the {part.Name} does not work: {part.Fault}";
        }

        if (_distrust is not null)
        {
            yield return $"the ledger is not to be trusted: {_distrust}";
        }

        if (_head is null)
        {
            yield break;
        }

        if (_record is null)
        {
            yield return "the ledger does not know the oracle: register it.";
        }
        else if (_record.Status != ActorStatus.Active)
        {
            yield return $"the oracle is {_record.Status} on the ledger.";
        }
        else if (!_record.IsActiveAt(now))
        {
            yield return "the oracle's key record has ended: renew it.";
        }
    }

    private IEnumerable<string> FindWarnings(DateTimeOffset now)
    {
        if (_record is { } record && record.IsActiveAt(now) && record.ValidUntil - now < KeyWarning)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"the oracle's key record ends at {record.ValidUntil:u}: renew it.");
        }

        if (_counts is { SetAside: > 0 } counts)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"jobs are set aside: {counts.SetAside}.");
        }

        if (_counts?.OldestDue is { } due && now - due > _lateWarning)
        {
            yield return "jobs that are due wait for more than five minutes: the processes do not keep up, or do not run.";
        }
    }

    /// <summary>Remembers that a part works, or what is wrong with it, and tells of a change.</summary>
    public void Remember(string name, string? fault)
    {
        OraclePart changed;
        lock (_lock)
        {
            bool works = fault is null;
            bool isSame = _parts.TryGetValue(name, out OraclePart? part) && part.IsWorking == works;
            changed = new OraclePart { Name = name, IsWorking = works, Fault = fault ?? string.Empty, Since = isSame ? part!.Since : time.GetUtcNow() };
            _parts[name] = changed;
            if (isSame || (part is null && works))
            {
                return;
            }
        }

        PartChanged?.Invoke(changed);
    }

    private void Beat(string loop, TimeSpan limit) => Change(() => _beats[loop] = (time.GetTimestamp(), limit));

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
        }
    }
}
