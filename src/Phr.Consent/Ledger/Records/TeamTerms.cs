using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What the ledger knows of a team's charter: enough to see who may ask for the team, and to which key.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record TeamTerms : IMapped<TeamTerms>
{
    /// <summary>The charter's digest.</summary>
    public required Digest CharterDigest { get; init; }

    /// <summary>The number of the charter, from 1.</summary>
    public required int RosterEpoch { get; init; }

    /// <summary>The epoch of the present key, from 1.</summary>
    public required int KeyEpoch { get; init; }

    /// <summary>The team's present receiving key.</summary>
    public required PublicKey PublicKey { get; init; }

    /// <summary>How many members open together, 2 to the number of members.</summary>
    public required int Threshold { get; init; }

    /// <summary>The members, 2 to 16.</summary>
    public required IReadOnlyList<TeamPlace> Members { get; init => field = ValueList.Of(value); }

    string IMapped<TeamTerms>.TypeName => nameof(TeamTerms);

    /// <summary>Whether somebody is a member.</summary>
    /// <param name="actor">The actor.</param>
    /// <returns>Whether it is.</returns>
    public bool Includes(ActorId actor) => Members.Any(place => place.Member == actor);

    /// <summary>What a charter means to the ledger.</summary>
    /// <param name="charter">The charter.</param>
    /// <returns>Its terms.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="charter"/> is null.</exception>
    public static TeamTerms Of(TeamCharter charter)
    {
        ArgumentNullException.ThrowIfNull(charter);
        return new TeamTerms
        {
            CharterDigest = charter.Digest,
            RosterEpoch = charter.Plan.RosterEpoch,
            KeyEpoch = charter.KeyEpoch,
            PublicKey = charter.PublicKey,
            Threshold = charter.Plan.Threshold,
            Members = [.. charter.Plan.Members.Select(member => new TeamPlace { Member = member.Identity })],
        };
    }

    TeamTerms IMapped<TeamTerms>.Map(FieldMap map) => this with
    {
        CharterDigest = map.Digest("charterDigest", CharterDigest),
        RosterEpoch = map.Int32("rosterEpoch", RosterEpoch, LedgerLimits.EpochMax),
        KeyEpoch = map.Int32("keyEpoch", KeyEpoch, LedgerLimits.EpochMax),
        PublicKey = map.Key("publicKey", PublicKey),
        Threshold = map.Int32("threshold", Threshold, LedgerLimits.TeamMembers),
        Members = map.List("members", Members, LedgerLimits.TeamMembers),
    };

    internal string? FindFault() =>
        CharterDigest.IsZero ? "A team has a charter."
        : RosterEpoch < 1 || KeyEpoch < 1 || KeyEpoch > RosterEpoch ? "Epochs count from 1, and no charter brings more than one key."
        : Threshold < TeamPlan.MinThreshold || Threshold > Members.Count ? "The threshold is 2 to the number of members."
        : Members.DistinctBy(place => place.Member).Count() != Members.Count || Members.Any(place => place.Member.IsZero) ? "A member occurs twice, or is nobody."
        : null;
}
