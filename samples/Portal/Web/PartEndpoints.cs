using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;

namespace Phr.Samples.Portal;

/// <summary>Takes uploads in parts, from the script of the upload page. It answers in JSON: how the upload stands, or a message for the person.</summary>
internal static class PartEndpoints
{
    public const string BeginPath = "/patient/upload/begin";

    public const string PartsPath = "/patient/upload-parts";

    private const int MaxPlanLength = 1 << 20;
    private const int MaxPartLength = (8 << 20) + 1;

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web);

    public static void MapParts(this IEndpointRouteBuilder routes)
    {
        Map(routes, BeginPath, static async (context, _, _, desk, options) =>
        {
            Limit(context, MaxPlanLength);
            UploadPlan plan = await JsonSerializer.DeserializeAsync<UploadPlan>(context.Request.Body, _json, context.RequestAborted) ?? throw new JsonException();
            if (plan.Length > options.LargestUpload)
            {
                return Say(StatusCodes.Status413PayloadTooLarge, UploadDesk.TooLarge(options));
            }

            UploadState state = await desk.BeginAsync(plan, context.RequestAborted);
            return Answer(context, StatusCodes.Status200OK, state);
        });
        Map(routes, PartsPath + "/{upload}/{part:int}", static async (context, upload, part, desk, _) =>
        {
            Limit(context, MaxPartLength);
            return Answer(context, StatusCodes.Status200OK, await desk.TakePartAsync(upload, part, context.Request.Body, context.RequestAborted));
        });
        Map(routes, PartsPath + "/{upload}/finish", static async (context, upload, _, desk, _) =>
        {
            return Answer(context, StatusCodes.Status409Conflict, await desk.FinishAsync(upload, context.RequestAborted));
        });
        Map(routes, PartsPath + "/{upload}/discard", static async (context, upload, _, desk, _) =>
        {
            await desk.DiscardAsync(upload, context.RequestAborted);
            return Say(StatusCodes.Status200OK, "Nothing of it is kept.");
        });
    }

    /// <summary>An answer for the script: a status, and words for the person.</summary>
    public static IResult Say(int status, string message) => Results.Json(new { message }, _json, statusCode: status);

    private static void Map(IEndpointRouteBuilder routes, string pattern, Func<HttpContext, string, int, UploadDesk, PortalOptions, Task<IResult>> work)
    {
        routes.MapPost(pattern, async context => await (await AnswerAsync(context, work)).ExecuteAsync(context)).RequireAuthorization(Rooms.Patient).WithMetadata(new NeedsKeysAttribute(), new ForScriptsAttribute());
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, Func<HttpContext, string, int, UploadDesk, PortalOptions, Task<IResult>> work)
    {
        IServiceProvider services = context.RequestServices;
        if (!await services.GetRequiredService<IAntiforgery>().HasRightTokenAsync(context))
        {
            return Say(StatusCodes.Status400BadRequest, "This page is too old. Load it again and choose the file anew.");
        }

        try
        {
            string upload = context.Request.RouteValues["upload"] as string ?? string.Empty;
            int part = int.TryParse(context.Request.RouteValues["part"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
            return await work(context, upload, part, services.GetRequiredService<UploadDesk>(), services.GetRequiredService<PortalOptions>());
        }
        catch (NotFoundHereException)
        {
            return Say(StatusCodes.Status404NotFound, "This upload is not there any more: it was finished or discarded in another window, or kept for too long. Look at your records.");
        }
        catch (FileRefusedException e)
        {
            return Say(StatusCodes.Status415UnsupportedMediaType, e.Message);
        }
        catch (DeskException e)
        {
            return Say(StatusCodes.Status409Conflict, e.Message);
        }
        catch (JsonException)
        {
            return Say(StatusCodes.Status400BadRequest, "What the page sent was damaged. Load it again and choose the file anew.");
        }
        catch (BadHttpRequestException e)
        {
            return Say(e.StatusCode, "What the page sent was damaged on its way, or larger than it may be.");
        }
        catch (IOException) when (!context.RequestAborted.IsCancellationRequested)
        {
            return Say(StatusCodes.Status507InsufficientStorage, "The portal could not put it down: its disk may be full. What came in before is kept, and the upload goes on by itself when there is room.");
        }
    }

    private static void Limit(HttpContext context, long length)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = length;
        }
    }

    private static IResult Answer(HttpContext context, int statusUnlessDone, UploadState state)
    {
        if (!state.IsDone)
        {
            return Results.Json(new { once = state.Once, parts = state.Parts, received = state.Received }, _json, statusCode: statusUnlessDone);
        }

        string next = UploadEndpoint.Tell(context.RequestServices.GetRequiredService<SessionNotes>(), state.Result!, state.Once);
        return Results.Json(new { next }, _json);
    }
}
