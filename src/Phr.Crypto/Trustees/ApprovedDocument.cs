namespace Phr.Crypto;

/// <summary>What an approval says of one document: the precursor of its fragments, and each oracle's fragment id and commitment.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ApprovedDocument
{
    internal ApprovedDocument(DocumentId id, PublicKey precursor, IReadOnlyList<FragmentCommitment> fragments, MemberCommitment? own)
    {
        Id = id;
        Precursor = precursor;
        Fragments = fragments;
        OwnCommitment = own;
    }

    /// <summary>The document.</summary>
    public DocumentId Id { get; }

    /// <summary>X, fresh for every approval and document.</summary>
    public PublicKey Precursor { get; }

    /// <summary>One entry per oracle, in committee order.</summary>
    public IReadOnlyList<FragmentCommitment> Fragments { get; }

    /// <summary>The patient's own a·u with its proof; null in a trustee's approval, where the dealing has it.</summary>
    public MemberCommitment? OwnCommitment { get; }
}
