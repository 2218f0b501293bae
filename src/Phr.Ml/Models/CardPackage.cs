namespace Phr.Ml;

/// <summary>A library that took part in training a model. Immutable.</summary>
/// <param name="Name">The package's name.</param>
/// <param name="Version">Its version.</param>
public sealed record CardPackage(string Name, string Version);
