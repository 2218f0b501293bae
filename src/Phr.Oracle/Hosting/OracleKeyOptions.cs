namespace Phr.Oracle;

/// <summary>Where a key file and its passphrase are. The passphrase itself is never an option.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record OracleKeyOptions
{
    /// <summary>The key file, as <see cref="Phr.Crypto.KeyFile"/> writes it.</summary>
    /// <value>Default: null, where an <see cref="IKeyProvider"/> is named instead.</value>
    public string? File { get; init; }

    /// <summary>The file whose first line is the passphrase, UTF-8. Keep it readable by the service alone; a credential of systemd or a secret of the container's platform is such a file.</summary>
    /// <value>Default: null.</value>
    public string? PassphraseFile { get; init; }
}
