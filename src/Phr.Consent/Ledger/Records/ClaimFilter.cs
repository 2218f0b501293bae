using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Which claims are wanted. What is null does not matter.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimFilter
{
    /// <summary>Of this patient.</summary>
    public ActorId? Patient { get; init; }

    /// <summary>That this doctor endorses.</summary>
    public ActorId? Doctor { get; init; }

    /// <summary>That this hospital endorses.</summary>
    public ActorId? Hospital { get; init; }

    /// <summary>To this insurer.</summary>
    public ActorId? Insurer { get; init; }

    /// <summary>In this status.</summary>
    public ClaimStatus? Status { get; init; }

    /// <summary>Whether a claim fits.</summary>
    /// <param name="claim">The claim.</param>
    /// <returns>Whether it fits every condition that is set.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="claim"/> is null.</exception>
    public bool Includes(ClaimRecord claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        return (Patient is null || claim.Patient == Patient)
            && (Doctor is null || claim.Doctor == Doctor)
            && (Hospital is null || claim.Hospital == Hospital)
            && (Insurer is null || claim.Insurer == Insurer)
            && (Status is null || claim.Status == Status);
    }
}
