namespace Phr.Samples.Portal;

/// <summary>Which page of a list is shown, and how long the list is.</summary>
/// <param name="Number">The page, from 1.</param>
/// <param name="Size">How much stands on a page.</param>
/// <param name="Total">How much there is in all.</param>
public record PageMark(int Number, int Size, int Total)
{
    /// <summary>The place of the first that is shown, from 1.</summary>
    public int First => Math.Min(((Number - 1) * Size) + 1, Total);

    /// <summary>The place of the last that is shown.</summary>
    public int Last => Math.Min(Number * Size, Total);
}
