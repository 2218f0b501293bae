namespace Phr.Samples.Portal;

/// <summary>Looks at files that settings name, before anything starts.</summary>
internal static class SettingFiles
{
    /// <summary>What is the matter with a file; null where it is there and has a first line.</summary>
    public static string? FindFault(string setting, string? file)
    {
        if (string.IsNullOrWhiteSpace(file))
        {
            return $"{setting} names no file.";
        }

        try
        {
            return string.IsNullOrWhiteSpace(File.ReadLines(file).FirstOrDefault()) ? $"{setting}: the first line of {file} is empty." : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{setting}: {file} cannot be read: {e.Message}";
        }
    }

    /// <summary>The first line of a file.</summary>
    public static async Task<string> ReadLineAsync(string file, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(file);
        return await reader.ReadLineAsync(cancellationToken) ?? string.Empty;
    }
}
