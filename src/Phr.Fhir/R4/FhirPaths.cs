namespace Phr.Fhir.R4;

/// <summary>Paths of elements in messages: names and numbers, and nothing else that a text could bring along.</summary>
internal static class FhirPaths
{
    private const int MaxLength = 256;

    /// <summary>A name of an element; <c>?</c> when it is not one.</summary>
    public static string Plain(string name) => IsName(name) ? name : "?";

    /// <summary>Whether it is made as names of elements are: letters and digits, with an underscore before them where the element is a primitive's other half.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 64 && name.TrimStart('_') is { Length: > 0 } rest && rest.Length >= name.Length - 1 && rest.All(char.IsAsciiLetterOrDigit);

    /// <summary>A whole path as the FHIR library gives it; the resource's type when it is not one.</summary>
    public static string Whole(string? path, string resourceType) =>
        path is { Length: > 0 and <= MaxLength } && path.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '[' or ']') ? path : resourceType;
}
