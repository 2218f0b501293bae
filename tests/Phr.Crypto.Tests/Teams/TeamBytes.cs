using Phr.Crypto.Hashing;
using Phr.Crypto.Secp256k1;
using Phr.Shared;

namespace Phr.Crypto.Tests.Teams;

/// <summary>A dealing taken apart, changed and signed again: what a dishonest dealer can send.</summary>
internal sealed class TeamBytes
{
    private TeamBytes(TeamDealing dealing)
    {
        Plan = dealing.PlanDigest;
        Dealer = dealing.Dealer;
        Keys = [.. dealing.Keys];
        Envelopes = [.. dealing.Envelopes.Select(e => e.ToArray())];
        Sealings = [.. dealing.Envelopes.Select((_, i) => dealing.SealingOf(i))];
    }

    public Digest Plan { get; set; }

    public ActorId Dealer { get; set; }

    public List<DealtTeamKey> Keys { get; }

    public List<byte[]> Envelopes { get; }

    public List<DleqProof> Sealings { get; }

    public static TeamDealing Resign(TeamDealing dealing, IdentityKeys signer, Action<TeamBytes> change)
    {
        var parts = new TeamBytes(dealing);
        change(parts);
        var payload = new CanonicalCborWriter();
        payload.Array(4).Id(parts.Plan).Id(parts.Dealer).Array(parts.Keys.Count);
        foreach (DealtTeamKey key in parts.Keys)
        {
            payload.Array(3).UInt64((ulong)key.Epoch).Encoded(key.Commitments.ToBytes()).Bytes(key.Proof.Span).EndArray();
        }

        payload.EndArray().Array(parts.Envelopes.Count);
        foreach ((byte[] envelope, DleqProof sealing) in parts.Envelopes.Zip(parts.Sealings))
        {
            payload.Array(2).Bytes(envelope).Bytes(sealing.ToBytes()).EndArray();
        }

        return TeamDealing.FromBytes(SignedObject.Sign("phr/team-dealing/v1", payload.EndArray().EndArray().ToBytes(), signer.ObjectSigner));
    }

    public void ReplaceConstant(PublicKey constant, int key = 0) => Change(key, points => points[0] = constant.Point);

    public void AddCoefficient(PublicKey coefficient) => Change(0, points => points.Add(coefficient.Point));

    private void Change(int key, Action<List<Point>> change)
    {
        List<Point> points = [.. Enumerable.Range(0, Keys[key].Commitments.Threshold).Select(Keys[key].Commitments.Coefficient)];
        change(points);
        Keys[key] = Keys[key] with { Commitments = new FeldmanCommitments([.. points]) };
    }
}
