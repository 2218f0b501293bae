using Phr.Crypto.Sharing;

namespace Phr.Crypto;

/// <summary>The public side of how one dealer shares its share of one document onward.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class ReshareDocument
{
    internal ReshareDocument(DocumentId id, GroupCommitments commitments, CommitmentTwins twins)
    {
        Id = id;
        Commitments = commitments;
        Twins = twins;
    }

    /// <summary>The document.</summary>
    public DocumentId Id { get; }

    /// <summary>The commitments to the dealer's sharing; the shared key is the dealer's A_i in the old dealing.</summary>
    public GroupCommitments Commitments { get; }

    internal CommitmentTwins Twins { get; }
}
