namespace Phr.Ml;

/// <summary>A class of a model and how many of the training rows had it. Immutable.</summary>
/// <param name="Name">The class's name in the schema.</param>
/// <param name="Rows">How many rows.</param>
public sealed record CardClass(string Name, long Rows);
