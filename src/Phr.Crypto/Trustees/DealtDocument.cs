namespace Phr.Crypto;

/// <summary>The public side of the sharing of one document's delegating key.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class DealtDocument
{
    internal DealtDocument(DocumentId id, GroupCommitments commitments, IReadOnlyList<MemberCommitment> members)
    {
        Id = id;
        Commitments = commitments;
        Members = members;
    }

    /// <summary>The document.</summary>
    public DocumentId Id { get; }

    /// <summary>The two-level Feldman commitments.</summary>
    public GroupCommitments Commitments { get; }

    /// <summary>One commitment per trustee, in policy order: all members of group 1, then of group 2, and so on.</summary>
    public IReadOnlyList<MemberCommitment> Members { get; }
}
