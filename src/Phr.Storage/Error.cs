using Phr.Crypto;

namespace Phr.Storage;

/// <summary>The messages of this library: ids, lengths and the names of checks, never content.</summary>
internal static class Error
{
    private const string Stage = "content store";

    public static PhrDataException NotFound(Cid cid) =>
        new(Stage, PhrDataReason.NotFound, $"there is no object {cid}.");

    public static PhrDataException Damaged(Cid cid, string how) =>
        new(Stage, PhrDataReason.DigestMismatch, $"object {cid} is damaged: {how}. Putting the same content again repairs it.");

    public static PhrDataException NotFoundAtNodes(Cid cid, string where, Exception inner) =>
        new(Stage, PhrDataReason.NotFound, $"no IPFS node has object {cid}{where}, or finds it in time.", inner);

    public static PhrDataException DamagedAtNodes(Cid cid, string where, Exception inner) =>
        new(Stage, PhrDataReason.DigestMismatch, $"object {cid} is damaged{where}: what IPFS nodes give for it has another digest. Putting the same content again can repair it.", inner);

    public static PhrDataException BlockTooLarge(Cid cid) =>
        new(Stage, PhrDataReason.TooLarge, $"what is stored as {cid} is longer than a block can be ({ContentSourceExtensions.MaxBlockLength} bytes).");

    public static PhrDataException UnknownFormat(string path) =>
        new(Stage, PhrDataReason.UnknownVersion, $"the folder '{path}' holds a content store of a format that this version does not read.");

    public static ArgumentOutOfRangeException RangeOutside(string parameter, long length) =>
        new(parameter, $"The range does not lie inside the object, which has {length} bytes.");

    public static ArgumentException BlockArgumentTooLong(string parameter, int length) =>
        new($"The block has {length} bytes where at most {ContentSourceExtensions.MaxBlockLength} are taken; stream it as an object instead.", parameter);

    public static InvalidOperationException WriterOver(string why) => new($"The writer takes no more: {why}.");

    public static IOException LockBusy(string path, Exception inner) =>
        new($"Another process has held '{path}' for too long; end it, or try again.", inner);

    public static IpfsUnavailableException TooFewReplicas(int kept, int required, IReadOnlyList<IpfsFault> faults) =>
        new($"{kept} IPFS nodes keep the object where {required} must.", faults);

    public static IpfsUnavailableException NodesFailed(string work, IReadOnlyList<IpfsFault> faults) =>
        new($"{faults.Count} IPFS nodes could not {work}.", faults);

    public static InvalidOperationException ReadOnlyStore() =>
        new("The store has gateways alone, which give content and take none; name a node in the options.");
}
