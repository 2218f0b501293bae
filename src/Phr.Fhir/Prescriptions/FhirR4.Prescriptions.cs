using System.Diagnostics.CodeAnalysis;
using Hl7.Fhir.Model;
using Phr.Crypto;
using Phr.Fhir.Faults;
using Phr.Fhir.R4;

namespace Phr.Fhir;

/// <content>Prescriptions.</content>
public static partial class FhirR4
{
    private const string PrescriptionStage = "FHIR MedicationRequest";

    private static readonly string[] PrescriberTypes = ["Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device"];

    /// <summary>Writes a prescription as R4 <c>MedicationRequest</c>.</summary>
    /// <param name="prescription">The prescription.</param>
    /// <returns>Compact JSON in UTF-8.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prescription"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static byte[] WritePrescription(Prescription prescription) => R4Json.Write(ToResource(prescription));

    /// <summary>Reads an R4 <c>MedicationRequest</c> that orders one medicine, named in it, with a dosage in words.</summary>
    /// <param name="json">JSON in UTF-8, at most <see cref="MaxResourceLength"/> bytes.</param>
    /// <returns>The prescription.</returns>
    /// <exception cref="PhrDataException">It is no such prescription; the message names every fault.</exception>
    public static Prescription ReadPrescription(ReadOnlySpan<byte> json)
    {
        var faults = new FaultList();
        return Required(PrescriptionStage, Read<MedicationRequest, Prescription>(json, faults, ToPrescription), faults);
    }

    /// <summary>Reads an R4 <c>MedicationRequest</c>, without an exception.</summary>
    /// <param name="json">JSON in UTF-8.</param>
    /// <param name="prescription">The prescription, or null.</param>
    /// <param name="faults">Everything that is wrong with it, at most 64; empty when it was read.</param>
    /// <returns>Whether it was read.</returns>
    public static bool TryReadPrescription(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Prescription? prescription, out IReadOnlyList<FhirFault> faults)
    {
        var list = new FaultList();
        prescription = Read<MedicationRequest, Prescription>(json, list, ToPrescription);
        return Succeeded(prescription, list, out faults);
    }

    /// <summary>Makes a resource of a prescription, for systems that work with the Firely SDK.</summary>
    /// <param name="prescription">The prescription.</param>
    /// <returns>A new resource.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="prescription"/> is null.</exception>
    /// <exception cref="ArgumentException">It has a fault; the message names each.</exception>
    public static MedicationRequest ToResource(Prescription prescription)
    {
        ArgumentNullException.ThrowIfNull(prescription);
        var request = new MedicationRequest
        {
            Id = prescription.Id,
            Identifier = [R4Writer.Identifier(prescription.Identifier)!],
            Status = prescription.Status switch
            {
                PrescriptionStatus.Draft => MedicationRequest.MedicationrequestStatus.Draft,
                PrescriptionStatus.Active => MedicationRequest.MedicationrequestStatus.Active,
                PrescriptionStatus.OnHold => MedicationRequest.MedicationrequestStatus.OnHold,
                PrescriptionStatus.Completed => MedicationRequest.MedicationrequestStatus.Completed,
                PrescriptionStatus.Cancelled => MedicationRequest.MedicationrequestStatus.Cancelled,
                PrescriptionStatus.Stopped => MedicationRequest.MedicationrequestStatus.Stopped,
                _ => MedicationRequest.MedicationrequestStatus.EnteredInError,
            },
            Intent = MedicationRequest.MedicationRequestIntent.Order,
            Medication = R4Writer.Concept(prescription.Medicine),
            Subject = R4Writer.Reference(prescription.Patient),
            AuthoredOnElement = R4Writer.Time(prescription.WrittenAt),
            Requester = R4Writer.Reference(prescription.Prescriber),
            ReasonCode = prescription.Reason is { } reason ? [new CodeableConcept { Text = reason }] : [],
            GroupIdentifier = R4Writer.Identifier(prescription.Course),
            PriorPrescription = prescription.Renews is { } renewed ? new ResourceReference { Type = nameof(MedicationRequest), Identifier = R4Writer.Identifier(renewed) } : null,
            Note = prescription.Note is { } note ? [new Annotation { Text = note }] : [],
            DosageInstruction = [new Dosage { Text = prescription.Dosage }],
            DispenseRequest = new MedicationRequest.DispenseRequestComponent
            {
                ValidityPeriod = R4Writer.Period(prescription.ValidFrom, prescription.ValidUntil),
                NumberOfRepeatsAllowed = prescription.Repeats,
                ExpectedSupplyDuration = prescription.SupplyDays is { } days ? new Duration { Value = days, Unit = "days", System = R4Writer.UcumSystem, Code = "d" } : null,
            },
        };
        return Checked(request, nameof(prescription), (resource, faults) => ToPrescription(resource, new R4Reader(faults)));
    }

    /// <summary>Reads a prescription from a resource of the Firely SDK.</summary>
    /// <param name="request">The resource.</param>
    /// <returns>The prescription.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="request"/> is null.</exception>
    /// <exception cref="PhrDataException">It is no such prescription; the message names every fault.</exception>
    public static Prescription FromResource(MedicationRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var faults = new FaultList();
        R4Json.Validate(request, faults);
        return Required(PrescriptionStage, faults.IsEmpty ? Map<MedicationRequest, Prescription>(request, faults, ToPrescription) : null, faults);
    }

