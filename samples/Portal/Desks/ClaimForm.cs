namespace Phr.Samples.Portal;

/// <summary>What a patient fills in for a claim.</summary>
/// <param name="AppointmentId">For which treatment.</param>
/// <param name="InsurerId">Of whom.</param>
/// <param name="Amount">How much, in the currency's whole units.</param>
/// <param name="Currency">Three capital letters.</param>
/// <param name="Reason">For what.</param>
public sealed record ClaimForm(int AppointmentId, int InsurerId, decimal Amount, string Currency, string Reason);
