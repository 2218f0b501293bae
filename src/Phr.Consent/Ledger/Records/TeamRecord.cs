using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A team on the ledger. Its standing (pending, active, suspended, removed) is in its <see cref="ActorRecord"/>.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record TeamRecord
{
    /// <summary>The team.</summary>
    public required ActorId Id { get; init; }

    /// <summary>Its present terms.</summary>
    public required TeamTerms Terms { get; init; }

    /// <summary>A change that waits for members' confirmations; null without one.</summary>
    public TeamTerms? Proposed { get; init; }

    /// <summary>The members who confirmed the proposed change, its proposer first.</summary>
    public IReadOnlyList<ActorId> Confirmations { get; init => field = ValueList.Of(value); } = [];

    /// <summary>When the present terms began to hold.</summary>
    public required DateTimeOffset Since { get; init; }
}
