using System.Globalization;
using Phr.Samples.FullFlow;
using Phr.TestSupport;

namespace Phr.Soak.Faults;

/// <summary>Makes faults happen, one after the other, in an order that the seed decides: first one of each kind, then whatever comes.</summary>
internal sealed class FaultPlan(Site site, int seed, Action<string> say)
{
    private static readonly string[] _kinds = ["process killed", "process paused", "storage node cut off", "chain re-organised", "database restarted"];

    private readonly Random _random = new(seed);
    private readonly List<(string Kind, string Target)> _done = [];

    /// <summary>Faults that happened.</summary>
    public IReadOnlyList<(string Kind, string Target)> Done => _done;

    /// <summary>Whether every kind has happened.</summary>
    public bool HasAll => _done.Select(fault => fault.Kind).Distinct().Count() == _kinds.Length;

    /// <summary>Goes on until it is told that it is enough; the fault at hand is undone first.</summary>
    public async Task RunAsync(CancellationToken enough)
    {
        var first = new Queue<string>(Shuffled());
        while (!enough.IsCancellationRequested)
        {
            string kind = first.TryDequeue(out string? next) ? next : _kinds[_random.Next(_kinds.Length)];
            await DoAsync(kind);

            // Once everything has happened, there is time to work between two faults.
            await Task.Delay(HasAll ? _random.Next(3000, 8000) : _random.Next(500, 2500), enough).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private string[] Shuffled()
    {
        string[] kinds = [.. _kinds];
        _random.Shuffle(kinds);
        return kinds;
    }

    private async Task DoAsync(string kind)
    {
        switch (kind)
        {
            case "process killed":
                OracleProcess killed = site.Oracles[_random.Next(site.Oracles.Count)];
                Tell(kind, killed.Name);
                await killed.KillAsync();
                await Task.Delay(_random.Next(200, 3000));
                killed.Start();
                break;
            case "process paused":
                // Now shorter than a lease, now longer.
                OracleProcess paused = site.Oracles[_random.Next(site.Oracles.Count)];
                Tell(kind, paused.Name);
                await paused.PauseAsync();
                await Task.Delay(_random.Next(1000, 9000));
                await paused.ContinueAsync();
                break;
            case "storage node cut off":
                int cut = _random.Next(site.Ipfs.Count);
                Tell(kind, string.Create(CultureInfo.InvariantCulture, $"node {cut + 1}"));
                await site.Ipfs[cut].KillAsync();
                await Task.Delay(_random.Next(1000, 5000));
                await site.Ipfs[cut].StartAgainAsync();
                break;
            case "chain re-organised":
                int depth = _random.Next(1, Site.Confirmations + 1);
                Tell(kind, string.Create(CultureInfo.InvariantCulture, $"{depth} blocks"));
                await site.ReorganiseAsync(depth);
                break;
            default:
                Tell(kind, "PostgreSQL");
                await site.Postgres.StopAsync();
                await Task.Delay(_random.Next(200, 3000));
                await site.Postgres.StartAgainAsync();
                break;
        }
    }

    private void Tell(string kind, string target)
    {
        _done.Add((kind, target));
        say($"fault {_done.Count}: {kind}, {target}");
    }
}
