using System.Globalization;
using Phr.Fhir;
using Phr.Records;

namespace Phr.Samples.Portal;

/// <summary>Collects laboratory values, and the encounters of FHIR files, from opened documents, within limits, and says what it left out.</summary>
internal sealed class LaboratoryPile
{
    private const int MaxDocuments = 100;
    private const int FaultsShown = 3;
    private const int MaxNameLength = 200;
    private const int MaxEncounters = 2000;
    private const decimal Largest = 1_000_000_000_000_000m;

    private readonly List<LaboratoryResult> _results = [];
    private readonly List<TrackEvent> _encounters = [];
    private readonly List<string> _notices = [];
    private int _documents;

    public IReadOnlyList<string> Notices => _notices;

    /// <summary>The encounters, as what happened.</summary>
    public IReadOnlyList<TrackEvent> Encounters => _encounters;

    public TrackRecord ToTrackRecord() => TrackRecord.Create(_results);

    /// <summary>Whether documents of this type have laboratory values.</summary>
    public static bool IsFor(string mediaType) => RecordFormat.FromMediaType(mediaType) is { } format && (format == RecordFormat.LaboratoryCsv || format == RecordFormat.FhirJson);

    /// <summary>Whether a document should be opened; where not, that is a notice.</summary>
    public bool Wants(string title, long sealedLength)
    {
        if (sealedLength > 2L * LaboratoryCsv.MaxLength)
        {
            _notices.Add($"“{title}” is too large to be read here.");
            return false;
        }

        if (++_documents == MaxDocuments + 1)
        {
            _notices.Add($"Only the newest {MaxDocuments} documents with laboratory values were read.");
        }

        return _documents <= MaxDocuments;
    }

    public void Leave(string title, string why) => _notices.Add($"“{title}” was left out. {why}");

    public void Add(MemoryFile file)
    {
        string title = file.Info.Title;
        try
        {
            if (RecordFormat.FromMediaType(file.Info.MediaType) == RecordFormat.LaboratoryCsv)
            {
                // Other tables have the same media type, and no laboratory's columns.
                if (!RecordFormat.LaboratoryCsv.Matches(file.Bytes.Span))
                {
                    return;
                }

                LaboratoryTable table = LaboratoryCsv.ReadAll(file.Bytes.Span);
                _results.AddRange(table.Results);
                Note(title, [.. table.Faults.Select(f => f.ToString())]);
            }
            else if (FhirR4.TryReadLaboratory(file.Bytes.Span, out LaboratoryReading? reading, out IReadOnlyList<FhirFault> faults))
            {
                _results.AddRange(reading.Observations.Select(ResultOf).OfType<LaboratoryResult>());
                _encounters.AddRange(reading.Encounters.Take(MaxEncounters - _encounters.Count).Where(HasBeen).Select(EventOf));
                Note(title, [.. reading.Faults.Select(f => $"{f.Path}: {f.Message}"), .. reading.RefusedEncounterCount > 0 ? [$"{reading.RefusedEncounterCount} of its encounters have no time, or faults"] : Array.Empty<string>()]);
            }
            else
            {
                Note(title, [.. faults.Select(f => $"{f.Path}: {f.Message}")]);
            }
        }
        catch (PhrDataException e)
        {
            Leave(title, e.Message);
        }
    }

    private void Note(string title, string[] faults)
    {
        if (faults.Length > 0)
        {
            string more = faults.Length > FaultsShown ? string.Create(CultureInfo.InvariantCulture, $" And {faults.Length - FaultsShown} more.") : string.Empty;
            _notices.Add($"Not all of “{title}” could be read: {string.Join("; ", faults.Take(FaultsShown))}.{more}");
        }
    }

    // What is planned, was called off, or was written by mistake has not happened.
    private static bool HasBeen(PatientEncounter encounter) => encounter.Status is not (EncounterState.Planned or EncounterState.Cancelled or EncounterState.EnteredInError);

    private static TrackEvent EventOf(PatientEncounter encounter)
    {
        string[] about = [.. new[] { encounter.Kind, encounter.Setting }.OfType<string>().Select(text => text.Trim()).Distinct(StringComparer.OrdinalIgnoreCase).Select(text => text[..Math.Min(text.Length, MaxNameLength)])];
        string who = encounter.Provider?.Trim() ?? string.Empty;
        return new TrackEvent(encounter.BeginsAt, "Encounter", who[..Math.Min(who.Length, MaxNameLength)], string.Join(", ", about)) { Until = encounter.EndsAt };
    }

    // What a laboratory withdrew, or has not measured yet, is no value.
    private static LaboratoryResult? ResultOf(LaboratoryObservation observation)
    {
        if (observation.Status is ObservationState.Cancelled or ObservationState.EnteredInError or ObservationState.Registered || Math.Abs(observation.Value) > Largest)
        {
            return null;
        }

        string name = string.IsNullOrWhiteSpace(observation.Name) ? $"LOINC {observation.Loinc}" : observation.Name.Trim();
        bool hasRange = (observation.ReferenceLow is not null || observation.ReferenceHigh is not null)
            && !(observation.ReferenceLow > observation.ReferenceHigh) && !(observation.ReferenceLow < -Largest) && !(observation.ReferenceHigh > Largest);
        return new LaboratoryResult
        {
            Time = observation.EffectiveAt,
            Analyte = name[..Math.Min(name.Length, MaxNameLength)],
            Value = observation.Value,
            Unit = observation.Unit,
            Comparator = observation.Comparator switch
            {
                ObservationComparator.Less => LaboratoryComparator.Less,
                ObservationComparator.LessOrEqual => LaboratoryComparator.LessOrEqual,
                ObservationComparator.GreaterOrEqual => LaboratoryComparator.GreaterOrEqual,
                ObservationComparator.Greater => LaboratoryComparator.Greater,
                _ => LaboratoryComparator.Exact,
            },
            Range = hasRange ? new ReferenceRange { Low = observation.ReferenceLow, High = observation.ReferenceHigh } : null,
        };
    }
}
