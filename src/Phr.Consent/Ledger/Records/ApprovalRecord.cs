using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee's approval of a request, or the patient's consent.</summary>
/// <remarks>Whether it counts is decided when an approval comes: while its trustee is active then. A snapshot: immutable and thread safe.</remarks>
public sealed record ApprovalRecord
{
    /// <summary>The seat; <see cref="TrusteeSeat.Patient"/> for the patient.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Actor { get; init; }

    /// <summary>SHA-256 of the signed approval.</summary>
    public required Digest ApprovalDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
