using Phr.Crypto.Hashing;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Tests.Trustees;

namespace Phr.Crypto.Tests.Teams;

public sealed class TeamOpeningTests : IDisposable
{
    private readonly TeamWorld _team = TeamWorld.Form(2, 4);
    private readonly SecretKey _requestKey = SecretKey.Generate();
    private readonly List<IDisposable> _owned = [];

    private PublicKey ReceivingKey => TeamRequestKey.Combine(_team.Charter.PublicKey, _requestKey.PublicKey);

    /// <summary>
    /// ECDSA lets one choose a key for a signature on a digest that is fixed before: here one that takes the team's key away, so that B has a secret that the asker has alone.
    /// So the digest holds the key.
    /// </summary>
    [Fact]
    public void VerifyPossession_KeyChosenForTheSignature_IsRefused()
    {
        PublicKey teamKey = _team.Charter.PublicKey;
        Digest context = Digest.Random();
        Scalar z;
        byte[] message = SignedObject.Message("phr/team-possession/v1", context.ToBytes());
        while (!Scalar.TryFromBytes(System.Security.Cryptography.SHA256.HashData(message), out z))
        {
            context = Digest.Random();
            message = SignedObject.Message("phr/team-possession/v1", context.ToBytes());
        }

        while (true)
        {
            // K = B_team + kG, s = -r: then R = (sK - zG)/r = ((sk - z)/r)G - B_team.
            Scalar k = Scalar.Random(RandomSource.System);
            Point nonce = teamKey.Point + Point.MultiplyBase(k);
            if (!Scalar.TryFromBytes(nonce.ToBytes().AsSpan(1), out Scalar r) || !Signature.TryFromBytes([.. r.ToBytes(), .. (-r).ToBytes()], out Signature? forged))
            {
                continue;
            }

            Scalar secret = (-(r * k) - z) * r.Invert();
            var receivingKey = new PublicKey(Point.MultiplyBase(secret));
            var part = new PublicKey(receivingKey.Point - teamKey.Point);
            if (!part.VerifyDigest(System.Security.Cryptography.SHA256.HashData(message), forged))
            {
                continue; // s must be low.
            }

            Assert.False(TeamRequestKey.VerifyPossession(teamKey, receivingKey, context, forged));
            break;
        }

        Assert.True(TeamRequestKey.VerifyPossession(teamKey, ReceivingKey, context, TeamRequestKey.SignPossession(_requestKey, context)));
    }

    /// <summary>Trustees approve, oracles re-encrypt and deliver to B; two members open what one doctor otherwise would.</summary>
    [Fact]
    public async Task TryCombine_TwoMembers_OpenWhatWasDeliveredToTheTeam()
    {
        using TrusteeWorld world = await TrusteeWorld.CreateAsync(2, [(2, 3), (1, 1), (1, 1)], documents: 2, receivingKey: ReceivingKey);
        ApprovalResult[] approvals = [world.Approve(1, 1), world.Approve(1, 3), world.Approve(3, 1)];
        byte[][] envelopes = [.. new[] { 1, 3 }.Select(index => world.DeliverSealed(index, approvals))];
        TeamPoint[] points = [.. approvals.SelectMany(a => TeamPoint.Of(a.Approval.Approval)), .. envelopes.Select(e => TeamPoint.OfDelivery(e))];
        (TeamOpeningRequest request, SecretKey reply) = Ask(_team.People[0], points);
        using TeamOpening opening = Begin(request, reply, _team.People[0], _requestKey);
        Assert.False(opening.TryCombine(out _, out string missing));
        Assert.NotEmpty(missing);
        Assert.True(opening.Add(_team.People[2].Id, Answer(request, _team.People[2])));
        Assert.True(opening.TryCombine(out TeamReceiver? receiver, out missing));
        Assert.Empty(missing);
        using (receiver)
        {
            var combiner = new DocumentKeyCombiner(world.Terms, world.Dealing, receiver);
            Assert.All(approvals, a => Assert.True(combiner.AddApproval(a.Approval)));
            Assert.True(combiner.AddDelivery(OracleDelivery.Open(world.Terms, 1, receiver, envelopes[0]), 1));
            Assert.True(combiner.AddDelivery(OracleDelivery.Open(world.Terms, 3, receiver, envelopes[1]), 3));
            for (int i = 0; i < 2; i++)
            {
                Assert.True(combiner.TryCombine(world.Header.Documents[i].Id, out DocumentKey? key, out _));
                using (key)
                {
                    Assert.Equal(TrusteeWorld.ContentOf(i), await world.DecryptAsync(world.Header.Documents[i].Id, key));
                }
            }

            // The receiver serves for what was asked about and for nothing else.
            Assert.All(points, p => Assert.True(receiver.Covers(p)));
            byte[] later = world.DeliverSealed(2, approvals);
            Assert.False(receiver.Covers(TeamPoint.OfDelivery(later)));
            Assert.Equal(PhrDataReason.NotFound, Assert.Throws<PhrDataException>(() => OracleDelivery.Open(world.Terms, 2, receiver, later)).Reason);
        }
    }

