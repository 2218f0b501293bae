using Phr.Crypto;

namespace Phr.Consent;

// Teams: a roster and a receiving key under one id. They sign nothing; members act for them.
public sealed partial class ConsentState
{
    private readonly Dictionary<ActorId, TeamRecord> _teams = [];

    /// <summary>The last vote of each member under each charter: a contract forgets none.</summary>
    private readonly Dictionary<(ActorId Team, int RosterEpoch, ActorId Member), TeamTerms> _teamVotes = [];

    /// <summary>A team.</summary>
    /// <param name="team">Its id.</param>
    /// <returns>The record, or null.</returns>
    public TeamRecord? GetTeam(ActorId team) => _teams.GetValueOrDefault(team);

    private Refusal? On(RegisterTeam c, Turn turn)
    {
        Refusal? refusal = c.Team.IsZero || c.Terms.RosterEpoch != 1 ? Refuse(LedgerError.Malformed, "A team has an id, and its founding charter is the first.")
            : Find(c.Team) is not null || _addresses.ContainsKey(c.Team) ? Refuse(LedgerError.AlreadyExists, "The id is taken.")
            : !c.Terms.Includes(c.Actor) ? Refuse(LedgerError.NotAMember, "A member registers the team.")
            : !c.Organisation.IsZero && (Find(c.Organisation) is not { } hospital || (hospital.Roles & ActorRoles.Hospital) == 0)
                ? Refuse(LedgerError.NotFound, "The organisation is not registered as a hospital.")
            : FindRosterFault(c.Terms, turn.Now);
        if (refusal is null)
        {
            turn.Emit(new TeamRegistered { Team = c.Team, Member = c.Actor, Terms = c.Terms, Organisation = c.Organisation });
        }

        return refusal;
    }

