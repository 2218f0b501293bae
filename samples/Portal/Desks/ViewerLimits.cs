namespace Phr.Samples.Portal;

/// <summary>How much is opened in memory at once.</summary>
public static class ViewerLimits
{
    /// <summary>The most bytes of all documents of one opening.</summary>
    public const long MaxBytes = 512L << 20;
}
