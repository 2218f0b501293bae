namespace Phr.Ml.Schemas;

/// <summary>A column that is neither feature nor label: its values, or for an identifier the numbers of its texts.</summary>
internal sealed class OtherColumn(FeatureDefinition definition, double[] values, IReadOnlyList<string> texts)
{
    public FeatureDefinition Definition => definition;

    public double[] Values => values;

    public string TextOf(int row) =>
        definition.Kind == FeatureKind.Identifier ? double.IsNaN(values[row]) ? "" : texts[(int)values[row]] : Schemas.Values.Format(definition, values[row]);

    public OtherColumn Select(int[] rows) => new(definition, [.. rows.Select(r => values[r])], texts);

    /// <summary>The same number for the same value, from 0 in the order of first sight.</summary>
    public int[] Codes()
    {
        var seen = new Dictionary<double, int>();
        int[] codes = new int[values.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            if (!seen.TryGetValue(values[i], out codes[i]))
            {
                codes[i] = seen.Count;
                seen.Add(values[i], codes[i]);
            }
        }

        return codes;
    }
}
