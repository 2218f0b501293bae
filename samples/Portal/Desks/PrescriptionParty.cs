namespace Phr.Samples.Portal;

/// <summary>The two who take steps with a prescription.</summary>
public enum PrescriptionParty
{
    /// <summary>Who prescribed it.</summary>
    Doctor = 0,

    /// <summary>Who takes it.</summary>
    Patient,
}
