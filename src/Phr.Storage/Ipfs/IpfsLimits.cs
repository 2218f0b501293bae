namespace Phr.Storage.Ipfs;

/// <summary>How much is read of anything that a node says.</summary>
internal static class IpfsLimits
{
    /// <summary>The longest block that travels between IPFS nodes, in bytes.</summary>
    public const int MaxBlockLength = 1 << 21;

    /// <summary>How deep a tree may be. Two links a node and a leaf of one byte reach 2^63 bytes with it.</summary>
    public const int MaxDepth = 64;

    /// <summary>The longest line of an answer in lines, in bytes.</summary>
    public const int MaxLineLength = 1 << 16;

    /// <summary>How much is read of an error, in bytes.</summary>
    public const int MaxErrorLength = 4096;

    /// <summary>The longest headers of an answer, in KiB.</summary>
    public const int MaxHeadersLength = 16;

    /// <summary>How many blocks of one CAR are remembered, so that a repeated one may be left out.</summary>
    public const int MaxRemembered = 1 << 16;
}
