namespace Phr.Samples.FullFlow;

/// <summary>
/// The time on a development chain: the system's, moved on to that of the last block where blocks came faster than seconds. On a public chain the two agree and this is not needed.
/// </summary>
/// <param name="behind">How far behind the system's the chain's time began.</param>
internal sealed class ChainClock(TimeSpan behind = default) : TimeProvider
{
    private long _ahead = -behind.Ticks;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _ahead));

    public void MoveTo(DateTimeOffset blockTime)
    {
        long ahead = (blockTime - System.GetUtcNow()).Ticks;
        if (ahead > Interlocked.Read(ref _ahead))
        {
            Interlocked.Exchange(ref _ahead, ahead);
        }
    }
}
