using Phr.Consent.Fields;

namespace Phr.Consent;

/// <summary>Begins the work of an agency that was admitted. By the new agency, when the delay is over.</summary>
/// <remarks>Until then any active agency can suspend or remove it. Immutable and thread safe.</remarks>
public sealed record AcceptAdmission : LedgerCommand
{
    /// <inheritdoc/>
    public override LedgerCommandKind Kind => LedgerCommandKind.AcceptAdmission;

    internal override LedgerCommand Map(FieldMap map) => this;
}
