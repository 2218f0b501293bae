using Hl7.Fhir.Model;
using Phr.Fhir.R4;

namespace Phr.Fhir;

/// <content>Encounters.</content>
public static partial class FhirR4
{
    private const int MaxEncounterText = 1000;

    private static PatientEncounter ToEncounter(Encounter encounter, R4Reader reader)
    {
        const string Root = nameof(Encounter);
        if (!FhirTime.TryRead(encounter.Period?.Start, FhirTime.Edge.Begin, out DateTimeOffset begin, out _))
        {
            reader.Add("phr-time", Root + ".period.start", "A date, or a time with its zone, must be there.");
        }

        DateTimeOffset? end = null;
        if (encounter.Period?.End is { } text)
        {
            if (!FhirTime.TryRead(text, FhirTime.Edge.End, out DateTimeOffset time, out _) || time < begin)
            {
                reader.Add("phr-time", Root + ".period.end", "The end must be a date, or a time with its zone, and not before the begin.");
            }
            else
            {
                end = time;
            }
        }

        CodeableConcept? kind = encounter.Type.FirstOrDefault();
        return new PatientEncounter
        {
            Id = reader.Id(Root + ".id", encounter.Id),
            Status = encounter.Status switch
            {
                Encounter.EncounterStatus.Planned => EncounterState.Planned,
                Encounter.EncounterStatus.Arrived => EncounterState.Arrived,
                Encounter.EncounterStatus.Triaged => EncounterState.Triaged,
                Encounter.EncounterStatus.InProgress => EncounterState.InProgress,
                Encounter.EncounterStatus.Onleave => EncounterState.OnLeave,
                Encounter.EncounterStatus.Finished => EncounterState.Finished,
                Encounter.EncounterStatus.Cancelled => EncounterState.Cancelled,
                Encounter.EncounterStatus.EnteredInError => EncounterState.EnteredInError,
                _ => EncounterState.Unknown,
            },
            BeginsAt = begin,
            EndsAt = end,
            Setting = reader.Text(Root + ".class", encounter.Class?.Display ?? encounter.Class?.Code, MaxEncounterText),
            Kind = reader.Text(Root + ".type[0]", kind?.Text ?? kind?.Coding.FirstOrDefault()?.Display, MaxEncounterText),
            Provider = reader.Text(Root + ".serviceProvider", encounter.ServiceProvider?.Display ?? encounter.Participant.Select(p => p.Individual?.Display).FirstOrDefault(d => d is not null), MaxEncounterText),
        };
    }
}