    [Fact]
    public void TryCombine_EveryPairOfMembers_GivesTheOneResult()
    {
        PublicKey point = SecretKey.Generate().PublicKey;
        var results = new List<byte[]>();
        foreach (IdentityKeys asker in _team.People)
        {
            (TeamOpeningRequest request, SecretKey reply) = Ask(asker, Points(point));
            foreach (IdentityKeys helper in _team.People.Where(p => p != asker))
            {
                using TeamOpening opening = Begin(request, reply, asker, _requestKey);
                Assert.True(opening.Add(helper.Id, Answer(request, helper)));
                Assert.True(opening.TryCombine(out TeamReceiver? receiver, out _));
                results.Add(((IReceiver)receiver).Multiply(point.Point).ToBytes());
                receiver.Dispose();
            }
        }

        Assert.Equal(12, results.Count);
        Assert.All(results, r => Assert.Equal(results[0], r));
    }

    [Fact]
    public void Add_WrongResult_NamesTheMemberAndAnotherHelps()
    {
        (TeamOpeningRequest request, SecretKey reply) = Ask(_team.People[0], Points(SecretKey.Generate().PublicKey, SecretKey.Generate().PublicKey, SecretKey.Generate().PublicKey));
        using TeamOpening opening = Begin(request, reply, _team.People[0], _requestKey);
        byte[] lie = TeamPartial.Answer(request, _team.Charter, HelperOf(_team.People[1]), RandomSource.System, results => results[1] = new PublicKey(results[1].Point + Point.Generator));
        Assert.False(opening.Add(_team.People[1].Id, lie));
        TeamFault fault = Assert.Single(opening.Faults);
        Assert.Equal((_team.People[1].Id, PhrDataReason.InvalidProof), (fault.Member, fault.Reason));

        // Two lies that cancel out in a sum, and one result too few.
        Assert.False(opening.Add(_team.People[1].Id, TeamPartial.Answer(request, _team.Charter, HelperOf(_team.People[1]), RandomSource.System, results =>
        {
            results[0] = new PublicKey(results[0].Point + Point.Generator);
            results[1] = new PublicKey(results[1].Point - Point.Generator);
        })));
        Assert.False(opening.Add(_team.People[1].Id, new byte[200]));
        Assert.False(opening.TryCombine(out _, out _));
        Assert.True(opening.Add(_team.People[3].Id, Answer(request, _team.People[3])));
        Assert.True(opening.TryCombine(out TeamReceiver? receiver, out _));
        receiver.Dispose();
    }

    [Fact]
    public void Add_AnswerOfAnotherQuestionOrMember_IsRefused()
    {
        PublicKey point = SecretKey.Generate().PublicKey;
        (TeamOpeningRequest request, SecretKey reply) = Ask(_team.People[0], Points(point));
        (TeamOpeningRequest other, SecretKey otherReply) = Ask(_team.People[0], Points(point), reply);
        Assert.Same(reply, otherReply);
        using TeamOpening opening = Begin(request, reply, _team.People[0], _requestKey);
        Assert.False(opening.Add(_team.People[1].Id, Answer(other, _team.People[1])));
        Assert.False(opening.Add(_team.People[2].Id, Answer(request, _team.People[1])));
        using var stranger = IdentityKeys.Generate();
        Assert.False(opening.Add(stranger.Id, Answer(request, _team.People[1])));
        Assert.Equal(
            [PhrDataReason.AuthenticationFailed, PhrDataReason.AuthenticationFailed, PhrDataReason.NotFound], opening.Faults.Select(f => f.Reason));
    }

