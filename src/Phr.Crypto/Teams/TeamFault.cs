namespace Phr.Crypto;

/// <summary>A bad contribution to a team's work, pinned on the member who made it.</summary>
/// <param name="Member">The member on the ledger.</param>
/// <param name="Reason">What failed.</param>
/// <param name="Detail">One sentence for a person.</param>
public sealed record TeamFault(ActorId Member, PhrDataReason Reason, string Detail);
