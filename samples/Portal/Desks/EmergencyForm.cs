namespace Phr.Samples.Portal;

/// <summary>What a doctor fills in to ask in an emergency.</summary>
/// <param name="PatientId">The patient's U-ID.</param>
/// <param name="Name">The patient's name, as a check on the U-ID.</param>
/// <param name="UploadId">Which upload.</param>
/// <param name="Cause">Why, as the code that the ledger records.</param>
/// <param name="Reason">Why, in words that are sealed to the patient and the trustees.</param>
/// <param name="Lifetime">For how long.</param>
public sealed record EmergencyForm(int PatientId, string Name, int UploadId, EmergencyCause Cause, string Reason, TimeSpan Lifetime);
