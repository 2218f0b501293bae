using System.ComponentModel.DataAnnotations;

namespace Phr.Samples.Portal;

/// <summary>The portal's settings, from the section <c>Portal</c>. Every one has a default that starts on one machine without anything else.</summary>
public sealed class PortalOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Portal";

    /// <summary>The folder for everything that the portal keeps.</summary>
    [Required]
    public string Folder { get; set; } = "artifacts/portal";

    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    [RegularExpression("sqlite|postgres")]
    public string Database { get; set; } = "sqlite";

    /// <summary>How the database is reached; null for a SQLite file in <see cref="Folder"/>.</summary>
    public string? Connection { get; set; }

    /// <summary>Whether a proxy on this machine speaks TLS before the portal, so that cookies are secure although the portal itself listens on http, and who asks is whom the proxy names.</summary>
    public bool BehindTls { get; set; }

    /// <summary>The addresses of such proxies, beside this machine: only they are believed whom they speak for.</summary>
    public IList<string> Proxies { get; } = [];

    /// <summary>Whether a made-up story fills the portal. Never with real people: the passwords are printed.</summary>
    public bool Demo { get; set; }

    /// <summary>A file of a diagnosis model (Phr.Ml) that doctors can ask about measurements they were granted; null for none. The demonstration trains one of its own.</summary>
    public string? Model { get; set; }

    /// <summary>How many confirmed outcomes of a model make a group: fewer are never shown, nor told apart.</summary>
    [Range(5, 10_000)]
    public int SmallestGroup { get; set; } = 10;

    /// <summary>How many oracles serve inside this process on the embedded ledger.</summary>
    [Range(3, 20)]
    public int Oracles { get; set; } = 4;

    /// <summary>How many oracles are drawn for a request.</summary>
    [Range(1, 20)]
    public int CommitteeSize { get; set; } = 3;

    /// <summary>How many of those must answer.</summary>
    [Range(1, 20)]
    public int CommitteeThreshold { get; set; } = 2;

    /// <summary>How long a patient can stop what trustees decided.</summary>
    public TimeSpan VetoWindow { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a patient can stop what trustees decided in an emergency; at most an hour, in whole seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan EmergencyVetoWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long sealing waits for trustees who have not come before the keys are shared among those who have.</summary>
    public TimeSpan TrusteePatience { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>After how long without a page the keys of a session are wiped.</summary>
    public TimeSpan KeysIdle { get; set; } = TimeSpan.FromMinutes(20);

    /// <summary>How long a trustee's desk may stay on duty after the browser is closed.</summary>
    public TimeSpan DutyLimit { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Memory of one guess at a passphrase, in KiB.</summary>
    [Range(KeyFileOptions.MinMemoryKib, KeyFileOptions.MaxMemoryKib)]
    public int KeyMemoryKib { get; set; } = 64 << 10;

    /// <summary>The most bytes of one uploaded file.</summary>
    [Range(1, 1L << 40)]
    public long LargestUpload { get; set; } = 2L << 30;

    /// <summary>How many bytes of a file a browser sends at a time; what breaks off goes on at the part that broke.</summary>
    [Range(64 << 10, 8 << 20)]
    public int UploadPart { get; set; } = 4 << 20;

    /// <summary>How many uploads of one person may be unfinished at a time.</summary>
    [Range(1, 100)]
    public int UnfinishedUploads { get; set; } = 5;

    /// <summary>How long an unfinished upload is kept after something of it came in last.</summary>
    public TimeSpan UnfinishedUploadsKept { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How much one patient may store in all, in bytes as they are sealed: uploads, and what unfinished ones will take.</summary>
    [Range(1, 1L << 50)]
    public long PatientQuota { get; set; } = 20L << 30;

    /// <summary>What the three numbers below call a minute: in it so many are taken.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LimitWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Parts of uploads that one person may send in a minute.</summary>
    [Range(1, 1_000_000)]
    public int UploadPartsPerMinute { get; set; } = 1200;

    /// <summary>Sign-ins, registrations and unlocks that one address may try in a minute.</summary>
    [Range(1, 100_000)]
    public int TriesPerMinute { get; set; } = 30;

    /// <summary>Uploads that one person may begin in a minute.</summary>
    [Range(1, 100_000)]
    public int UploadsPerMinute { get; set; } = 20;

    /// <summary>Whether the code that is mailed at admission must be typed when keys are made; null: where mail is sent by SMTP.</summary>
    public bool? RequireEnrolmentCode { get; set; }

    /// <summary>Where mail is sent; without a host it stays in the outbox that the operator's page shows.</summary>
    public SmtpOptions Smtp { get; set; } = new();

    /// <summary>The ledger on Ethereum instead of the embedded one.</summary>
    public PortalEthereumOptions? Ethereum { get; set; }

    /// <summary>Content on IPFS nodes instead of in folders: the addresses of nodes with Kubo's RPC interface.</summary>
    public IList<Uri> IpfsNodes { get; } = [];

    /// <summary>Reads the settings.</summary>
    /// <returns>The settings, and everything that is wrong with them, in words.</returns>
    public static (PortalOptions Options, IReadOnlyList<string> Faults) Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        PortalOptions options;
        try
        {
            options = configuration.GetSection(Section).Get<PortalOptions>() ?? new PortalOptions();
        }
        catch (InvalidOperationException e)
        {
            return (new PortalOptions(), [$"{e.Message} {e.InnerException?.Message}".TrimEnd()]);
        }

        var found = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), found, validateAllProperties: true);
        return (options, [.. found.Select(fault => $"Portal: {fault.ErrorMessage}"), .. options.FindFaults()]);
    }

    /// <summary>A place in the folder.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Path.GetFullPath(Folder), .. parts]);

    /// <summary>Whether the code from the mail must be typed.</summary>
    public bool NeedsEnrolmentCode => RequireEnrolmentCode ?? Smtp.Host is not null;

    private IEnumerable<string> FindFaults()
    {
        if (Database == "postgres" && string.IsNullOrWhiteSpace(Connection))
        {
            yield return "Portal:Database is postgres, and Portal:Connection does not say how to reach it. For example: Host=db.example;Database=portal;Username=portal;Passfile=/etc/phr/pgpass";
        }

        if (CommitteeThreshold > CommitteeSize)
        {
            yield return "Portal:CommitteeThreshold is more than Portal:CommitteeSize: so many cannot answer.";
        }

        if (Ethereum is null && CommitteeSize > Oracles)
        {
            yield return "Portal:CommitteeSize is more than Portal:Oracles: so many cannot be drawn.";
        }

        foreach (Uri node in IpfsNodes.Where(node => !node.IsAbsoluteUri || node.Scheme is not ("http" or "https")))
        {
            yield return $"Portal:IpfsNodes: {node} is no http address of a node.";
        }

        foreach (string fault in Smtp.FindFaults().Concat(Ethereum?.FindFaults() ?? []))
        {
            yield return fault;
        }
    }
}
