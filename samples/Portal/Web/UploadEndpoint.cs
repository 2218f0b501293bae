using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Phr.Samples.Portal;

/// <summary>Takes an upload part by part, straight into sealing: no plaintext is ever written to a disk.</summary>
internal static class UploadEndpoint
{
    public const string Path = "/patient/upload/file";

    // The fields, the heads of the files, and what stands between them.
    private const int MostBesideTheFiles = (SentFields.MaxCount + PatientDesk.MaxFiles) * (SentFields.MaxLength + MaxHeadLength);
    private const int MaxHeadLength = 8192;

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

        var fields = new SentFields();
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body) { HeadersLengthLimit = MaxHeadLength, BodyLengthLimit = options.LargestUpload };
            while (await SentFiles.NextAsync(reader, context.RequestAborted) is { } section)
            {
                await using var body = new SentStream(section.Body);
                if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out ContentDispositionHeaderValue? disposition))
                {
                    return Results.BadRequest();
                }

                if (!disposition.IsFileDisposition())
                {
                    if (!await fields.TryReadAsync(disposition, body, context.RequestAborted))
                    {
                        return Results.BadRequest();
                    }

                    continue;
                }

                // What the form hides comes first; the token among it must be right before anything is sealed.
                // Without one, the platform would look for it in what follows, and might write that to a disk on the way.
                if (fields["__RequestVerificationToken"] is not { Length: > 0 } token)
                {
                    return Results.BadRequest();
                }

                context.Request.Headers["RequestVerificationToken"] = token;
                if (!await antiforgery.HasRightTokenAsync(context))
                {
                    return Results.BadRequest();
                }

                if (fields["GoOn"] is not null)
                {
                    notes.Say("Going on with an unfinished upload needs a script in your browser, and it did not run. Discard the unfinished one on the page of your records, and upload the whole file here.");
                    return Results.Redirect("/patient/upload");
                }

                var files = new SentFiles(new SentFile(SentFiles.NameOf(disposition), body), reader, fields);
                var wish = new UploadWish(() => fields["InsuranceClaim"] is "Yes") { Once = fields["Once"], AtLeast = Math.Max(0, (context.Request.ContentLength ?? 0) - MostBesideTheFiles) };
                UploadResult result = await desk.UploadWholeAsync(files.ReadAsync(CancellationToken.None), wish, context.RequestAborted);
                if (result.Kinds.Count == 0)
                {
                    // The same form again: browsers want to send it to its end before they listen.
                    await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
                }

                return Results.Redirect(Tell(notes, result, wish.Once));
            }
        }
        catch (DeskException e)
        {
            if (e is QuotaExceededException)
            {
                await LetGoAsync(context);
            }

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

    /// <summary>Says on the next page that an upload is there, and what to do next.</summary>
    /// <returns>The next page's address: that of the records, or of the claim which the upload is for.</returns>
    public static string Tell(SessionNotes notes, UploadResult result, string? once)
    {
        string what = result.Kinds.Count > 1 ? $"{result.Kinds.Count} files are" : $"{(result.Kinds is [{ Label: "imaging" }] ? "scan" : "file")} is";
        string done = $"Your {what} sealed and uploaded. As soon as your trustees have checked their shares of its key, your doctor can ask to see it.";
        notes.Say(result.IsForClaim ? $"{done} Now the claim: choose the insurer, write the amount and what it is for, and file it." : done);
        return !result.IsForClaim ? "/patient" : UploadPlan.IsOnce(once) ? $"/patient/insurance?upload={once}" : "/patient/insurance";
    }

    // Browsers want to send a form to its end before they listen. Nothing of it is looked at any more.
    private static async Task LetGoAsync(HttpContext context)
    {
        try
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        }
        catch (IOException)
        {
            // It broke off, or is larger than any file may be: whoever still listens is answered.
        }
    }
}
