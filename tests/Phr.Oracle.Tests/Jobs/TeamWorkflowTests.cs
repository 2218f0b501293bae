using Phr.Consent;
using Phr.Crypto;
using Phr.Samples.FullFlow;
using Phr.Storage;

namespace Phr.Oracle.Tests.Jobs;

/// <summary>A team from its founding to a member's leaving, with every client, on the embedded ledger: one round of approvals, several readers.</summary>
public sealed class TeamWorkflowTests : IAsyncDisposable
{
    private readonly Dictionary<char, Desk> _desks = [];
    private Story _story = null!;
    private ActorId _team;

    [Fact]
    public async Task OpenWithTeamAsync_AnyTwoMembersAndOneWhoJoined_OpenWithoutANewApproval()
    {
        await FormAsync();
        RequestId request = await GrantAsync('A');
        Assert.Equal(ReceiverKinds.Team, (await _story.ReadAsync(request)).Receiver.Kind);

        // Alone, or as one doctor, nobody opens.
        Assert.Contains("team", (await _desks['A'].Doctor.OpenAsync(request, Folder('A'))).Missing, StringComparison.Ordinal);
        Assert.False((await OpenAsync('A', request)).Succeeded);
        await AssertOpensAsync('A', request, 'B');
        await AssertOpensAsync('A', request, 'D', 'C');

        // B did not ask: it needs somebody who has the request's own secret, and then has it too.
        Assert.Contains("secret", (await OpenAsync('B', request, 'C')).Missing, StringComparison.Ordinal);
        await AssertOpensAsync('B', request, 'A');
        await AssertOpensAsync('C', request, 'B');

        // E joins; trustees are not asked again.
        await AddDeskAsync('E');
        int approvals = (await _story.ReadAsync(request)).Approvals.Count;
        await ChangeAsync(['A', 'B', 'C', 'D', 'E'], new TeamRosterChange { Join = [_desks['E'].Team.Id] });
        await AssertOpensAsync('E', request, 'A');
        Assert.Equal(approvals, (await _story.ReadAsync(request)).Approvals.Count);

        // When it is closed everywhere, all shares together open nothing.
        foreach (Desk desk in _desks.Values.Where(d => d.Name != 'A'))
        {
            await desk.Doctor.ForgetAsync(request);
        }

        await _desks['A'].Doctor.CloseAsync(request);
        Assert.False((await OpenAsync('A', request, 'B', 'C', 'D', 'E')).Succeeded);
        Assert.True((await _story.World.Ledger.VerifyAsync(null, CancellationToken.None)).IsValid);
    }

    [Fact]
    public async Task ChangeAsync_MemberLeaves_OpensNothingGrantedLaterAndGetsNoHelp()
    {
        await FormAsync();
        RequestId before = await GrantAsync('D');
        RequestId later = await GrantAsync('A', serve: false);
        TeamOpeningRequest asked = await _desks['D'].Doctor.AskTeamAsync(before);
        await AssertOpensAsync('D', before, 'A');
        await AssertOpensAsync('A', before, 'D');
        byte[] share = await OnlyShareOfAsync('D');
        await ChangeAsync(['A', 'B', 'C'], new TeamRosterChange { Leave = [_desks['D'].Team.Id] });
        TeamRecord team = (await _story.World.Ledger.GetTeamAsync(_team))!;
        Assert.Equal((2, 2, 3), (team.Terms.RosterEpoch, team.Terms.KeyEpoch, team.Terms.Members.Count));

        // No help, for an old question or a new one, also for what was granted before; and no request in the team's name.
        PhrDataException refused = await Assert.ThrowsAsync<PhrDataException>(() => _desks['A'].Team.AnswerAsync(asked.ToBytes()));
        Assert.Equal(PhrDataReason.NotFound, refused.Reason);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _desks['D'].Doctor.AskTeamAsync(before));
        await Assert.ThrowsAsync<InvalidOperationException>(() => AskAsync('D'));

        // What it kept is a share of an old sharing; the device itself has wiped it.
        Assert.Single(await _desks['A'].Secrets.ListAsync($"team/{_team}/"));
        await _desks['D'].Team.ForgetOldSharesAsync(_team);
        Assert.Empty(await _desks['D'].Secrets.ListAsync($"team/{_team}/"));
        using TeamShares kept = TeamShares.FromBytes(share);
        TeamCharter charter = TeamCharter.FromBytes(await _story.World.Services.Exchange.GetBlockAsync(team.Terms.CharterDigest));
        Assert.NotEqual(charter.CoreDigest, kept.CoreDigest);

