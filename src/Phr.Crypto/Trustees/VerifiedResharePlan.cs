namespace Phr.Crypto;

/// <summary>A plan that belongs to the dealing it would replace and relaxes nothing. Made only by <see cref="ResharePlan.Verify"/>.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class VerifiedResharePlan
{
    internal VerifiedResharePlan(ResharePlan plan, VerifiedDealing previous)
    {
        Plan = plan;
        Previous = previous;
    }

    /// <summary>The plan.</summary>
    public ResharePlan Plan { get; }

    /// <summary>The dealing that it would replace.</summary>
    public VerifiedDealing Previous { get; }
}