    [Fact]
    public void Add_RequestSecretHandedOn_OpensForAMemberWhoDidNotAsk()
    {
        PublicKey point = SecretKey.Generate().PublicKey;
        (TeamOpeningRequest request, SecretKey reply) = Ask(_team.People[1], Points(point));
        using TeamOpening opening = Begin(request, reply, _team.People[1], null);
        Assert.True(opening.Add(_team.People[2].Id, Answer(request, _team.People[2])));
        Assert.False(opening.TryCombine(out _, out string missing));
        Assert.Contains("secret", missing, StringComparison.Ordinal);
        Assert.True(opening.Add(_team.People[0].Id, TeamPartial.Answer(request, _team.Charter, HelperOf(_team.People[0], _requestKey))));
        Assert.True(opening.RequestKey!.FixedTimeEquals(_requestKey));
        Assert.True(opening.TryCombine(out TeamReceiver? receiver, out _));
        receiver.Dispose();
        using var wrong = SecretKey.Generate();
        Assert.Throws<ArgumentException>(() => TeamPartial.Answer(request, _team.Charter, HelperOf(_team.People[3], wrong)));
        Assert.Throws<ArgumentException>(() => Begin(request, reply, _team.People[1], wrong));
    }

    [Fact]
    public void TryCombine_OneMemberMoreOrLess_WithoutTheRequestSecretOpensNothing()
    {
        // All four shares, and not the request's secret: b·X is not enough.
        PublicKey point = SecretKey.Generate().PublicKey;
        (TeamOpeningRequest request, SecretKey reply) = Ask(_team.People[0], Points(point));
        using TeamOpening opening = Begin(request, reply, _team.People[0], null);
        foreach (IdentityKeys helper in _team.People.Skip(1))
        {
            Assert.True(opening.Add(helper.Id, Answer(request, helper)));
        }

        Assert.False(opening.TryCombine(out _, out _));
    }

    [Fact]
    public void Answer_AfterTheRosterChanged_RefusesTheOldCharterAndTheOneWhoLeft()
    {
        TeamCharter before = _team.Charter;
        PublicKey key = before.PublicKey;
        (TeamOpeningRequest old, _) = Ask(_team.People[3], Points(SecretKey.Generate().PublicKey));
        _team.Run(_team.PlanFor([.. _team.People.Take(3)]));
        Assert.Equal(PhrDataReason.NotFound, Assert.Throws<PhrDataException>(() => Answer(old, _team.People[0])).Reason);

        // A member who stays, asking under the old charter, is told to use the new one.
        using var reply = SecretKey.Generate();
        PublicKey point = SecretKey.Generate().PublicKey;
        var terms = new TeamOpeningTerms { Request = RequestOf(1), ReceivingKey = TeamRequestKey.Combine(key, _requestKey.PublicKey), KeyEpoch = 1, Points = Points(point) };
        var stale = TeamOpeningRequest.Create(_team.People[1], before, terms, reply);
        Assert.Equal(PhrDataReason.Mismatched, Assert.Throws<PhrDataException>(() => Answer(stale, _team.People[0])).Reason);
        Assert.Throws<ArgumentException>(() => TeamOpeningRequest.Create(_team.People[3], _team.Charter, terms, reply));

        // Under the new one the old key still opens what was made to it.
        var now = TeamOpeningRequest.Create(_team.People[1], _team.Charter, terms, reply);
        using TeamOpening opening = Begin(now, reply, _team.People[1], _requestKey);
        Assert.True(opening.Add(_team.People[2].Id, Answer(now, _team.People[2])));
        Assert.True(opening.TryCombine(out TeamReceiver? receiver, out _));
        TeamShares[] oldShares = [.. _team.OldShares.Take(2).Select(o => o.Shares)];
        Scalar[] coefficients = Crypto.Sharing.JointSharing.Coefficients([oldShares[0].Index, oldShares[1].Index]);
        Scalar secret = (coefficients[0] * oldShares[0].Find(1)!.Scalar) + (coefficients[1] * oldShares[1].Find(1)!.Scalar) + _requestKey.Scalar;
        Assert.Equal(point.Point * secret, ((IReceiver)receiver).Multiply(point.Point));
        receiver.Dispose();
        Assert.Equal(2, _team.Charter.Keys.Count);
    }

