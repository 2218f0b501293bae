using System.Security.Cryptography;
using Microsoft.Extensions.Primitives;

namespace Phr.Samples.Portal;

/// <summary>What a page answered to a form.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Location">Where the browser is sent; null when it is not.</param>
/// <param name="ContentType">What the body is.</param>
/// <param name="Cookies">The cookies that were set.</param>
/// <param name="Body">The page.</param>
internal sealed record FormAnswer(int Status, string? Location, string? ContentType, StringValues Cookies, byte[] Body)
{
    /// <summary>Gives the answer once more.</summary>
    public async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = Status;
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }

        if (Cookies.Count > 0)
        {
            response.Headers.SetCookie = Cookies;
        }

        if (Body.Length > 0)
        {
            response.ContentType = ContentType;
            response.ContentLength = Body.Length;
            await response.Body.WriteAsync(Body, cancellationToken);
        }
    }

    public void Wipe() => CryptographicOperations.ZeroMemory(Body);
}
