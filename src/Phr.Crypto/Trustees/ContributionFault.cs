namespace Phr.Crypto;

/// <summary>A bad contribution, pinned on the one who made it.</summary>
/// <param name="Party">Whether an oracle or a trustee is at fault.</param>
/// <param name="Actor">Who it is on the ledger.</param>
/// <param name="Index">The oracle's seat from 1; 0 for a trustee's fault.</param>
/// <param name="Group">The trustee's group; for an oracle's fault, of the trustee whose fragment it re-encrypted.</param>
/// <param name="Member">The trustee's place in the group.</param>
/// <param name="Document">The document; all zero when the whole contribution is bad.</param>
/// <param name="Reason">What failed.</param>
/// <param name="Detail">One sentence for a person.</param>
public sealed record ContributionFault(
    FaultyParty Party, ActorId Actor, int Index, int Group, int Member, DocumentId Document, PhrDataReason Reason, string Detail);
