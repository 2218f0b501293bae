using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Something that the patient attached to a grant.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record GrantAttachment
{
    /// <summary>What it is.</summary>
    public required GrantAttachmentKind Kind { get; init; }

    /// <summary>SHA-256 of the sealed bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>When it was attached.</summary>
    public required DateTimeOffset Time { get; init; }
}
