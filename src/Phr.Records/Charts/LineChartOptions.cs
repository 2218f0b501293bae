namespace Phr.Records;

/// <summary>What a line chart says about itself, and how large it is.</summary>
public sealed class LineChartOptions
{
    /// <summary>The id of the chart in its page, from which the ids of its parts are made: a letter, then up to 63 letters, digits, hyphens and underscores. Two charts of a page need two.</summary>
    public required string Id { get; init; }

    /// <summary>What the chart shows, in a few words: its name for those who cannot see it.</summary>
    public required string Title { get; init; }

    /// <summary>A sentence about what there is to see.</summary>
    /// <value>When not set: how many values there are, from when to when, the last one, and how many lie outside of the range.</value>
    public string? Description { get; init; }

    /// <summary>What the values are in, written at the axis: <c>mmol/L</c>.</summary>
    /// <value>Empty unless set.</value>
    public string Unit { get; init; } = "";

    /// <summary>The range that is drawn as a band behind the lines.</summary>
    /// <value>None unless set.</value>
    public ReferenceRange? Range { get; init; }

    /// <summary>The width of the drawing, in units of its own; a page scales it.</summary>
    /// <value>640 unless set; from 240 to 4,000.</value>
    public int Width { get; init; } = 640;

    /// <summary>The height of the drawing, in units of its own.</summary>
    /// <value>320 unless set; from 160 to 4,000.</value>
    public int Height { get; init; } = 320;

    /// <summary>The zone in which times are written.</summary>
    /// <value>UTC unless set.</value>
    public TimeZoneInfo TimeZone { get; init; } = TimeZoneInfo.Utc;

    internal LineChartOptions Checked()
    {
        ArgumentNullException.ThrowIfNull(Title, nameof(Title));
        ArgumentNullException.ThrowIfNull(Unit, nameof(Unit));
        ArgumentNullException.ThrowIfNull(TimeZone, nameof(TimeZone));
        ArgumentException.ThrowIfNullOrEmpty(Id, nameof(Id));
        if (Id.Length > 64 || !char.IsAsciiLetter(Id[0]) || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException("An id is a letter and then up to 63 letters, digits, hyphens and underscores.", nameof(Id));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(Width, 240, nameof(Width));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Width, 4000, nameof(Width));
        ArgumentOutOfRangeException.ThrowIfLessThan(Height, 160, nameof(Height));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Height, 4000, nameof(Height));
        return this;
    }
}
