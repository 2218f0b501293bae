using Phr.Ml;

namespace Phr.Samples.Portal;

/// <summary>What a model says of one row of a file of measurements.</summary>
/// <param name="Title">The document's title.</param>
/// <param name="Row">Which row, from 1.</param>
/// <param name="Rows">How many rows the file has.</param>
/// <param name="Diagnosis">What the model says.</param>
/// <param name="Card">What the model is, and how good it was on rows that it had not seen.</param>
/// <param name="Schema">What the model asks for, and its classes.</param>
/// <param name="Model">The digest of the model.</param>
public sealed record SuggestionView(string Title, int Row, int Rows, Diagnosis Diagnosis, ModelCard Card, FeatureSchema Schema, ContentDigest Model);
