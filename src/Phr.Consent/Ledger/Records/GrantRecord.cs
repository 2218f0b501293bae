using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The grant of a request.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record GrantRecord
{
    /// <summary>When it was issued.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>Until when the patient may veto; it is final from this instant on.</summary>
    public required DateTimeOffset VetoUntil { get; init; }

    /// <summary>Whether the patient consented.</summary>
    public required bool ByPatient { get; init; }

    /// <summary>What the patient attached to it, in order: at most <see cref="LedgerLimits.Attachments"/>. It counts as long as the grant does.</summary>
    public required IReadOnlyList<GrantAttachment> Attachments { get; init => field = ValueList.Of(value); }
}
