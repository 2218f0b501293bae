using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A group of trustees as the patient plans it.</summary>
/// <param name="Name">A code such as <c>guardians</c>, at most 32 printable ASCII characters.</param>
/// <param name="Threshold">How many members must approve.</param>
/// <param name="Members">The members, by identity.</param>
public sealed record TrusteeGroupPlan(string Name, int Threshold, IReadOnlyList<ActorId> Members);
