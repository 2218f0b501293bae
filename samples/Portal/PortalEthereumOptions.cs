namespace Phr.Samples.Portal;

/// <summary>How a ledger on Ethereum is reached.</summary>
public sealed class PortalEthereumOptions
{
    /// <summary>The ledger's address file.</summary>
    public string Deployment { get; set; } = string.Empty;

    /// <summary>The nodes to ask.</summary>
    public IList<Uri> Nodes { get; } = [];

    /// <summary>The key file of the account that pays for transactions.</summary>
    public string PayerFile { get; set; } = string.Empty;

    /// <summary>The file on whose first line its passphrase stands.</summary>
    public string PayerPassphraseFile { get; set; } = string.Empty;

    /// <summary>Whether the newest block counts at once, and its age does not matter: for development nodes.</summary>
    public bool Development { get; set; }

    /// <summary>The identities of the agencies whose licences count, as hexadecimal actor ids.</summary>
    public IList<string> Agencies { get; } = [];

    /// <summary>The identities of the operators whose oracles count.</summary>
    public IList<string> Operators { get; } = [];
}
