using System.Security.Cryptography;

namespace Phr.Samples.Portal;

/// <summary>Opened documents, from memory into the response and no further.</summary>
internal static class DocumentEndpoints
{
    public static void MapDocuments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/patient/uploads/{bundle:int}/documents/{document}", async (int bundle, string document, HttpContext context, PatientDesk desk) =>
        {
            using MemoryDestination opened = await OpenAsync(() => desk.OpenAsync(bundle, IdOf(document), context.RequestAborted));
            await WriteAsync(context, opened.Files[0]);
        }).RequireAuthorization(Rooms.Patient).WithMetadata(new NeedsKeysAttribute());

        routes.MapGet("/doctor/appointments/{id:int}/documents/{number:int}", async (int id, int number, HttpContext context, DoctorDesk desk) =>
        {
            using MemoryDestination opened = await OpenAsync(() => desk.OpenAsync(id, context.RequestAborted));
            await WriteAsync(context, number >= 0 && number < opened.Files.Count ? opened.Files[number] : throw new NotFoundHereException());
        }).RequireAuthorization(Rooms.Doctor).WithMetadata(new NeedsKeysAttribute());

        // One frame of a DICOM scan, drawn in memory. Its number counts from 1, as on the page.
        routes.MapGet("/doctor/appointments/{id:int}/documents/{number:int}/frames/{frame:int}", async (int id, int number, int frame, HttpContext context, DoctorDesk desk) =>
        {
            ScanLook look = ScanLook.Read(context.Request.Query) with { Frame = frame };
            byte[] png;
            try
            {
                png = await desk.LookAsync(id, number, (file, _) => ScanReader.Draw(file, look), context.RequestAborted);
            }
            catch (DeskException e)
            {
                // The page that shows the frame says what is the matter.
                throw new NotFoundHereException(e.Message, e);
            }

            try
            {
                context.Response.ContentType = "image/png";
                context.Response.ContentLength = png.Length;
                context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
                await context.Response.Body.WriteAsync(png, context.RequestAborted);
            }
            finally
            {
                CryptographicOperations.ZeroMemory(png);
            }
        }).RequireAuthorization(Rooms.Doctor).WithMetadata(new NeedsKeysAttribute());
    }

    // The page of the appointment, or of the upload, says why there is nothing to open.
    private static async Task<MemoryDestination> OpenAsync(Func<Task<MemoryDestination>> open)
    {
        try
        {
            return await open();
        }
        catch (DeskException e)
        {
            throw new NotFoundHereException(e.Message, e);
        }
    }

    private static DocumentId IdOf(string text) => DocumentId.TryParse(text, out DocumentId id) ? id : throw new NotFoundHereException();

    // A document comes from a stranger: the browser shows pictures and keeps everything else, and runs none of it.
    private static async Task WriteAsync(HttpContext context, MemoryFile file)
    {
        bool shown = file.Info.MediaType is "image/png" or "image/jpeg";
        context.Response.ContentType = shown ? file.Info.MediaType : "application/octet-stream";
        context.Response.ContentLength = file.Length;
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        context.Response.Headers.ContentDisposition = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue(shown ? "inline" : "attachment") { FileNameStar = file.Info.Title }.ToString();
        await context.Response.Body.WriteAsync(file.Bytes, context.RequestAborted);
    }
}
