namespace Phr.Storage;

/// <summary>One bad answer of one IPFS node or gateway, for logs and for whoever decides which nodes to keep.</summary>
/// <param name="Endpoint">Whose answer it was: the address from the options.</param>
/// <param name="Kind">What was wrong.</param>
/// <param name="Detail">One sentence for a person, with ids and lengths; never content.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record IpfsFault(Uri Endpoint, IpfsFaultKind Kind, string Detail)
{
    /// <summary>Whether the answer was false rather than missing: an honest node with a good disk never gives one.</summary>
    /// <value>True for <see cref="IpfsFaultKind.WrongBytes"/>, <see cref="IpfsFaultKind.TooLong"/>, <see cref="IpfsFaultKind.WrongDag"/> and <see cref="IpfsFaultKind.Malformed"/>.</value>
    public bool IsFalse => Kind is IpfsFaultKind.WrongBytes or IpfsFaultKind.TooLong or IpfsFaultKind.WrongDag or IpfsFaultKind.Malformed;

    /// <summary>Writes scheme, host and port of the address, kind and detail. The path is left out, because some services have a key in it.</summary>
    /// <returns>One line.</returns>
    public override string ToString() => $"{Endpoint.GetLeftPart(UriPartial.Authority)} ({Kind}): {Detail}";
}
