namespace Phr.Consent.Tests;

/// <summary>A clock that stands still until it is set. Its timers are real ones.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _seconds = 1_800_000_000;

    public DateTimeOffset Now => DateTimeOffset.FromUnixTimeSeconds(Interlocked.Read(ref _seconds));

    public override DateTimeOffset GetUtcNow() => Now;

    public void Advance(TimeSpan by) => Interlocked.Add(ref _seconds, (long)by.TotalSeconds);
}
