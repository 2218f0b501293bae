namespace Phr.Ml;

/// <summary>One reason why a prediction should not be relied on: the patient is unlike those of training. Immutable.</summary>
/// <param name="Kind">In which way.</param>
/// <param name="Feature">The feature it is about; empty where it is about all together.</param>
/// <param name="Message">The same in words. Names features and limits, never the patient's values.</param>
public sealed record UnlikenessReason(UnlikenessKind Kind, string Feature, string Message)
{
    /// <summary>The reason in words.</summary>
    /// <returns><see cref="Message"/>.</returns>
    public override string ToString() => Message;
}
