using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Puts the new key in place when the delay is over. By anybody.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CompleteRecovery : LedgerCommand
{
    /// <summary>Whose key it is.</summary>
    public required ActorId Patient { get; init; }

    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.CompleteRecovery;

    internal override LedgerCommand Map(FieldMap map) => this with
    {
        Patient = map.Actor("patient", Patient),
    };
}