        // Oracles serve no grant to the key that it had a part of; what is granted now goes to the new one, and the others open it.
        await _story.ServeAsync(later, 1, 2, 3);
        Assert.Empty((await _story.ReadAsync(later)).Deliveries);
        RequestId now = await GrantAsync('B');
        Assert.Equal(2, (await _story.ReadAsync(now)).Receiver.KeyEpoch);
        await AssertOpensAsync('B', now, 'C');
        await Assert.ThrowsAsync<InvalidOperationException>(() => _desks['D'].Doctor.AskTeamAsync(now));

        // What was delivered before stays open to those who are still in the team.
        await AssertOpensAsync('A', before, 'B');
    }

    /// <summary>Search tokens go to persons.</summary>
    [Fact]
    public async Task GrantSearchAsync_RequestOfATeam_IsRefused()
    {
        await FormAsync();
        RequestId request = await GrantAsync('A');
        SearchTerm term = SearchTerm.Word("asthma");

        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _story.World.Patient.GrantSearchAsync(request, [term]));
        Assert.Contains("team", refused.Message, StringComparison.Ordinal);
        Assert.Contains("team", (await _desks['A'].Doctor.SearchAsync(request, SearchQuery.Of(term))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenWithTeamAsync_LyingMember_IsNamedAndAnotherHelps()
    {
        await FormAsync();
        RequestId request = await GrantAsync('A');
        TeamOpeningRequest question = await _desks['A'].Doctor.AskTeamAsync(request);
        byte[] good = await _desks['C'].Team.AnswerAsync(question.ToBytes());
        byte[] lie = [.. good];
        lie[^40] ^= 1;
        OpenResult alone = await _desks['A'].Doctor.OpenWithTeamAsync(question, [new TeamAnswer(_desks['B'].Team.Id, lie)], Folder('A'));
        Assert.False(alone.Succeeded);
        ContributionFault fault = Assert.Single(alone.Faults);
        Assert.Equal((FaultyParty.TeamMember, _desks['B'].Team.Id), (fault.Party, fault.Actor));
        OpenResult result = await _desks['A'].Doctor.OpenWithTeamAsync(
            question, [new TeamAnswer(_desks['B'].Team.Id, lie), new TeamAnswer(_desks['C'].Team.Id, good)], Folder('A'));
        Assert.True(result.Succeeded, result.Missing);
        Assert.Equal(_desks['B'].Team.Id, Assert.Single(result.Faults).Actor);
    }

    [Fact]
    public async Task AnswerAsync_WhatIsNotGrantedOverOrRevoked_IsRefused()
    {
        await FormAsync();

        // Asked, and not granted.
        RequestId request = await AskAsync('A');
        await _story.World.Hospital.ApproveAsync(request);
        TeamOpeningRequest early = await _desks['A'].Doctor.AskTeamAsync(request);
        await RefusesAsync('B', early, "not granted");
        await _story.World.Guardians[0].ApproveAsync(request);
        await _story.World.Guardians[1].ApproveAsync(request);
        await RefusesAsync('B', early, "not final");
        _story.Clock.Advance(TimeSpan.FromMinutes(11));
        await _desks['B'].Team.AnswerAsync(early.ToBytes());

        // A point of nobody's approval: B's device multiplies nothing that it did not find itself.
        (_, TeamCharter charter) = await CharterAsync();
        using var reply = SecretKey.Generate();
        using var other = SecretKey.Generate();
        TeamOpeningRequest forged = TeamOpeningRequest.Create(_desks['A'].Keys, charter, new TeamOpeningTerms
        {
            Request = request,
            ReceivingKey = early.ReceivingKey,
            KeyEpoch = 1,
            Points = [TeamPoint.OfDelivery(Envelope.Seal(other.PublicKey, default, other.PublicKey, [], []))],
        }, reply);
        await RefusesAsync('B', forged, "no granted approval");

        // A suspended member, a suspended team, and a revoked grant.
        await _story.World.Agency.SuspendAsync(_desks['A'].Team.Id, 1);
        await RefusesAsync('B', early, "not active");
        await _story.World.Agency.ReinstateAsync(_desks['A'].Team.Id, 1);
        await _story.World.Agency.SuspendAsync(_team, 1);
        await RefusesAsync('B', early, "not active");
        await _story.World.Agency.ReinstateAsync(_team, 1);
        await _desks['B'].Team.AnswerAsync(early.ToBytes());
        await _story.World.Patient.RevokeAsync(request);
        await RefusesAsync('B', early, "over");

        // And when its time is over.
        RequestId second = await GrantAsync('A');
        TeamOpeningRequest late = await _desks['A'].Doctor.AskTeamAsync(second);
        _story.Clock.Advance(TimeSpan.FromHours(4));
        await RefusesAsync('B', late, "over");
        Assert.Contains("ended", (await OpenAsync('A', late)).Missing, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerAsync_MemberWhoReplacedItsKeys_IsRefusedUntilTheNextCharter()
    {
        await FormAsync();
        RequestId request = await GrantAsync('A');
        TeamOpeningRequest stolen = await _desks['A'].Doctor.AskTeamAsync(request);
        IdentityKeys old = _desks['A'].Keys;
        using IdentityKeys renewed = old.Renew();
        ConsentServices services = _story.World.Services;
        DateTimeOffset now = _story.Clock.GetUtcNow();
        var record = KeyRecord.Create(renewed, services.Ledger.Id, new KeyRecordOptions { ValidFrom = now, ValidUntil = now.AddDays(30), Sequence = 1 });
        await services.Exchange.PutBlockAsync(record.ToBytes());
        ActorId address = ActorId.FromPublicKey(renewed.LedgerKey.PublicKey);
        await services.Ledger.SubmitAsync(
            new ReplaceKey
            {
                Actor = old.Id,
                NewLedgerAddress = address,
                KeyRecordDigest = record.Digest,
                ValidUntil = record.ValidUntil,
                Possession = renewed.LedgerKey.SignDigest(LedgerPossession.KeyDigest(services.Ledger.Id, old.Id, address).ToBytes()),
            },
            old.LedgerKey);
        await RefusesAsync('B', stolen, "replaced its keys");
        Digest plan = await _desks['B'].Team.PlanChangeAsync(_team, new TeamRosterChange { RenewKey = true });
        Assert.Equal(renewed.PublicKeys.ObjectKey, (await _desks['C'].Team.ReadPlanAsync(plan)).FindMember(old.Id)!.ObjectKey);
    }

    [Fact]
    public async Task AnswerAsync_MemberWhomTheRuleDoesNotPermit_IsRefused()
    {
        await FormAsync(service: 'D');
        RequestId request = await GrantAsync('A');
        await AssertOpensAsync('A', request, 'D');
        TeamOpeningRequest question = await _desks['D'].Doctor.AskTeamAsync(request);
        await RefusesAsync('A', question, "role is Doctor");
    }

    [Fact]
    public async Task ReviewAsync_LedgerThatSwapsTheTeamOrTheReceiver_IsNoticed()
    {
        await FormAsync();
        RequestId request = await AskAsync('A');
        Assert.True((await _story.World.Hospital.ReviewAsync(request)).IsAcceptable);

        // Another team under this team's id: its founding plan has another hash.
        TeamCharter strangers = CharterOfStrangers();
        await _story.World.Services.Exchange.PutBlockAsync(strangers.ToBytes());
        RequestReview swapped = await LyingReviewAsync(request, null, team => team with { Terms = TeamTerms.Of(strangers) });
        Assert.Contains(swapped.Objections, o => o.Contains("team cannot be verified", StringComparison.Ordinal));

        // The ledger says that a person receives.
        PhrDataException person = await Assert.ThrowsAsync<PhrDataException>(() => LyingReviewAsync(request, r => r with { Receiver = RequestReceiver.Person(r.Doctor) }, null));
        Assert.Equal(("request", PhrDataReason.DigestMismatch), (person.Stage, person.Reason));
    }

    [Fact]
    public async Task AcceptAsync_DamagedDealing_IsLeftOutByAllAndItsDealerNamed()
    {
        await BeginAsync();
        foreach (char name in "ABCD")
        {
            await AddDeskAsync(name);
        }

        Digest plan = await _desks['A'].Team.PlanAsync(2, [.. _desks.Values.Select(d => d.Team.Id)]);
        TeamPlan read = await _desks['B'].Team.ReadPlanAsync(plan);
        Assert.Equal((4, 2), (read.Members.Count, read.Threshold));
        var dealings = new List<Digest>();
        foreach (char name in "ABCD")
        {
            dealings.Add((await _desks[name].Team.DealAsync(plan))!.Value);
        }

        // D's dealing with the envelopes of A and B in each other's place, and so not what D signed.
        TeamDealing honest = TeamDealing.FromBytes(await _story.World.Services.Exchange.GetBlockAsync(dealings[3]));
        byte[] bad = honest.ToBytes();
        byte[] a = honest.Envelopes[0].ToArray(), b = honest.Envelopes[1].ToArray();
        int first = bad.AsSpan().IndexOf(a), second = bad.AsSpan().IndexOf(b);
        b.CopyTo(bad, first);
        a.CopyTo(bad, second);
        Digest unsigned = Digest.Of(bad);
        await _story.World.Services.Exchange.PutBlockAsync(bad);
        var round = new TeamRound { Plan = plan, Dealings = [dealings[0], dealings[1], dealings[2], unsigned] };
        foreach (char name in "ABCD")
        {
            Assert.Empty(await _desks[name].Team.CheckAsync(round));
            (_, IReadOnlyList<TeamFault> faults) = await _desks[name].Team.AcceptAsync(round);
            Assert.Equal(_desks['D'].Team.Id, Assert.Single(faults).Member);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Desk desk in _desks.Values)
        {
            desk.Keys.Dispose();
        }

        await _story.DisposeAsync();
    }

    private TeamCharter CharterOfStrangers()
    {
        using IdentityKeys one = IdentityKeys.Generate(), two = IdentityKeys.Generate();
        IdentityKeys[] people = [one, two];
        DateTimeOffset now = _story.Clock.GetUtcNow();
        TeamPlan plan = TeamPlan.Found(
            _story.World.Ledger.Id, 2, [.. people.Select(p => KeyRecord.Create(p, _story.World.Ledger.Id, new KeyRecordOptions { ValidFrom = now, ValidUntil = now.AddDays(1) }))]);
        TeamOutcome outcome = TeamOutcome.Conclude(plan, null, [.. people.Select(p => TeamDealing.Create(plan, p))], []);
        var signatures = new List<TeamSignature>();
        foreach (IdentityKeys person in people)
        {
            (TeamShares shares, TeamSignature signature) = outcome.Accept(person);
            shares.Dispose();
            signatures.Add(signature);
        }

        return TeamCharter.Create(outcome, signatures);
    }

    private async Task BeginAsync()
    {
        AccessRule rule = AccessRule.All(AccessRule.Role(ActorRoles.Doctor), AccessRule.Speciality("oncology"));
        _story = await Story.BeginAsync(rule: rule, receivers: ReceiverKinds.Team);
    }

    private async Task FormAsync(char? service = null)
    {
        await BeginAsync();
        foreach (char name in "ABCD")
        {
            await AddDeskAsync(name, name == service ? ActorRoles.Guardian : ActorRoles.Doctor);
        }

        Digest plan = await _desks['A'].Team.PlanAsync(2, [.. _desks.Values.Select(d => d.Team.Id)]);
        TeamCharter charter = await RunAsync(plan, "ABCD".ToCharArray());
        _team = charter.Team;
        await _story.World.Agency.AdmitAsync(_team);
    }

    private async Task ChangeAsync(char[] roster, TeamRosterChange change)
    {
        Digest plan = await _desks['A'].Team.PlanChangeAsync(_team, change);
        await RunAsync(plan, roster);
        await _desks['B'].Team.ConfirmAsync(_team);
        foreach (char name in roster)
        {
            await _desks[name].Team.ForgetOldSharesAsync(_team);
        }
    }

    private async Task<TeamCharter> RunAsync(Digest plan, char[] roster)
    {
        var dealings = new List<Digest>();
        foreach (char name in roster)
        {
            if (await _desks[name].Team.DealAsync(plan) is { } dealing)
            {
                dealings.Add(dealing);
            }
        }

        var round = new TeamRound { Plan = plan, Dealings = dealings };
        var signatures = new List<TeamSignature>();
        foreach (char name in roster)
        {
            Assert.Empty(await _desks[name].Team.CheckAsync(round));
            signatures.Add((await _desks[name].Team.AcceptAsync(round)).Signature);
        }

        return await _desks[roster[0]].Team.CompleteAsync(round, signatures, _story.World.SourceHospitals[1].Keys.Id);
    }

    private async Task AddDeskAsync(char name, ActorRoles role = ActorRoles.Doctor)
    {
        var keys = IdentityKeys.Generate();
        var secrets = new InMemorySecretStore();
        var team = new TeamClient(_story.World.Services, keys, secrets);
        await team.RegisterAsync(role);
        LicenceCredential? licence = null;
        if (role == ActorRoles.Doctor)
        {
            await _story.World.Agency.AdmitAsync(team.Id);
            DateTimeOffset now = _story.Clock.GetUtcNow();
            licence = await _story.World.Agency.IssueLicenceAsync(new LicenceTerms
            {
                Doctor = team.Id,
                DoctorObjectKey = keys.PublicKeys.ObjectKey,
                LicenceNumber = $"T-{name}",
                Speciality = "oncology",
                Organisation = _story.World.SourceHospitals[1].Keys.Id,
                ValidFrom = now.AddDays(-1),
                NotAfter = now.AddDays(300),
            });
        }

        _desks[name] = new Desk(name, keys, secrets, team, new DoctorClient(_story.World.Services, keys, secrets, licence));
    }

    private async Task<RequestId> AskAsync(char name)
    {
        RequestId request = await _desks[name].Doctor.RequestAsync(_story.Header.BundleId, new AccessQuestion
        {
            Documents = [.. _story.Header.Documents.Select(d => d.Id)],
            Purpose = PurposeOfUse.Treatment,
            NotAfter = _story.Clock.GetUtcNow().AddHours(3),
            Team = _team,
        });
        await _desks[name].Doctor.DrawCommitteeAsync(request);
        return request;
    }

    private async Task<RequestId> GrantAsync(char name, bool serve = true)
    {
        RequestId request = await AskAsync(name);
        foreach (TrusteeClient trustee in new[] { _story.World.Hospital, _story.World.Guardians[0], _story.World.Guardians[2] })
        {
            await trustee.ApproveAsync(request);
        }

        _story.Clock.Advance(TimeSpan.FromMinutes(11));
        foreach (TrusteeClient trustee in _story.World.Trustees)
        {
            await trustee.ReleaseAsync();
        }

        if (serve)
        {
            await _story.ServeAsync(request, 1, 3, 4);
        }

        return request;
    }

    private async Task<OpenResult> OpenAsync(char reader, RequestId request, params char[] helpers) =>
        await OpenAsync(reader, await _desks[reader].Doctor.AskTeamAsync(request), helpers);

    private async Task<OpenResult> OpenAsync(char reader, TeamOpeningRequest question, params char[] helpers)
    {
        var answers = new List<TeamAnswer>();
        foreach (char helper in helpers)
        {
            answers.Add(new TeamAnswer(_desks[helper].Team.Id, await _desks[helper].Team.AnswerAsync(question.ToBytes())));
        }

        return await _desks[reader].Doctor.OpenWithTeamAsync(question, answers, Folder(reader));
    }

    private async Task AssertOpensAsync(char reader, RequestId request, params char[] helpers)
    {
        OpenResult result = await OpenAsync(reader, request, helpers);
        Assert.True(result.Succeeded, result.Missing);
        Assert.Empty(result.Faults);
        Assert.Equal(["first", "second"], result.Files.Select(f => File.ReadAllText(f.Name)));
    }

    private async Task RefusesAsync(char helper, TeamOpeningRequest question, string why)
    {
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(() => _desks[helper].Team.AnswerAsync(question.ToBytes()));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private async Task<byte[]> OnlyShareOfAsync(char name)
    {
        using SecretValue? share = await _desks[name].Secrets.GetAsync(Assert.Single(await _desks[name].Secrets.ListAsync($"team/{_team}/")));
        return share!.Bytes.ToArray();
    }

    private async Task<(TeamRecord Record, TeamCharter Charter)> CharterAsync()
    {
        TeamRecord record = (await _story.World.Ledger.GetTeamAsync(_team))!;
        return (record, TeamCharter.FromBytes(await _story.World.Services.Exchange.GetBlockAsync(record.Terms.CharterDigest)));
    }

    private async Task<RequestReview> LyingReviewAsync(RequestId request, Func<RequestRecord, RequestRecord>? change, Func<TeamRecord, TeamRecord>? changeTeam)
    {
        (_, IdentityKeys keys) = _story.World.SourceHospitals[0];
        var services = new ConsentServices
        {
            Ledger = new LyingLedger(_story.World.Ledger, change ?? (r => r)) { Team = changeTeam },
            Records = _story.World.Services.Records,
            Exchange = _story.World.Services.Exchange,
            Time = _story.Clock,
        };
        return await new TrusteeClient(services, keys, new FileSecretStore(Path.Combine(_story.Folder, "devices", "General Hospital"), keys)).ReviewAsync(request);
    }

    private FolderDestination Folder(char reader) => new(Path.Combine(_story.Folder, $"opened-{reader}-{Guid.NewGuid():n}"));

    private sealed record Desk(char Name, IdentityKeys Keys, InMemorySecretStore Secrets, TeamClient Team, DoctorClient Doctor);
}
