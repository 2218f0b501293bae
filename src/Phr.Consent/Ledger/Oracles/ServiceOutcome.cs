namespace Phr.Consent;

/// <summary>What a settlement finds about one member of a committee: the facts that move its reputation, and no others.</summary>
/// <remarks>Source: <c>docs/reputation.md</c>. Immutable and thread safe.</remarks>
public sealed record ServiceOutcome
{
    /// <summary>In which thirteenth of the window the delivery came, 1 to 13, or 14 after it; null where there is none. Default null.</summary>
    public int? Level { get; init; }

    /// <summary>Whether the delivery was there when the doctor confirmed the opening. Default false.</summary>
    public bool BeforeOpening { get; init; }

    /// <summary>Whether the deadline passed, while the request was running, without a delivery or a refusal. Default false.</summary>
    public bool Missed { get; init; }

    /// <summary>The doctor's rating, 0 to 100, if there is one yet. Default null.</summary>
    public int? Rating { get; init; }
}
