namespace Phr.Crypto;

/// <summary>Times in signed objects are whole seconds since 1970 UTC.</summary>
internal static class Timestamps
{
    /// <summary>Cuts off the fraction of a second; refuses what the formats cannot say.</summary>
    public static DateTimeOffset WholeSeconds(DateTimeOffset time, string parameter)
    {
        long seconds = time.ToUnixTimeSeconds();
        return seconds >= 0
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ArgumentOutOfRangeException(parameter, "A time before 1970 cannot be written.");
    }
}
