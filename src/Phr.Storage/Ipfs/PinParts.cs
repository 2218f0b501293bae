namespace Phr.Storage.Ipfs;

/// <summary>Whether a list of pins has the blocks below them as well.</summary>
internal enum PinParts
{
    LeftOut,
    Included,
}
