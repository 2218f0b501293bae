using System.Security.Claims;
using System.Threading.RateLimiting;

namespace Phr.Samples.Portal;

/// <summary>How fast somebody may try passwords and codes, begin uploads, and send parts of them.</summary>
public static class PortalLimits
{
    /// <summary>How many parts of one person's uploads are taken in at a time: each lies in memory until it is whole.</summary>
    public const int PartsAtOnce = 4;

    /// <summary>How many more wait for their turn.</summary>
    public const int PartsWaiting = 16;

    /// <summary>What was taken counts for a window, and then its sixth of it is free again.</summary>
    internal const int Segments = 6;

    // Whoever tries to be somebody is known by the address alone, also with an account of their own.
    private static readonly string[] _doors = ["/sign-in", "/register", "/setup"];

    // Whoever is somebody already has the same number of tries from everywhere, and a house with one address has them for each of its people.
    private static readonly string[] _locks = ["/unlock", "/recover", "/enrol", "/account/codes", "/account/password", "/doctor/emergency"];

    /// <summary>The limits for all requests, by path, person and address.</summary>
    public static PartitionedRateLimiter<HttpContext> Create(PortalOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RateLimitPartition<string> Limited(string key, int limit) =>
            RateLimitPartition.GetSlidingWindowLimiter(key, _ => new SlidingWindowRateLimiterOptions { PermitLimit = limit, Window = options.LimitWindow, SegmentsPerWindow = Segments, QueueLimit = 0 });

        return PartitionedRateLimiter.CreateChained(
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                !HttpMethods.IsPost(context.Request.Method) ? Unlimited
                : IsBelow(context, _doors) ? Limited($"try {AddressOf(context)}", options.TriesPerMinute)
                : IsBelow(context, _locks) ? Limited($"try {Whose(context)}", options.TriesPerMinute)
                : IsBelow(context, PartEndpoints.PartsPath) ? Limited($"part {Whose(context)}", options.UploadPartsPerMinute)
                : IsBelow(context, "/patient/upload") ? Limited($"upload {Whose(context)}", options.UploadsPerMinute)
                : Unlimited),
            PartitionedRateLimiter.Create<HttpContext, string>(context =>
                HttpMethods.IsPost(context.Request.Method) && IsBelow(context, PartEndpoints.PartsPath)
                    ? RateLimitPartition.GetConcurrencyLimiter($"at once {Whose(context)}", _ => new ConcurrencyLimiterOptions { PermitLimit = PartsAtOnce, QueueLimit = PartsWaiting })
                    : Unlimited));
    }

    private static RateLimitPartition<string> Unlimited => RateLimitPartition.GetNoLimiter("other");

    private static string Whose(HttpContext context) => context.User.FindFirstValue(ClaimTypes.NameIdentifier) is { } person ? $"of {person}" : AddressOf(context);

    private static string AddressOf(HttpContext context) => $"from {context.Connection.RemoteIpAddress}";

    private static bool IsBelow(HttpContext context, params ReadOnlySpan<string> paths)
    {
        foreach (string path in paths)
        {
            if (context.Request.Path.StartsWithSegments(path, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
