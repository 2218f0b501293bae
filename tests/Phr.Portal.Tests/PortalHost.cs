using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace Phr.Portal.Tests;

/// <summary>The portal itself, on loopback, with everything in a folder of its own.</summary>
public sealed class PortalHost : WebApplicationFactory<Program>
{
    private readonly IReadOnlyDictionary<string, string> _settings;
    private readonly bool _ownsFolder;
    private readonly X509Certificate2? _certificate;
    private readonly TimeProvider? _time;

    private PortalHost(string? folder, IReadOnlyDictionary<string, string> settings, bool secure, TimeProvider? time)
    {
        _time = time;
        _ownsFolder = folder is null;
        _settings = settings;
        Folder = folder ?? Path.Combine(Path.GetTempPath(), $"phr-portal-{Guid.NewGuid():n}");
        _certificate = secure ? MakeCertificate() : null;
        UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (_certificate is not null)
            {
                listen.UseHttps(_certificate);
            }
        }));
    }

    /// <summary>Where everything is.</summary>
    public string Folder { get; }

    /// <summary>Where the portal is.</summary>
    public Uri Address { get; private set; } = null!;

    /// <summary>Starts the portal and waits until it is there, and its story, if it has one, is told.</summary>
    public static async Task<PortalHost> StartAsync(string? folder = null, bool demo = false, bool secure = false, IReadOnlyDictionary<string, string>? settings = null, TimeProvider? time = null)
    {
        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>())
        {
            ["Portal:Demo"] = demo ? "true" : "false",
            ["Urls"] = secure ? "https://127.0.0.1" : "http://127.0.0.1",
        };
        all.TryAdd("Portal:KeyMemoryKib", "19456");
        all.TryAdd("Logging:LogLevel:Microsoft", "Error");
        all.TryAdd("Logging:LogLevel:Microsoft.AspNetCore.Server.Kestrel", "Error");
        all.TryAdd("Logging:LogLevel:Microsoft.AspNetCore", "Error");
        all.TryAdd("Portal:TriesPerMinute", "10000");
        all.TryAdd("Portal:UploadsPerMinute", "10000");
        all.TryAdd("Portal:UploadPartsPerMinute", "100000");

        // Small parts, so that small files have several.
        all.TryAdd("Portal:UploadPart", "65536");
        all.TryAdd("Portal:UnfinishedUploads", "50");
        var host = new PortalHost(folder, all, secure, time);
        host.StartServer();
        host.Address = new UriBuilder(secure ? "https" : "http", "127.0.0.1", host.ClientOptions.BaseAddress.Port).Uri;
        if (demo)
        {
            await WaitForStoryAsync(host);
        }

        return host;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.UseSetting("Portal:Folder", Folder);
        foreach ((string name, string value) in _settings)
        {
            builder.UseSetting(name, value);
        }

        if (_time is not null)
        {
            builder.ConfigureTestServices(services => services.AddSingleton(_time));
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _certificate?.Dispose();
        if (_ownsFolder && Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    // The program says when it has told its story; what it waits for is the story's own end.
    private static Task WaitForStoryAsync(PortalHost host) => ((DemoTold)host.Services.GetService(typeof(DemoTold))!).Task.WaitAsync(TimeSpan.FromMinutes(3));

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 made = request.CreateSelfSigned(now.AddHours(-1), now.AddHours(12));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }
}
