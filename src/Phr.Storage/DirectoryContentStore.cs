using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Phr.Crypto;
using Phr.Shared;
using Phr.Storage.Files;

namespace Phr.Storage;

/// <summary>A content store in a folder: the embedded default, needing no server.</summary>
/// <remarks>
/// <para><b>Durability.</b> An object is written to a temporary file, flushed, renamed into place, and the folder is flushed, before its id is
/// returned. Blocks of at most 64 KiB that are put at the same time are written into one file and flushed together, and each has a name for that file. A process that is killed leaves at most
/// temporary files, which later openings remove, and whole objects that nobody was told of. Putting content that is there already replaces its files, and so repairs them.</para>
/// <para><b>Room.</b> A collected block is out of reach at once; its bytes leave the disk with the last block of its file, one of at most 64.</para>
/// <para><b>Checking.</b> A range read checks the list of the object's chunk digests against the id, then each chunk that it touches.</para>
/// <para><b>Cost.</b> Memory is that of a few chunks, for objects of any length. Opening an object of <c>n</c> chunks reads 32·n bytes and hashes
/// about 50·n (0.5 MB for 2 GiB), and a read hashes what it reads, rounded to chunks.</para>
/// <para><b>Files.</b> The README of the package describes the folder. The folder must be on a file system with locks and atomic renames; a network
/// file system may lack both.</para>
/// <para>Thread safe, and safe for several processes on one folder.</para>
/// </remarks>
public sealed class DirectoryContentStore : IContentStore
{
    private const int CopyLength = 131_072;
    private const int BlockLooks = 3;

    // Longer ones are files of their own.
    private const int LongestInGroup = 65_536;

    private static ReadOnlySpan<byte> FormatText => "phr content store 2\n"u8;

    // The format that had no blocks/ and no loose/.
    private static ReadOnlySpan<byte> EarlierFormatText => "phr content store 1\n"u8;

    private readonly DirectoryContentStoreOptions _options;
    private readonly BlockPlacer _placer;
    private readonly WorkGroups<Cid, bool> _pinFlushes;

    // The folders of objects whose own names this store has flushed.
    private readonly bool[] _isDurable = new bool[256];

    private DirectoryContentStore(string path, DirectoryContentStoreOptions options)
    {
        Paths = new StorePaths(path);
        _options = options;
        _placer = new BlockPlacer(Paths, options);
        _pinFlushes = new WorkGroups<Cid, bool>(FlushPinsAsync, int.MaxValue);
    }

    /// <summary>The store's folder, as a full path.</summary>
    public string FolderPath => Paths.Root;

    internal StorePaths Paths { get; }

    /// <summary>Opens the store in a folder, makes one if there is none, and removes what interrupted writers left. A folder of format 1 becomes one of format 2, which earlier versions of Phr refuse.</summary>
    /// <param name="path">The folder; made if it is not there.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <returns>The store. It holds nothing open between calls, so there is nothing to dispose.</returns>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="PhrDataException">The folder has a store of a later format (<see cref="PhrDataReason.UnknownVersion"/>).</exception>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written.</exception>
    public static DirectoryContentStore Open(string path, DirectoryContentStoreOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var store = new DirectoryContentStore(Path.GetFullPath(path), options ?? new DirectoryContentStoreOptions());
        store.Prepare();
        return store;
    }

