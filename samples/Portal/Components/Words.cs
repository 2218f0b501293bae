using System.Text.RegularExpressions;
using Phr.Fhir;

namespace Phr.Samples.Portal.Components;

/// <summary>Words for people.</summary>
public static partial class Words
{
    public static string Of(PortalRole role) => role switch
    {
        PortalRole.RegulatoryAgency => "regulatory agency",
        PortalRole.CloudServer => "cloud server",
        _ => role.ToString().ToLowerInvariant(),
    };

    public static string Of(BundleState state) => state switch
    {
        BundleState.Sealed => "sealed; waiting for your trustees",
        BundleState.Dealt => "sealed; your trustees check their shares",
        _ => "sealed; your doctor can ask",
    };

    public static string Of(PrescriptionLevel level) => level.ToString().ToLowerInvariant();

    public static string Of(PrescriptionStepKind kind) => kind.ToString();

    public static string Of(AppointmentStage stage) => stage switch
    {
        AppointmentStage.Preparing => "Not ready yet",
        AppointmentStage.CanAsk => "Send Request",
        AppointmentStage.Drawing => "Asked, being prepared",
        AppointmentStage.Asked => "Waiting for the patient",
        AppointmentStage.Delivering => "Accepted, on its way",
        AppointmentStage.CanOpen => "Give Prescription",
        _ => "Over",
    };

    /// <summary>Where a request stands at a moment. Oracles settle a grant that nobody opened too: that it was opened is what the doctor's own confirmation says.</summary>
    public static string Of(RequestRecord request, RequestStatus status) =>
        status is RequestStatus.Granted or RequestStatus.Settled ? request.OpenedAt is null ? "granted" : "granted and opened" : Of(status);

    public static string Of(RequestStatus status) => status switch
    {
        RequestStatus.AwaitingDraw => "being prepared",
        RequestStatus.Open => "waiting for a decision",
        RequestStatus.VetoWindow => "agreed by trustees; the patient can still stop it",
        RequestStatus.Granted => "granted",
        RequestStatus.Settled => "granted",
        RequestStatus.Denied => "refused by trustees",
        RequestStatus.Vetoed => "refused by the patient",
        RequestStatus.Revoked => "taken back",
        RequestStatus.Expired => "over",
        RequestStatus.Cancelled => "cancelled by the doctor",
        _ => "void",
    };

    /// <summary>The same in an emergency, where others decide.</summary>
    public static string OfEmergency(RequestStatus status) => status switch
    {
        RequestStatus.Open => "waiting for the trustees",
        RequestStatus.Vetoed or RequestStatus.Revoked => "stopped by the patient",
        RequestStatus.Denied => "denied by trustees",
        _ => Of(status),
    };

    /// <summary>The state of a request for the doctor who sent it: whoever asked learns who refused.</summary>
    public static string OfSent(AppointmentStage stage, RequestStatus status) => stage switch
    {
        AppointmentStage.Drawing => Of(status),
        AppointmentStage.Asked => status == RequestStatus.VetoWindow ? Of(status) : "waiting for the patient",
        AppointmentStage.Delivering => "accepted, on its way to you",
        AppointmentStage.CanOpen => "granted",
        _ => status is RequestStatus.Denied or RequestStatus.Vetoed or RequestStatus.Revoked or RequestStatus.Cancelled ? Of(status) : "over",
    };

    /// <summary>What is said about a patient, said to that patient.</summary>
    public static string ToPatient(string words) => words.Replace("the patient", "you", StringComparison.Ordinal);

    /// <summary>A speciality as a licence has it, in which words are joined by hyphens.</summary>
    public static string Speciality(string label) => label.Length == 0 ? label : char.ToUpperInvariant(label[0]) + label[1..].Replace('-', ' ');

    /// <summary>What a model says, with its features and units as words.</summary>
    public static string Plainly(string said) => UnitPattern().Replace(said.Replace('_', ' '), unit => unit.Groups[1].Value + unit.Groups[2].Value switch { "2" => "²", "3" => "³", string power => power });

    public static string Of(ClaimStatus status) => status switch
    {
        ClaimStatus.AwaitingDoctor => "waits for the doctor",
        ClaimStatus.AwaitingHospital => "waits for the hospital",
        ClaimStatus.AwaitingAgency => "waits for the agency",
        ClaimStatus.AwaitingInsurer => "waits for the insurer",
        ClaimStatus.AwaitingAppeal => "appealed; waits for the agency",
        _ => status.ToString().ToLowerInvariant(),
    };

    public static string Of(ClaimStepKind kind) => kind switch
    {
        ClaimStepKind.SentBack => "sent back to the insurer",
        ClaimStepKind.Upheld => "let the decision stand",
        _ => kind.ToString().ToLowerInvariant(),
    };

    /// <summary>An amount of a currency's smallest units, with as many decimals as the currency has.</summary>
    public static string Money(ulong units, string currency) => $"{Plain(units, currency)} {currency}";

    /// <summary>The same without the currency. What FHIR does not know was filed elsewhere, and is shown with two decimals.</summary>
    public static string Plain(ulong units, string currency)
    {
        try
        {
            return MoneyAmount.FromSmallestUnits(units, currency).Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (ArgumentException)
        {
            return (units / 100m).ToString("0.00", System.Globalization.CultureInfo.InvariantCulture);
        }
    }

    public static string Of(EmergencyCause cause) => cause switch
    {
        EmergencyCause.CannotAnswer => "the patient cannot answer, and treatment cannot wait",
        EmergencyCause.LifeInDanger => "the patient's life is in danger",
        EmergencyCause.LastingHarm => "lasting harm threatens without treatment now",
        EmergencyCause.ManyHurt => "many people were hurt at once",
        _ => $"a reason of another portal, number {(int)cause}",
    };

    public static string Of(EmergencyFinding finding) => finding switch
    {
        EmergencyFinding.Justified => "it was an emergency",
        EmergencyFinding.Unjustified => "it was no emergency",
        _ => "not reviewed",
    };

    public static string Of(PurposeOfUse purpose) => purpose.Code switch
    {
        "TREAT" => "treatment",
        "ETREAT" => "emergency treatment",
        "HPAYMT" => "payment",
        _ => purpose.Code,
    };

    // A counted thing in UCUM, such as {pixel}2.
    [GeneratedRegex("\\{([A-Za-z]+)\\}([0-9]?)")]
    private static partial Regex UnitPattern();
}
