using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Opens the next delivery window of a request that asked for several uses: the same committee delivers again. By the doctor, when the former window is settled.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record UseAgain : LedgerCommand
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.UseAgain;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
    };
}
