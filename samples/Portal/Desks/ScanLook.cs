using System.Globalization;
using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>How somebody looks at a scan: which frame, how close, at what, and which values are grey. It is all in the page's address, so that every step is a link and works without a script.</summary>
public sealed record ScanLook
{
    /// <summary>The closest look.</summary>
    public const double MaxZoom = 16;

    private const double LargestValue = 1e9;

    /// <summary>Which frame, from 1.</summary>
    public int Frame { get; init; } = 1;

    /// <summary>How many times larger than the whole, from 1 to <see cref="MaxZoom"/>.</summary>
    public double Zoom { get; init; } = 1;

    /// <summary>What is in the middle: 0 at the left, 1 at the right.</summary>
    public double X { get; init; } = 0.5;

    /// <summary>What is in the middle: 0 at the top, 1 at the bottom.</summary>
    public double Y { get; init; } = 0.5;

    /// <summary>The value in the middle of the greys; null for what the file proposes.</summary>
    public double? Level { get; init; }

    /// <summary>How many values lie between black and white; null for what the file proposes.</summary>
    public double? Width { get; init; }

    /// <summary>The window that was chosen; null for what the file proposes.</summary>
    public DicomWindow? Window => Level is { } level && Width is { } width
        ? new DicomWindow { Center = level, Width = width, Function = width >= 1 ? DicomWindowFunction.Linear : DicomWindowFunction.LinearExact }
        : null;

    /// <summary>Reads an address. What is no number, or out of bounds, counts as not given or as the bound.</summary>
    public static ScanLook Read(IQueryCollection query)
    {
        ArgumentNullException.ThrowIfNull(query);
        double zoom = Math.Clamp(NumberOf(query["zoom"]) ?? 1, 1, MaxZoom);
        return new ScanLook
        {
            Frame = (int)Math.Clamp(NumberOf(query["frame"]) ?? 1, 1, int.MaxValue),
            Zoom = zoom,
            X = Inside(NumberOf(query["x"]) ?? 0.5, zoom),
            Y = Inside(NumberOf(query["y"]) ?? 0.5, zoom),
            Level = NumberOf(query["level"]) is { } level ? Math.Clamp(level, -LargestValue, LargestValue) : null,
            Width = NumberOf(query["width"]) is { } width and > 0 ? Math.Clamp(width, 1e-6, LargestValue) : null,
        };
    }

    /// <summary>Closer or further away, about the same middle.</summary>
    public ScanLook Closer(double times) => At(Math.Clamp(Zoom * times, 1, MaxZoom), X, Y);

    /// <summary>To the side by a part of what is in sight.</summary>
    public ScanLook Moved(double right, double down) => At(Zoom, X + (right / Zoom), Y + (down / Zoom));

    /// <summary>The part of a picture that is in sight, as an SVG viewBox.</summary>
    public string ViewBox(int width, int height)
    {
        ScanLook inside = At(Zoom, X, Y);
        return string.Create(CultureInfo.InvariantCulture, $"{(inside.X - (0.5 / Zoom)) * width:0.####} {(inside.Y - (0.5 / Zoom)) * height:0.####} {width / Zoom:0.####} {height / Zoom:0.####}");
    }

    /// <summary>The address's part behind the question mark; empty for the first look.</summary>
    public string ToQuery()
    {
        string all = string.Concat(
            Part("frame", Frame == 1 ? null : Frame),
            Part("zoom", Zoom == 1 ? null : Zoom),
            Part("x", X == 0.5 ? null : X),
            Part("y", Y == 0.5 ? null : Y),
            Part("level", Window is null ? null : Level),
            Part("width", Window is null ? null : Width));
        return all.Length == 0 ? string.Empty : $"?{all[1..]}";
    }

    private ScanLook At(double zoom, double x, double y) => this with { Zoom = zoom, X = Inside(x, zoom), Y = Inside(y, zoom) };

    // No further than the picture's edge.
    private static double Inside(double middle, double zoom) => Math.Clamp(middle, 0.5 / zoom, 1 - (0.5 / zoom));

    private static string Part(string name, double? value) => value is { } number ? string.Create(CultureInfo.InvariantCulture, $"&{name}={number:0.######}") : string.Empty;

    private static double? NumberOf(string? text) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) ? number : null;
}
