using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>
/// A member's work in a team: found it, deal and accept shares, change the roster, and help other members open what was granted to the
/// team. Asking and opening are a doctor's, see <see cref="DoctorClient"/>; both clients of one member share its secret store.
/// </summary>
/// <remarks>
/// A round goes: one member plans; every member deals, checks, and accepts by signing; one completes; enough confirm. Members pass each other
/// digests and signatures by any channel; what they stand for lies in the exchange. The device keeps the shares, and wipes those of
/// earlier charters.
/// </remarks>
public sealed class TeamClient : ActorClient
{
    private readonly TeamShareStore _shares;

    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The member's keys.</param>
    /// <param name="secrets">The member's secret store, on its own device.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public TeamClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets)
        : base(services, identity, secrets) => _shares = new TeamShareStore(secrets);

    /// <summary>Plans a new team.</summary>
    /// <param name="threshold">How many members open together, 2 to the number of members.</param>
    /// <param name="members">The founding members, 2 to 16, registered on the ledger.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The plan's digest, for the other members.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="members"/> is null.</exception>
    /// <exception cref="ArgumentException">A number is out of range, or a member occurs twice.</exception>
    /// <exception cref="PhrDataException">A member's key record is missing or fails a check.</exception>
    public async Task<Digest> PlanAsync(int threshold, IReadOnlyList<ActorId> members, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(members);
        return await PublishAsync(TeamPlan.Found(Services.Ledger.Id, threshold, await LoadRecordsAsync(members, cancellationToken).ConfigureAwait(false)).ToBytes(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Plans a change of a team: members who join or leave, another threshold, a new key.</summary>
    /// <param name="team">The team.</param>
    /// <param name="change">What changes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The plan's digest, for the other members.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="change"/> is null.</exception>
    /// <exception cref="ArgumentException">The change breaks a rule of <see cref="TeamPlan.Change"/>.</exception>
    /// <exception cref="PhrDataException">The team or a member's key record is missing or fails a check.</exception>
    public async Task<Digest> PlanChangeAsync(ActorId team, TeamRosterChange change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        (_, TeamCharter charter) = await TeamDirectory.LoadAsync(Services, team, cancellationToken).ConfigureAwait(false);
        ActorId[] roster = [.. charter.Plan.Members.Select(m => m.Identity).Except(change.Leave).Union(change.Join)];
        var plan = TeamPlan.Change(charter, new TeamChange
        {
            Members = await LoadRecordsAsync(roster, cancellationToken).ConfigureAwait(false),
            Threshold = change.Threshold,
            RenewKey = change.RenewKey,
            RetiredKeys = change.RetiredKeys,
        });
        return await PublishAsync(plan.ToBytes(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a plan and checks it against the ledger: the team's present charter, and every member's keys. What it is worth, a person decides.</summary>
    /// <param name="plan">The plan's digest.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The plan.</returns>
    /// <exception cref="PhrDataException">The plan is missing or fails a check.</exception>
    public async Task<TeamPlan> ReadPlanAsync(Digest plan, CancellationToken cancellationToken = default) =>
        (await LoadPlanAsync(plan, cancellationToken).ConfigureAwait(false)).Plan;

    /// <summary>Deals in a round, which is to agree to its plan.</summary>
    /// <param name="plan">The plan's digest.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The dealing's digest, for the other members; null when this member joins and there is no fresh key, so that it has nothing to deal.</returns>
    /// <exception cref="InvalidOperationException">This actor is no member in the plan, or this device has not the shares that it must hand on.</exception>
    /// <exception cref="PhrDataException">The plan is missing or fails a check.</exception>
    public async Task<Digest?> DealAsync(Digest plan, CancellationToken cancellationToken = default)
    {
        (TeamPlan loaded, TeamCharter? previous) = await LoadPlanAsync(plan, cancellationToken).ConfigureAwait(false);
        if (loaded.FindMember(Id) is null)
        {
            throw new InvalidOperationException("This actor is no member in the plan.");
        }

        if (previous is null)
        {
            return await PublishAsync(TeamDealing.Create(loaded, Identity).ToBytes(), cancellationToken).ConfigureAwait(false);
        }

        bool stays = previous.FindMember(Id) is not null;
        if (!stays && loaded.Keys.All(k => !k.IsFresh))
        {
            return null;
        }

        using TeamShares? shares = stays ? await RequireSharesAsync(previous, cancellationToken).ConfigureAwait(false) : null;
        return await PublishAsync(TeamDealing.Create(loaded, previous, shares, Identity).ToBytes(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens what the dealers sealed to this member, and publishes a proof against each who sealed something wrong.</summary>
    /// <param name="round">The round.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The complaints' digests, for the other members; none when all is well.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="round"/> is null.</exception>
    /// <exception cref="PhrDataException">Something is missing or fails a check, or too few good dealings are there.</exception>
    public async Task<IReadOnlyList<Digest>> CheckAsync(TeamRound round, CancellationToken cancellationToken = default)
    {
        TeamOutcome outcome = await ConcludeAsync(round, cancellationToken).ConfigureAwait(false);
        var complaints = new List<Digest>();
        foreach (TeamComplaint complaint in outcome.FindComplaints(Identity))
        {
            complaints.Add(await PublishAsync(complaint.ToBytes(), cancellationToken).ConfigureAwait(false));
        }

        return complaints;
    }

    /// <summary>Works the round out, keeps this member's shares, and signs the charter.</summary>
    /// <param name="round">The round.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The signature for <see cref="CompleteAsync"/>, and who dealt badly.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="round"/> is null.</exception>
    /// <exception cref="PhrDataException">Something is missing or fails a check, too few good dealings are there, or a share is wrong: then <see cref="CheckAsync"/> finds the proof.</exception>
    public async Task<(TeamSignature Signature, IReadOnlyList<TeamFault> Faults)> AcceptAsync(TeamRound round, CancellationToken cancellationToken = default)
    {
        TeamOutcome outcome = await ConcludeAsync(round, cancellationToken).ConfigureAwait(false);
        (TeamShares shares, TeamSignature signature) = outcome.Accept(Identity);
        using (shares)
        {
            // Before the signature leaves: who signed has its shares.
            await _shares.StoreAsync(shares, cancellationToken).ConfigureAwait(false);
        }

        return (signature, outcome.Faults);
    }

    /// <summary>Puts the charter together and hands it to the ledger: a new team waits for admission, a changed one for confirmations.</summary>
    /// <param name="round">The round.</param>
    /// <param name="signatures">The members' signatures, at least as many as the threshold.</param>
    /// <param name="organisation">The hospital that a new team belongs to; zero for none. Nothing to a changed one.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The charter.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="PhrDataException">Something is missing or fails a check, or there are too few signatures.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task<TeamCharter> CompleteAsync(
        TeamRound round, IReadOnlyCollection<TeamSignature> signatures, ActorId organisation = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(signatures);
        TeamOutcome outcome = await ConcludeAsync(round, cancellationToken).ConfigureAwait(false);
        var charter = TeamCharter.Create(outcome, signatures);
        await PublishAsync(charter.ToBytes(), cancellationToken).ConfigureAwait(false);
        LedgerCommand command = outcome.Plan.IsFounding
            ? new RegisterTeam { Actor = Id, Team = charter.Team, Terms = TeamTerms.Of(charter), Organisation = organisation }
            : new ChangeTeam { Actor = Id, Team = charter.Team, PreviousCharterDigest = outcome.Plan.Previous, Terms = TeamTerms.Of(charter) };
        await SubmitAsync(command, cancellationToken).ConfigureAwait(false);
        return charter;
    }

    /// <summary>Confirms a charter that another member handed in, after looking at it.</summary>
    /// <param name="team">The team.</param>
    /// <param name="charter">The charter's digest; null for the first that is proposed and follows the present one. Proposals that do not are passed over.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="InvalidOperationException">No change, or not this one, is proposed.</exception>
    /// <exception cref="PhrDataException">Every charter that is proposed, or the one named, is missing, does not follow the present one, or is not what the ledger says of it.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task ConfirmAsync(ActorId team, Digest? charter = null, CancellationToken cancellationToken = default)
    {
        (TeamRecord record, TeamCharter present) = await TeamDirectory.LoadAsync(Services, team, cancellationToken).ConfigureAwait(false);
        TeamTerms[] proposals = [.. record.Proposals()];
        PhrDataException? fault = null;
        foreach (TeamTerms proposed in proposals.Where(terms => charter is null || terms.CharterDigest == charter))
        {
            try
            {
                TeamCharter next = await TeamDirectory.LoadCharterAsync(Services, proposed.CharterDigest, cancellationToken).ConfigureAwait(false);
                if (next.Plan.Previous != present.Digest || TeamTerms.Of(next) != proposed)
                {
                    throw new PhrDataException("team", PhrDataReason.Mismatched, "the proposed charter does not follow the present one, or is not what the ledger says of it.");
                }

                await TeamDirectory.RequireOwnKeysAsync(Services, next.Plan, cancellationToken).ConfigureAwait(false);
            }
            catch (PhrDataException e)
            {
                fault = e;
                continue;
            }

            // When somebody said other things of the same charter, its digest alone does not tell what is confirmed.
            bool isPlain = proposals.Count(terms => terms.CharterDigest == proposed.CharterDigest) == 1;
            await SubmitAsync(
                isPlain
                    ? new ConfirmTeamChange { Actor = Id, Team = team, CharterDigest = proposed.CharterDigest }
                    : new ChangeTeam { Actor = Id, Team = team, PreviousCharterDigest = present.Digest, Terms = proposed },
                cancellationToken).ConfigureAwait(false);
            return;
        }

        throw fault ?? (Exception)new InvalidOperationException("No such change of the team is proposed.");
    }

    /// <summary>Wipes the shares of every charter but the present one and those that are proposed. Call it when a change holds; it can be repeated without harm.</summary>
    /// <param name="team">The team.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The present charter.</returns>
    /// <exception cref="PhrDataException">The team is not known, or its charter is missing or fails a check.</exception>
    public async Task<TeamCharter> ForgetOldSharesAsync(ActorId team, CancellationToken cancellationToken = default)
    {
        (TeamRecord record, TeamCharter charter) = await TeamDirectory.LoadAsync(Services, team, cancellationToken).ConfigureAwait(false);
        var keep = new List<Digest>();
        if (charter.FindMember(Id) is not null)
        {
            keep.Add(charter.CoreDigest);
        }

        foreach (TeamTerms proposed in record.Proposals())
        {
            try
            {
                keep.Add((await TeamDirectory.LoadCharterAsync(Services, proposed.CharterDigest, cancellationToken).ConfigureAwait(false)).CoreDigest);
            }
            catch (PhrDataException)
            {
                // Nothing that could come to hold: there are no shares of it.
            }
        }

        await _shares.KeepOnlyAsync(team, keep, cancellationToken).ConfigureAwait(false);
        return charter;
    }

    /// <summary>Helps another member open what was granted to the team, after looking everything up itself.</summary>
    /// <param name="question">The question's exact bytes.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The answer, sealed to the one who asks. With it goes the request's own secret, if this device has it.</returns>
    /// <exception cref="PhrDataException">The question is damaged, from nobody in the present roster, or about another charter; or what it rests on is missing or fails a check.</exception>
    /// <exception cref="InvalidOperationException">Something speaks against it: the team, the one who asks or this member is not active; the one who asks has replaced its keys; the request is another receiver's, not granted, not final, over or revoked; the patient's
    /// rule does not permit the one who asks; or a point is of no granted approval and no recorded delivery. The message says what. Or this device has no shares under the present charter.</exception>
    public async Task<byte[]> AnswerAsync(ReadOnlyMemory<byte> question, CancellationToken cancellationToken = default)
    {
        TeamOpeningRequest opening = TeamOpeningRequest.FromBytes(question.Span);
        (TeamRecord _, TeamCharter charter) = await TeamDirectory.LoadAsync(Services, opening.Team, cancellationToken).ConfigureAwait(false);
        opening.Verify(charter);
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, opening.Request, cancellationToken).ConfigureAwait(false);
        if (await FindObjectionAsync(opening, charter, dossier, cancellationToken).ConfigureAwait(false) is { } objection)
        {
            throw new InvalidOperationException($"This device does not help: {objection}");
        }

        using TeamShares shares = await RequireSharesAsync(charter, cancellationToken).ConfigureAwait(false);
        using SecretValue? secret = await Secrets.GetAsync(DoctorClient.ReceivingKeyName(opening.Request), cancellationToken).ConfigureAwait(false);
        using SecretKey? requestKey = secret is null ? null : SecretKey.FromBytes(secret.Bytes);
        return TeamPartial.Answer(opening, charter, new TeamHelper { Identity = Identity, Shares = shares, RequestKey = requestKey });
    }

    private async Task<string?> FindObjectionAsync(TeamOpeningRequest opening, TeamCharter charter, RequestDossier dossier, CancellationToken cancellationToken)
    {
        RequestRecord request = dossier.Request;
        RequestReceiver receiver = RequestReceiver.Team(opening.Team, opening.KeyEpoch);
        if (request.Receiver != receiver || request.ReceivingKey != opening.ReceivingKey)
        {
            return "the request is not this team's, or is to another key.";
        }

        LedgerHead head = await Services.Ledger.GetHeadAsync(cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = Now, later = head.Time > now ? head.Time : now, earlier = head.Time > now ? now : head.Time;
        if (!request.IsFinal(later) || earlier < request.Grant!.VetoUntil)
        {
            return "the request is not granted, its grant is not final, or it is over.";
        }

        ActorRecord? reader = null;
        foreach (ActorId actor in new[] { Id, opening.Team, opening.Member })
        {
            reader = await Services.Ledger.GetActorAsync(actor, cancellationToken).ConfigureAwait(false);
            if (reader?.IsActiveAt(later) != true)
            {
                return $"{actor} is not active on the ledger.";
            }
        }

        // Keys that a member has replaced may be in other hands by now.
        KeyRecord present = await LoadKeyRecordAsync(opening.Member, cancellationToken).ConfigureAwait(false);
        if (present.Keys.ObjectKey != charter.FindMember(opening.Member)!.ObjectKey)
        {
            return "the one who asks has replaced its keys, and the team's charter has the old ones.";
        }

        var facts = new AccessFacts
        {
            Roles = reader!.Roles,
            Speciality = reader.IsLicensedAt(later) ? reader.Licence!.Speciality : string.Empty,
            Hospital = reader.IsLicensedAt(later) ? reader.Licence!.Organisation : default(ActorId),
            Team = opening.Team,
        };
        AccessDecision access = request.Policy.AccessRule.Evaluate(facts);
        if (access.Outcome == AccessOutcome.Deny)
        {
            return $"the patient's rule does not permit the one who asks: {access.FailingLeaf}.";
        }

        // The ledger's word alone opens nothing: the signed approvals themselves must satisfy the patient-signed policy.
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(Services, cancellationToken).ConfigureAwait(false);
        if (!approvals.Any(a => a.Approval.Group == 0) && !dossier.Dealing.Dealing.Policy.Shape.IsSatisfiedBy(approvals.Select(a => (a.Approval.Group, a.Approval.Member))))
        {
            return "the approvals that verify do not satisfy the patient's policy.";
        }

        HashSet<TeamPoint> known = [.. await LoadPointsAsync(Services, dossier, approvals, cancellationToken).ConfigureAwait(false)];
        return opening.Points.All(known.Contains) ? null : "a point is of no granted approval and no recorded delivery.";
    }

    /// <summary>Every point that may be asked about in a granted request: of its verified approvals, and of the deliveries that the ledger recorded.</summary>
    internal static async Task<List<TeamPoint>> LoadPointsAsync(
        ConsentServices services, RequestDossier dossier, IReadOnlyList<VerifiedApproval> approvals, CancellationToken cancellationToken)
    {
        List<TeamPoint> points = [.. approvals.SelectMany(a => TeamPoint.Of(a.Approval))];
        foreach (DeliveryRecord delivery in dossier.Request.Deliveries)
        {
            try
            {
                points.Add(TeamPoint.OfDelivery(await services.Exchange.GetBlockAsync(delivery.EnvelopeDigest, cancellationToken).ConfigureAwait(false)));
            }
            catch (PhrDataException)
            {
                // Missing or malformed: the one who opens names the oracle; there is nothing to multiply.
            }
        }

        return points;
    }

    private async Task<(TeamPlan Plan, TeamCharter? Previous)> LoadPlanAsync(Digest digest, CancellationToken cancellationToken)
    {
        TeamPlan plan = TeamPlan.FromBytes(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false));
        TeamCharter? previous = null;
        if (!plan.IsFounding)
        {
            (_, previous) = await TeamDirectory.LoadAsync(Services, plan.Team, cancellationToken).ConfigureAwait(false);
        }

        if (plan.Ledger != Services.Ledger.Id)
        {
            throw new PhrDataException("team plan", PhrDataReason.Mismatched, "it is for another ledger.");
        }

        plan.RequireSuccessorOf(previous);
        await TeamDirectory.RequireOwnKeysAsync(Services, plan, cancellationToken).ConfigureAwait(false);
        return (plan, previous);
    }

    private async Task<TeamOutcome> ConcludeAsync(TeamRound round, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(round);
        (TeamPlan plan, TeamCharter? previous) = await LoadPlanAsync(round.Plan, cancellationToken).ConfigureAwait(false);
        var dealings = new List<TeamDealing>(round.Dealings.Count);
        foreach (Digest digest in round.Dealings)
        {
            dealings.Add(TeamDealing.FromBytes(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false)));
        }

        var complaints = new List<TeamComplaint>(round.Complaints.Count);
        foreach (Digest digest in round.Complaints)
        {
            complaints.Add(TeamComplaint.FromBytes(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false)));
        }

        return TeamOutcome.Conclude(plan, previous, dealings, complaints);
    }

    private async Task<TeamShares> RequireSharesAsync(TeamCharter charter, CancellationToken cancellationToken) =>
        await _shares.FindAsync(charter, cancellationToken).ConfigureAwait(false)
        ?? throw new InvalidOperationException("This device has no shares under the team's present charter: it did not accept the round.");

    private async Task<List<KeyRecord>> LoadRecordsAsync(IReadOnlyList<ActorId> actors, CancellationToken cancellationToken)
    {
        var records = new List<KeyRecord>(actors.Count);
        foreach (ActorId actor in actors)
        {
            records.Add(await LoadKeyRecordAsync(actor, cancellationToken).ConfigureAwait(false));
        }

        return records;
    }

    private async Task<Digest> PublishAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        await Services.Exchange.PutBlockAsync(bytes, cancellationToken).ConfigureAwait(false);
        return Digest.Of(bytes);
    }
}
