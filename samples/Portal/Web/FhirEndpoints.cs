namespace Phr.Samples.Portal;

/// <summary>Downloads of FHIR resources: from memory into the response, as files that no browser shows.</summary>
internal static class FhirEndpoints
{
    private const string Resource = "application/fhir+json";
    private const string Lines = "application/fhir+ndjson";

    public static void MapFhir(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/requests/{request}/consent", async (string request, HttpContext context, FhirDesk desk) =>
            File(context, await desk.ConsentAsync(request, context.RequestAborted), Resource, "consent.json")).RequireAuthorization(Rooms.Consents).WithMetadata(new NeedsKeysAttribute());

        routes.MapGet("/claims/{claim}/fhir", async (string claim, HttpContext context, FhirDesk desk) =>
            File(context, await desk.ClaimAsync(claim, context.RequestAborted), Resource, "claim.json")).RequireAuthorization(Rooms.Claims).WithMetadata(new NeedsKeysAttribute());

        routes.MapGet("/claims/{claim}/answers", async (string claim, HttpContext context, FhirDesk desk) =>
            File(context, await desk.ClaimAnswersAsync(claim, context.RequestAborted), Lines, "claim-answers.ndjson")).RequireAuthorization(Rooms.Claims).WithMetadata(new NeedsKeysAttribute());

        routes.MapGet("/prescriptions/{id:int}/fhir", async (int id, HttpContext context, PrescriptionDesk desk) =>
            File(context, await desk.ResourceAsync(id, context.RequestAborted), Resource, "prescription.json")).RequireAuthorization(Rooms.Prescriptions).WithMetadata(new NeedsKeysAttribute());
    }

    private static IResult File(HttpContext context, byte[] json, string mediaType, string name)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        return Results.File(json, mediaType, name);
    }
}
