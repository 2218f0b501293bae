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
}
