using System.Security.Cryptography;

namespace Phr.Oracle.Hosting;

/// <summary>Waits that double, with a random part of up to a half taken off, so that many who failed together do not come back together.</summary>
internal sealed class Backoff(TimeSpan first, TimeSpan longest)
{
    private const int Parts = 1 << 20;

    public TimeSpan After(int failures)
    {
        double doubled = first.TotalMilliseconds * Math.Pow(2, Math.Clamp(failures - 1, 0, 40));
        double wait = Math.Min(doubled, longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(wait * (1 - (RandomNumberGenerator.GetInt32(Parts) / (2.0 * Parts))));
    }
}
