using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The request became void.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record RequestVoided : LedgerEvent
{
    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>Why.</summary>
    public required VoidCause Cause { get; init; }

    /// <inheritdoc/>
    public override LedgerEventKind Kind => LedgerEventKind.RequestVoided;

    internal override LedgerEvent Map(FieldMap map) => this with
    {
        RequestId = map.Request("requestId", RequestId),
        Cause = (VoidCause)map.Int32("cause", (int)Cause, (int)VoidCause.NotEnoughOracles),
    };
}
