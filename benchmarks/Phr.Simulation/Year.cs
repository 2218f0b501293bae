using System.Buffers.Binary;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Simulation;

/// <summary>Plays a year of requests with the ledger's own draw and reputation, and counts.</summary>
internal sealed class Year
{
    private readonly Settings _settings;
    private readonly Random _random;
    private readonly Oracle[] _oracles;
    private readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly TimeSpan _window = new LedgerParameters { FoundingAgency = default }.DeliveryWindow;
    private ulong _names;
    private ulong _requests;

    public Year(Settings settings, int seed)
    {
        _settings = settings;
#pragma warning disable CA5394 // Not for secrets: the same seed plays the same year.
        _random = new Random(seed);
#pragma warning restore CA5394
        int bad = (int)Math.Round(settings.Oracles * settings.BadShare);
        _oracles = [.. Enumerable.Range(0, settings.Oracles).Select(i => new Oracle(i < bad ? settings.Bad[i % settings.Bad.Count] : Conduct.Honest, NextId(), _start))];
    }

    public YearResult Play(Action<int> progress, CancellationToken cancellationToken)
    {
        var weeks = new List<WeekResult>();
        WeekResult week = new();
        for (int day = 0; day < _settings.Days; day++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            double[] times = [.. Enumerable.Range(0, _settings.RequestsPerDay).Select(_ => _random.NextDouble() * 24).Order()];
            int hour = -1;
            Snapshot snapshot = new([], []);
            foreach (double time in times)
            {
                DateTimeOffset now = _start.AddDays(day).AddHours(time);
                if ((int)time != hour)
                {
                    // A snapshot lasts 300 blocks: an hour.
                    hour = (int)time;
                    snapshot = Take(now);
                }

                Request(now, snapshot, week);
            }

            if ((day + 1) % 7 == 0)
            {
                week.End(_oracles, _start.AddDays(day + 1));
                weeks.Add(week);
                week = new();
                progress(day + 1);
            }
        }

        return new YearResult(_settings, weeks, _oracles);
    }

    private Snapshot Take(DateTimeOffset now)
    {
        int[] numbers = [.. Enumerable.Range(0, _oracles.Length).Where(i => _oracles[i].IsIn(now))];
        return new Snapshot(
            [.. numbers.Select((n, i) => new RegistryEntry
            {
                Number = i + 1,
                Weight = _settings.Weighted ? _oracles[n].Reputation.At(now).Weight : Reputation.MaxWeight,
                Oracle = _oracles[n].Id,
                Unit = _oracles[n].Id,
            })],
            numbers);
    }

    private void Request(DateTimeOffset now, Snapshot snapshot, WeekResult week)
    {
        bool friend = _random.NextDouble() < _settings.Friends;
        byte[] id = new byte[RequestId.Length];
        BinaryPrimitives.WriteUInt64BigEndian(id, ++_requests);
        HashSet<int> failed = [];
        week.Requests++;
        for (int round = 0; round < 2; round++)
        {
            byte[] seed = new byte[Digest.Length];
            _random.NextBytes(seed);
            IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(new DrawInputs
            {
                Seed = Digest.FromBytes(seed),
                RequestId = RequestId.FromBytes(id),
                Round = round,
                Entries = snapshot.Entries,
                Seats = _settings.Seats,
                Failed = [.. failed],
            });
            if (Serve(now + (round * _window), drawn, snapshot, friend, round, failed, week))
            {
                return;
            }
        }

        week.Failed++;
    }

    /// <summary>One committee's work, until it is settled. Returns whether the doctor could open.</summary>
    private bool Serve(DateTimeOffset granted, IReadOnlyList<RegistryEntry> drawn, Snapshot snapshot, bool friend, int round, HashSet<int> failed, WeekResult week)
    {
        var work = drawn
            .Select(entry => (Entry: entry, Oracle: _oracles[snapshot.Numbers[entry.Number - 1]]))
            .Select(seat => (seat.Entry, seat.Oracle, Done: seat.Oracle.Answer(granted, _start, friend && seat.Oracle.Conduct == Conduct.Clique, _window, _random)))
            .ToArray();
        week.Seats += work.Length;
        week.BadSeats += work.Count(w => !w.Oracle.IsHonest);
        TimeSpan[] good = [.. work.Where(w => w.Done is { Right: true, Latency.Ticks: >= 0 } && w.Done.Latency <= _window).Select(w => w.Done.Latency).Order()];
        bool opened = good.Length >= _settings.Threshold;
        TimeSpan opening = opened ? good[_settings.Threshold - 1] : TimeSpan.MaxValue;
        if (round == 0 && !opened)
        {
            week.NoQuorum++;
        }

        bool everyone = work.All(w => w.Done.Latency >= TimeSpan.Zero && w.Done.Latency <= _window);
        TimeSpan settled = opened && (_settings.SettleAtOpening || everyone)
            ? (everyone && !_settings.SettleAtOpening ? work.Max(w => w.Done.Latency) : opening)
            : _window + TimeSpan.FromSeconds(1);
        DateTimeOffset then = granted + settled;
        foreach ((RegistryEntry entry, Oracle oracle, (bool right, TimeSpan latency)) in work)
        {
            // A late record comes after the settlement, and then it is a missed one.
            bool delivered = latency >= TimeSpan.Zero && latency <= settled;
            // Half of the doctors rate what they could use; all rate what does not open; a ring praises its own.
            int? rating = !delivered ? null : !right ? 0 : friend && oracle.Conduct == Conduct.Clique ? 100 : _random.NextDouble() < 0.5 ? 80 : null;
            oracle.Reputation = oracle.Reputation.After(
                new ServiceOutcome
                {
                    Level = delivered ? Reputation.LevelOf(latency, _window) : null,
                    BeforeOpening = delivered && right && latency <= opening,
                    Missed = !delivered && settled > _window,
                    Rating = rating,
                },
                then);
            if (!delivered || !right)
            {
                failed.Add(entry.Number);
            }

            if (delivered && !right)
            {
                week.FalseDeliveries++;
                if (_settings.Disputes && oracle.IsIn(then))
                {
                    oracle.Slashes++;
                    week.Slashes++;
                    oracle.Reputation = oracle.Reputation.Observe(ReputationTerm.Correctness, 0, then) with { Correctness = 0 };
                    oracle.OutUntil = then + _settings.Return;
                }
            }

            if (oracle.Conduct == Conduct.Whitewasher && oracle.Reputation.Score < Reputation.Newcomer(then).Score)
            {
                oracle.Rename(NextId(), then + _settings.Return);
            }
        }

        return opened;
    }

    private ActorId NextId()
    {
        byte[] bytes = new byte[ActorId.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(12), ++_names);
        return ActorId.FromBytes(bytes);
    }

    private sealed record Snapshot(IReadOnlyList<RegistryEntry> Entries, int[] Numbers);
}
