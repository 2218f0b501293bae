using Phr.Fhir;
using Medication = Phr.Fhir.Prescription;

namespace Phr.Samples.Portal;

/// <summary>A prescription and the steps that were taken with it: where it stands, and what may come next.</summary>
/// <param name="Resource">The prescription as its doctor signed it.</param>
/// <param name="Steps">The steps, in order.</param>
public sealed record PrescriptionCourse(Medication Resource, IReadOnlyList<PrescriptionStepView> Steps)
{
    /// <summary>How often it was dispensed.</summary>
    public int Dispensed => Steps.Count(s => s.Kind == PrescriptionStepKind.Dispensed);

    /// <summary>How often it may be dispensed in all.</summary>
    public int MayBeDispensed => Resource.Repeats + 1;

    /// <summary>Where it stands.</summary>
    public PrescriptionLevel LevelAt(DateTimeOffset now) =>
        Has(PrescriptionStepKind.Withdrawn) ? PrescriptionLevel.Withdrawn
        : Has(PrescriptionStepKind.Renewed) ? PrescriptionLevel.Renewed
        : Dispensed < MayBeDispensed && now >= Resource.ValidUntil ? PrescriptionLevel.Expired
        : Dispensed > 0 ? PrescriptionLevel.Dispensed
        : Has(PrescriptionStepKind.Read) ? PrescriptionLevel.Read
        : Has(PrescriptionStepKind.Sent) ? PrescriptionLevel.Sent
        : PrescriptionLevel.Issued;

    /// <summary>The same as FHIR says it.</summary>
    public PrescriptionStatus StatusAt(DateTimeOffset now) => LevelAt(now) switch
    {
        PrescriptionLevel.Withdrawn => Dispensed == 0 ? PrescriptionStatus.Cancelled : PrescriptionStatus.Stopped,
        _ when Dispensed >= MayBeDispensed => PrescriptionStatus.Completed,
        PrescriptionLevel.Renewed or PrescriptionLevel.Expired => PrescriptionStatus.Stopped,
        _ => PrescriptionStatus.Active,
    };

    /// <summary>Whether somebody may take a step now.</summary>
    public bool Allows(PrescriptionStepKind kind, PrescriptionParty by, DateTimeOffset now)
    {
        PrescriptionLevel level = LevelAt(now);
        bool isOver = level is PrescriptionLevel.Withdrawn or PrescriptionLevel.Renewed;
        return kind switch
        {
            PrescriptionStepKind.Sent => by == PrescriptionParty.Doctor && Steps.Count == 0,
            PrescriptionStepKind.Read => by == PrescriptionParty.Patient && Steps.Count > 0 && !Has(PrescriptionStepKind.Read),
            PrescriptionStepKind.Dispensed => !isOver && level != PrescriptionLevel.Expired && Steps.Count > 0 && Dispensed < MayBeDispensed,
            PrescriptionStepKind.Renewed => by == PrescriptionParty.Doctor && !isOver && Steps.Count > 0,
            PrescriptionStepKind.Withdrawn => by == PrescriptionParty.Doctor && !isOver && Steps.Count > 0,
            _ => false,
        };
    }

    private bool Has(PrescriptionStepKind kind) => Steps.Any(s => s.Kind == kind);
}
