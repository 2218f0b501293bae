namespace Phr.Ml;

/// <summary>A group of training patients who resemble each other, found by k-means without looking at the diagnosis. Immutable.</summary>
public sealed class Cohort
{
    private readonly double[] _shares;
    private readonly string[] _traits;

    internal Cohort(int number, int rows, double[] shares, string[] traits)
    {
        Number = number;
        Rows = rows;
        _shares = shares;
        _traits = traits;
    }

    /// <summary>Its number, from 1; the largest cohort is the first.</summary>
    public int Number { get; }

    /// <summary>How many training rows belong to it.</summary>
    public int Rows { get; }

    /// <summary>The share of each class among them, in the schema's order; they sum to 1.</summary>
    public IReadOnlyList<double> ClassShares => _shares;

    /// <summary>What sets it apart: up to three features with the direction, such as <c>worst_area high</c>. Empty where nothing does.</summary>
    public IReadOnlyList<string> Traits => _traits;

    /// <summary>Its number and what sets it apart.</summary>
    /// <returns>Such as <c>cohort 2 (worst_area high)</c>.</returns>
    public override string ToString() => _traits.Length == 0 ? $"cohort {Number}" : $"cohort {Number} ({string.Join(", ", _traits)})";
}
