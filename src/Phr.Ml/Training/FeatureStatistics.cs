namespace Phr.Ml.Training;

/// <summary>What a feature looked like in the rows that a preprocessor was fitted to. Of a category, only the shares mean something.</summary>
/// <param name="Minimum">The least value.</param>
/// <param name="Maximum">The greatest value.</param>
/// <param name="Mean">The mean of the values that are there.</param>
/// <param name="Deviation">Their standard deviation, of the population.</param>
/// <param name="Median">Their median.</param>
/// <param name="MissingShare">The share of rows without a value, from 0 to 1.</param>
/// <param name="LevelShares">Of a category, the share of each level among the values that are there; empty otherwise.</param>
internal sealed record FeatureStatistics(double Minimum, double Maximum, double Mean, double Deviation, double Median, double MissingShare, double[] LevelShares);
