using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>What a ledger thinks of an oracle: three terms in parts per million, that facts move and idleness brings back to the middle.</summary>
/// <remarks>
/// A newcomer has 500,000 in each term. An observation moves its term an eighth of the way to its target, at least by one and never past it; each full 30 days without any observation move every
/// term an eighth of the way back to 500,000. The score is correctness · timeliness · (4 + rating) / 5, each as a part of one, so that no doctor's rating moves it by more than a fifth of its range. All of it
/// is exact integer arithmetic, monotone in every input, and the contract's library computes the same. Source: <c>docs/reputation.md</c>. Immutable and thread safe.
/// </remarks>
public sealed record Reputation : IMapped<Reputation>
{
    /// <summary>The highest value of a term and of the score: 1,000,000.</summary>
    public const int Full = 1_000_000;

    /// <summary>The value of every term of a newcomer: 500,000.</summary>
    public const int Prior = 500_000;

    /// <summary>The highest weight in a draw: 63.</summary>
    public const int MaxWeight = 63;

    /// <summary>The least weight in a draw: 16.</summary>
    public const int MinWeight = 16;

    /// <summary>The level of a delivery in the last part of the window: 13. The first is 1.</summary>
    public const int LastLevel = 13;

    /// <summary>The level of a delivery after the window: 14.</summary>
    public const int LateLevel = 14;

    /// <summary>The least rating that counts as fair: 50. What is below is bad.</summary>
    public const int FairRating = 50;

    /// <summary>The least rating that counts as good: 75.</summary>
    public const int GoodRating = 75;

    private const int Step = 8;
    private const int DecayDays = 30;
    private const int MaxPeriods = 128;
    private const int MaxDay = 65_535;
    private const long SecondsPerDay = 86_400;

    /// <summary>Whether answers were right, in parts per million.</summary>
    public required int Correctness { get; init; }

    /// <summary>Whether answers came in time, in parts per million.</summary>
    public required int Timeliness { get; init; }

    /// <summary>What doctors say, in parts per million.</summary>
    public required int Rating { get; init; }

    /// <summary>The day from which on idleness is counted: days since 1 January 1970, UTC, 0 to 65,535.</summary>
    public required int SinceDay { get; init; }

    /// <summary>How long without an observation makes one step back to the middle: 30 days.</summary>
    public static TimeSpan DecayPeriod => TimeSpan.FromDays(DecayDays);

    /// <summary>correctness · timeliness · (4 + rating) / 5, each as a part of one, rounded down: 0 to 1,000,000, more is better. A newcomer has 225,000.</summary>
    /// <remarks>A product, because an oracle must be right <em>and</em> in time: who answers three jobs in ten must not live on the praise for those.</remarks>
    public int Score => (int)((ulong)Correctness * (ulong)Timeliness * ((4UL * Full) + (ulong)Rating) / (5UL * Full * Full));

    /// <summary>The weight in a draw: 63 parts of the score, rounded down, at least 16: so the best oracle is about four times as likely to be taken as the worst.</summary>
    public int Weight => Math.Max(MinWeight, (int)((long)Score * MaxWeight / Full));

    string IMapped<Reputation>.TypeName => nameof(Reputation);

    /// <summary>The reputation of a newcomer.</summary>
    /// <param name="time">Now.</param>
    /// <returns>500,000 in every term.</returns>
    public static Reputation Newcomer(DateTimeOffset time) => new() { Correctness = Prior, Timeliness = Prior, Rating = Prior, SinceDay = DayOf(time) };

    /// <summary>The day of a time, as reputations count.</summary>
    /// <param name="time">The time.</param>
    /// <returns>Full days of UTC since 1 January 1970; 0 before, and 65,535 from 6 June 2149 on.</returns>
    public static int DayOf(DateTimeOffset time) => (int)Math.Clamp(time.ToUnixTimeSeconds() / SecondsPerDay, 0, MaxDay);

