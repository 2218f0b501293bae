namespace Phr.Samples.Portal;

/// <summary>A request as those who decide on it see it.</summary>
/// <param name="Record">What the ledger has.</param>
/// <param name="Asker">Who asks; null for somebody who is not of this portal.</param>
/// <param name="Patient">About whom; null for somebody who is not of this portal.</param>
/// <param name="Review">What is asked and what speaks against it; null when that cannot be read now.</param>
/// <param name="Status">Where it stands.</param>
public sealed record RequestView(RequestRecord Record, PortalUser? Asker, PortalUser? Patient, RequestReview? Review, RequestStatus Status)
{
    /// <summary>Whether it was asked in an emergency.</summary>
    public bool IsEmergency => Record.EmergencyReason != 0;
}
