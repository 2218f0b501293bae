namespace Phr.Samples.Portal;

/// <summary>Where the portal listens, and whether cookies can be secure there.</summary>
/// <param name="Urls">The addresses.</param>
/// <param name="IsSecure">Whether browsers reach it by https.</param>
public sealed record PortalAddress(IReadOnlyList<string> Urls, bool IsSecure)
{
    /// <summary>The name of a cookie here. The prefix makes browsers refuse one that another host or an insecure page set.</summary>
    public string CookieName(string name) => IsSecure ? $"__Host-{name}" : name;

    /// <summary>Reads the addresses.</summary>
    /// <exception cref="InvalidOperationException">Others than this machine could reach the portal without TLS.</exception>
    public static PortalAddress Of(IConfiguration configuration, PortalOptions options)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(options);
        string[] urls = (configuration["Urls"] ?? "http://localhost:5090").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool secure = options.BehindTls || urls.All(url => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase));
        string? open = secure ? null : urls.FirstOrDefault(url => !url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !IsOfThisMachine(url));
        return open is null
            ? new PortalAddress(urls, secure)
            : throw new InvalidOperationException($"{open} can be reached by other machines without TLS. Listen on https, or behind a proxy that speaks TLS and with Portal:BehindTls=true.");
    }

    private static bool IsOfThisMachine(string url) => Uri.TryCreate(url, UriKind.Absolute, out Uri? address) && address.IsLoopback;
}
