namespace Phr.Consent;

/// <summary>The result of evaluating an access rule.</summary>
/// <param name="Outcome">Permit, deny, or undetermined.</param>
/// <param name="FailingLeaf">When denied, the first leaf in reading order that is to blame; when undetermined, the first whose fact is unknown; when permitted, null.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AccessDecision(AccessOutcome Outcome, AccessRuleLeaf? FailingLeaf)
{
    internal static AccessDecision Permitted { get; } = new(AccessOutcome.Permit, null);
}
