using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace Phr.Samples.Portal;

/// <summary>Takes pages out of lists.</summary>
public static class Paging
{
    private const int Most = 1_000_000;

    /// <summary>Which page an address asks for. An address is written by anybody: what is no page is the first one.</summary>
    public static int NumberOf(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= Most ? number : 1;

    /// <summary>One page of a list that is there; the last one where it has not as many.</summary>
    public static Paged<T> Of<T>(IReadOnlyList<T> all, int number, int size)
    {
        ArgumentNullException.ThrowIfNull(all);
        int page = Within(number, size, all.Count);
        return new Paged<T>([.. all.Skip((page - 1) * size).Take(size)], page, size, all.Count);
    }

    /// <summary>One page of what the database has, in its order; the last one where it has not as many.</summary>
    public static async Task<Paged<T>> OfAsync<T>(IQueryable<T> all, int number, int size, CancellationToken cancellationToken)
    {
        int total = await all.CountAsync(cancellationToken);
        int page = Within(number, size, total);
        return new Paged<T>(await all.Skip((page - 1) * size).Take(size).ToListAsync(cancellationToken), page, size, total);
    }

    private static int Within(int number, int size, int total) => Math.Clamp(number, 1, Math.Max(1, (total + size - 1) / size));
}
