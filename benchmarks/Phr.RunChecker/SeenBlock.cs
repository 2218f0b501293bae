namespace Phr.RunChecker;

/// <summary>A block when it was seen. It takes the place of every block with its number or a higher one that was seen before: that is how a chain that re-organises looks from outside.</summary>
internal sealed record SeenBlock(long Number, string Hash, long Time, IReadOnlyList<SeenEvent> Events);
