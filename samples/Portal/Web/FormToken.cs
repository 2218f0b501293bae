using Microsoft.AspNetCore.Antiforgery;

namespace Phr.Samples.Portal;

/// <summary>Whether what was sent comes from a page of the portal's own.</summary>
internal static class FormToken
{
    /// <summary>Whether the verification token is right. A form that cannot be read, because it is damaged or too large, has none.</summary>
    public static async Task<bool> HasRightTokenAsync(this IAntiforgery antiforgery, HttpContext context)
    {
        try
        {
            return await antiforgery.IsRequestValidAsync(context);
        }
        catch (AntiforgeryValidationException)
        {
            return false;
        }
    }
}