    private static Prescription ToPrescription(MedicationRequest request, R4Reader reader)
    {
        const string Root = nameof(MedicationRequest);
        if (request.Intent != MedicationRequest.MedicationRequestIntent.Order)
        {
            reader.Add("phr-intent", Root + ".intent", "Only an order is a prescription; a plan or a proposal is none.");
        }

        if (request.DoNotPerform == true)
        {
            reader.Add("phr-do-not-perform", Root + ".doNotPerform", "It says that the medicine is not to be taken.");
        }

        if (request.Medication is ResourceReference)
        {
            reader.Add("phr-medication", Root + ".medicationReference", "The medicine must be named in the prescription itself.");
        }

        if (request.Status == MedicationRequest.MedicationrequestStatus.Unknown)
        {
            reader.Add("phr-status", Root + ".status", "The status of a prescription must be known.");
        }

        if (request.DosageInstruction.Count != 1)
        {
            reader.Add("phr-dosage", Root + ".dosageInstruction", "There must be one dosage instruction, in words.");
        }

        if (request.ReasonCode.Count > 1 || request.Note.Count > 1)
        {
            reader.Add("phr-once", request.Note.Count > 1 ? Root + ".note" : Root + ".reasonCode", "It is read once only.");
        }

        MedicationRequest.DispenseRequestComponent? dispense = request.DispenseRequest;
        if (dispense?.NumberOfRepeatsAllowed is < 0 or > Prescription.MaxRepeats)
        {
            reader.Add("phr-repeats", Root + ".dispenseRequest.numberOfRepeatsAllowed", $"Repeats lie between 0 and {Prescription.MaxRepeats}.");
        }

        int? days = null;
        if (dispense?.ExpectedSupplyDuration is { } duration)
        {
            if (duration is { System: R4Writer.UcumSystem, Code: "d", Comparator: null, Value: >= 1 and <= Prescription.MaxSupplyDays and var value } && decimal.IsInteger(value))
            {
                days = (int)value;
            }
            else
            {
                reader.Add("phr-supply", Root + ".dispenseRequest.expectedSupplyDuration", $"The supply is said in whole days, UCUM code d, 1 to {Prescription.MaxSupplyDays}.");
            }
        }

        (DateTimeOffset? from, DateTimeOffset? until) = reader.Period(Root + ".dispenseRequest.validityPeriod", dispense?.ValidityPeriod);
        return new Prescription
        {
            Id = reader.Id(Root + ".id", request.Id),
            Identifier = reader.OneIdentifier(Root + ".identifier", request.Identifier) ?? Missing(Root + ".identifier", reader),
            Status = request.Status switch
            {
                MedicationRequest.MedicationrequestStatus.Draft => PrescriptionStatus.Draft,
                MedicationRequest.MedicationrequestStatus.Active => PrescriptionStatus.Active,
                MedicationRequest.MedicationrequestStatus.OnHold => PrescriptionStatus.OnHold,
                MedicationRequest.MedicationrequestStatus.Completed => PrescriptionStatus.Completed,
                MedicationRequest.MedicationrequestStatus.Cancelled => PrescriptionStatus.Cancelled,
                MedicationRequest.MedicationrequestStatus.Stopped => PrescriptionStatus.Stopped,
                _ => PrescriptionStatus.EnteredInError,
            },
            Medicine = reader.Concept(Root + ".medicationCodeableConcept", request.Medication as CodeableConcept),
            Patient = reader.Reference(Root + ".subject", request.Subject, "Patient"),
            Prescriber = reader.Reference(Root + ".requester", request.Requester, PrescriberTypes),
            WrittenAt = reader.Time(Root + ".authoredOn", request.AuthoredOn),
            Dosage = reader.RequiredText(Root + ".dosageInstruction[0].text", request.DosageInstruction.FirstOrDefault()?.Text),
            Course = reader.Identifier(Root + ".groupIdentifier", request.GroupIdentifier),
            Renews = request.PriorPrescription is { } prior ? reader.Reference(Root + ".priorPrescription", prior, nameof(MedicationRequest)).Identifier ?? Missing(Root + ".priorPrescription.identifier", reader) : null,
            Repeats = dispense?.NumberOfRepeatsAllowed ?? 0,
            SupplyDays = days,
            ValidFrom = from,
            ValidUntil = until,
            Reason = reader.Text(Root + ".reasonCode[0].text", request.ReasonCode.Count > 0 ? request.ReasonCode[0].Text ?? request.ReasonCode[0].Coding.FirstOrDefault()?.Display : null),
            Note = reader.Text(Root + ".note[0].text", request.Note.FirstOrDefault()?.Text),
        };
    }

    private static FhirIdentifier Missing(string path, R4Reader reader)
    {
        reader.Add("phr-missing", path, "It must be there.");
        return new FhirIdentifier { Value = string.Empty };
    }
}
