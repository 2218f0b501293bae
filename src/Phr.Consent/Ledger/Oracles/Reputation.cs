using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>What a ledger thinks of an oracle: three terms in parts per million, that facts move and idleness brings back to the middle.</summary>
/// <remarks>
/// A newcomer has 500,000 in each term. An observation moves its term an eighth of the way to its target, at least by one and never past it; each full 30 days without any observation move every
/// term an eighth of the way back to 500,000. The score is (5 · correctness + 3 · timeliness + 2 · rating) / 10, so that no doctor's rating moves it by more than a fifth of its range. All of it
/// is exact integer arithmetic of 64 bits, and monotone in every input. Immutable and thread safe.
/// </remarks>
public sealed record Reputation : IMapped<Reputation>
{
    /// <summary>The highest value of a term and of the score: 1,000,000.</summary>
    public const int Full = 1_000_000;

    /// <summary>The value of every term of a newcomer: 500,000.</summary>
    public const int Prior = 500_000;

    /// <summary>The least weight in a draw: 250,000.</summary>
    public const int MinWeight = 250_000;

    private const int Step = 8;
    private const int MaxPeriods = 128;

    /// <summary>Whether answers were right, in parts per million.</summary>
    public required int Correctness { get; init; }

    /// <summary>Whether answers came in time, in parts per million.</summary>
    public required int Timeliness { get; init; }

    /// <summary>What doctors say, in parts per million.</summary>
    public required int Rating { get; init; }

    /// <summary>From when on idleness is counted, whole seconds of UTC.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>How long without an observation makes one step back to the middle: 30 days.</summary>
    public static TimeSpan DecayPeriod => TimeSpan.FromDays(30);

    /// <summary>(5 · correctness + 3 · timeliness + 2 · rating) / 10, rounded down: 0 to 1,000,000, more is better.</summary>
    public int Score => (int)(((5L * Correctness) + (3L * Timeliness) + (2L * Rating)) / 10);

    /// <summary>The weight in a draw: the score, kept between 250,000 and 1,000,000.</summary>
    public int Weight => Math.Clamp(Score, MinWeight, Full);

    string IMapped<Reputation>.TypeName => nameof(Reputation);

    /// <summary>The reputation of a newcomer.</summary>
    /// <param name="time">Now.</param>
    /// <returns>500,000 in every term.</returns>
    public static Reputation Newcomer(DateTimeOffset time) => new() { Correctness = Prior, Timeliness = Prior, Rating = Prior, Since = time };

    /// <summary>The reputation at a later time, if nothing is observed until then.</summary>
    /// <param name="time">The time.</param>
    /// <returns>This reputation, after one step back for each full period of 30 days.</returns>
    /// <remarks><c>r.At(a).At(b)</c> equals <c>r.At(b)</c> for a ≤ b.</remarks>
    public Reputation At(DateTimeOffset time)
    {
        long periods = time > Since ? (time - Since).Ticks / DecayPeriod.Ticks : 0;
        if (periods == 0)
        {
            return this;
        }

        (int correctness, int timeliness, int rating) = (Correctness, Timeliness, Rating);
        for (long i = 0; i < Math.Min(periods, MaxPeriods); i++)
        {
            (correctness, timeliness, rating) = (Toward(correctness, Prior), Toward(timeliness, Prior), Toward(rating, Prior));
        }

        return new() { Correctness = correctness, Timeliness = timeliness, Rating = rating, Since = Since + (DecayPeriod * periods) };
    }

    /// <summary>The reputation after one observation in one term.</summary>
    /// <param name="term">The term.</param>
    /// <param name="target">What was observed, 0 (bad) to 1,000,000 (good).</param>
    /// <param name="time">Now.</param>
    /// <returns>The decayed reputation with the term moved an eighth of the way, rounded toward the target.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="target"/> or <paramref name="term"/> is out of range.</exception>
    public Reputation Observe(ReputationTerm term, int target, DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(target);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, Full);
        Reputation now = At(time) with { Since = time > Since ? time : Since };
        return term switch
        {
            ReputationTerm.Correctness => now with { Correctness = Toward(now.Correctness, target) },
            ReputationTerm.Timeliness => now with { Timeliness = Toward(now.Timeliness, target) },
            ReputationTerm.Rating => now with { Rating = Toward(now.Rating, target) },
            _ => throw new ArgumentOutOfRangeException(nameof(term)),
        };
    }

    /// <summary>As <see cref="Observe"/>, but never lower than without the observation: a good answer that is less than perfect costs nothing.</summary>
    /// <param name="term">The term.</param>
    /// <param name="target">What was observed, 0 to 1,000,000.</param>
    /// <param name="time">Now.</param>
    /// <returns>The decayed reputation, with the term moved an eighth of the way if the target lies above it.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="target"/> or <paramref name="term"/> is out of range.</exception>
    public Reputation Reward(ReputationTerm term, int target, DateTimeOffset time)
    {
        Reputation moved = Observe(term, target, time);
        Reputation still = At(time) with { Since = moved.Since };
        return moved.Correctness >= still.Correctness && moved.Timeliness >= still.Timeliness && moved.Rating >= still.Rating ? moved : still;
    }

    /// <summary>The target of the timeliness term: full marks at once, falling linearly to half marks at the deadline, none after it.</summary>
    /// <param name="latency">How long after the grant became final the delivery was recorded; a negative value counts as zero.</param>
    /// <param name="window">The delivery window, at least one second.</param>
    /// <returns>0 to 1,000,000.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="window"/> is shorter than a second.</exception>
    /// <remarks>Whole seconds count. A block producer that shifts a block's time by d seconds moves the target by at most 500,000 · d / window, and the score by 3/80 of that.</remarks>
    public static int TimelinessTarget(TimeSpan latency, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TimeSpan.FromSeconds(1));
        long seconds = Math.Max(0, latency.Ticks / TimeSpan.TicksPerSecond);
        long limit = window.Ticks / TimeSpan.TicksPerSecond;
        return seconds > limit ? 0 : (int)(Full - ((Int128)(Full / 2) * seconds / limit));
    }

    /// <summary>A step of an eighth of the way, rounded toward the target, never past it.</summary>
    private static int Toward(int value, int target)
    {
        int distance = Math.Abs(target - value);
        int step = (distance + Step - 1) / Step;
        return target > value ? value + step : value - step;
    }

    Reputation IMapped<Reputation>.Map(FieldMap map) => this with
    {
        Correctness = map.Int32("correctness", Correctness, Full),
        Timeliness = map.Int32("timeliness", Timeliness, Full),
        Rating = map.Int32("rating", Rating, Full),
        Since = map.Time("since", Since),
    };
}
