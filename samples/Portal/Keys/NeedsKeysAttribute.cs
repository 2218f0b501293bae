namespace Phr.Samples.Portal;

/// <summary>A page that works with keys: whoever has none is sent to make them, and whose keys are locked to unlock them.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NeedsKeysAttribute : Attribute;
