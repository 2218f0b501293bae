using System.Threading.RateLimiting;

namespace Phr.Samples.Portal;

/// <summary>How often a person's passphrase may be tried at the sign-in: as often in the limits' window as on the page that unlocks, whatever addresses the tries come from.</summary>
/// <remarks>Who a sign-in is for is known only when its password was right, so that the limits by address and by session do not count it.</remarks>
public sealed class PassphraseTries(PortalOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<int> _limiter = PartitionedRateLimiter.Create<int, int>(person => RateLimitPartition.GetSlidingWindowLimiter(
        person,
        _ => new SlidingWindowRateLimiterOptions { PermitLimit = options.TriesPerMinute, Window = options.LimitWindow, SegmentsPerWindow = PortalLimits.Segments, QueueLimit = 0 }));

    /// <summary>Takes one of a person's tries, if there is one left.</summary>
    public bool TryTake(int person)
    {
        using RateLimitLease lease = _limiter.AttemptAcquire(person);
        return lease.IsAcquired;
    }

    /// <inheritdoc/>
    public void Dispose() => _limiter.Dispose();
}
