namespace Phr.Ml.Training;

/// <summary>How long each fold took. The first ones also compile what they call and take several times as long: the median does not mind them, a mean would.</summary>
/// <param name="folds">How many there are.</param>
internal sealed class FoldTimes(int folds)
{
    private readonly TimeSpan[] _times = new TimeSpan[folds];

    /// <summary>The time in the middle, of an even number the shorter of the two.</summary>
    public TimeSpan Median => _times.Order().ElementAt((folds - 1) / 2);

    /// <summary>Folds may be told from several threads, each fold once.</summary>
    public void Set(int fold, TimeSpan time) => _times[fold] = time;
}
