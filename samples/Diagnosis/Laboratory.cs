using Phr.Fhir;
using Phr.Ml;

namespace Phr.Samples.Diagnosis;

/// <summary>What a laboratory sends, as findings that a model's schema understands. Phr.Fhir and Phr.Ml know nothing of each other: this is all that lies between them.</summary>
internal static class Laboratory
{
    /// <summary>The findings of one patient that may be relied on.</summary>
    /// <exception cref="InvalidDataException">They are of several patients.</exception>
    public static IReadOnlyList<CodedValue> Findings(IReadOnlyList<LaboratoryObservation> observations)
    {
        if (observations.Select(o => o.Patient).Distinct().Count() > 1)
        {
            throw new InvalidDataException("The observations are not all of one patient.");
        }

        // Preliminary, cancelled and mistaken ones are left out. "Less than 0.5" is no number: as a word it is refused, by the feature's name, where a model asks for it.
        return
        [
            .. from o in observations
               where o.Status is ObservationState.Final or ObservationState.Amended or ObservationState.Corrected
               let isNumber = o.Comparator == ObservationComparator.Equal
               select new CodedValue { Code = o.Loinc, Number = isNumber ? (double)o.Value : null, Text = isNumber ? "" : "a bound", Unit = o.Unit, Time = o.EffectiveAt },
        ];
    }
}
