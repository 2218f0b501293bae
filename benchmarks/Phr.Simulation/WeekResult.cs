using Phr.Consent;

namespace Phr.Simulation;

/// <summary>What happened in one week.</summary>
internal sealed class WeekResult
{
    public int Requests { get; set; }

    /// <summary>Requests whose first committee had fewer honest answers in time than are needed.</summary>
    public int NoQuorum { get; set; }

    /// <summary>Requests whose second committee had too few as well: the doctor has to ask again.</summary>
    public int Failed { get; set; }

    public int Seats { get; set; }

    public int BadSeats { get; set; }

    public int FalseDeliveries { get; set; }

    public int Slashes { get; set; }

    /// <summary>The mean weight of those who may be drawn, at the end of the week, by conduct.</summary>
    public IReadOnlyDictionary<Conduct, double> Weights { get; private set; } = new Dictionary<Conduct, double>();

    public double BadShare => Share(BadSeats, Seats);

    public void End(IEnumerable<Oracle> oracles, DateTimeOffset now) =>
        Weights = oracles.GroupBy(o => o.Conduct).ToDictionary(g => g.Key, g => g.Average(o => o.IsIn(now) ? o.Reputation.At(now).Weight : 0.0));

    public static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
