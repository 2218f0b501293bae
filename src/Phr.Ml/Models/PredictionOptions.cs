namespace Phr.Ml;

/// <summary>What a prediction should bring with it. Immutable.</summary>
public sealed record PredictionOptions
{
    private readonly double _level = 0.9;

    /// <summary>How often the prediction set must hold the true class. Above 0 and below 1; default 0.9.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside.</exception>
    public double Level
    {
        get => _level;
        init
        {
            if (!(value > 0 && value < 1))
            {
                throw new ArgumentOutOfRangeException(nameof(value), value, "The level must be above 0 and below 1.");
            }

            _level = value;
        }
    }

    /// <summary>Whether each feature's contribution is worked out. Default <see cref="ContributionDetail.AllFeatures"/>; it is what takes most of the time.</summary>
    public ContributionDetail Contributions { get; init; } = ContributionDetail.AllFeatures;
}
