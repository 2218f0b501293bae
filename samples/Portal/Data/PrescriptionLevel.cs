namespace Phr.Samples.Portal;

/// <summary>How far a prescription's course has come.</summary>
public enum PrescriptionLevel
{
    Issued = 0,
    Dispensed,
    Renewed,
}