    private Refusal? On(ChangeTeam c, Turn turn)
    {
        if (FindMembership(c.Team, c.Actor, out TeamRecord team) is { } refusal)
        {
            return refusal;
        }

        TeamTerms now = team.Terms, next = c.Terms;
        bool leaves = now.Members.Any(place => !next.Includes(place.Member));
        refusal = c.PreviousCharterDigest != now.CharterDigest ? Refuse(LedgerError.StaleDigest, "The charter is not the present one.")
            : next.CharterDigest == now.CharterDigest ? Refuse(LedgerError.AlreadyExists, "The charter holds already.")
            : team.SupportersOf(next).Contains(c.Actor) ? Refuse(LedgerError.AlreadyExists, "The member proposed or confirmed this already.")
            : next.RosterEpoch != now.RosterEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "The charter is not the next one.")
            : next.KeyEpoch != now.KeyEpoch && next.KeyEpoch != now.KeyEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "The key is neither the present one nor the next.")
            : (next.KeyEpoch == now.KeyEpoch) != (next.PublicKey == now.PublicKey) ? Refuse(LedgerError.Malformed, "A key of another epoch is another key.")
            : leaves && next.KeyEpoch == now.KeyEpoch ? Refuse(LedgerError.Malformed, "A member leaves, so the team needs a new key.")
            : FindRosterFault(next, turn.Now);
        if (refusal is null)
        {
            turn.Emit(new TeamChangeProposed { Team = c.Team, Member = c.Actor, Terms = next });
            EmitChange(team, next, c.Actor, turn);
        }

        return refusal;
    }

    private Refusal? On(ConfirmTeamChange c, Turn turn)
    {
        if (FindMembership(c.Team, c.Actor, out TeamRecord team) is { } refusal)
        {
            return refusal;
        }

        TeamTerms[] meant = [.. team.Proposals().Where(terms => terms.CharterDigest == c.CharterDigest)];
        if (meant.Length != 1)
        {
            return team.Votes.Count == 0 ? Refuse(LedgerError.WrongState, "No change of the team is proposed.")
                : meant.Length == 0 ? Refuse(LedgerError.StaleDigest, "Another charter is proposed.")
                : Refuse(LedgerError.StaleDigest, "Members say different things of this charter; hand in its terms instead.");
        }

        if (team.SupportersOf(meant[0]).Contains(c.Actor))
        {
            return Refuse(LedgerError.AlreadyExists, "The member confirmed already.");
        }

        turn.Emit(new TeamChangeConfirmed { Team = c.Team, Member = c.Actor, CharterDigest = c.CharterDigest });
        EmitChange(team, meant[0], c.Actor, turn);
        return null;
    }

    /// <summary>Puts a change into force when, with this member, as many active ones want it as open together.</summary>
    private void EmitChange(TeamRecord team, TeamTerms proposed, ActorId member, Turn turn)
    {
        if (1 + team.SupportersOf(proposed).Count(earlier => earlier != member && _actors[earlier].IsActiveAt(turn.Now)) < team.Terms.Threshold)
        {
            return;
        }

        turn.Emit(new TeamChanged { Team = team.Id, CharterDigest = proposed.CharterDigest });
    }

    private Refusal? FindMembership(ActorId id, ActorId actor, out TeamRecord team)
    {
        team = _teams.GetValueOrDefault(id)!;
        return team is null ? Refuse(LedgerError.NotFound, "There is no such team.")
            : _actors[id].Status == ActorStatus.Removed ? Refuse(LedgerError.Removed, "The team was removed.")
            : !team.Terms.Includes(actor) ? Refuse(LedgerError.NotAMember, "Only a member of the team does this.")
            : null;
    }

    private Refusal? FindRosterFault(TeamTerms terms, DateTimeOffset now)
    {
        if (terms.FindFault() is { } fault)
        {
            return Refuse(LedgerError.Malformed, fault);
        }

        foreach (TeamPlace place in terms.Members)
        {
            if (Find(place.Member) is not { } member || (member.Roles & ActorRoles.Team) != 0)
            {
                return Refuse(LedgerError.NotFound, $"Member {place.Member} is not registered.");
            }

            if (FindInactivity(member, now) is { } inactive)
            {
                return inactive;
            }
        }

        return null;
    }

    /// <summary>Whether the receiver of a request still is who it was: nothing to ask of a person; of a team that it is active, that the one who asks is in it, and that the key is its present one.</summary>
    private Refusal? FindReceiverFault(RequestReceiver receiver, ActorId doctor, DateTimeOffset now) =>
        receiver.Kind != ReceiverKinds.Team ? null
        : _teams.GetValueOrDefault(receiver.Id) is not { } team ? Refuse(LedgerError.NotFound, "There is no such team.")
        : FindInactivity(_actors[receiver.Id], now)
        ?? (receiver.KeyEpoch != team.Terms.KeyEpoch ? Refuse(LedgerError.StaleEpoch, "The team has a newer key.")
        : !team.Terms.Includes(doctor) ? Refuse(LedgerError.NotAMember, "The doctor who asks is no member of the team.")
        : null);

    /// <summary>Everybody who must not sit in the committee because a team receives.</summary>
    private IEnumerable<ActorId> PartiesOf(RequestReceiver receiver) =>
        receiver.Kind != ReceiverKinds.Team ? []
        : _teams[receiver.Id].Terms.Members.SelectMany(place => new[] { place.Member, _actors[place.Member].EffectiveOrganisation }).Append(_actors[receiver.Id].Organisation);

    private void Apply(TeamRegistered e, DateTimeOffset now)
    {
        _actors[e.Team] = new ActorRecord
        {
            Id = e.Team,
            LedgerAddress = e.Team,
            Roles = ActorRoles.Team,
            Status = ActorStatus.Pending,
            KeyRecordDigest = e.Terms.CharterDigest,
            ValidUntil = DateTimeOffset.MaxValue,
            Organisation = e.Organisation,
            Operator = default,
            RegisteredAt = now,
        };
        _addresses[e.Team] = e.Team;
        _teams[e.Team] = new TeamRecord { Id = e.Team, Terms = e.Terms, Since = now };
    }

    private void Apply(TeamChangeProposed e) => Vote(e.Team, e.Member, e.Terms);

    private void Apply(TeamChangeConfirmed e) => Vote(
        e.Team,
        e.Member,
        Known(_teams, e.Team).Proposals().FirstOrDefault(terms => terms.CharterDigest == e.CharterDigest) ?? throw UnknownProposal());

    // The latest vote of a member is the one that counts, and the last in the list.
    private void Vote(ActorId id, ActorId member, TeamTerms terms)
    {
        TeamRecord team = Known(_teams, id);
        _teamVotes[(id, team.Terms.RosterEpoch, member)] = terms;
        _teams[id] = team with { Votes = [.. team.Votes.Where(vote => vote.Member != member), new TeamVote { Member = member, Terms = terms }] };
    }

    // It is the last vote that brings a change into force.
    private void Apply(TeamChanged e, DateTimeOffset now)
    {
        TeamRecord team = Known(_teams, e.Team);
        TeamTerms proposed = team.Votes.LastOrDefault()?.Terms is { } last && last.CharterDigest == e.CharterDigest ? last : throw UnknownProposal();
        _teams[e.Team] = team with { Terms = proposed, Votes = [], Since = now };
        _actors[e.Team] = Known(_actors, e.Team) with { KeyRecordDigest = proposed.CharterDigest };
        if (proposed.KeyEpoch != team.Terms.KeyEpoch)
        {
            // What is asked to the old key and not granted yet would reach those who left.
            IEnumerable<RequestRecord> asked = _requests.Values.Where(request => request.Receiver.Kind == ReceiverKinds.Team && request.Receiver.Id == e.Team);
            foreach (BundleId bundle in VoidUndecided(asked, VoidCause.NewTeamKey, now))
            {
                _bundles[bundle] = _bundles[bundle] with { RefreshDue = true };
            }
        }
    }

    private static PhrDataException UnknownProposal() => new(Stage, PhrDataReason.NotFound, "the event speaks of something that no earlier event made.");
}
