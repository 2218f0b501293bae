namespace Phr.Crypto;

/// <summary>A member's signature under a charter.</summary>
/// <param name="Index">The member's index.</param>
/// <param name="Signature">By the member's object key, over <c>phr/team-charter/v1</c>, a zero byte and the charter's payload.</param>
public sealed record TeamSignature(int Index, Signature Signature);
