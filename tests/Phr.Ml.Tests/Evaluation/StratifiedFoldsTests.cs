using FsCheck;
using FsCheck.Fluent;
using Phr.Ml.Evaluation;

namespace Phr.Ml.Tests.Evaluation;

public class StratifiedFoldsTests
{
    [Fact]
    public void Create_AnyClasses_KeepsSharesWithinOneRow() => Prop.ForAll(
        Rows(),
        y =>
        {
            int[] folds = StratifiedFolds.Create(y, 3, 9);
            return folds.All(f => f is >= 0 and < 3)
                && Spread(folds, Enumerable.Range(0, y.Length)) <= 1
                && y.Distinct().All(c => Spread(folds, Enumerable.Range(0, y.Length).Where(i => y[i] == c)) <= 1);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Create_SameSeed_RepeatsAndAnotherDoesNot()
    {
        int[] y = [.. Enumerable.Range(0, 100).Select(i => i % 3 == 0 ? 1 : 0)];

        Assert.Equal(StratifiedFolds.Create(y, 10, 1), StratifiedFolds.Create(y, 10, 1));
        Assert.NotEqual(StratifiedFolds.Create(y, 10, 1), StratifiedFolds.Create(y, 10, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedFolds.Create(y, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedFolds.Create(y, 101, 1));
    }

    [Fact]
    public void CreateGrouped_RowsOfOnePerson_StayTogetherAndClassesEven()
    {
        int[] groups = [.. Enumerable.Range(0, 500).Select(i => i * 7 % 101)];
        int[] y = [.. groups.Select(g => g % 3 == 0 ? 1 : 0)];
        int[] folds = StratifiedFolds.CreateGrouped(y, groups, 5, 3);

        foreach (IGrouping<int, int> person in Enumerable.Range(0, 500).GroupBy(i => groups[i]))
        {
            Assert.Single(person.Select(i => folds[i]).Distinct());
        }

        Assert.InRange(Spread(folds, Enumerable.Range(0, 500).Where(i => y[i] == 1)), 0, 10);
        Assert.InRange(Spread(folds, Enumerable.Range(0, 500).Where(i => y[i] == 0)), 0, 10);
        Assert.Throws<ArgumentException>(() => StratifiedFolds.CreateGrouped([0, 1, 0], [1, 1, 1], 2, 3));
    }

    private static int Spread(int[] folds, IEnumerable<int> rows)
    {
        int[] counts = new int[folds.Max() + 1];
        foreach (int i in rows)
        {
            counts[folds[i]]++;
        }

        return counts.Max() - counts.Min();
    }

    private static Arbitrary<int[]> Rows() => (
        from n in Gen.Choose(3, 60)
        from y in Gen.ArrayOf(Gen.Choose(0, 3), n)
        select y).ToArbitrary();
}
