using FsCheck;
using FsCheck.Fluent;

namespace Phr.Crypto.Tests.Bundles;

public class DocumentStreamTests
{
    private const int Size = (3 * 65_536) + 1234;

    [Fact]
    public async Task Read_AnyPlaceAndLength_EqualsTheContent()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(Size);
        BundleHeader header = await scene.SealAsync(content);
        await using BundleReader reader = await scene.OpenAsync(header);
        DocumentId id = header.Documents[0].Id;
        using DocumentKey key = header.OpenDocumentKey(id, scene.Patient);
        await using Stream stream = reader.OpenStream(id, key);
        Assert.Equal((Size, true, true, false), ((int)stream.Length, stream.CanRead, stream.CanSeek, stream.CanWrite));

        Prop.ForAll(
            Gen.Choose(-10, Size + 10).Two().ToArbitrary(),
            ((int Start, int Length) range) =>
            {
                int start = Math.Max(0, range.Start), length = Math.Abs(range.Length) % 150_000;
                stream.Position = start;
                byte[] buffer = new byte[length];
                int read = stream.ReadAtLeast(buffer, length, throwOnEndOfStream: false);
                int expected = Math.Clamp(Size - start, 0, length);
                return read == expected && buffer.AsSpan(0, read).SequenceEqual(content.AsSpan(Math.Min(start, Size), expected));
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public async Task CopyToAsync_FromTheStart_OpensTheCiphertextTwice()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(Size);
        BundleHeader header = await scene.SealAsync(content);
        await using BundleReader reader = await scene.OpenAsync(header);
        DocumentId id = header.Documents[0].Id;
        using DocumentKey key = header.OpenDocumentKey(id, scene.Patient);
        await using Stream stream = reader.OpenStream(id, key);
        scene.Store.Opened.Clear();
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);

        Assert.Equal(content, copy.ToArray());
        Assert.Equal([3 * 65_552, 0], scene.Store.Opened.Select(o => (int)o.Offset)); // the last chunk proves the length; then forward
    }

    [Fact]
    public async Task Seek_Origins_AreThoseOfAnyStream()
    {
        using var scene = new BundleScene();
        (byte[] file, BundleHeader header) = await scene.SealFileAsync(BundleScene.Content(Size));
        await using BundleReader reader = await scene.OpenFileAsync(file);
        DocumentId id = header.Documents[0].Id;
        using DocumentKey key = header.OpenDocumentKey(id, scene.Patient);
        await using Stream stream = reader.OpenStream(id, key);

        Assert.Equal(Size - 10, stream.Seek(-10, SeekOrigin.End));
        Assert.Equal(BundleScene.Content(Size)[^10], stream.ReadByte());
        Assert.Equal(Size - 4, stream.Seek(5, SeekOrigin.Current));
        Assert.Equal(7, stream.Seek(7, SeekOrigin.Begin));
        Assert.Throws<IOException>(() => stream.Seek(-1, SeekOrigin.Begin));
        Assert.Throws<NotSupportedException>(() => stream.Write([1]));
        stream.Position = Size + 100;
        Assert.Equal(-1, stream.ReadByte());
    }

    [Fact]
    public async Task Read_AlteredChunk_FailsThereAndNowhereElse()
    {
        using var scene = new BundleScene();
        byte[] content = BundleScene.Content(Size);
        BundleHeader header = await scene.SealAsync(content);
        scene.Store.Objects[header.Documents[0].CiphertextCid][65_552 + 5] ^= 1;
        await using BundleReader reader = await scene.OpenAsync(header);
        DocumentId id = header.Documents[0].Id;
        using DocumentKey key = header.OpenDocumentKey(id, scene.Patient);
        await using Stream stream = reader.OpenStream(id, key);
        byte[] buffer = new byte[100];

        await stream.ReadExactlyAsync(buffer);
        Assert.Equal(content[..100], buffer);
        stream.Position = 65_536;
        await BundleScene.RefusedAsync("document", PhrDataReason.AuthenticationFailed, () => stream.ReadExactlyAsync(buffer).AsTask());
        stream.Position = 131_072;
        await stream.ReadExactlyAsync(buffer);
        Assert.Equal(content[131_072..131_172], buffer);
    }

    [Fact]
    public async Task Read_LastChunkGone_FailsAtTheFirstRead()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync(BundleScene.Content(Size));
        Cid cid = header.Documents[0].CiphertextCid;
        DocumentId id = header.Documents[0].Id;
        using DocumentKey key = header.OpenDocumentKey(id, scene.Patient);
        await using BundleReader reader = await scene.OpenAsync(header);
        byte[] whole = scene.Store.Objects[cid];
        foreach (int length in (int[])[0, 65_552, 3 * 65_552, whole.Length - 1])
        {
            scene.Store.Objects[cid] = whole[..length];
            await using Stream stream = reader.OpenStream(id, key);
            await BundleScene.RefusedAsync("document", PhrDataReason.Truncated, () => stream.ReadExactlyAsync(new byte[1]).AsTask());
        }
    }

    [Fact]
    public async Task OpenStream_AlteredFile_IsRefusedBeforeTheFirstByte()
    {
        using var scene = new BundleScene();
        (byte[] file, BundleHeader header) = await scene.SealFileAsync(BundleScene.Content(Size));
        DocumentId id = header.Documents[0].Id;
        using DocumentKey key = header.OpenDocumentKey(id, scene.Patient);
        file[200_000] ^= 1;
        await using BundleReader reader = await scene.OpenFileAsync(file);
        await using Stream stream = reader.OpenStream(id, key);

        await BundleScene.RefusedAsync("bundle file", PhrDataReason.DigestMismatch, () => stream.ReadExactlyAsync(new byte[1]).AsTask());
    }

    [Fact]
    public async Task Read_Disposed_IsRefused()
    {
        using var scene = new BundleScene();
        BundleHeader header = await scene.SealAsync([1]);
        await using BundleReader reader = await scene.OpenAsync(header);
        using DocumentKey key = header.OpenDocumentKey(header.Documents[0].Id, scene.Patient);
        Stream stream = reader.OpenStream(header.Documents[0].Id, key);
        await stream.DisposeAsync();

        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.False(stream.CanRead);
    }
}
