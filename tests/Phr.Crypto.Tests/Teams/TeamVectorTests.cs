using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Teams;

/// <summary>Runs <c>tests/vectors/teams</c>. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.</summary>
public sealed class TeamVectorTests : IDisposable
{
    private static readonly string _path = RepositoryRoot.Combine("tests", "vectors", "teams", "team.json");

    private static readonly Lazy<JsonNode> _committed = new(Read);

    private readonly JsonNode _file = _committed.Value;
    private readonly List<IdentityKeys> _people;

    public TeamVectorTests() => _people = [.. _file["members"]!.AsArray().Select(m => IdentityKeys.FromRootSecret(Bytes(m!["rootSecret"]!)))];

    [Theory]
    [InlineData("founding")]
    [InlineData("change")]
    public void Conclude_CommittedRound_GivesTheCommittedCharter(string name)
    {
        JsonNode round = _file[name]!;
        TeamCharter? previous = name == "founding" ? null : TeamCharter.FromBytes(Bytes(_file["founding"]!["charter"]!));
        TeamPlan plan = TeamPlan.FromBytes(Bytes(round["plan"]!));
        TeamDealing[] dealings = [.. round["dealings"]!.AsArray().Select(d => TeamDealing.FromBytes(Bytes(d!)))];
        TeamComplaint[] complaints = [.. round["complaints"]!.AsArray().Select(c => TeamComplaint.FromBytes(Bytes(c!)))];
        TeamOutcome outcome = TeamOutcome.Conclude(plan, previous, dealings, complaints);
        TeamCharter charter = TeamCharter.FromBytes(Bytes(round["charter"]!));
        charter.Verify(previous);

        Assert.Equal(name == "founding" ? [_people[3].Id] : [], outcome.Faults.Select(f => f.Member));
        Assert.Equal((string?)round["team"], charter.Team.ToString());
        Assert.Equal((string?)round["digest"], charter.Digest.ToString());
        Assert.Equal((string?)round["coreDigest"], charter.CoreDigest.ToString());
        Assert.Equal(outcome.CoreDigest, charter.CoreDigest);
        Assert.Equal(round["keys"]!.AsArray().Select(k => (string?)k), charter.Keys.Select(k => k.PublicKey.ToString()));
    }

    [Fact]
    public void TryCombine_CommittedAnswers_GiveTheCommittedPoint()
    {
        TeamCharter charter = TeamCharter.FromBytes(Bytes(_file["change"]!["charter"]!));
        JsonNode node = _file["opening"]!;
        TeamOpeningRequest request = TeamOpeningRequest.FromBytes(Bytes(node["bytes"]!));
        using SecretKey reply = SecretKey.FromBytes(Bytes(node["replySecret"]!)), requestKey = SecretKey.FromBytes(Bytes(node["requestSecret"]!));
        TeamPlan plan = TeamPlan.FromBytes(Bytes(_file["change"]!["plan"]!));
        TeamDealing[] dealings = [.. _file["change"]!["dealings"]!.AsArray().Select(d => TeamDealing.FromBytes(Bytes(d!)))];
        (TeamShares shares, _) = TeamOutcome.Conclude(plan, TeamCharter.FromBytes(Bytes(_file["founding"]!["charter"]!)), dealings, []).Accept(_people[4]);
        using (shares)
        {
            using var opening = new TeamOpening(request, charter, new TeamHelper { Identity = _people[4], Shares = shares }, reply);
            Assert.False(opening.Add(_people[1].Id, Bytes(node["lie"]!)));
            Assert.Equal(PhrDataReason.InvalidProof, Assert.Single(opening.Faults).Reason);
            Assert.True(opening.Add(_people[1].Id, Bytes(node["answer"]!)));
            Assert.True(opening.RequestKey!.FixedTimeEquals(requestKey));
            Assert.True(opening.TryCombine(out TeamReceiver? receiver, out _));
            Assert.Equal((string?)node["shared"], Convert.ToHexStringLower(((IReceiver)receiver).Multiply(request.Points[0].Point.Point).ToBytes()));
            receiver.Dispose();
        }
    }

    public void Dispose() => _people.ForEach(p => p.Dispose());

    private static JsonNode Read()
    {
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            File.WriteAllText(_path, TeamVectors.Make().ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
        }

        return JsonNode.Parse(File.ReadAllBytes(_path))!;
    }

    private static byte[] Bytes(JsonNode node) => Convert.FromHexString((string)node!);
}
