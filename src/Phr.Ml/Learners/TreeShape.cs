namespace Phr.Ml.Learners;

/// <summary>How one tree of a forest is grown.</summary>
internal sealed record TreeShape(ForestKind Kind, int Features, int MinLeaf, int MaxDepth, bool Bootstrap, double RowShare);
