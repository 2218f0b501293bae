using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a doctor asks of a patient or the trustees.</summary>
public sealed class AccessQuestion
{
    /// <summary>Which documents, each once.</summary>
    public required IReadOnlyList<DocumentId> Documents { get; init; }

    /// <summary>What for.</summary>
    public required PurposeOfUse Purpose { get; init; }

    /// <summary>Until when access is needed; whole seconds count.</summary>
    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>The team that shall receive, of which the doctor who asks is a member.</summary>
    /// <value>Default null: the doctor receives.</value>
    public ActorId? Team { get; init; }

    /// <summary>How often the documents may be opened.</summary>
    /// <value>1 to 15. Default 1.</value>
    public int Uses { get; init; } = 1;

    /// <summary>In an emergency the doctor's reason, a code above 0 that the parties agreed on: then those decide whom the patient named for emergencies, and the grant has to be reviewed.</summary>
    /// <value>1 to 65,535. Default 0: no emergency.</value>
    public int EmergencyReason { get; init; }

    /// <summary>Why, in words that only trustees and patient read.</summary>
    /// <value>At most 2,000 characters. Default empty.</value>
    public string Reason { get; init; } = string.Empty;
}
