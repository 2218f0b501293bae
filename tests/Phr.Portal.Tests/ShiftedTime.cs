namespace Phr.Portal.Tests;

/// <summary>The system's clock, put forward when it is told to: hours pass between two lines of a test.</summary>
public sealed class ShiftedTime : TimeProvider
{
    private long _ticks;

    public void PutForward(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
