namespace Phr.Ml.Schemas;

/// <summary>What definitions have to be to make a schema.</summary>
internal static class SchemaRules
{
    /// <summary>A copy whose lists nobody else holds.</summary>
    public static FeatureDefinition Copy(FeatureDefinition d) => d with
    {
        Levels = Array.AsReadOnly([.. d.Levels ?? []]),
        LevelNames = Array.AsReadOnly([.. d.LevelNames ?? []]),
        Codes = Array.AsReadOnly([.. d.Codes ?? []]),
        Unit = d.Unit ?? "",
        Description = d.Description ?? "",
    };

    public static void Check(string name, FeatureDefinition[] columns)
    {
        if (!IsName(name))
        {
            throw SchemaError.Schema($"needs a name of 1 to {FeatureSchema.MaximumTextLength} characters without control characters");
        }

        if (columns.Length > FeatureSchema.MaximumColumns)
        {
            throw SchemaError.Schema($"has at most {FeatureSchema.MaximumColumns} columns, not {columns.Length}");
        }

        var names = new HashSet<string>(StringComparer.Ordinal);
        var codes = new Dictionary<(string, string), string>();
        foreach (FeatureDefinition column in columns)
        {
            if (!IsName(column.Name))
            {
                throw SchemaError.Definition("?", $"needs a name of 1 to {FeatureSchema.MaximumTextLength} characters without control characters or spaces at its ends");
            }

            if (!names.Add(column.Name))
            {
                throw SchemaError.Definition(column.Name, "is there twice");
            }

            if (Contradiction(column) is { } why)
            {
                throw SchemaError.Definition(column.Name, why);
            }

            foreach (FeatureCode code in column.Codes)
            {
                if (!codes.TryAdd((code.System, code.Code), column.Name) && codes[(code.System, code.Code)] != column.Name)
                {
                    throw SchemaError.Definition(column.Name, "has a code that leads to another column, too");
                }
            }
        }

        if (columns.Count(c => c.Role == FeatureRole.Label) != 1)
        {
            throw SchemaError.Schema("needs exactly one column of role Label");
        }

        if (columns.Count(c => c.Role == FeatureRole.Group) > 1)
        {
            throw SchemaError.Schema("has at most one column of role Group");
        }

        if (!columns.Any(c => c.Role == FeatureRole.Feature))
        {
            throw SchemaError.Schema("needs at least one column of role Feature");
        }
    }

    private static string? Contradiction(FeatureDefinition d)
    {
        bool isNumber = d.Kind is FeatureKind.Number or FeatureKind.WholeNumber;
        bool isCategory = d.Kind == FeatureKind.Category;
        if (!Enum.IsDefined(d.Kind) || !Enum.IsDefined(d.Role) || !Enum.IsDefined(d.Missing) || !Enum.IsDefined(d.ReportBy))
        {
            return "has a value that its enumeration does not know";
        }

        if (isCategory && d.Levels.Count is < 2 or > FeatureSchema.MaximumLevels)
        {
            return $"needs 2 to {FeatureSchema.MaximumLevels} levels, since it is a category";
        }

        if (!isCategory && d.Levels.Count > 0)
        {
            return "has levels and is no category";
        }

        if (d.Levels.Any(l => !IsName(l)) || d.LevelNames.Any(l => !IsName(l)))
        {
            return $"has a level that is not 1 to {FeatureSchema.MaximumTextLength} characters without control characters or spaces at its ends";
        }

        if (d.Levels.Distinct(StringComparer.Ordinal).Count() != d.Levels.Count || d.LevelNames.Distinct(StringComparer.Ordinal).Count() != d.LevelNames.Count)
        {
            return "has a level twice";
        }

        if (d.LevelNames.Count != 0 && d.LevelNames.Count != d.Levels.Count)
        {
            return $"has {d.LevelNames.Count} names for {d.Levels.Count} levels";
        }

        if (!isNumber && (!double.IsNegativeInfinity(d.Minimum) || !double.IsPositiveInfinity(d.Maximum) || d.Unit.Length > 0))
        {
            return "has a range or a unit and is no number";
        }

        if (double.IsNaN(d.Minimum) || double.IsNaN(d.Maximum) || d.Minimum > d.Maximum || double.IsPositiveInfinity(d.Minimum) || double.IsNegativeInfinity(d.Maximum))
        {
            return "has an empty range";
        }

        if (d.Unit.Length > FeatureSchema.MaximumTextLength || d.Description.Length > FeatureSchema.MaximumDescriptionLength || d.Unit.Any(char.IsControl) || d.Description.Any(char.IsControl))
        {
            return "has a unit or a description that is too long, or has control characters in it";
        }

        if (d.Codes.Count > 0 && ContradictionOfCodes(d, isNumber) is { } why)
        {
            return why;
        }

        return d.Role switch
        {
            FeatureRole.Feature when d.Kind == FeatureKind.Identifier => "is an identifier, from which nothing can be learnt",
            FeatureRole.Label when !isCategory => "is the label and must be a category: the classes in their order",
            FeatureRole.Label when d.Missing != MissingValues.Refused => "is the label, which may not be missing",
            FeatureRole.Subgroup when !isCategory => "is a subgroup and must be a category",
            FeatureRole.Group when d.Missing != MissingValues.Refused => "says whose row it is, which may not be missing",
            _ when d.ReportBy == SubgroupReport.ByLevel && (!isCategory || d.Role != FeatureRole.Feature) => "can be reported by level only if it is a category that is learnt from",
            _ => null,
        };
    }

    private static string? ContradictionOfCodes(FeatureDefinition d, bool isNumber)
    {
        if (d.Role != FeatureRole.Feature)
        {
            return "has a code and is not learnt from";
        }

        if (d.Codes.Count > FeatureSchema.MaximumCodes)
        {
            return $"has more than {FeatureSchema.MaximumCodes} codes";
        }

        if (d.Codes.Any(c => c is null || !IsName(c.Code) || !IsName(c.System) || !Uri.IsWellFormedUriString(c.System, UriKind.Absolute)))
        {
            return $"has a code without a system, as an absolute URI, and 1 to {FeatureSchema.MaximumTextLength} characters";
        }

        if (d.Codes.Any(c => c.Unit is null || (c.Unit.Length > 0 && (!IsName(c.Unit) || !isNumber)) || !(c.Factor > 0) || !double.IsFinite(c.Factor) || (c.Factor != 1 && !isNumber)))
        {
            return "has a code whose unit or factor is none, or stands where there is no number";
        }

        return d.Codes.Select(c => (c.System, c.Code, c.Unit)).Distinct().Count() != d.Codes.Count ? "has a code twice in one unit" : null;
    }

    private static bool IsName(string? text) =>
        text is { Length: > 0 and <= FeatureSchema.MaximumTextLength } && !text.Any(char.IsControl) && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]) && IsWellFormed(text);

    // Text of a file has no lone surrogates, and JSON and UTF-8 could not keep them.
    private static bool IsWellFormed(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]))
            {
                if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                {
                    return false;
                }

                i++;
            }
        }

        return true;
    }
}
