using Microsoft.AspNetCore.Identity;

namespace Phr.Samples.Portal;

/// <summary>An account. Its number is the U-ID of the pages. It holds no key: only the identity that the keys belong to.</summary>
public sealed class PortalUser : IdentityUser<int>
{
    /// <summary>The name that others see.</summary>
    public string DisplayName { get; set; } = string.Empty;

    public PortalRole Role { get; set; }

    public Admission Admission { get; set; }

    public DateTimeOffset RegisteredAt { get; set; }

    public DateTimeOffset? DecidedAt { get; set; }

    /// <summary>The zone in which times are shown, as the IANA database names it.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>The identity on the ledger, as hexadecimal digits; null until keys were made.</summary>
    public string? Actor { get; set; }

    /// <summary>An agency's second identity, which holds shares: who admits doctors holds none.</summary>
    public string? DeskActor { get; set; }

    /// <summary>When the keys were made.</summary>
    public DateTimeOffset? EnrolledAt { get; set; }

    /// <summary>A digest of the code that was mailed at admission.</summary>
    public string? EnrolmentCodeDigest { get; set; }

    public PatientProfile? Patient { get; set; }

    public DoctorProfile? Doctor { get; set; }

    /// <summary>The identity on the ledger; null until keys were made.</summary>
    public ActorId? ActorId => Phr.Crypto.ActorId.TryParse(Actor, out ActorId id) ? id : null;

    /// <summary>The identity as a trustee; null until keys were made.</summary>
    public ActorId? TrusteeId => Phr.Crypto.ActorId.TryParse(DeskActor ?? Actor, out ActorId id) ? id : null;

    /// <summary>What is mailed and shown so that people can compare: the identity's first sixteen digits, in groups of four.</summary>
    public string Fingerprint => Actor is null ? "none" : string.Join(' ', Actor[..16].Chunk(4).Select(part => new string(part)));
}
