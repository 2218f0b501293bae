namespace Phr.Ml;

/// <summary>What a feature is worth to a model: how much of the area under the ROC curve is lost on held-out rows when the feature's values are dealt out anew among them.</summary>
/// <param name="Feature">The feature.</param>
/// <param name="Loss">The loss, the mean over folds with its range. Near 0: the model does not need the feature, perhaps because another says the same.</param>
public sealed record FeatureImportance(string Feature, MetricInterval Loss);
