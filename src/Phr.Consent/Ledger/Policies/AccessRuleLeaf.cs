namespace Phr.Consent;

/// <summary>A leaf of an access rule: the condition that decided a refusal.</summary>
/// <param name="Path">The way from the root: child numbers from 0, each after a slash; <c>/</c> is the root itself.</param>
/// <param name="Text">The condition in words, such as <c>speciality is cardiology</c>.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AccessRuleLeaf(string Path, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Path}: {Text}";
}
