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

    /// <summary>The identities of the agencies whose licences count, as hexadecimal actor ids; none for the portal's own agency.</summary>
    public IList<string> Agencies { get; } = [];

    /// <summary>The identities of the operators whose oracles count.</summary>
    public IList<string> Operators { get; } = [];

    internal IEnumerable<string> FindFaults()
    {
        if (Nodes.Count == 0)
        {
            yield return "Portal:Ethereum:Nodes:0 is missing: the address of a node.";
        }

        foreach (Uri node in Nodes.Where(node => !node.IsAbsoluteUri || node.Scheme is not ("http" or "https")))
        {
            yield return $"Portal:Ethereum:Nodes: {node} is no http address of a node.";
        }

        (string Setting, string File)[] files = [("Deployment", Deployment), ("PayerFile", PayerFile), ("PayerPassphraseFile", PayerPassphraseFile)];
        foreach (string fault in files.Select(file => SettingFiles.FindFault($"Portal:Ethereum:{file.Setting}", file.File)).OfType<string>())
        {
            yield return fault;
        }

        foreach (string id in Agencies.Concat(Operators).Where(id => !ActorId.TryParse(id, out _)))
        {
            yield return $"Portal:Ethereum: {id} is no identity, which has 40 hexadecimal digits.";
        }

        if (Operators.Count == 0)
        {
            yield return "Portal:Ethereum:Operators:0 is missing: whose oracles count.";
        }
    }
}
