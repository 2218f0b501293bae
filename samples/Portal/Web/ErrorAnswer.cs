using Microsoft.AspNetCore.Diagnostics;

namespace Phr.Samples.Portal;

/// <summary>The status of an answer whose page tells of an error. It is held back until the page is drawn.</summary>
internal sealed class ErrorAnswer
{
    private ErrorAnswer(int status) => Status = status;

    /// <summary>The status that the answer gets.</summary>
    public int Status { get; private set; }

    /// <summary>What the answer of a request will be; null when it tells of no error.</summary>
    public static ErrorAnswer? Of(HttpContext context) => context.Features.Get<ErrorAnswer>();

    /// <summary>Holds back the present status. A fault of the page that tells of an error takes that error's place; a status that it gets does not.</summary>
    public static void Hold(HttpContext context)
    {
        int status = context.Response.StatusCode;
        context.Response.StatusCode = StatusCodes.Status200OK;
        if (Of(context) is { } held)
        {
            held.Status = context.Features.Get<IStatusCodeReExecuteFeature>() is null ? status : held.Status;
            return;
        }

        var answer = new ErrorAnswer(status);
        context.Features.Set(answer);
        context.Response.OnStarting(() =>
        {
            context.Response.StatusCode = answer.Status;
            return Task.CompletedTask;
        });
    }
}
