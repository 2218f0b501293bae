using Phr.Fhir;
using Phr.Ml;

namespace Phr.Samples.Portal;

/// <summary>The values that a model asks for, as a form: filled from a laboratory's observations as far as they go, and checked value by value.</summary>
/// <param name="Schema">What the model asks for.</param>
/// <param name="Fields">One field for each feature, in the schema's order.</param>
/// <param name="Notices">What of the laboratory's could not be taken over, and why; no values.</param>
public sealed record MeasurementForm(FeatureSchema Schema, IReadOnlyList<MeasurementField> Fields, IReadOnlyList<string> Notices)
{
    /// <summary>The most values that a form asks for.</summary>
    public const int MaxFields = 200;

    private const int MaxTextLength = 200;

    /// <summary>Whether no field has a fault, and one at least has a value.</summary>
    public bool IsSound => Fields.All(f => f.Fault is null) && Fields.Any(f => f.Text.Length > 0);

    /// <summary>A form that is filled, as far as that is possible, from one patient's observations.</summary>
    /// <param name="schema">What the model asks for.</param>
    /// <param name="readings">The laboratories' files, one reading for each, with its title.</param>
    public static MeasurementForm Fill(FeatureSchema schema, IEnumerable<(string Title, LaboratoryReading Reading)> readings)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(readings);
        var notices = new List<string>();
        var findings = new List<CodedValue>();
        foreach ((string title, LaboratoryReading reading) in readings)
        {
            if (reading.Observations.Select(o => o.Patient).Distinct().Count() > 1)
            {
                notices.Add($"Nothing was taken from “{title}”: its observations are not all of one patient.");
                continue;
            }

            if (reading.RefusedCount > 0)
            {
                notices.Add($"{reading.RefusedCount} of the observations in “{title}” could not be read and were left out.");
            }

            // Preliminary, cancelled and mistaken ones are left out. A bound such as "less than 0.5" is no number, and refused where a field asks for it.
            findings.AddRange(
                from o in reading.Observations
                where o.Status is ObservationState.Final or ObservationState.Amended or ObservationState.Corrected
                let isNumber = o.Comparator == ObservationComparator.Equal
                select new CodedValue { Code = o.Loinc, Number = isNumber ? (double)o.Value : null, Text = isNumber ? string.Empty : "a bound", Unit = o.Unit, Time = o.EffectiveAt });
        }

        var fields = new List<MeasurementField>();
        double[] row = new double[1];
        foreach (FeatureDefinition feature in schema.Features)
        {
            CodedValue? used = null;
            try
            {
                used = Alone(schema, feature with { Missing = MissingValues.Allowed }).ReadCoded(findings, row)[0];
            }
            catch (InvalidDataException e)
            {
                notices.Add($"The laboratory's value was not taken over: {e.Message}");
            }

            fields.Add(new MeasurementField(feature, used is null ? string.Empty : TextOf(feature, row[0]), null, used?.Time));
        }

        return new MeasurementForm(schema, fields, notices);
    }

    /// <summary>What somebody wrote, each value checked by itself.</summary>
    /// <param name="schema">What the model asks for.</param>
    /// <param name="texts">The text of the field at each place; null or empty for nothing.</param>
    public static MeasurementForm Read(FeatureSchema schema, Func<int, string?> texts)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(texts);
        var fields = new List<MeasurementField>();
        for (int i = 0; i < schema.Features.Count; i++)
        {
            FeatureDefinition feature = schema.Features[i];
            string text = (texts(i) ?? string.Empty).Trim();
            text = text[..Math.Min(text.Length, MaxTextLength)];
            string? fault = null;
            try
            {
                Alone(schema, feature).ReadRow(new Dictionary<string, string?> { [feature.Name] = text }, new double[1]);
            }
            catch (InvalidDataException e)
            {
                // The field stands beside its fault, so the name is not said again.
                string name = $"Feature \"{feature.Name}\" ";
                fault = text.Length == 0 ? "This value is needed." : e.Message.StartsWith(name, StringComparison.Ordinal) ? "This value " + e.Message[name.Length..] : e.Message;
            }

            fields.Add(new MeasurementField(feature, text, fault, null));
        }

        return new MeasurementForm(schema, fields, []);
    }

    /// <summary>The values as a row for the model.</summary>
    /// <exception cref="InvalidDataException">A value is missing or out of its range.</exception>
    public double[] ToRow()
    {
        double[] row = new double[Fields.Count];
        Schema.ReadRow(Fields.ToDictionary(f => f.Feature.Name, f => (string?)f.Text), row);
        return row;
    }

    // So that one fault does not hide the others.
    private static FeatureSchema Alone(FeatureSchema schema, FeatureDefinition feature) => FeatureSchema.Create(schema.Name, schema.Version, [feature, schema.Label]);

    private static string TextOf(FeatureDefinition feature, double value) =>
        feature.Kind == FeatureKind.Category ? feature.Levels[(int)value] : value.ToString("G10", System.Globalization.CultureInfo.InvariantCulture);
}
