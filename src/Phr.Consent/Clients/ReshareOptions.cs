namespace Phr.Consent;

/// <summary>How the trustees share a bundle's keys anew without the patient.</summary>
/// <remarks>Nothing that the patient's policy asks for may be relaxed (<see cref="ConsentPolicy.FindRelaxation"/>). What is not set here stays as it is.</remarks>
public sealed class ReshareOptions
{
    /// <summary>The groups with their new members and thresholds: the same names in the same order.</summary>
    /// <value>Default null: the same trustees, a refresh.</value>
    public IReadOnlyList<TrusteeGroupPlan>? Groups { get; init; }

    /// <summary>How many groups must be satisfied.</summary>
    /// <value>Default null: as many as now.</value>
    public int? GroupThreshold { get; init; }

    /// <summary>How long, after the patient's delay, dealers have to contribute, new trustees to check, and dealers to confirm.</summary>
    /// <value>Default 3 days.</value>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(3);
}