    /// <summary>The reputation at a later time, if nothing is observed until then.</summary>
    /// <param name="time">The time.</param>
    /// <returns>This reputation, after one step back for each full period of 30 days.</returns>
    /// <remarks><c>r.At(a).At(b)</c> equals <c>r.At(b)</c> for a ≤ b.</remarks>
    public Reputation At(DateTimeOffset time)
    {
        int periods = Math.Max(0, DayOf(time) - SinceDay) / DecayDays;
        if (periods == 0)
        {
            return this;
        }

        (int correctness, int timeliness, int rating) = (Correctness, Timeliness, Rating);
        for (int i = 0; i < Math.Min(periods, MaxPeriods); i++)
        {
            (correctness, timeliness, rating) = (Toward(correctness, Prior), Toward(timeliness, Prior), Toward(rating, Prior));
        }

        return new() { Correctness = correctness, Timeliness = timeliness, Rating = rating, SinceDay = SinceDay + (DecayDays * periods) };
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
        Reputation now = At(time) with { SinceDay = Math.Max(SinceDay, DayOf(time)) };
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
        Reputation still = At(time) with { SinceDay = moved.SinceDay };
        return moved.Correctness >= still.Correctness && moved.Timeliness >= still.Timeliness && moved.Rating >= still.Rating ? moved : still;
    }

    /// <summary>The reputation after the settlement of one request that the oracle had a seat for.</summary>
    /// <param name="outcome">What the ledger knows of the oracle's work.</param>
    /// <param name="time">Now.</param>
    /// <returns>
    /// In time raises timeliness and never lowers it; late or absent lowers it; a delivery that was there when the doctor opened raises correctness. One that the doctor rated bad earns neither,
    /// and costs neither: a rating moves the rating term alone.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="outcome"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The level or the rating is out of range.</exception>
    public Reputation After(ServiceOutcome outcome, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        Reputation reputation = this;
        if (outcome.Level is { } level)
        {
            if (level == LateLevel)
            {
                reputation = reputation.Observe(ReputationTerm.Timeliness, 0, time);
            }
            else if (outcome.Rating is not < FairRating)
            {
                reputation = reputation.Reward(ReputationTerm.Timeliness, TimelinessTarget(level), time);
                reputation = outcome.BeforeOpening ? reputation.Reward(ReputationTerm.Correctness, Full, time) : reputation;
            }
        }
        else if (outcome.Missed)
        {
            reputation = reputation.Observe(ReputationTerm.Timeliness, 0, time);
        }

        return outcome.Rating is { } rating ? reputation.Observe(ReputationTerm.Rating, RatingTarget(rating), time) : reputation;
    }

    /// <summary>How early a delivery came: in which thirteenth of the window.</summary>
    /// <param name="latency">How long after the window began the delivery was recorded; whole seconds count, and a negative value counts as zero.</param>
    /// <param name="window">The delivery window, at least one second.</param>
    /// <returns>1 (in the first thirteenth) to 13, or 14 after the window.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="window"/> is shorter than a second.</exception>
    public static int LevelOf(TimeSpan latency, TimeSpan window)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(window, TimeSpan.FromSeconds(1));
        long seconds = Math.Max(0, latency.Ticks / TimeSpan.TicksPerSecond);
        long limit = window.Ticks / TimeSpan.TicksPerSecond;
        return seconds > limit ? LateLevel : 1 + (int)((Int128)LastLevel * seconds / (limit + 1));
    }

    /// <summary>The target of the timeliness term: full marks at once, falling in twelve even steps to half marks at the deadline, none after it.</summary>
    /// <param name="level">The delivery's level, 1 to 14.</param>
    /// <returns>0 to 1,000,000.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="level"/> is no delivery's.</exception>
    /// <remarks>
    /// A block producer who moves a block's time by d seconds moves the level by at most one more than 13 · d / window, each level is worth at most 41,667 of the target, and with that at most
    /// 5,209 of the score.
    /// </remarks>
    public static int TimelinessTarget(int level)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(level, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(level, LateLevel);
        return level == LateLevel ? 0 : Full - (Full / 2 * (level - 1) / (LastLevel - 1));
    }

    /// <summary>The target of the rating term.</summary>
    /// <param name="rating">A doctor's rating, 0 to 100.</param>
    /// <returns>0 for a bad one (below 50), 500,000 for a fair one, 1,000,000 for a good one (75 and more).</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rating"/> is out of range.</exception>
    public static int RatingTarget(int rating)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rating);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rating, 100);
        return rating < FairRating ? 0 : rating < GoodRating ? Prior : Full;
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
        SinceDay = map.Int32("sinceDay", SinceDay, MaxDay),
    };
}
