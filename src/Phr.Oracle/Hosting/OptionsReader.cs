using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Phr.Oracle.Hosting;

/// <summary>Reads a section of configuration by the names that are known, and gathers every fault: values that do not parse, and names that nobody reads.</summary>
internal sealed class OptionsReader(IConfiguration section, string path, List<string> faults)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    public bool Exists => section.GetChildren().Any();

    public string? Text(string name)
    {
        _known.Add(name);
        IConfigurationSection value = section.GetSection(name);
        if (value.GetChildren().Any())
        {
            faults.Add($"{Path(name)} is one value, not a group.");
        }

        return string.IsNullOrWhiteSpace(value.Value) ? null : value.Value;
    }

    public string Text(string name, string otherwise) => Text(name) ?? otherwise;

    public T Value<T>(string name, T otherwise, string shape, Func<string, T?> parse)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return otherwise;
        }

        if (parse(text) is { } value)
        {
            return value;
        }

        // The value may be anything, a pasted secret too: it is not shown.
        faults.Add($"{Path(name)} is not {shape}.");
        return otherwise;
    }

    public TimeSpan Time(string name, TimeSpan otherwise) => Value(name, otherwise, "a length of time, as hours:minutes:seconds (00:00:30)", ParseTime);

    public int Number(string name, int otherwise) =>
        Value<int>(name, otherwise, "a whole number", text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) ? number : null);

    public IReadOnlyList<Uri> Addresses(string name)
    {
        _known.Add(name);
        var addresses = new List<Uri>();
        IConfigurationSection list = section.GetSection(name);
        string?[] values = list.Value is { } single ? [single] : [.. list.GetChildren().Select(child => child.Value)];
        foreach (string? value in values)
        {
            if (Uri.TryCreate(value, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https")
            {
                addresses.Add(address);
            }
            else
            {
                faults.Add($"{Path(name)} has an entry that is no http or https address.");
            }
        }

        return addresses;
    }

    public OptionsReader Section(string name)
    {
        _known.Add(name);
        if (section.GetSection(name).Value is { Length: > 0 })
        {
            faults.Add($"{Path(name)} is a group, not one value.");
        }

        return new OptionsReader(section.GetSection(name), Path(name), faults);
    }

    public void RefuseUnknown()
    {
        foreach (string name in section.GetChildren().Select(child => child.Key).Where(key => !_known.Contains(key)))
        {
            faults.Add($"{Path(name)} is no option. Known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
        }
    }

    // A bare number would be days.
    public static TimeSpan? ParseTime(string text) => text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time) ? time : null;

    private string Path(string name) => path.Length == 0 ? name : $"{path}:{name}";
}
