using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What one member of a team wants its next terms to be.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record TeamVote
{
    /// <summary>The member.</summary>
    public required ActorId Member { get; init; }

    /// <summary>The terms that it proposed or confirmed.</summary>
    public required TeamTerms Terms { get; init; }
}
