using Phr.Crypto.Memory;
using Phr.Crypto.Secp256k1;

namespace Phr.Crypto.Tests.Teams;

/// <summary>People who form a team and change it: the real rounds, with everything read back from its bytes.</summary>
internal sealed class TeamWorld : IDisposable
{
    public static readonly LedgerId Ledger = new(0, ActorId.Parse("00112233445566778899aabbccddeeff00112233"));

    public List<IdentityKeys> People { get; } = [];

    public Dictionary<ActorId, TeamShares> Shares { get; } = [];

    /// <summary>Shares under earlier charters, which an honest device wipes and this world keeps to attack with.</summary>
    public List<(TeamCharter Charter, ActorId Member, TeamShares Shares)> OldShares { get; } = [];

    public TeamCharter Charter { get; private set; } = null!;

    public static TeamWorld Form(int threshold, int members)
    {
        var world = new TeamWorld();
        for (int i = 0; i < members; i++)
        {
            world.People.Add(IdentityKeys.Generate());
        }

        world.Run(TeamPlan.Found(Ledger, threshold, [.. world.People.Select(RecordOf)]));
        return world;
    }

    public static KeyRecord RecordOf(IdentityKeys person) => KeyRecord.Create(
        person, Ledger, new KeyRecordOptions { ValidFrom = DateTimeOffset.UnixEpoch, ValidUntil = DateTimeOffset.FromUnixTimeSeconds(1_900_000_000) });

    public IdentityKeys Join()
    {
        var person = IdentityKeys.Generate();
        People.Add(person);
        return person;
    }

    public TeamPlan PlanFor(params IdentityKeys[] roster) => PlanFor(new TeamChange { Members = [.. roster.Select(RecordOf)] });

    public TeamPlan PlanFor(TeamChange change) => TeamPlan.FromBytes(TeamPlan.Change(Charter, change).ToBytes());

    public IdentityKeys[] RosterOf(TeamPlan plan) => [.. plan.Members.Select(m => People.Single(p => p.Id == m.Identity))];

    public TeamDealing Deal(TeamPlan plan, IdentityKeys dealer, Action<int, Scalar[]>? tamper = null) =>
        TeamDealing.FromBytes(TeamDealing.Create(plan, plan.IsFounding ? null : Charter, Shares.GetValueOrDefault(dealer.Id), dealer, RandomSource.System, tamper).ToBytes());

    /// <summary>Everybody who has something to deal deals honestly.</summary>
    public List<TeamDealing> DealAll(TeamPlan plan) =>
    [
        .. RosterOf(plan).Where(p => plan.Keys.Any(k => k.IsFresh) || Shares.ContainsKey(p.Id)).Select(p => Deal(plan, p)),
    ];

    public TeamOutcome Run(TeamPlan plan, IReadOnlyCollection<TeamDealing>? dealings = null, params TeamComplaint[] complaints)
    {
        TeamCharter? previous = plan.IsFounding ? null : Charter;
        TeamOutcome outcome = TeamOutcome.Conclude(plan, previous, dealings ?? DealAll(plan), complaints);
        var signatures = new List<TeamSignature>();
        foreach ((ActorId member, TeamShares old) in Shares)
        {
            OldShares.Add((Charter, member, old));
        }

        Shares.Clear();
        foreach (IdentityKeys member in RosterOf(plan))
        {
            Assert.Empty(outcome.FindComplaints(member));
            (TeamShares shares, TeamSignature signature) = outcome.Accept(member);
            Shares.Add(member.Id, ReadBack(shares));
            signatures.Add(signature);
        }

        Charter = TeamCharter.FromBytes(TeamCharter.Create(outcome, signatures).ToBytes());
        Charter.Verify(previous);
        return outcome;
    }

    /// <summary>The secret that nobody has: for tests alone, out of enough shares.</summary>
    public PublicKey PublicOf(int epoch, params TeamShares[] shares)
    {
        Share[] held = [.. shares.Select(s => new Share(s.Index, s.Find(epoch)!.Scalar))];
        Scalar[] coefficients = Crypto.Sharing.JointSharing.Coefficients([.. held.Select(s => s.Index)]);
        Scalar secret = Scalar.Zero;
        for (int i = 0; i < held.Length; i++)
        {
            secret += coefficients[i] * held[i].Scalar;
            held[i].Dispose();
        }

        return new PublicKey(Point.MultiplyBase(secret));
    }

    public void Dispose()
    {
        People.ForEach(p => p.Dispose());
        foreach (TeamShares shares in Shares.Values.Concat(OldShares.Select(o => o.Shares)))
        {
            shares.Dispose();
        }
    }

    private static TeamShares ReadBack(TeamShares shares)
    {
        var bytes = new byte[shares.ExportedLength];
        shares.ExportTo(bytes);
        shares.Dispose();
        return TeamShares.FromBytes(bytes);
    }
}
