using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Phr.Samples.Portal;

/// <summary>The files of a form of several parts, one after another as they come in, and the fields between and after them.</summary>
/// <param name="first">The first file, which was found already.</param>
/// <param name="reader">Reads the parts after it.</param>
/// <param name="fields">Takes the fields.</param>
internal sealed class SentFiles(SentFile first, MultipartReader reader, SentFields fields)
{
    /// <summary>Reads the files. Those of a file chooser in which nothing was chosen are left out.</summary>
    /// <exception cref="InvalidDataException">What was sent breaks off, or a part of it is none.</exception>
    public async IAsyncEnumerable<SentFile> ReadAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return first;
        while (await NextAsync(reader, cancellationToken) is { } section)
        {
            await using var body = new SentStream(section.Body);
            if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
            {
                throw new InvalidDataException("A part has no name.");
            }

            if (disposition.IsFileDisposition())
            {
                yield return new SentFile(NameOf(disposition), body);
            }
            else if (!await fields.TryReadAsync(disposition, body, cancellationToken))
            {
                throw new InvalidDataException("There are too many fields.");
            }
        }
    }

    /// <summary>A file's name, as the browser said it.</summary>
    public static string NameOf(ContentDispositionHeaderValue disposition) => HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? string.Empty;

    /// <summary>The next part; null after the last one.</summary>
    /// <exception cref="InvalidDataException">What was sent breaks off.</exception>
    public static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (IOException e) when (e is not BadHttpRequestException)
        {
            throw new InvalidDataException(SentStream.Fault, e);
        }
    }
}
