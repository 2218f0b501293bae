using System.Text;
using Microsoft.Net.Http.Headers;

namespace Phr.Samples.Portal;

/// <summary>The fields of an upload's form. There are few, and each is short: they are kept in memory before anybody knows whose form it is.</summary>
internal sealed class SentFields
{
    /// <summary>The longest value, in bytes.</summary>
    public const int MaxLength = 4096;

    /// <summary>The most fields of a form. Ours has six.</summary>
    public const int MaxCount = 20;

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>What a field says; null where it was not sent.</summary>
    public string? this[string name] => _values.GetValueOrDefault(name);

    /// <summary>Reads a field.</summary>
    /// <returns>False when there are more than a form of ours has.</returns>
    /// <exception cref="InvalidDataException">It is too long, or breaks off.</exception>
    public async Task<bool> TryReadAsync(ContentDispositionHeaderValue disposition, Stream body, CancellationToken cancellationToken)
    {
        if (_values.Count == MaxCount)
        {
            return false;
        }

        byte[] bytes = new byte[MaxLength + 1];
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        _values[HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? string.Empty] = read <= MaxLength ? Encoding.UTF8.GetString(bytes, 0, read) : throw new InvalidDataException("A field is too long.");
        return true;
    }
}
