using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Phr.Samples.Portal;

/// <summary>Takes an upload part by part, straight into sealing: no plaintext is ever written to a disk.</summary>
internal static class UploadEndpoint
{
    public const string Path = "/patient/upload/file";

    private const int MaxFieldLength = 4096;

    // The form has five. So many more would be kept in memory before anybody knows whose form it is.
    private const int MaxFields = 20;

    public static void MapUpload(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Path, ReceiveAsync).RequireAuthorization(Rooms.Patient).WithMetadata(new NeedsKeysAttribute());

    private static async Task<IResult> ReceiveAsync(HttpContext context, UploadDesk desk, IAntiforgery antiforgery, SessionNotes notes, PortalOptions options)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.LargestUpload + (1 << 20);
        }

        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out MediaTypeHeaderValue? type) || HeaderUtilities.RemoveQuotes(type.Boundary).Value is not { Length: > 0 and <= 200 } boundary)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body) { HeadersLengthLimit = 8192, BodyLengthLimit = options.LargestUpload };
            while (await NextAsync(reader, context.RequestAborted) is { } section)
            {
                await using var body = new SentStream(section.Body);
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
                {
                    return Results.BadRequest();
                }

                string name = HeaderUtilities.RemoveQuotes(disposition.Name).Value ?? string.Empty;
                if (!disposition.IsFileDisposition())
                {
                    if (fields.Count == MaxFields)
                    {
                        return Results.BadRequest();
                    }

                    fields[name] = await ReadFieldAsync(body, context.RequestAborted);
                    continue;
                }

                // The form's fields come first; the token among them must be right before anything is sealed.
                // Without one, the platform would look for it in what follows, and might write that to a disk on the way.
                if (fields.GetValueOrDefault("__RequestVerificationToken") is not { Length: > 0 } token)
                {
                    return Results.BadRequest();
                }

                context.Request.Headers["RequestVerificationToken"] = token;
                if (!await antiforgery.HasRightTokenAsync(context))
                {
                    return Results.BadRequest();
                }

                if (fields.ContainsKey("GoOn"))
                {
                    notes.Say("Going on with an unfinished upload needs a script in your browser, and it did not run. Discard the unfinished one on the page of your records, and upload the whole file here.");
                    return Results.Redirect("/patient/upload");
                }

                string fileName = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value ?? string.Empty;
                var wish = new UploadWish(ForClaim: fields.GetValueOrDefault("InsuranceClaim") is "Yes") { Once = fields.GetValueOrDefault("Once") };
                FileKind? kind = await desk.UploadWholeAsync(body, fileName, wish, context.RequestAborted);
                if (kind is null)
                {
                    // The same form again: browsers want to send it to its end before they listen.
                    await body.CopyToAsync(Stream.Null, context.RequestAborted);
                }

                notes.Say(IsUploaded(kind?.Label == "imaging"));
                return Results.Redirect("/patient");
            }
        }
        catch (DeskException e)
        {
            notes.Say(e.Message);
            return Results.Redirect("/patient/upload");
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
        {
            notes.Say($"The upload is too large or damaged, and nothing of it was kept: a file has at most {PortalPipeline.Bytes(options.LargestUpload)}. Choose a smaller one, or ask whoever made it for its parts.");
            return Results.Redirect("/patient/upload");
        }

        notes.Say("Choose a file first.");
        return Results.Redirect("/patient/upload");
    }

    /// <summary>What is said of an upload that is there.</summary>
    public static string IsUploaded(bool isScan) => $"Your {(isScan ? "scan" : "file")} is sealed and uploaded. As soon as your trustees have checked their shares of its key, your doctor can ask to see it.";

    private static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
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

    private static async Task<string> ReadFieldAsync(Stream body, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[MaxFieldLength + 1];
        int read = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken);
        return read <= MaxFieldLength ? System.Text.Encoding.UTF8.GetString(bytes, 0, read) : throw new InvalidDataException("A field is too long.");
    }
}
