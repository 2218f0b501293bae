namespace Phr.Ml;

/// <summary>From which probability on a person is called diseased, and what that costs. Immutable.</summary>
/// <remarks>
/// Where a missed case is as bad as c false alarms, the cheapest threshold for probabilities that come true is 1 / (1 + c). It is used rather than
/// the one that happened to be cheapest on these rows, which fits their chance; that one stands beside it.
/// </remarks>
public sealed class ThresholdChoice
{
    internal ThresholdChoice(double missedCaseCost, double threshold, double cost, double cheapestThreshold, double cheapestCost)
    {
        MissedCaseCost = missedCaseCost;
        Threshold = threshold;
        CostPerPerson = cost;
        CheapestThreshold = cheapestThreshold;
        CheapestCostPerPerson = cheapestCost;
    }

    /// <summary>How many false alarms are as bad as a missed case.</summary>
    public double MissedCaseCost { get; }

    /// <summary>The threshold: 1 / (1 + <see cref="MissedCaseCost"/>).</summary>
    public double Threshold { get; }

    /// <summary>What the threshold cost on held-out rows, in false alarms per person.</summary>
    public double CostPerPerson { get; }

    /// <summary>The threshold that was cheapest on the held-out rows.</summary>
    public double CheapestThreshold { get; }

    /// <summary>What that one cost, in false alarms per person: never more than <see cref="CostPerPerson"/>, and flattering.</summary>
    public double CheapestCostPerPerson { get; }
}
