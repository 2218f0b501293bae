namespace Phr.Samples.Portal;

/// <summary>Who asked for which documents, and what became of it.</summary>
/// <param name="Request">What the ledger has.</param>
/// <param name="Who">The asker's name.</param>
/// <param name="Documents">The titles of what was asked for, as far as whoever looks can read them.</param>
/// <param name="Purpose">What for.</param>
/// <param name="Reason">Why, in the asker's words; empty for one who cannot read it.</param>
/// <param name="Status">Where it stands.</param>
public sealed record AccessLine(RequestRecord Request, string Who, string Documents, string Purpose, string Reason, RequestStatus Status)
{
    /// <summary>Whether it was asked for in an emergency.</summary>
    public bool IsEmergency => Request.EmergencyReason != 0;

    /// <summary>When it was granted; null when it was not.</summary>
    public DateTimeOffset? Granted => Request.Grant?.IssuedAt;

    /// <summary>Who granted it.</summary>
    public string GrantedBy => Request.Grant switch { null => string.Empty, { ByPatient: true } => "the patient", _ => "trustees" };

    /// <summary>When enough oracles had answered: from then on it could be read. Null before.</summary>
    public DateTimeOffset? Delivered => Request.Deliveries.Count < Request.Threshold ? null : Request.Deliveries.OrderBy(d => d.Time).ElementAt(Request.Threshold - 1).Time;
}
