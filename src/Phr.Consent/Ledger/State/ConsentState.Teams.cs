using Phr.Crypto;

namespace Phr.Consent;

// Teams: a roster and a receiving key under one id. They sign nothing; members act for them.
public sealed partial class ConsentState
{
    private readonly Dictionary<ActorId, TeamRecord> _teams = [];

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
            : next.RosterEpoch != now.RosterEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "The charter is not the next one.")
            : next.KeyEpoch != now.KeyEpoch && next.KeyEpoch != now.KeyEpoch + 1 ? Refuse(LedgerError.StaleEpoch, "The key is neither the present one nor the next.")
            : (next.KeyEpoch == now.KeyEpoch) != (next.PublicKey == now.PublicKey) ? Refuse(LedgerError.Malformed, "A key of another epoch is another key.")
            : leaves && next.KeyEpoch == now.KeyEpoch ? Refuse(LedgerError.Malformed, "A member leaves, so the team needs a new key.")
            : FindRosterFault(next, turn.Now);
        if (refusal is null)
        {
            turn.Emit(new TeamChangeProposed { Team = c.Team, Member = c.Actor, Terms = next });
        }

        return refusal;
    }

    private Refusal? On(ConfirmTeamChange c, Turn turn)
    {
        Refusal? refusal = FindMembership(c.Team, c.Actor, out TeamRecord team)
            ?? (team.Proposed is not { } waiting ? Refuse(LedgerError.WrongState, "No change of the team is proposed.")
            : waiting.CharterDigest != c.CharterDigest ? Refuse(LedgerError.StaleDigest, "Another charter is proposed.")
            : team.Confirmations.Contains(c.Actor) ? Refuse(LedgerError.AlreadyExists, "The member confirmed already.")
            : null);
        if (refusal is not null)
        {
            return refusal;
        }

        turn.Emit(new TeamChangeConfirmed { Team = c.Team, Member = c.Actor, CharterDigest = c.CharterDigest });
        if (1 + team.Confirmations.Count(member => _actors[member].IsActiveAt(turn.Now)) < team.Terms.Threshold)
        {
            return null;
        }

        TeamTerms proposed = team.Proposed!;
        turn.Emit(new TeamChanged { Team = c.Team, CharterDigest = c.CharterDigest });
        if (proposed.KeyEpoch != team.Terms.KeyEpoch)
        {
            // What is asked to the old key and not granted yet would reach those who left.
            foreach (RequestRecord request in _requests.Values.Where(request => request.Receiver.Kind == ReceiverKinds.Team && request.Receiver.Id == c.Team && request.IsUndecided(turn.Now)))
            {
                turn.Emit(new RequestVoided { RequestId = request.Id, Cause = VoidCause.NewTeamKey });
                EmitRefreshDue(request, turn);
            }
        }

        return null;
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
        ?? (!team.Terms.Includes(doctor) ? Refuse(LedgerError.NotAMember, "The doctor who asks is no member of the team.")
        : receiver.KeyEpoch != team.Terms.KeyEpoch ? Refuse(LedgerError.StaleEpoch, "The team has a newer key.")
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

    private void Apply(TeamChangeProposed e) => _teams[e.Team] = Known(_teams, e.Team) with { Proposed = e.Terms, Confirmations = [e.Member] };

    private void Apply(TeamChangeConfirmed e)
    {
        TeamRecord team = Known(_teams, e.Team);
        _teams[e.Team] = team with { Confirmations = [.. team.Confirmations, e.Member] };
    }

    private void Apply(TeamChanged e, DateTimeOffset now)
    {
        TeamRecord team = Known(_teams, e.Team);
        TeamTerms proposed = team.Proposed ?? throw new PhrDataException(Stage, PhrDataReason.NotFound, "the event speaks of something that no earlier event made.");
        _teams[e.Team] = team with { Terms = proposed, Proposed = null, Confirmations = [], Since = now };
        _actors[e.Team] = Known(_actors, e.Team) with { KeyRecordDigest = proposed.CharterDigest };
    }
}
