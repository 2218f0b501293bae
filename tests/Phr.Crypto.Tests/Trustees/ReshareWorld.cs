namespace Phr.Crypto.Tests.Trustees;

/// <summary>The trustees of a <see cref="TrusteeWorld"/> on their way to the next epoch: plan, contributions, confirmations.</summary>
internal sealed class ReshareWorld : IDisposable
{
    private readonly List<IdentityKeys> _new = [];

    private ReshareWorld(TrusteeWorld old) => Old = old;

    public TrusteeWorld Old { get; }

    public VerifiedDealing Previous { get; private set; } = null!;

    public Dictionary<(int Group, int Member), (IdentityKeys Identity, SecretKey EpochKey)> OldTrustees { get; private set; } = null!;

    public Dictionary<(int Group, int Member), (IdentityKeys Identity, SecretKey EpochKey)> NewTrustees { get; } = [];

    public TrusteePolicy Policy { get; private set; } = null!;

    public EnvelopeKeyOffer[] Offers { get; private set; } = null!;

    public VerifiedResharePlan Plan { get; private set; } = null!;

    public Dictionary<PolicySeat, ReshareContributionResult> Contributions { get; } = [];

    /// <summary>A plan with the same trustees, or with others, and every old trustee's contribution.</summary>
    public static async Task<ReshareWorld> CreateAsync(
        int groupThreshold, (int Threshold, int Members)[] groups, (int Threshold, (int Threshold, int Members)[] Groups)? next = null, int documents = 1, int m = 2, int n = 3)
    {
        var world = new ReshareWorld(await TrusteeWorld.CreateAsync(groupThreshold, groups, documents, m, n));
        world.Propose(next);
        return world;
    }

    /// <summary>Plans the next epoch of the world as it is now: with the same trustees, or with others when a shape is given.</summary>
    public void Propose((int Threshold, (int Threshold, int Members)[] Groups)? next = null, bool contribute = true)
    {
        TrusteePolicy old = Old.Policy;
        OldTrustees = new(Old.Trustees);
        Previous = Old.Dealing;
        NewTrustees.Clear();
        Contributions.Clear();
        (int threshold, (int Threshold, int Members)[] shape) = next ?? (old.GroupThreshold, [.. old.Groups.Select(g => (g.Threshold, g.Members.Count))]);
        for (int g = 1; g <= shape.Length; g++)
        {
            for (int i = 1; i <= shape[g - 1].Members; i++)
            {
                IdentityKeys identity;
                if (next is null)
                {
                    identity = OldTrustees[(g, i)].Identity;
                }
                else
                {
                    _new.Add(identity = IdentityKeys.Generate());
                }

                NewTrustees.Add((g, i), (identity, SecretKey.Generate()));
            }
        }

        Policy = MakePolicy(threshold, shape, old.CommitteeThreshold, old.CommitteeSize);
        Offers = [.. NewTrustees.Values.Select(t => EnvelopeKeyOffer.Create(t.Identity, TrusteeWorld.Ledger, Old.Header.BundleId, Previous.Dealing.Epoch + 1, t.EpochKey.PublicKey))];
        VerifiedResharePlan plan = ResharePlan.Create(Previous, Policy, Offers, OldTrustees[(1, 1)].Identity);
        Plan = ResharePlan.FromBytes(plan.Plan.ToBytes()).Verify(Previous);
        foreach (PolicySeat seat in contribute ? old.Seats : [])
        {
            Contributions.Add(seat, Contribute(seat));
        }
    }

    public TrusteePolicy MakePolicy(int groupThreshold, (int Threshold, int Members)[] groups, int m, int n, TrusteePolicyOptions? options = null) => new(
        groupThreshold,
        groups.Select((g, index) => new TrusteeGroup($"group-{index + 1}", g.Threshold, Enumerable.Range(1, g.Members).Select(i =>
        {
            (IdentityKeys identity, SecretKey key) = NewTrustees[(index + 1, i)];
            return new TrusteeMember(identity.Id, default, identity.PublicKeys.ObjectKey, identity.PublicKeys.SignerKey, key.PublicKey);
        }))),
        options ?? new TrusteePolicyOptions { CommitteeThreshold = m, CommitteeSize = n });

    public ReshareContributionResult Contribute(PolicySeat seat)
    {
        using TrusteeShares shares = Old.OpenShares(seat.Group, seat.Member);
        ReshareContributionResult result = ReshareContribution.Create(Plan, shares, OldTrustees[seat.Indices].Identity);
        return result with { Contribution = ReshareContribution.FromBytes(result.Contribution.Contribution.ToBytes()).Verify(Plan) };
    }

    public VerifiedReshareContribution[] Of(IEnumerable<PolicySeat> dealers) => [.. dealers.Select(d => Contributions[d].Contribution)];

    public ReadOnlyMemory<byte> EnvelopeFor(PolicySeat dealer, PolicySeat seat) =>
        Contributions[dealer].Envelopes.Single(e => e.Group == seat.Group && e.Member == seat.Member).Bytes;

    /// <summary>What the dealers of a dealing sign, as it comes out of the wire.</summary>
    public ReshareConfirmation[] Confirm(IEnumerable<PolicySeat> dealers)
    {
        VerifiedReshareContribution[] contributions = Of(dealers);
        return
        [
            .. Dealing.FromReshare(Plan, contributions).Dealers
                .Select(d => ReshareConfirmation.FromBytes(ReshareConfirmation.Create(Plan, contributions, OldTrustees[d.Seat.Indices].Identity).ToBytes())),
        ];
    }

    /// <summary>The verified dealing of these dealers, read back from its bytes.</summary>
    public VerifiedDealing Combine(IEnumerable<PolicySeat> dealers)
    {
        PolicySeat[] seats = [.. dealers];
        return Dealing.FromBytes(Dealing.FromReshare(Plan, Of(seats)).ToBytes()).Verify(Previous, Confirm(seats));
    }

    /// <summary>Combines, and lets the world go on under the new dealing.</summary>
    public void Adopt(IEnumerable<PolicySeat> dealers) => Old.Become(Combine(dealers), Contributions.Values.SelectMany(c => c.Envelopes), NewTrustees);

    public void Dispose()
    {
        foreach ((IdentityKeys identity, SecretKey key) in OldTrustees.Values.Concat(NewTrustees.Values))
        {
            identity.Dispose();
            key.Dispose();
        }

        _new.ForEach(k => k.Dispose());
        Old.Dispose();
    }
}
