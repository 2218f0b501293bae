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
        await using var file = new FileStream(DataFile(cid), FileMode.Open, FileAccess.ReadWrite);
        file.Position = position;
        int value = file.ReadByte();
        file.Position = position;
        file.WriteByte((byte)(value ^ 1));
    }

    protected override async Task TruncateAsync(Cid cid, long length)
    {
        await using var file = new FileStream(DataFile(cid), FileMode.Open, FileAccess.ReadWrite);
        file.SetLength(length);
    }

    protected override Task<int> CountLeftoversAsync() => Task.FromResult(System.IO.Directory.GetFiles(Path.Combine(_folder.Path, "tmp")).Length);

    private string DataFile(Cid cid) => Path.Combine(_folder.Path, "objects", cid.Digest.ToString()[..2], cid + ".data");
}

/// <summary>The contract over a folder, with chunks so small that trees are deep.</summary>
public sealed class DirectoryContentStoreSmallChunksTests : DirectoryContentStoreContractTests
{
    protected override UnixFsLayout Layout { get; } = new() { ChunkSize = 4, MaxLinks = 2 };
}
