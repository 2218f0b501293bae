namespace Phr.Samples.Portal.Components;

/// <summary>One mark of a timeline.</summary>
/// <param name="Lane">The line that it is on: what happened.</param>
/// <param name="At">When.</param>
/// <param name="Until">Until when it went on; null for what takes no time, or where that is not known.</param>
/// <param name="Who">With whom, or who.</param>
/// <param name="About">What it was about; empty where nothing can be said.</param>
public sealed record TimelineMark(string Lane, DateTimeOffset At, DateTimeOffset? Until, string Who, string About);
