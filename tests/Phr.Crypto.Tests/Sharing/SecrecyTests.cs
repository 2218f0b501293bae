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
