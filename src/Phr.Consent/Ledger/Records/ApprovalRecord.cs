using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A trustee's approval of a request, or the patient's consent.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
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

    /// <summary>Whether it counts no more, because the trustee was suspended or removed before the grant.</summary>
    public bool IsVoid { get; init; }
}
