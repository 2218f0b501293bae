using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Says that the patient is there, and nothing else: where a policy lets trustees decide only when the patient was not seen for a time, that time begins anew. By a patient.</summary>
/// <remarks>Every other command of the patient says it, too. Immutable and thread safe.</remarks>
public sealed record ConfirmPresence : LedgerCommand
{
    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.ConfirmPresence;

    internal override LedgerCommand Map(FieldMap map) => this;
}
