using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Phr.Crypto;

namespace Phr.Oracle;

/// <summary>Names one job of an oracle: a request, the round of its committee, and the use of its grant.</summary>
/// <remarks>Immutable and thread safe. Text form: the request's 64 digits, the round and the use, with <c>/</c> between them.</remarks>
public readonly record struct JobKey
{
    /// <summary>The request.</summary>
    public required RequestId Request { get; init; }

    /// <summary>The round: 0, or 1 after a redraw.</summary>
    public required int Round { get; init; }

    /// <summary>How many uses of the grant were behind: 0 for the first.</summary>
    public required int Use { get; init; }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">The text.</param>
    /// <param name="key">The key, or the default value.</param>
    /// <returns>Whether the text was a key, in the form in which <see cref="ToString"/> writes it.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out JobKey key)
    {
        key = default;
        string[] parts = text?.Split('/') ?? [];
        if (parts.Length != 3 || !RequestId.TryParse(parts[0], out RequestId request)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int round) || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int use))
        {
            return false;
        }

        var read = new JobKey { Request = request, Round = round, Use = use };
        key = read.ToString() == text ? read : default;
        return read.ToString() == text;
    }

    /// <summary>Reads the text form.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The key.</returns>
    /// <exception cref="FormatException">The text is no key.</exception>
    public static JobKey Parse(string text) => TryParse(text, out JobKey key) ? key : throw new FormatException("A job is named by its request's 64 digits, the round and the use, with '/' between them.");

    /// <summary>The text form.</summary>
    /// <returns>For instance <c>5f…e1/0/0</c>.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Request}/{Round}/{Use}");
}
