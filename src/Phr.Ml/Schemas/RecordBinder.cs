using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Reflection;
using System.Text;

namespace Phr.Ml.Schemas;

/// <summary>The columns that a record's properties describe, and the values that they hold.</summary>
internal static class RecordBinder<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>
{
    private static readonly Binding[] _bindings = Bind();
    private static readonly Dictionary<string, Binding> _byName = _bindings.DistinctBy(b => b.Column.Name).ToDictionary(b => b.Column.Name, StringComparer.Ordinal);

    public static string SchemaName => Words(typeof(T).Name, ' ');

    public static IEnumerable<FeatureDefinition> Columns => _bindings.Select(b => b.Column);

    /// <summary>The value of one column of a record, or what is wrong with it.</summary>
    /// <exception cref="ArgumentException">The type has no such column, or of another kind.</exception>
    public static string? Read(T record, FeatureDefinition definition, out double value)
    {
        Binding binding = Find(definition);
        object? held = binding.Property.GetValue(record);
        if (held is null)
        {
            value = double.NaN;
            return Values.Check(definition, double.NaN);
        }

        if (binding.Column.Kind == FeatureKind.Category)
        {
            return Values.Parse(definition, binding.Text(held), out value);
        }

        value = Convert.ToDouble(held, CultureInfo.InvariantCulture);
        // NaN in a property is a failed computation and not a missing value, for which there is null.
        return double.IsNaN(value) ? SchemaError.NotANumber : Values.Check(definition, value);
    }

    /// <summary>The text of an identifier, or null.</summary>
    public static string? ReadText(T record, FeatureDefinition definition)
    {
        Binding binding = Find(definition);
        return binding.Property.GetValue(record) is { } held ? binding.Text(held) : null;
    }

    private static Binding Find(FeatureDefinition definition)
    {
        if (!_byName.TryGetValue(definition.Name, out Binding? binding))
        {
            throw SchemaError.NotThisType(typeof(T), definition.Name, "does not exist");
        }

        bool fits = binding.Column.Kind == definition.Kind || (binding.Column.Kind == FeatureKind.WholeNumber && definition.Kind == FeatureKind.Number);
        return fits ? binding : throw SchemaError.NotThisType(typeof(T), definition.Name, $"is a {binding.Column.Kind} where the schema has a {definition.Kind}");
    }

    private static Binding[] Bind()
    {
        var nullability = new NullabilityInfoContext();
        return
        [
            .. from property in typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
               let attribute = property.GetCustomAttribute<FeatureAttribute>()
               where attribute is not null && property.CanRead && property.GetIndexParameters().Length == 0
               orderby property.MetadataToken
               select Bind(property, attribute, nullability),
        ];
    }

    private static Binding Bind(PropertyInfo property, FeatureAttribute attribute, NullabilityInfoContext nullability)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        bool mayBeNull = type != property.PropertyType || (!type.IsValueType && nullability.Create(property).ReadState != NullabilityState.NotNull);
        string[] levels = Split(attribute.Levels);
        FeatureKind kind;
        if (type.IsEnum)
        {
            kind = FeatureKind.Category;
            levels = levels.Length > 0 ? levels : [.. Enum.GetNames(type).Select(n => Words(n, '_'))];
        }
        else if (type == typeof(bool))
        {
            kind = FeatureKind.Category;
            levels = levels.Length > 0 ? levels : ["false", "true"];
        }
        else
        {
            kind = type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? FeatureKind.Number
                : type == typeof(int) || type == typeof(long) || type == typeof(short) || type == typeof(byte) ? levels.Length > 0 ? FeatureKind.Category : FeatureKind.WholeNumber
                : type == typeof(string) ? levels.Length > 0 ? FeatureKind.Category : FeatureKind.Identifier
                : throw SchemaError.NotThisType(typeof(T), property.Name, $"is of type {type.Name}, which is no number, word or choice");
        }

        var column = new FeatureDefinition
        {
            Name = attribute.Name ?? Words(property.Name, '_'),
            Kind = kind,
            Role = attribute.Role,
            Unit = attribute.Unit,
            Minimum = attribute.Minimum,
            Maximum = attribute.Maximum,
            Missing = mayBeNull && attribute.Role is not (FeatureRole.Label or FeatureRole.Group) ? MissingValues.Allowed : MissingValues.Refused,
            Levels = levels,
            LevelNames = Split(attribute.LevelNames),
            Description = attribute.Description,
            ReportBy = attribute.ReportBy,
            Codes = [.. Split(attribute.Loinc).Select(c => new FeatureCode { Code = c })],
        };
        return new Binding(property, type, column);
    }

    private static string[] Split(string list) => list.Length == 0 ? [] : list.Split('|');

    // MeanRadius is mean_radius, HDLCholesterol hdl_cholesterol.
    private static string Words(string name, char between)
    {
        var words = new StringBuilder();
        for (int i = 0; i < name.Length; i++)
        {
            bool begins = i > 0 && char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            words.Append(begins ? between.ToString() : "").Append(char.ToLowerInvariant(name[i]));
        }

        return words.ToString();
    }

    private sealed record Binding(PropertyInfo Property, Type Type, FeatureDefinition Column)
    {
        public string Text(object held)
        {
            if (held is bool flag)
            {
                return Column.Levels[flag ? 1 : 0];
            }

            if (Type.IsEnum)
            {
                int index = Array.IndexOf(Enum.GetValuesAsUnderlyingType(Type), Convert.ChangeType(held, Enum.GetUnderlyingType(Type), CultureInfo.InvariantCulture));
                return index >= 0 && index < Column.Levels.Count ? Column.Levels[index] : "\0";
            }

            return Convert.ToString(held, CultureInfo.InvariantCulture) ?? "";
        }
    }
}
