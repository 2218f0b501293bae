using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The patient attached something to a grant.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record GrantAttached : LedgerEvent
{
    /// <summary>The request whose grant it is.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>What is attached.</summary>
    public required GrantAttachmentKind AttachmentKind { get; init; }

    /// <summary>SHA-256 of the sealed bytes.</summary>
    public required Digest AttachmentDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.GrantAttached;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        AttachmentKind = (GrantAttachmentKind)map.Int32("attachmentKind", (int)AttachmentKind, (int)GrantAttachmentKind.SearchTokens),
        AttachmentDigest = map.Digest("attachmentDigest", AttachmentDigest),
    };
}
