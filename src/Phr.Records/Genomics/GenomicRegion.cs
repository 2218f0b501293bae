using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Phr.Crypto;

namespace Phr.Records;

/// <summary>A part of a chromosome, both ends belonging to it, counted from 1 as VCF and people count.</summary>
/// <remarks>Immutable; safe for use by several threads.</remarks>
public sealed record GenomicRegion
{
    /// <summary>The chromosome, as the file names it: <c>chr17</c> and <c>17</c> are two.</summary>
    public required string Chromosome { get; init; }

    /// <summary>The first position; at least 1.</summary>
    public required long Start { get; init; }

    /// <summary>The last position; at least <see cref="Start"/>.</summary>
    public required long End { get; init; }

    /// <summary>Reads a region as people write it.</summary>
    /// <param name="text"><c>chr17:43,044,295-43,125,364</c>, <c>chr17:43044295</c> for one position, or <c>chr17</c> for all of it. Commas in numbers are skipped.</param>
    /// <returns>The region.</returns>
    /// <exception cref="PhrDataException">The text is none.</exception>
    public static GenomicRegion Parse(string text) =>
        TryParse(text, out GenomicRegion? region) ? region : throw new PhrDataException("region", PhrDataReason.Malformed, "a region is a chromosome, a colon, and two positions with a hyphen between, the first not after the second.");

    /// <summary>Reads a region as people write it, if it is one.</summary>
    /// <param name="text">See <see cref="Parse"/>.</param>
    /// <param name="region">The region; null when the text is none.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out GenomicRegion? region)
    {
        ArgumentNullException.ThrowIfNull(text);
        region = null;
        int colon = text.LastIndexOf(':');
        string chromosome = (colon < 0 ? text : text[..colon]).Trim();
        if (chromosome.Length is < 1 or > 255 || chromosome.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)))
        {
            return false;
        }

        string[] ends = colon < 0 ? [] : text[(colon + 1)..].Replace(",", "", StringComparison.Ordinal).Split('-');
        long start = 1;
        long end = long.MaxValue;
        if (colon >= 0 && (ends.Length > 2 || !TryPosition(ends[0], out start) || !TryPosition(ends[^1], out end) || end < start))
        {
            return false;
        }

        region = new GenomicRegion { Chromosome = chromosome, Start = start, End = end };
        return true;
    }

    /// <summary>The region as people write it.</summary>
    /// <returns>For example <c>chr17:43044295-43125364</c>.</returns>
    public override string ToString() => End == long.MaxValue && Start == 1 ? Chromosome : string.Create(CultureInfo.InvariantCulture, $"{Chromosome}:{Start}-{End}");

    private static bool TryPosition(string text, out long position) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out position) && position >= 1;
}
