namespace Phr.Ml;

/// <summary>A kind of model that was asked for and did not take part.</summary>
/// <param name="Family">The kind.</param>
/// <param name="Reason">Why not.</param>
public sealed record OmittedModel(ModelFamily Family, string Reason);
