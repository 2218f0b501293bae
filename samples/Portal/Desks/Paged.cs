namespace Phr.Samples.Portal;

/// <summary>One page of a list.</summary>
/// <typeparam name="T">What the list is of.</typeparam>
/// <param name="Items">What stands on the page.</param>
/// <param name="Number">The page, from 1.</param>
/// <param name="Size">How much stands on a page.</param>
/// <param name="Total">How much there is in all.</param>
public sealed record Paged<T>(IReadOnlyList<T> Items, int Number, int Size, int Total) : PageMark(Number, Size, Total)
{
    /// <summary>The same page of what was made of its items.</summary>
    public Paged<TOther> With<TOther>(IReadOnlyList<TOther> items) => new(items, Number, Size, Total);
}
