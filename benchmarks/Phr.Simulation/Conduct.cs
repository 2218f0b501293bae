namespace Phr.Simulation;

/// <summary>How an oracle behaves. The rates of each are in <see cref="Oracle.Answer"/>.</summary>
internal enum Conduct
{
    /// <summary>Misses one job in a hundred, is late for one in a hundred, and is right.</summary>
    Honest,

    /// <summary>Does not answer seven jobs in ten.</summary>
    Absent,

    /// <summary>Is late for seven jobs in ten.</summary>
    Slow,

    /// <summary>Delivers what does not open, seven times in ten.</summary>
    Wrong,

    /// <summary>Is honest for half a year, then wrong each time.</summary>
    Turncoat,

    /// <summary>As wrong, and comes back under a new name when its record is worse than a newcomer's.</summary>
    Whitewasher,

    /// <summary>Serves doctors of its own ring perfectly and is rated 100 by them; does not answer anybody else, seven times in ten.</summary>
    Clique,
}
