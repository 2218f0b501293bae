namespace Phr.Samples.Portal;

/// <summary>One line of the board of outcomes.</summary>
/// <param name="Model">What the model is called.</param>
/// <param name="Suggested">What it suggested.</param>
/// <param name="Outcome">What doctors confirmed.</param>
/// <param name="Figure">How often, as far as that may be shown.</param>
public sealed record OutcomeLine(string Model, string Suggested, string Outcome, string Figure);
