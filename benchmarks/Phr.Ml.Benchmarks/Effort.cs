namespace Phr.Ml.Benchmarks;

/// <summary>How long to measure.</summary>
internal enum Effort
{
    /// <summary>Seconds, to see that everything still runs; the numbers mean nothing.</summary>
    Smoke,

    /// <summary>Some minutes: one of three repeats of the folds, growth up to 10⁵ rows.</summary>
    Quick,

    /// <summary>All folds, growth up to 10⁶ rows.</summary>
    Full,
}
