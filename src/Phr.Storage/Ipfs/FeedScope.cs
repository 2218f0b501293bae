namespace Phr.Storage.Ipfs;

/// <summary>How much of a file will be asked for, which decides what kind of long answer is worth its beginning.</summary>
internal enum FeedScope
{
    /// <summary>A range.</summary>
    Part,
    /// <summary>All bytes from the first to the last.</summary>
    AllBytes,
    /// <summary>Every block, inner nodes included.</summary>
    AllBlocks,
}
