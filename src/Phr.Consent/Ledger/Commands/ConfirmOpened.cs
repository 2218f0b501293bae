using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Confirms that the documents opened. By the doctor.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ConfirmOpened : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ConfirmOpened;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
