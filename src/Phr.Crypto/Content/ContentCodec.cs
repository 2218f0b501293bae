namespace Phr.Crypto;

/// <summary>Says how the block behind a <see cref="Cid"/> is to be read. The numbers are those of the multicodec table.</summary>
/// <remarks>A number outside this list can occur in a <see cref="Cid"/> that was read: see <see cref="Cid.IsSupported"/>.</remarks>
public enum ContentCodec : long
{
    /// <summary>Bytes as they are: a chunk of a file, a bundle header, a dealing.</summary>
    Raw = 0x55,
    /// <summary>A MerkleDAG node in protobuf form: the inner nodes of a large file, and directories.</summary>
    DagPb = 0x70,
}
