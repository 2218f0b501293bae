namespace Phr.Crypto;

/// <summary>Receives each block of a file's tree as it is made, children before their parents, the root last.</summary>
/// <param name="cid">The block's id. <see cref="Cid.Codec"/> tells a raw leaf from a MerkleDAG node.</param>
/// <param name="block">The block's bytes. They are valid until the handler returns.</param>
/// <remarks>A repeated chunk is reported each time that it occurs.</remarks>
public delegate void UnixFsBlockHandler(Cid cid, ReadOnlySpan<byte> block);
