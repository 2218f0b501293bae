using Phr.Crypto.Sharing;
using static Phr.Crypto.Tests.Sharing.GroupSharingTests;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>
/// Secrecy shown exactly and not by sampling: the library's own sharing code runs over the field of 13 elements with every
/// possible choice of coefficients, and for each set of holders the number of times that each view occurs is compared
/// between all 13 secrets.
/// </summary>
public class SecrecyTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(2, 5)]
    [InlineData(3, 3)]
    [InlineData(3, 5)]
    [InlineData(4, 4)]
    public void Split_EveryPolynomialOfOneGroup_BelowThresholdEveryViewIsEquallyFrequentForEverySecret(int threshold, int shares)
    {
        F13[] indices = [.. Enumerable.Range(1, shares).Select(i => F13.FromUInt32((uint)i))];
        F13[][][] sharings = [.. F13.All.Select(secret => Enumerate(threshold - 1, source => Polynomial<F13>.Split(secret, threshold, indices, source)))];
        for (int subset = 0; subset < 1 << shares; subset++)
        {
            int[] holders = [.. Enumerable.Range(0, shares).Where(i => (subset >> i & 1) != 0)];
            Dictionary<long, int>[] views = [.. sharings.Select(s => CountViews(s, holders))];
            if (holders.Length >= threshold)
            {
                AssertNoViewOccursForTwoSecrets(views);
                continue;
            }

            AssertEqualForAllSecrets(views);

            // For one group more is true: each of the 13^k views occurs, and all equally often.
            Assert.Equal(Power(F13.Order, holders.Length), views[0].Count);
            Assert.All(views[0].Values, count => Assert.Equal(Power(F13.Order, threshold - 1 - holders.Length), count));
        }
    }

    [Theory]
    [InlineData(2, "2/3 1/1 1/1")]
    [InlineData(3, "2/3 1/1 1/1")]
    [InlineData(1, "2/3 1/1 1/1")]
    [InlineData(2, "2/2 2/2 1/1")]
    [InlineData(2, "3/3 1/2")]
    [InlineData(2, "2/3 2/2 1/2")]
    public void Split_EveryPolynomialOfTwoLevels_BelowThePolicyEveryViewIsEquallyFrequentForEverySecret(int groupThreshold, string groups)
    {
        SharingShape shape = Shape(groupThreshold, groups);
        (int Group, int Member)[] members = [.. from g in Enumerable.Range(1, shape.Groups.Count) from i in Enumerable.Range(1, shape.Groups[g - 1].Members) select (g, i)];
        int coefficients = groupThreshold - 1 + shape.Groups.Sum(g => g.Threshold - 1);
        F13[][][] sharings = [.. F13.All.Select(secret => Enumerate(coefficients, source =>
        {
            using TwoLevelPolynomials<F13> polynomials = TwoLevelPolynomials<F13>.Draw(secret, shape, source);
            return [.. members.Select(m => polynomials.Share(m.Group, m.Member))];
        }))];
        int below = 0;
        for (int subset = 0; subset < 1 << members.Length; subset++)
        {
            int[] holders = [.. Enumerable.Range(0, members.Length).Where(i => (subset >> i & 1) != 0)];
            (int, int)[] chosen = [.. holders.Select(h => members[h])];
            Dictionary<long, int>[] views = [.. sharings.Select(s => CountViews(s, holders))];
            if (!shape.IsSatisfiedBy(chosen))
            {
                AssertEqualForAllSecrets(views);
                below++;
                continue;
            }

            AssertNoViewOccursForTwoSecrets(views);
            AssertInterpolates(sharings, members, GroupLagrange.Coefficients<F13>(shape, chosen));
        }

        Assert.InRange(below, 1, (1 << members.Length) - 2);
    }

    // The dealers' fresh coefficients follow the old sharing's. A bad dealer's part is in the view too, though nobody uses it.
    [Theory]
    [InlineData(1, "2/2", "1.1 1.2", "1.1 1.2", 1, "2/2")]
    [InlineData(1, "2/3", "1.1 1.3", "1.1 1.3", 1, "2/3")]
    [InlineData(1, "2/3", "1.1 1.2 1.3", "1.1 1.3", 1, "2/2")]
    [InlineData(2, "1/1 1/1", "1.1 2.1", "1.1 2.1", 2, "1/1 1/2")]
    [InlineData(2, "1/2 1/1", "1.1 1.2 2.1", "1.2 2.1", 1, "2/2")]
    [InlineData(1, "1/2", "1.2", "1.2", 2, "2/2 2/2 1/1")]
    public void Redistribute_EveryChoiceOfEveryDealer_BelowBothPoliciesEveryViewIsEquallyFrequentForEverySecret(
        int oldThreshold, string oldGroups, string dealing, string used, int newThreshold, string newGroups)
    {
        SharingShape oldShape = Shape(oldThreshold, oldGroups), newShape = Shape(newThreshold, newGroups);
        (int Group, int Member)[] before = Members(oldShape), after = Members(newShape);
        PolicySeat[] dealers = Seats(dealing), quorum = Seats(used);
        F13[] weights = Redistribution.Weights<F13>(quorum);
        int fresh = newThreshold - 1 + newShape.Groups.Sum(g => g.Threshold - 1);
        int coefficients = oldThreshold - 1 + oldShape.Groups.Sum(g => g.Threshold - 1) + (dealers.Length * fresh);

        // In this order: the old shares, each dealer's sub-shares, each dealer's own choices, the new shares.
        F13[][][] runs = [.. F13.All.Select(secret => Enumerate(coefficients, source =>
        {
            using TwoLevelPolynomials<F13> old = TwoLevelPolynomials<F13>.Draw(secret, oldShape, source);
            var subShares = new List<F13>();
            var choices = new List<F13>();
            foreach (PolicySeat dealer in dealers)
            {
                using TwoLevelPolynomials<F13> onward = TwoLevelPolynomials<F13>.Draw(old.Share(dealer.Group, dealer.Member), newShape, () =>
                {
                    choices.Add(source());
                    return choices[^1];
                });
                subShares.AddRange(after.Select(m => onward.Share(m.Group, m.Member)));
            }

            IEnumerable<F13> combined = after.Select((_, k) => Lagrange.WeightedSum<F13>(
                weights, [.. quorum.Select(q => subShares[(Array.IndexOf(dealers, q) * after.Length) + k])]));
            return [.. before.Select(m => old.Share(m.Group, m.Member)), .. subShares, .. choices, .. combined];
        }))];
        int subStart = before.Length, choiceStart = subStart + (dealers.Length * after.Length), newStart = choiceStart + (dealers.Length * fresh);
        int compared = 0;
        for (int o = 0; o < 1 << before.Length; o++)
        {
            (int Group, int Member)[] oldHolders = [.. before.Where((_, i) => (o >> i & 1) != 0)];
            for (int n = 0; n < 1 << after.Length; n++)
            {
                (int Group, int Member)[] newHolders = [.. after.Where((_, i) => (n >> i & 1) != 0)];
                if (o == 0 && newShape.IsSatisfiedBy(newHolders))
                {
                    (int, int)[] all = [.. Enumerable.Repeat((0, 0), newStart), .. after];
                    AssertInterpolates(runs, all, GroupLagrange.Coefficients<F13>(newShape, newHolders));
                    continue;
                }

                if (oldShape.IsSatisfiedBy(oldHolders) || newShape.IsSatisfiedBy(newHolders))
                {
                    continue;
                }

                // What both coalitions know together: old shares, everything that a dealer among them chose, what was sent to the new trustees among them.
                int[] view =
                [
                    .. oldHolders.Select(h => Array.IndexOf(before, h)),
                    .. Enumerable.Range(0, dealers.Length).Where(d => oldHolders.Contains(dealers[d].Indices)).SelectMany(d => Enumerable.Range(choiceStart + (d * fresh), fresh)),
                    .. Enumerable.Range(0, dealers.Length).SelectMany(d => newHolders.Select(h => subStart + (d * after.Length) + Array.IndexOf(after, h))),
                ];
                AssertEqualForAllSecrets([.. runs.Select(r => CountViews(r, view))]);
                compared++;
            }
        }

        Assert.InRange(compared, 2, 1 << (before.Length + after.Length));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    public void Repair_EveryChoiceOfEveryHelper_NobodyBelowTheThresholdSeesMoreForOneSecretThanForAnother(int threshold, int lost)
    {
        int[] helpers = [.. Enumerable.Range(1, threshold)];
        F13[] weights = ShareMending.WeightsAt<F13>(lost, helpers);

        // In this order: the helpers' shares, the summands by maker and receiver, the sums, the repaired share, the true one.
        F13[][][] runs = [.. F13.All.Select(secret => Enumerate(threshold - 1 + (threshold * (threshold - 1)), source =>
        {
            using Polynomial<F13> polynomial = Polynomial<F13>.Draw(secret, threshold, source);
            F13[][] summands = [.. helpers.Select((h, i) =>
            {
                var parts = new F13[threshold];
                ShareMending.Split(weights[i] * polynomial.At(h), parts, source);
                return parts;
            })];
            F13[] sums = [.. helpers.Select((_, j) => summands.Aggregate(F13.Zero, (sum, parts) => sum + parts[j]))];
            return [.. helpers.Select(h => polynomial.At(h)), .. summands.SelectMany(p => p), .. sums, sums.Aggregate((a, b) => a + b), polynomial.At(lost)];
        }))];
        int sumStart = threshold + (threshold * threshold);
        Assert.All(runs.SelectMany(r => r), run => Assert.Equal(run[^1], run[^2]));
        if (threshold == 1)
        {
            return;
        }

        // The one who asked sees the sums. A helper sees its share, what it made and what it was sent.
        AssertEqualForAllSecrets([.. runs.Select(r => CountViews(r, [.. Enumerable.Range(sumStart, threshold)]))]);
        for (int j = 0; j < threshold; j++)
        {
            int[] view = [j, .. Enumerable.Range(threshold + (j * threshold), threshold), .. Enumerable.Range(0, threshold).Select(i => threshold + (i * threshold) + j)];
            AssertEqualForAllSecrets([.. runs.Select(r => CountViews(r, view))]);
        }

        // And the sums depend on nothing but the repaired share: for one value of it they are equally frequent whatever a helper's share is.
        IEnumerable<(int Share, int Repaired, int Sum)> triples = runs.SelectMany(r => r).Select(r => ((int)r[0].Value, (int)r[^1].Value, (int)r[sumStart].Value));
        Assert.Single(triples.GroupBy(t => t).Select(g => g.Count()).Distinct());
    }

    private static (int Group, int Member)[] Members(SharingShape shape) =>
        [.. from g in Enumerable.Range(1, shape.Groups.Count) from i in Enumerable.Range(1, shape.Groups[g - 1].Members) select (g, i)];

    private static PolicySeat[] Seats(string text) =>
        [.. text.Split(' ').Select(s => s.Split('.')).Select(p => new PolicySeat(int.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture), int.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture)))];

    [Fact]
    public void Split_CoefficientsThatAreNeverZero_LeaveOutOneViewPerSecret()
    {
        // Over the real field coefficients are never zero, so that no commitment is the identity. This is what it costs: of q
        // views a single one is missing for each secret, which for q = n is 2^-256.
        foreach (F13 secret in F13.All)
        {
            HashSet<F13> seen = [.. F13.All.Where(c => !c.IsZero).Select(c => Polynomial<F13>.Split(secret, 2, [F13.One], () => c)[0])];
            Assert.Equal(F13.Order - 1, seen.Count);
            Assert.DoesNotContain(secret, seen);
        }
    }

    [Fact]
    public void F13_EveryElement_FollowsTheLawsOfAField()
    {
        foreach (F13 a in F13.All)
        {
            Assert.Equal(a.IsZero ? F13.Zero : F13.One, a * a.Invert());
            foreach (F13 b in F13.All)
            {
                Assert.Equal(a, (a + b) - b);
                Assert.Equal(a * b, b * a);
                Assert.Equal((a * b) + a, a * (b + F13.One));
            }
        }
    }

    // Runs the sharing once for each of the 13^count ways to answer its draws.
    private static F13[][] Enumerate(int count, Func<Func<F13>, F13[]> split)
    {
        var result = new F13[Power(F13.Order, count)][];
        for (int choice = 0; choice < result.Length; choice++)
        {
            int rest = choice, draws = 0;
            result[choice] = split(() =>
            {
                var coefficient = new F13((byte)(rest % F13.Order));
                rest /= F13.Order;
                draws++;
                return coefficient;
            });
            Assert.Equal(count, draws);
        }

        return result;
    }

    private static Dictionary<long, int> CountViews(F13[][] sharings, int[] holders)
    {
        var counts = new Dictionary<long, int>();
        foreach (F13[] shares in sharings)
        {
            long view = 0;
            foreach (int holder in holders)
            {
                view = (view * F13.Order) + shares[holder].Value;
            }

            counts[view] = counts.GetValueOrDefault(view) + 1;
        }

        return counts;
    }

    private static void AssertEqualForAllSecrets(Dictionary<long, int>[] views)
    {
        foreach (Dictionary<long, int> other in views.Skip(1))
        {
            Assert.Equal(views[0].Count, other.Count);
            Assert.True(views[0].All(v => other.GetValueOrDefault(v.Key) == v.Value), "A view below the threshold is more frequent for one secret than for another.");
        }
    }

    private static void AssertNoViewOccursForTwoSecrets(Dictionary<long, int>[] views)
    {
        var seen = new HashSet<long>();
        Assert.True(views.All(v => v.Keys.All(seen.Add)), "A view at the threshold belongs to two secrets.");
    }

    private static void AssertInterpolates(F13[][][] sharings, (int, int)[] members, (int Group, int Member, F13 Coefficient)[] coefficients)
    {
        int[] holders = [.. coefficients.Select(c => Array.IndexOf(members, (c.Group, c.Member)))];
        for (byte secret = 0; secret < F13.Order; secret++)
        {
            foreach (F13[] shares in sharings[secret])
            {
                F13 sum = F13.Zero;
                for (int i = 0; i < holders.Length; i++)
                {
                    sum += coefficients[i].Coefficient * shares[holders[i]];
                }

                if (sum.Value != secret)
                {
                    Assert.Fail("A satisfying set does not interpolate to the secret.");
                }
            }
        }
    }

    private static int Power(int x, int exponent) => exponent == 0 ? 1 : x * Power(x, exponent - 1);
}
