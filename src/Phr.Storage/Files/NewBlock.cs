using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>A block on its way into the store.</summary>
/// <param name="Cid">Its id.</param>
/// <param name="Bytes">Its bytes, which must not change until it is there.</param>
internal sealed record NewBlock(Cid Cid, ReadOnlyMemory<byte> Bytes);
