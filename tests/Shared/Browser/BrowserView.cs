namespace Phr.TestSupport;

/// <summary>How a window is looked at.</summary>
/// <param name="Name">For the names of pictures.</param>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
/// <param name="IsDark">Whether the person prefers a dark page.</param>
public sealed record BrowserView(string Name, int Width, int Height, bool IsDark)
{
    /// <summary>A desk.</summary>
    public static BrowserView Desk { get; } = new("desk", 1280, 900, IsDark: false);

    /// <summary>A desk at night.</summary>
    public static BrowserView DarkDesk { get; } = new("desk-dark", 1280, 900, IsDark: true);

    /// <summary>A small telephone.</summary>
    public static BrowserView Telephone { get; } = new("telephone", 360, 740, IsDark: false);

    /// <summary>A small telephone at night.</summary>
    public static BrowserView DarkTelephone { get; } = new("telephone-dark", 360, 740, IsDark: true);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<BrowserView> All { get; } = [Desk, DarkDesk, Telephone, DarkTelephone];
}
