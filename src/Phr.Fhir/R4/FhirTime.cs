using System.Globalization;

namespace Phr.Fhir.R4;

/// <summary>Times: written as instants in UTC, read as what FHIR's dateTime and instant allow, except a time without a zone.</summary>
internal static class FhirTime
{
    private const string Form = "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK";
    private static readonly string[] DateForms = ["yyyy", "yyyy-MM", "yyyy-MM-dd"];

    public static string Write(DateTimeOffset time) => time.UtcDateTime.ToString(Form, CultureInfo.InvariantCulture);

    /// <summary>Reads a time; a date alone is its first instant in UTC, or with <paramref name="edge"/> the first instant after it.</summary>
    public static bool TryRead(string? text, Edge edge, out DateTimeOffset time, out bool isDate)
    {
        time = default;
        isDate = false;
        if (text is null)
        {
            return false;
        }

        int form = text.Length switch { 4 => 0, 7 => 1, 10 => 2, _ => -1 };
        if (form >= 0)
        {
            isDate = true;
            if (!DateTime.TryParseExact(text, DateForms[form], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime date) || (edge == Edge.End && date.Year == 9999))
            {
                return false;
            }

            date = edge == Edge.Begin ? date : form switch { 0 => date.AddYears(1), 1 => date.AddMonths(1), _ => date.AddDays(1) };
            time = new DateTimeOffset(date, TimeSpan.Zero);
            return true;
        }

        // Fractions finer than .NET's ticks are cut off.
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        int end = dot < 0 ? -1 : text.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9');
        if (end > 7)
        {
            text = text.Remove(dot + 8, end - 7);
        }

        return (text.EndsWith('Z') || (text.Length > 6 && text[^6] is '+' or '-' && text[^3] == ':'))
            && DateTimeOffset.TryParseExact(text, Form, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out time);
    }

    /// <summary>Which end of a date stands for it.</summary>
    public enum Edge
    {
        /// <summary>The first instant of it.</summary>
        Begin,

        /// <summary>The first instant after it.</summary>
        End,
    }
}
