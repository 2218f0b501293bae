using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>Where things lie in the folder of a store.</summary>
internal sealed class StorePaths(string root)
{
    public const string DataSuffix = ".data";
    public const string LeavesSuffix = ".leaves";
    public const string BlocksSuffix = ".blocks";

    public string Root { get; } = root;

    public string Format { get; } = Path.Combine(root, "format");

    public string Objects { get; } = Path.Combine(root, "objects");

    public string Pins { get; } = Path.Combine(root, "pins");

    /// <summary>Where the names of pinned blocks are.</summary>
    public string Blocks { get; } = Path.Combine(root, "blocks");

    /// <summary>Where the names of blocks are that nobody has pinned.</summary>
    public string Loose { get; } = Path.Combine(root, "loose");

    public string Temporary { get; } = Path.Combine(root, "tmp");

    /// <summary>The folder of one in 256 objects: the first byte of the digest, in hexadecimal.</summary>
    public string Shard(Cid cid) => Path.Combine(Objects, cid.Digest.ToString()[..2]);

    public string Data(Cid cid) => Path.Combine(Shard(cid), cid + DataSuffix);

    public string Leaves(Cid cid) => Path.Combine(Shard(cid), cid + LeavesSuffix);

    public string Pin(Cid cid) => Path.Combine(Pins, cid.ToString());

    public string Block(Cid cid) => Path.Combine(Blocks, cid.ToString());

    public string LooseBlock(Cid cid) => Path.Combine(Loose, cid.ToString());

    public string NewTemporary() => Path.Combine(Temporary, Guid.NewGuid().ToString("N"));

    /// <summary>A temporary name of a file of blocks.</summary>
    public string NewTemporaryBlocks() => NewTemporary() + BlocksSuffix;

    public static string LockOf(string shard) => Path.Combine(shard, ".lock");

    /// <summary>Whether an object of this id can be in a store: version 1, raw or tree.</summary>
    public static bool CanHold(Cid cid) => cid is { Version: 1, IsSupported: true };

    /// <summary>Whether it can be a block among <see cref="Blocks"/>.</summary>
    public static bool CanBeBlock(Cid cid) => CanHold(cid) && cid.Codec == ContentCodec.Raw;
}