    [Fact]
    public void VerifyPossession_KeyChosenAgainstTheTeams_IsRefused()
    {
        var context = Digest.Random();
        Signature good = TeamRequestKey.SignPossession(_requestKey, context);
        PublicKey team = _team.Charter.PublicKey;
        Assert.True(TeamRequestKey.VerifyPossession(team, ReceivingKey, context, good));
        Assert.False(TeamRequestKey.VerifyPossession(team, ReceivingKey, Digest.Random(), good));
        Assert.False(TeamRequestKey.VerifyPossession(team, team, context, good));

        // B = own key alone, so R = own - B_team: its secret is known to nobody.
        using var own = SecretKey.Generate();
        Assert.False(TeamRequestKey.VerifyPossession(team, own.PublicKey, context, TeamRequestKey.SignPossession(own, context)));
        Assert.Throws<ArgumentException>(() => TeamRequestKey.Combine(own.PublicKey, new PublicKey(-own.PublicKey.Point)));
    }

    [Fact]
    public void Create_OpeningWithoutPointsOrTwice_IsRefused()
    {
        PublicKey point = SecretKey.Generate().PublicKey;
        Assert.Throws<ArgumentException>(() => Ask(_team.People[0], []));
        Assert.Throws<ArgumentException>(() => Ask(_team.People[0], Points(point, point)));
        using var reply = SecretKey.Generate();
        Assert.Throws<ArgumentException>(() => TeamOpeningRequest.Create(
            _team.People[0], _team.Charter, new TeamOpeningTerms { Request = RequestOf(1), ReceivingKey = ReceivingKey, KeyEpoch = 2, Points = Points(point) }, reply));
        Assert.Throws<PhrDataException>(() => TeamPoint.OfDelivery(new byte[200]));
        Assert.Throws<PhrDataException>(() => TeamPoint.OfDelivery([]));
    }

    public void Dispose()
    {
        _owned.ForEach(o => o.Dispose());
        _requestKey.Dispose();
        _team.Dispose();
    }

    private static RequestId RequestOf(byte number) => RequestId.FromBytes([.. Enumerable.Repeat(number, RequestId.Length)]);

    private static TeamPoint[] Points(params PublicKey[] points) => [.. points.Select(p => TeamPoint.Read(Digest.Of("a source"u8), null, p))];

    private (TeamOpeningRequest Request, SecretKey Reply) Ask(IdentityKeys asker, TeamPoint[] points, SecretKey? reply = null)
    {
        if (reply is null)
        {
            _owned.Add(reply = SecretKey.Generate());
        }

        var terms = new TeamOpeningTerms { Request = RequestOf(1), ReceivingKey = ReceivingKey, KeyEpoch = 1, Points = points };
        return (TeamOpeningRequest.FromBytes(TeamOpeningRequest.Create(asker, _team.Charter, terms, reply).ToBytes()), reply);
    }

    private TeamHelper HelperOf(IdentityKeys member, SecretKey? requestKey = null) =>
        new() { Identity = member, Shares = _team.Shares[member.Id], RequestKey = requestKey };

    private byte[] Answer(TeamOpeningRequest request, IdentityKeys member) => TeamPartial.Answer(request, _team.Charter, HelperOf(member));

    private TeamOpening Begin(TeamOpeningRequest request, SecretKey reply, IdentityKeys asker, SecretKey? requestKey) =>
        new(request, _team.Charter, HelperOf(asker, requestKey), reply);
}
