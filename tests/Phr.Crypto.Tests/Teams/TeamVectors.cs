using System.Text.Json.Nodes;
using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;
using Phr.Crypto.Tests.Sharing;

namespace Phr.Crypto.Tests.Teams;

/// <summary>
/// Makes <c>tests/vectors/teams/team.json</c>: a team of four with threshold two is founded with one bad dealer, one member leaves and one
/// joins, and a member opens with another's help. Keys and messages are from a fixed stream; signatures have a drawn nonce, so each
/// making gives other bytes of the same story.
/// </summary>
internal static class TeamVectors
{
    public static JsonObject Make()
    {
        var random = new StreamRandom("team vectors");
        using var world = new TeamWorld();
        for (int i = 0; i < 5; i++)
        {
            world.People.Add(IdentityKeys.FromRootSecret(Draw(random)));
        }

        IdentityKeys[] founders = [.. world.People.Take(4)];
        TeamPlan founding = TeamPlan.Found(TeamWorld.Ledger, 2, [.. founders.Select(TeamWorld.RecordOf)]);
        List<TeamDealing> dealings = [.. founders.Select((p, i) => world.Deal(founding, p, (member, subShares) => subShares[0] += i == 3 && member == 2 ? Scalar.One : Scalar.Zero))];
        TeamComplaint complaint = Assert.Single(TeamOutcome.Conclude(founding, null, dealings, []).FindComplaints(founders[1]));
        world.Run(founding, dealings, complaint);
        TeamCharter first = world.Charter;
        var foundingRound = Round(founding, dealings, [complaint], first);

        TeamPlan change = world.PlanFor(founders[0], founders[1], founders[2], world.People[4]);
        List<TeamDealing> changed = world.DealAll(change);
        world.Run(change, changed);
        var changeRound = Round(change, changed, [], world.Charter);

        using SecretKey requestKey = SecretKey.Generate(random), reply = SecretKey.Generate(random);
        PublicKey point = SecretKey.Generate(random).PublicKey;
        var opening = TeamOpeningRequest.Create(
            world.People[4],
            world.Charter,
            new TeamOpeningTerms
            {
                Request = RequestId.FromBytes(Draw(random)),
                ReceivingKey = TeamRequestKey.Combine(first.PublicKey, requestKey.PublicKey),
                KeyEpoch = 1,
                Points = [TeamPoint.Read(Digest.FromBytes(Draw(random)), null, point)],
            },
            reply);
        byte[] answer = TeamPartial.Answer(opening, world.Charter, new TeamHelper { Identity = founders[1], Shares = world.Shares[founders[1].Id], RequestKey = requestKey });
        byte[] lie = TeamPartial.Answer(
            opening, world.Charter, new TeamHelper { Identity = founders[1], Shares = world.Shares[founders[1].Id] }, RandomSource.System, results => results[0] = new PublicKey(results[0].Point + Point.Generator));
        using var asker = new TeamOpening(opening, world.Charter, new TeamHelper { Identity = world.People[4], Shares = world.Shares[world.People[4].Id] }, reply);
        Assert.True(asker.Add(founders[1].Id, answer));
        Assert.True(asker.TryCombine(out TeamReceiver? receiver, out _));
        using (receiver)
        {
            return new JsonObject
            {
                ["about"] = "Teams: docs/team-format.md. Made by TeamVectors.",
                ["members"] = new JsonArray([.. world.People.Select(p => Member(p))]),
                ["founding"] = foundingRound,
                ["change"] = changeRound,
                ["opening"] = new JsonObject
                {
                    ["bytes"] = Hex(opening.ToBytes()),
                    ["replySecret"] = Hex(Export(reply)),
                    ["requestSecret"] = Hex(Export(requestKey)),
                    ["answer"] = Hex(answer),
                    ["lie"] = Hex(lie),
                    ["shared"] = Hex(((IReceiver)receiver).Multiply(point.Point).ToBytes()),
                },
            };
        }
    }

    private static JsonObject Round(TeamPlan plan, List<TeamDealing> dealings, TeamComplaint[] complaints, TeamCharter charter) => new()
    {
        ["plan"] = Hex(plan.ToBytes()),
        ["team"] = plan.Team.ToString(),
        ["dealings"] = new JsonArray([.. dealings.Select(d => JsonValue.Create(Hex(d.ToBytes())))]),
        ["complaints"] = new JsonArray([.. complaints.Select(c => JsonValue.Create(Hex(c.ToBytes())))]),
        ["charter"] = Hex(charter.ToBytes()),
        ["digest"] = charter.Digest.ToString(),
        ["coreDigest"] = charter.CoreDigest.ToString(),
        ["keys"] = new JsonArray([.. charter.Keys.Select(k => JsonValue.Create(k.PublicKey.ToString()))]),
    };

    private static JsonObject Member(IdentityKeys person)
    {
        var root = new byte[32];
        person.ExportRootSecret(root);
        return new JsonObject { ["rootSecret"] = Hex(root), ["id"] = person.Id.ToString() };
    }

    private static byte[] Export(SecretKey key)
    {
        var bytes = new byte[32];
        key.ExportTo(bytes);
        return bytes;
    }

    private static byte[] Draw(StreamRandom random)
    {
        var bytes = new byte[32];
        random.Fill(bytes);
        return bytes;
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
