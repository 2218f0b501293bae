using Phr.Consent;
using Phr.Crypto;

namespace Phr.Simulation;

/// <summary>One oracle of the simulated registry: its conduct, and what the ledger thinks of it.</summary>
internal sealed class Oracle(Conduct conduct, ActorId id, DateTimeOffset admitted)
{
    private const double Fault = 0.7, HonestFault = 0.01;

    public Conduct Conduct { get; } = conduct;

    public bool IsHonest => Conduct == Conduct.Honest;

    public ActorId Id { get; private set; } = id;

    public Reputation Reputation { get; set; } = Reputation.Newcomer(admitted);

    /// <summary>Until when it has no bond, or waits for its admission; null while it may be drawn.</summary>
    public DateTimeOffset? OutUntil { get; set; }

    public int Names { get; private set; } = 1;

    public int Slashes { get; set; }

    public bool IsIn(DateTimeOffset now) => OutUntil is not { } until || now >= until;

    /// <summary>What it does with one job. Latency counts from the grant; a negative one means that no answer comes.</summary>
    public (bool Right, TimeSpan Latency) Answer(DateTimeOffset now, DateTimeOffset start, bool friend, TimeSpan window, Random random)
    {
        // Honest latency: a few minutes, seldom more, the last tail beyond the window counted as late.
        TimeSpan usual = TimeSpan.FromSeconds(Math.Min(window.TotalSeconds * 0.9, 30 - (240 * Math.Log(1 - random.NextDouble()))));
        TimeSpan late = window * (1.2 + random.NextDouble());
        double fault = random.NextDouble(), kind = random.NextDouble();
        (bool, TimeSpan) Honest() => fault < HonestFault ? (true, TimeSpan.FromSeconds(-1)) : fault < 2 * HonestFault ? (true, late) : (true, usual);
        return Conduct switch
        {
            Conduct.Absent => kind < Fault ? (true, TimeSpan.FromSeconds(-1)) : Honest(),
            Conduct.Slow => kind < Fault ? (true, late) : Honest(),
            Conduct.Wrong or Conduct.Whitewasher => kind < Fault ? (false, usual) : Honest(),
            Conduct.Turncoat when now - start > TimeSpan.FromDays(182) => (false, usual),
            Conduct.Clique => friend ? (true, usual) : kind < Fault ? (true, TimeSpan.FromSeconds(-1)) : Honest(),
            _ => Honest(),
        };
    }

    /// <summary>Comes back as a newcomer, once an agency has admitted the new name.</summary>
    public void Rename(ActorId id, DateTimeOffset admitted)
    {
        Id = id;
        Reputation = Reputation.Newcomer(admitted);
        OutUntil = admitted;
        Names++;
    }
}
