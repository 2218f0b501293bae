namespace Phr.Samples.Portal;

/// <summary>A patient as a doctor sees them who has to ask in an emergency: no more than what is needed to choose an upload.</summary>
/// <param name="Patient">Who it is.</param>
/// <param name="Uploads">The uploads whose shares for emergencies are there, newest first, with the labels that requesters see.</param>
/// <param name="Unread">How many further uploads cannot be read now, and so not be asked for.</param>
public sealed record EmergencyPatient(PortalUser Patient, IReadOnlyList<(SealedBundle Bundle, string Kind)> Uploads, int Unread);
