using System.Collections.Frozen;
using System.Security.Cryptography;

namespace Phr.Samples.Portal;

/// <summary>Style sheets, scripts and pictures: in the program itself, none from elsewhere. What is put into the folder <c>assets</c> is served below <c>/assets/</c>.</summary>
public static class AssetFiles
{
    private static readonly FrozenDictionary<string, (byte[] Bytes, string Type, string Version)> _files = Read();

    /// <summary>The address of an asset, with its version: browsers keep it until it changes.</summary>
    public static string Url(string name) => $"/assets/{name}?v={_files[name].Version}";

    internal static void MapAssets(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{**name}", (string name, HttpContext context) =>
        {
            if (!_files.TryGetValue(name, out (byte[] Bytes, string Type, string Version) file))
            {
                return Results.NotFound();
            }

            context.Response.Headers.CacheControl = context.Request.Query["v"] == file.Version ? "public, max-age=31536000, immutable" : "no-cache";
            return Results.Bytes(file.Bytes, file.Type);
        }).AllowAnonymous();

    private static FrozenDictionary<string, (byte[] Bytes, string Type, string Version)> Read()
    {
        const string Prefix = "assets/";
        var files = new Dictionary<string, (byte[] Bytes, string Type, string Version)>(StringComparer.Ordinal);
        foreach (string resource in typeof(AssetFiles).Assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = typeof(AssetFiles).Assembly.GetManifestResourceStream(resource)!;
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            string type = Path.GetExtension(resource) switch
            {
                ".css" => "text/css",
                ".js" => "text/javascript",
                ".svg" => "image/svg+xml",
                ".png" => "image/png",
                _ => "application/octet-stream",
            };
            files[resource[Prefix.Length..]] = (bytes, type, Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]);
        }

        return files.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
