using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A member's sealed answer to an opening request, as it came from its device.</summary>
/// <param name="Member">Who answered.</param>
/// <param name="Bytes">What <see cref="TeamClient.AnswerAsync"/> gave.</param>
public sealed record TeamAnswer(ActorId Member, ReadOnlyMemory<byte> Bytes);
