namespace Phr.Ml.Schemas;

/// <summary>Fills rows from coded findings.</summary>
internal static class CodedValues
{
    // 5.4 mmol/L of glucose are 97.3 mg/dL and reported as 97.
    private const double Rounding = 0.01;

    /// <summary>Where each code of a schema leads.</summary>
    public static Dictionary<(string System, string Code), int> Index(IReadOnlyList<FeatureDefinition> features)
    {
        var index = new Dictionary<(string, string), int>();
        for (int i = 0; i < features.Count; i++)
        {
            foreach (FeatureCode code in features[i].Codes)
            {
                index[(code.System, code.Code)] = i;
            }
        }

        return index;
    }

    /// <summary>The latest value of each feature, converted and checked.</summary>
    public static CodedValue?[] Fill(FeatureSchema schema, IReadOnlyDictionary<(string System, string Code), int> index, IEnumerable<CodedValue> values, Span<double> row)
    {
        CodedValue?[] latest = new CodedValue?[row.Length];
        bool[] isDoubtful = new bool[row.Length];
        foreach (CodedValue value in values)
        {
            ArgumentNullException.ThrowIfNull(value, nameof(values));
            if (!index.TryGetValue((value.System ?? "", value.Code ?? ""), out int feature))
            {
                continue;
            }

            CodedValue? before = latest[feature];
            int later = before is null ? 1 : Nullable.Compare(value.Time, before.Time);
            if (later > 0)
            {
                latest[feature] = value;
                isDoubtful[feature] = false;
            }
            else if (later == 0)
            {
                isDoubtful[feature] |= !IsSame(schema.Features[feature], value, before!);
            }
        }

        for (int i = 0; i < row.Length; i++)
        {
            FeatureDefinition feature = schema.Features[i];
            string? fault = isDoubtful[i] ? SchemaError.TwoAtOnce : Read(feature, latest[i], out row[i]);
            if (fault is not null)
            {
                throw SchemaError.Value(feature.Name, fault);
            }
        }

        return latest;
    }

    // One finding may come under two codes, and in two units: then its values are equal but for rounding.
    private static bool IsSame(FeatureDefinition feature, CodedValue a, CodedValue b)
    {
        double allowed = a.Code == b.Code && a.System == b.System && UnitOf(a.Unit) == UnitOf(b.Unit) ? 0 : Rounding;
        return Read(feature, a, out double x) is null && Read(feature, b, out double y) is null && Math.Abs(x - y) <= allowed * Math.Max(Math.Abs(x), Math.Abs(y));
    }

    private static string? Read(FeatureDefinition feature, CodedValue? given, out double value)
    {
        value = double.NaN;
        if (given is null)
        {
            return Values.Check(feature, value);
        }

        if (feature.Kind == FeatureKind.Category)
        {
            return given.Number is null ? ReadLevel(feature, given.Text ?? "", out value) : SchemaError.NotAWord;
        }

        if (given.Number is not { } number)
        {
            return SchemaError.NotANumber;
        }

        string unit = UnitOf(given.Unit);
        FeatureCode? code = feature.Codes.FirstOrDefault(c => c.Code == given.Code && c.System == given.System && UnitOf(c.Unit.Length == 0 ? feature.Unit : c.Unit) == unit);
        if (code is null)
        {
            return SchemaError.OtherUnit(feature);
        }

        value = number * code.Factor;
        return double.IsFinite(value) ? Values.Check(feature, value) : SchemaError.NotANumber;
    }

    private static string? ReadLevel(FeatureDefinition feature, string text, out double value)
    {
        for (int i = 0; i < feature.LevelNames.Count; i++)
        {
            if (feature.LevelNames[i] == text)
            {
                value = i;
                return null;
            }
        }

        string? fault = Values.Parse(feature, text, out value);
        return text.Length == 0 ? SchemaError.NoLevel(feature) : fault;
    }

    // UCUM writes a number without a unit as 1, and others write nothing.
    private static string UnitOf(string? unit) => unit is null or "1" ? "" : unit;
}
