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

    /// <summary>What members proposed or confirmed since the present terms began to hold: one vote of each, its latest, in the order in which they were cast.</summary>
    public IReadOnlyList<TeamVote> Votes { get; init => field = ValueList.Of(value); } = ValueList.Of<TeamVote>([]);

    /// <summary>When the present terms began to hold.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The changes that wait for members' confirmations, without repeats. Nobody can push another's aside.</summary>
    /// <returns>The terms, in the order of the votes.</returns>
    public IEnumerable<TeamTerms> Proposals() => Votes.Select(vote => vote.Terms).Distinct();

    /// <summary>The members who proposed or confirmed a change.</summary>
    /// <param name="terms">Its terms.</param>
    /// <returns>The members, in the order in which they did.</returns>
    public IEnumerable<ActorId> SupportersOf(TeamTerms terms) => Votes.Where(vote => vote.Terms == terms).Select(vote => vote.Member);
}
