namespace Phr.Storage;

/// <summary>Says how much a node must show before it is believed to keep an object.</summary>
public enum IpfsProbeDepth
{
    /// <summary>Its word: that it has the first block and pins the object.</summary>
    Claims = 0,
    /// <summary>Its word, the first block, and the blocks at eight random places with the nodes above them, each checked.</summary>
    Samples,
    /// <summary>Its word and every block, each checked.</summary>
    Everything,
}
