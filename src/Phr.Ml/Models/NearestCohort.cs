namespace Phr.Ml;

/// <summary>The cohort that a patient resembles most. Immutable.</summary>
/// <param name="Cohort">The cohort.</param>
/// <param name="Distance">The distance to its centre, in standard deviations of the preprocessed features (Euclidean over all of them).</param>
public sealed record NearestCohort(Cohort Cohort, double Distance);
