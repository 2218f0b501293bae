using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Attaches something of the patient's own to a final grant: search tokens. By the bundle's patient; trustees cannot. It ends with the grant.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record AttachToGrant : LedgerCommand
{
    /// <summary>The request whose grant it is.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>What is attached.</summary>
    public required GrantAttachmentKind AttachmentKind { get; init; }

    /// <summary>SHA-256 of the sealed bytes.</summary>
    public required Digest AttachmentDigest { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.AttachToGrant;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        AttachmentKind = (GrantAttachmentKind)map.Int32("attachmentKind", (int)AttachmentKind, (int)GrantAttachmentKind.SearchTokens),
        AttachmentDigest = map.Digest("attachmentDigest", AttachmentDigest),
    };
}
