namespace Phr.Crypto.Tests.Teams;

public class TeamStoryTests
{
    [Fact]
    public void Story_ThreeFoundATeamAndTwoOpen_TheThirdIsNotNeeded()
    {
        using IdentityKeys ann = IdentityKeys.Generate(), ben = IdentityKeys.Generate(), cem = IdentityKeys.Generate();
        LedgerId ledger = TeamWorld.Ledger;
        IdentityKeys[] members = [ann, ben, cem];
        KeyRecord[] records = [.. members.Select(TeamWorld.RecordOf)];
        using SecretKey somebody = SecretKey.Generate();
        byte[] Deliver(PublicKey receivingKey) => Envelope.Seal(receivingKey, ActorId.FromPublicKey(somebody.PublicKey), somebody.PublicKey, [], "what a proxy delivers"u8);

        #region team-story
        // Three people found a team; any two shall open together. Everybody deals, and works out the same outcome.
        TeamPlan plan = TeamPlan.Found(ledger, threshold: 2, records);
        TeamDealing[] dealings = [.. members.Select(member => TeamDealing.Create(plan, member))];
        TeamOutcome outcome = TeamOutcome.Conclude(plan, previous: null, dealings, complaints: []);

        // Each checks its own shares and signs; the shares stay on its device, and the team's secret key is nowhere.
        (TeamShares annShares, TeamSignature annSignature) = outcome.Accept(ann);
        (TeamShares benShares, TeamSignature benSignature) = outcome.Accept(ben);
        TeamCharter charter = TeamCharter.Create(outcome, [annSignature, benSignature]);

        // Ann asks for the team: the request's receiving key is the team's key plus one that she draws for it alone.
        using SecretKey requestKey = SecretKey.Generate();
        PublicKey receivingKey = TeamRequestKey.Combine(charter.PublicKey, requestKey.PublicKey);
        byte[] delivery = Deliver(receivingKey);

        // To open it she asks the others about its point. Ben finds the delivery himself before he answers.
        using SecretKey replyKey = SecretKey.Generate();
        var question = TeamOpeningRequest.Create(
            ann, charter, new TeamOpeningTerms { Request = default, ReceivingKey = receivingKey, KeyEpoch = 1, Points = [TeamPoint.OfDelivery(delivery)] }, replyKey);
        byte[] answer = TeamPartial.Answer(question, charter, new TeamHelper { Identity = ben, Shares = benShares });

        // His answer is proved; with her own part it stands in for the receiving key's secret, for this delivery and no other.
        using var opening = new TeamOpening(question, charter, new TeamHelper { Identity = ann, Shares = annShares, RequestKey = requestKey }, replyKey);
        opening.Add(ben.Id, answer);
        if (opening.TryCombine(out TeamReceiver? receiver, out string missing))
        {
            // OracleDelivery.Open and DocumentKeyCombiner take the receiver where a doctor's secret key would be.
        }
        #endregion

        Assert.Empty(missing);
        Assert.Empty(opening.Faults);
        using (receiver)
        {
            using EnvelopeContent content = Envelope.Open(receiver!, ActorId.FromPublicKey(somebody.PublicKey), somebody.PublicKey, [], delivery);
            Assert.Equal("what a proxy delivers"u8, content.Bytes);
        }

        annShares.Dispose();
        benShares.Dispose();
    }
}
