namespace Phr.Storage.Ipfs;

/// <summary>Whether a block that is put is pinned.</summary>
internal enum BlockPin
{
    None,
    Recursive,
}
