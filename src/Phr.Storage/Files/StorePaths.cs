using Phr.Crypto;

namespace Phr.Storage.Files;

/// <summary>Where things lie in the folder of a store.</summary>
internal sealed class StorePaths(string root)
{
    public const string DataSuffix = ".data";
    public const string LeavesSuffix = ".leaves";

    public string Root { get; } = root;

    public string Format { get; } = Path.Combine(root, "format");

    public string Objects { get; } = Path.Combine(root, "objects");

    public string Pins { get; } = Path.Combine(root, "pins");

    public string Temporary { get; } = Path.Combine(root, "tmp");

    /// <summary>The folder of one in 256 objects: the first byte of the digest, in hexadecimal.</summary>
    public string Shard(Cid cid) => Path.Combine(Objects, cid.Digest.ToString()[..2]);

    public string Data(Cid cid) => Path.Combine(Shard(cid), cid + DataSuffix);

    public string Leaves(Cid cid) => Path.Combine(Shard(cid), cid + LeavesSuffix);

    public string Pin(Cid cid) => Path.Combine(Pins, cid.ToString());

    public string NewTemporary() => Path.Combine(Temporary, Guid.NewGuid().ToString("N"));

    public static string LockOf(string shard) => Path.Combine(shard, ".lock");

    /// <summary>Whether an object of this id can be in a store: version 1, raw or tree.</summary>
    public static bool CanHold(Cid cid) => cid is { Version: 1, IsSupported: true };
}
