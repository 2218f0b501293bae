namespace Phr.Fhir.Tests;

/// <summary>The code that the package's page shows, run here as it stands there.</summary>
public class ReadmeExamples
{
    [Fact]
    public void Prescription_Run_IsReadBackAndAPlanIsRefused()
    {
        #region fhir-prescription
        var prescription = new Prescription
        {
            Identifier = new FhirIdentifier { System = "https://gh.example/prescriptions", Value = "2026-0042" },
            Status = PrescriptionStatus.Active,
            Medicine = new FhirConcept { Text = "Tamoxifen 20 mg tablets" },
            Patient = new FhirReference { Type = "Patient", Address = "Patient/3" },
            Prescriber = new FhirReference { Type = "Practitioner", Address = "Practitioner/nandhini" },
            WrittenAt = new DateTimeOffset(2026, 11, 23, 9, 30, 0, TimeSpan.Zero),
            Dosage = "Take the tablets regularly",
            Repeats = 2,
        };
        byte[] json = FhirR4.WritePrescription(prescription);                  // a MedicationRequest, the same bytes every time

        Prescription same = FhirR4.ReadPrescription(json);                     // PhrDataException when anything is wrong with it
        if (!FhirR4.TryReadPrescription("{\"resourceType\":\"MedicationRequest\",\"intent\":\"plan\"}"u8, out Prescription? read, out IReadOnlyList<FhirFault> faults))
        {
            foreach (FhirFault fault in faults)
            {
                Console.WriteLine(fault);                                      // every fault, with its path and its rule
            }
        }
        #endregion
        Assert.Equal(prescription, same);
        Assert.Null(read);
        Assert.NotEmpty(faults);
    }
}