    /// <inheritdoc/>
    public ValueTask<ContentWriter> CreateAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<ContentWriter>(new DirectoryContentWriter(this, _options.Layout));
    }

    /// <inheritdoc/>
    public async Task<Cid> PutAsync(Stream content, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        await using ContentWriter writer = await CreateAsync(cancellationToken).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyLength);
        try
        {
            long total = 0;
            for (int count; (count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                await writer.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                progress?.Report(total += count);
            }

            return await writer.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<Cid> PutBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken = default)
    {
        if (block.Length > ContentSourceExtensions.MaxBlockLength)
        {
            throw Error.BlockArgumentTooLong(nameof(block), block.Length);
        }

        cancellationToken.ThrowIfCancellationRequested();
        var cid = Cid.ForRawBlock(Digest.Of(block.Span));
        if (block.Length <= LongestInGroup && await _placer.TryPlaceAsync(new NewBlock(cid, block), cancellationToken).ConfigureAwait(false))
        {
            return cid;
        }

        using var data = new TemporaryFile(Paths.NewTemporary(), _options.FlushFile, isWrittenWhole: true);
        await Task.Run(
            () =>
            {
                data.Write(block.Span);
                data.Seal();
            },
            cancellationToken).ConfigureAwait(false);
        await PublishAsync(cid, data, null, cancellationToken).ConfigureAwait(false);
        return cid;
    }

    /// <inheritdoc/>
    public async ValueTask<Stream> OpenAsync(Cid cid, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length ?? 0, nameof(length));
        cancellationToken.ThrowIfCancellationRequested();
        return await Task.Run<Stream>(() => Open(cid, offset, length, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<bool> ExistsAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(Exists(cid));
    }

    /// <inheritdoc/>
    public Task<long> GetLengthAsync(Cid cid, CancellationToken cancellationToken = default) => Task.Run(() =>
    {
        if (StorePaths.CanBeBlock(cid))
        {
            return ReadBlock(cid).Length;
        }

        using SafeFileHandle data = OpenData(cid);
        using LeafList leaves = OpenLeaves(cid, data);
        leaves.ReadVerified(0, 0, cancellationToken);
        return leaves.Length;
    }, cancellationToken);

    /// <inheritdoc/>
    public async Task PinAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (StorePaths.CanBeBlock(cid) && TryPinBlock(cid))
        {
            return;
        }

        if (!StorePaths.CanHold(cid) || !Directory.Exists(Paths.Shard(cid)))
        {
            throw Error.NotFound(cid);
        }

        using (await LockAsync(Paths.Shard(cid), cancellationToken).ConfigureAwait(false))
        {
            if (!File.Exists(Paths.Data(cid)))
            {
                throw Error.NotFound(cid);
            }

            WritePin(cid);
            _options.FlushFolder(Paths.Pins);
        }
    }

    /// <inheritdoc/>
    public Task UnpinAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (StorePaths.CanBeBlock(cid) && TryMove(Paths.Block(cid), Paths.LooseBlock(cid)))
        {
            _options.FlushFolder(Paths.Loose);
            _options.FlushFolder(Paths.Blocks);
        }

        if (File.Exists(Paths.Pin(cid)))
        {
            File.Delete(Paths.Pin(cid));
            _options.FlushFolder(Paths.Pins);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<bool> IsPinnedAsync(Cid cid, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(File.Exists(Paths.Block(cid)) || File.Exists(Paths.Pin(cid)));
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Cid> ListPinsAsync(CancellationToken cancellationToken = default) => ListPins(cancellationToken).ToAsyncEnumerable();

    /// <inheritdoc/>
    public async Task<CollectReport> CollectAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        DeleteAbandoned();
        CollectReport report = CollectBlocks(cancellationToken);
        foreach (string shard in Directory.EnumerateDirectories(Paths.Objects))
        {
            using (await LockAsync(shard, cancellationToken).ConfigureAwait(false))
            {
                report = CollectShard(shard, report);
            }
        }

        return report;
    }

    /// <inheritdoc/>
    public async Task VerifyAsync(Cid cid, IProgress<long>? progress = null, CancellationToken cancellationToken = default)
    {
        await using Stream stream = await OpenAsync(cid, cancellationToken: cancellationToken).ConfigureAwait(false);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(CopyLength);
        try
        {
            long total = 0;
            for (int count; (count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                progress?.Report(total += count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A file for an object that comes in pieces.</summary>
    internal TemporaryFile NewTemporary() => new(Paths.NewTemporary(), _options.FlushFile);

    /// <summary>Moves sealed temporary files into place and pins the object: the step after which it is there.</summary>
    internal async Task PublishAsync(Cid cid, TemporaryFile data, TemporaryFile? leaves, CancellationToken cancellationToken)
    {
        string shard = Paths.Shard(cid);
        ref bool isDurable = ref _isDurable[cid.Digest.ToBytes()[0]];
        if (!Volatile.Read(ref isDurable))
        {
            // Also where it is there: another process may have made it, and not flushed it yet.
            Directory.CreateDirectory(shard);
            _options.FlushFolder(Paths.Objects);
            Volatile.Write(ref isDurable, true);
        }

        using (await LockAsync(shard, cancellationToken).ConfigureAwait(false))
        {
            // The list first: an object exists when its data does. From here on there is no turning back.
            await Task.Run(() =>
            {
                leaves?.MoveTo(Paths.Leaves(cid));
                data.MoveTo(Paths.Data(cid));
                _options.FlushFolder(shard);
                WritePin(cid);
            }, CancellationToken.None).ConfigureAwait(false);
        }

        await _pinFlushes.DoAsync(cid, CancellationToken.None).ConfigureAwait(false);
        if (FindBlock(cid) is not null)
        {
            // A block of the same bytes would be read first, and be it damaged.
            File.Delete(Paths.Block(cid));
            File.Delete(Paths.LooseBlock(cid));
            _options.FlushFolder(Paths.Blocks);
            _options.FlushFolder(Paths.Loose);
        }
    }

    // One flush for all pins that were made before it.
    private Task FlushPinsAsync(Func<IReadOnlyList<WorkGroups<Cid, bool>.Member>> take)
    {
        IReadOnlyList<WorkGroups<Cid, bool>.Member> group = take();
        _options.FlushFolder(Paths.Pins);
        foreach (WorkGroups<Cid, bool>.Member member in group)
        {
            member.Complete(true);
        }

        return Task.CompletedTask;
    }

    private bool Exists(Cid cid) =>
        StorePaths.CanHold(cid) && (FindBlock(cid) is not null || File.Exists(Paths.Data(cid)) || (StorePaths.CanBeBlock(cid) && File.Exists(Paths.Block(cid))));

    // Where a block is that is not a file of its own. It can be pinned between the two looks, and then is in neither place; who finds nothing looks again.
    private string? FindBlock(Cid cid) =>
        !StorePaths.CanBeBlock(cid) ? null
        : File.Exists(Paths.Block(cid)) ? Paths.Block(cid)
        : File.Exists(Paths.LooseBlock(cid)) ? Paths.LooseBlock(cid)
        : null;

    private byte[] ReadBlock(Cid cid)
    {
        for (int look = 1; ; look++)
        {
            try
            {
                if (FindBlock(cid) is { } path)
                {
                    using SafeFileHandle file = OpenForReading(path);
                    return BlockGroup.Read(file, cid);
                }

                if (File.Exists(Paths.Data(cid)) || look == BlockLooks)
                {
                    using SafeFileHandle data = OpenData(cid);
                    return ReadBlock(cid, data);
                }
            }
            catch (FileNotFoundException) when (look < BlockLooks)
            {
                // It was pinned, unpinned or replaced meanwhile.
            }
            catch (FileNotFoundException)
            {
                throw Error.NotFound(cid);
            }
        }
    }

    private static byte[] ReadBlock(Cid cid, SafeFileHandle data)
    {
        long length = RandomAccess.GetLength(data);
        if (length > ContentSourceExtensions.MaxBlockLength)
        {
            throw Error.Damaged(cid, "it is longer than a block can be");
        }

        byte[] block = new byte[length];
        int count = LeafList.ReadFully(data, block, 0);
        return count == length && cid.Matches(block) ? block : throw Error.Damaged(cid, $"its {length} bytes have another digest");
    }

    private void Prepare()
    {
        bool isNew = !Directory.Exists(Paths.Root);
        Directory.CreateDirectory(Paths.Root);
        foreach (string folder in (string[])[Paths.Objects, Paths.Pins, Paths.Blocks, Paths.Loose, Paths.Temporary])
        {
            Directory.CreateDirectory(folder);
        }

        if (!IsPresentFormat())
        {
            using TemporaryFile format = NewTemporary();
            format.Write(FormatText);
            format.Seal();
            format.MoveTo(Paths.Format);
        }

        // Each time, since whoever made them may have been killed before.
        _options.FlushFolder(Paths.Root);
        if (isNew && Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Paths.Root)) is { } above)
        {
            _options.FlushFolder(above);
        }

        DeleteAbandoned();
    }

    // Whether the folder says that it has the format of today. An earlier one is part of it, so such a folder becomes one of today by saying so.
    private bool IsPresentFormat()
    {
        if (!File.Exists(Paths.Format))
        {
            return false;
        }

        using SafeFileHandle format = OpenForReading(Paths.Format);
        Span<byte> text = stackalloc byte[FormatText.Length + 1];
        text = text[..LeafList.ReadFully(format, text, 0)];
        bool isPresent = text.SequenceEqual(FormatText);
        return isPresent || text.SequenceEqual(EarlierFormatText) ? isPresent : throw Error.UnknownFormat(Paths.Root);
    }

    private void DeleteAbandoned() =>
        TemporaryFile.DeleteAbandoned(Paths.Temporary, _options.TimeProvider.GetUtcNow() - _options.TemporaryFileAge);

    private Stream Open(Cid cid, long offset, long? length, CancellationToken cancellationToken)
    {
        if (StorePaths.CanBeBlock(cid))
        {
            byte[] block = ReadBlock(cid);
            return new MemoryStream(block, (int)Math.Min(offset, block.Length), (int)RangeLength(block.Length, offset, length), writable: false);
        }

        SafeFileHandle data = OpenData(cid);
        LeafList? leaves = null;
        try
        {
            leaves = OpenLeaves(cid, data);

            // The object's length is only known to be true once the list is proved; until then the range is clamped to it.
            long from = Math.Min(offset, leaves.Length);
            long wanted = Math.Min(length ?? long.MaxValue, leaves.Length - from);
            Digest[] window = leaves.ReadVerified(from / leaves.ChunkSize, VerifiedStream.WindowFor(leaves, from, wanted), cancellationToken);
            return new VerifiedStream(data, leaves, cid, offset, RangeLength(leaves.Length, offset, length), window);
        }
        catch
        {
            leaves?.Dispose();
            data.Dispose();
            throw;
        }
    }

    private static long RangeLength(long objectLength, long offset, long? length)
    {
        if (offset > objectLength)
        {
            throw Error.RangeOutside(nameof(offset), objectLength);
        }

        return length > objectLength - offset ? throw Error.RangeOutside(nameof(length), objectLength) : length ?? objectLength - offset;
    }

    private SafeFileHandle OpenData(Cid cid)
    {
        try
        {
            return StorePaths.CanHold(cid) ? OpenForReading(Paths.Data(cid)) : throw Error.NotFound(cid);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Error.NotFound(cid);
        }
    }

    private LeafList OpenLeaves(Cid cid, SafeFileHandle data)
    {
        SafeFileHandle file;
        try
        {
            file = OpenForReading(Paths.Leaves(cid));
        }
        catch (FileNotFoundException)
        {
            // A collection that removes the object takes the data first.
            throw File.Exists(Paths.Data(cid)) ? Error.Damaged(cid, "its list of chunks is missing") : Error.NotFound(cid);
        }

        LeafList leaves = LeafList.Open(file, cid);
        long stored = RandomAccess.GetLength(data);
        if (stored == leaves.Length)
        {
            return leaves;
        }

        leaves.Dispose();
        throw Error.Damaged(cid, $"{stored} of {leaves.Length} bytes are there");
    }

    private static SafeFileHandle OpenForReading(string path) =>
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    // The folder is still to be flushed.
    private void WritePin(Cid cid)
    {
        if (!File.Exists(Paths.Pin(cid)))
        {
            File.OpenHandle(Paths.Pin(cid), FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite).Dispose();
        }
    }

    // Whether a block is there and is pinned now; what is a file of its own is not one.
    private bool TryPinBlock(Cid cid)
    {
        for (int look = 1; look <= BlockLooks; look++)
        {
            // Also where it is pinned: who did that may not have flushed it yet.
            if (File.Exists(Paths.Block(cid)) || TryMove(Paths.LooseBlock(cid), Paths.Block(cid)))
            {
                _options.FlushFolder(Paths.Blocks);
                return true;
            }
        }

        return false;
    }

    private static bool TryMove(string from, string to)
    {
        try
        {
            if (File.Exists(from))
            {
                File.Move(from, to, overwrite: true);
                return true;
            }
        }
        catch (FileNotFoundException)
        {
            // Another was first.
        }

        return false;
    }

    private IEnumerable<Cid> ListPins(CancellationToken cancellationToken)
    {
        foreach (string path in Directory.EnumerateFiles(Paths.Blocks))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Cid.TryParse(Path.GetFileName(path), out Cid cid))
            {
                yield return cid;
            }
        }

        foreach (string path in Directory.EnumerateFiles(Paths.Pins))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Cid.TryParse(Path.GetFileName(path), out Cid cid) && !File.Exists(Paths.Block(cid)))
            {
                yield return cid;
            }
        }
    }

    // A name among the loose ones is nobody's pin, and goes. The bytes go with the last block that was put with them.
    private CollectReport CollectBlocks(CancellationToken cancellationToken)
    {
        var report = default(CollectReport);
        foreach (string path in Directory.EnumerateFiles(Paths.Loose))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!Cid.TryParse(Path.GetFileName(path), out Cid cid))
            {
                continue;
            }

            try
            {
                int length;
                using (SafeFileHandle file = OpenForReading(path))
                {
                    length = BlockGroup.ReadLength(file, cid);
                }

                File.Delete(path);
                report = Exists(cid) ? report : new CollectReport(report.Objects + 1, report.Bytes + length);
            }
            catch (FileNotFoundException)
            {
                // It was pinned again, or another collects too.
            }
        }

        return report;
    }

    private CollectReport CollectShard(string shard, CollectReport report)
    {
        foreach (string data in Directory.GetFiles(shard, "*" + StorePaths.DataSuffix))
        {
            if (Cid.TryParse(Path.GetFileNameWithoutExtension(data), out Cid cid) && !File.Exists(Paths.Pin(cid)))
            {
                long length = new FileInfo(data).Length;
                File.Delete(data);
                report = Exists(cid) ? report : new CollectReport(report.Objects + 1, report.Bytes + length);
            }
        }

        // Lists go with their objects; one without an object was left by a process that died between two steps.
        foreach (string leaves in Directory.GetFiles(shard, "*" + StorePaths.LeavesSuffix))
        {
            if (!File.Exists(Path.ChangeExtension(leaves, StorePaths.DataSuffix)))
            {
                File.Delete(leaves);
            }
        }

        return report;
    }

    private Task<IDisposable> LockAsync(string shard, CancellationToken cancellationToken) =>
        ShardLock.AcquireAsync(StorePaths.LockOf(shard), _options.TimeProvider, cancellationToken);
}
