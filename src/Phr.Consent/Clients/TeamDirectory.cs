using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>
/// Loads a team and trusts nobody's word for it: the charter leads by its members' signatures to the plan that the team's id is made
/// of, and every present member's keys are those of its own key record.
/// </summary>
internal static class TeamDirectory
{
    private const int MaxCached = 1024;
    private const int MaxChain = 1000;
    private const string Stage = "team";

    /// <summary>The team's record and present charter.</summary>
    public static async Task<(TeamRecord Record, TeamCharter Charter)> LoadAsync(ConsentServices services, ActorId team, CancellationToken cancellationToken)
    {
        TeamRecord record = await services.Ledger.GetTeamAsync(team, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, $"the ledger has no team {team}.");
        TeamCharter charter = await LoadCharterAsync(services, record.Terms.CharterDigest, cancellationToken).ConfigureAwait(false);
        if (charter.Team != team || charter.Plan.Ledger != services.Ledger.Id || TeamTerms.Of(charter) != record.Terms)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, "the ledger's record is not what the team's charter says.");
        }

        await RequireOwnKeysAsync(services, charter.Plan, cancellationToken).ConfigureAwait(false);
        return (record, charter);
    }

    /// <summary>A charter, verified down to the one that founded its team.</summary>
    public static async Task<TeamCharter> LoadCharterAsync(ConsentServices services, Digest digest, CancellationToken cancellationToken)
    {
        var chain = new Stack<TeamCharter>();
        TeamCharter? verified = null;
        for (Digest next = digest; !next.IsZero && verified is null;)
        {
            if (services.VerifiedCharters.TryGetValue(next, out verified))
            {
                break;
            }

            TeamCharter charter = TeamCharter.FromBytes(await services.Exchange.GetBlockAsync(next, cancellationToken).ConfigureAwait(false));
            if (chain.TryPeek(out TeamCharter? later) && later.Plan.RosterEpoch != charter.Plan.RosterEpoch + 1)
            {
                throw new PhrDataException(Stage, PhrDataReason.Mismatched, "a charter in the team's chain is missing.");
            }

            // Nothing of the chain is verified before its end is reached, so a ledger that lies must not make it long.
            if (chain.Count == MaxChain)
            {
                throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"more than {MaxChain} charters follow one another before one that was verified.");
            }

            chain.Push(charter);
            next = charter.Plan.Previous;
        }

        if (services.VerifiedCharters.Count >= MaxCached)
        {
            services.VerifiedCharters.Clear();
        }

        foreach (TeamCharter charter in chain)
        {
            charter.Verify(verified);
            services.VerifiedCharters[charter.Digest] = verified = charter;
        }

        return verified!;
    }

    /// <summary>Every member's keys in a plan are those of its key record, which its own ledger key signed.</summary>
    public static async Task RequireOwnKeysAsync(ConsentServices services, TeamPlan plan, CancellationToken cancellationToken)
    {
        foreach (TeamMember member in plan.Members)
        {
            var record = KeyRecord.FromBytes(await services.Exchange.GetBlockAsync(member.KeyRecordDigest, cancellationToken).ConfigureAwait(false));
            if (record.ActorId != member.Identity || record.Ledger != services.Ledger.Id || record.Keys.ObjectKey != member.ObjectKey || record.Keys.EnvelopeKey != member.EnvelopeKey)
            {
                throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the plan has other keys of member {member.Identity} than its key record.");
            }

            await LedgerKeyChain.RequireAsync(services.Ledger, member.Identity, ActorId.FromPublicKey(record.Keys.LedgerKey), cancellationToken).ConfigureAwait(false);
        }
    }
}
