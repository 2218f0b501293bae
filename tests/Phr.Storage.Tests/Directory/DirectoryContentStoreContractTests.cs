using Phr.Crypto;

namespace Phr.Storage.Tests;

/// <summary>The contract over a folder, in the layout that Phr uses.</summary>
public class DirectoryContentStoreContractTests : ContentStoreContract
{
    private readonly TemporaryFolder _folder = new();

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected override ValueTask<IContentStore> OpenStoreAsync() =>
        ValueTask.FromResult<IContentStore>(DirectoryContentStore.Open(_folder.Path, new DirectoryContentStoreOptions { Layout = Layout }));

    protected override async Task DamageAsync(Cid cid, long position)
    {
        (string path, int start) = DataFile(cid);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = start + position;
        int value = file.ReadByte();
        file.Position = start + position;
        file.WriteByte((byte)(value ^ 1));
    }

    protected override async Task TruncateAsync(Cid cid, long length)
    {
        (string path, int start) = DataFile(cid);
        await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.SetLength(start + length);
    }

    protected override Task<int> CountLeftoversAsync() => Task.FromResult(System.IO.Directory.GetFiles(Path.Combine(_folder.Path, "tmp")).Length);

    // A block that was put alone comes after a list of one entry.
    private (string Path, int Start) DataFile(Cid cid)
    {
        string block = Path.Combine(_folder.Path, "blocks", cid.ToString());
        return File.Exists(block) ? (block, 48) : (Path.Combine(_folder.Path, "objects", cid.Digest.ToString()[..2], cid + ".data"), 0);
    }
}

/// <summary>The contract over a folder, with chunks so small that trees are deep.</summary>
public sealed class DirectoryContentStoreSmallChunksTests : DirectoryContentStoreContractTests
{
    protected override UnixFsLayout Layout { get; } = new() { ChunkSize = 4, MaxLinks = 2 };
}
