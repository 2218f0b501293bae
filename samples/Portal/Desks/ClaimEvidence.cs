namespace Phr.Samples.Portal;

/// <summary>What a claim rests on, sealed to those who decide on it: the details that the claim needs, and no other.</summary>
/// <param name="Patient">The patient's name.</param>
/// <param name="InsuranceType">The type of insurance.</param>
/// <param name="Hospital">Where the patient was treated.</param>
/// <param name="Doctor">By whom.</param>
/// <param name="Reason">For what, in the patient's words.</param>
public sealed record ClaimEvidence(string Patient, string InsuranceType, string Hospital, string Doctor, string Reason);
