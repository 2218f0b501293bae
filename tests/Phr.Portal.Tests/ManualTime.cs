namespace Phr.Portal.Tests;

/// <summary>A clock that goes when it is told to.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).UtcTicks;

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);
}
