using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Which requests are wanted. What is null does not matter.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record RequestFilter
{
    /// <summary>Of this bundle.</summary>
    public BundleId? BundleId { get; init; }

    /// <summary>Made by this doctor.</summary>
    public ActorId? Doctor { get; init; }

    /// <summary>Of this patient's bundles.</summary>
    public ActorId? Patient { get; init; }

    /// <summary>That this trustee may decide on: named in the pinned policy.</summary>
    public ActorId? Trustee { get; init; }

    /// <summary>In whose present committee this oracle sits.</summary>
    public ActorId? Oracle { get; init; }

    /// <summary>In this status at the head's time.</summary>
    public RequestStatus? Status { get; init; }

    /// <summary>Whether a request fits.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Whether it fits every condition that is set; the status is taken at <see cref="RequestRecord.AsOf"/>.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    public bool Includes(RequestRecord request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (BundleId is null || request.BundleId == BundleId)
            && (Doctor is null || request.Doctor == Doctor)
            && (Patient is null || request.Patient == Patient)
            && (Trustee is not { } trustee || request.Policy.FindSeat(trustee) is not null)
            && (Oracle is not { } oracle || request.FindCommitteeIndex(oracle) is not null)
            && (Status is null || request.Status == Status);
    }
}
