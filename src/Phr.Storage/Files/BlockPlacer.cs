using Phr.Crypto;
using Phr.Shared;

namespace Phr.Storage.Files;

/// <summary>Puts blocks: all that come at the same time into one file, which is flushed once, and of which each block is then given a name; then the folder of the names is flushed, once for all.</summary>
/// <remarks>
/// On a file system with a journal the dear part of a small file is to make and to flush it, and not its bytes. A block has its name when its bytes are on the disk, and is pinned by where that
/// name is: there is no moment at which it is there and a collection may have it, so no lock is taken. Who is killed in between leaves a temporary file, and whole blocks of which nobody was told.
/// Source: group commit, as in <see cref="WorkGroups{TWork,TResult}"/>.
/// </remarks>
internal sealed class BlockPlacer
{
    private readonly StorePaths _paths;
    private readonly DirectoryContentStoreOptions _options;
    private readonly WorkGroups<NewBlock, bool> _groups;

    public BlockPlacer(StorePaths paths, DirectoryContentStoreOptions options)
    {
        (_paths, _options) = (paths, options);
        _groups = new WorkGroups<NewBlock, bool>(PlaceAsync, BlockGroup.MaxBlocks);
    }

    /// <summary>Puts a block where pinned blocks are, in the place of one that is there.</summary>
    /// <returns>True when it is there and durable; false when the file system gives files one name only.</returns>
    /// <exception cref="IOException">Something could not be written or flushed.</exception>
    public Task<bool> TryPlaceAsync(NewBlock block, CancellationToken cancellationToken) => _groups.DoAsync(block, cancellationToken);

    private Task PlaceAsync(Func<IReadOnlyList<WorkGroups<NewBlock, bool>.Member>> take)
    {
        IReadOnlyList<WorkGroups<NewBlock, bool>.Member> group = take();
        if (group.Count == 0)
        {
            return Task.CompletedTask;
        }

        var told = new List<Action>(group.Count);
        using (var file = new TemporaryFile(_paths.NewTemporaryBlocks(), _options.FlushFile, isWrittenWhole: true))
        {
            file.WriteAll(BlockGroup.Format([.. group.Select(member => member.Work)]));
            file.Seal();
            foreach (WorkGroups<NewBlock, bool>.Member member in group)
            {
                try
                {
                    bool isNamed = TryName(file, member.Work.Cid);
                    told.Add(() => member.Complete(isNamed));
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    // What one of a group meets is not the others'.
                    told.Add(() => member.Fail(e));
                }
            }
        }

        _options.FlushFolder(_paths.Blocks);
        told.ForEach(tell => tell());
        return Task.CompletedTask;
    }

    private bool TryName(TemporaryFile file, Cid cid)
    {
        string place = _paths.Block(cid);
        HardLink.Outcome outcome = HardLink.Make(file.FilePath, place);
        if (outcome == HardLink.Outcome.IsTaken)
        {
            // A rename takes the place over at once. Where both are names of one file, because two of the group are the same block, it leaves both.
            string other = _paths.NewTemporaryBlocks();
            try
            {
                outcome = HardLink.Make(file.FilePath, other);
                if (outcome == HardLink.Outcome.Made)
                {
                    File.Move(other, place, overwrite: true);
                }
            }
            finally
            {
                File.Delete(other);
            }
        }

        return outcome == HardLink.Outcome.Made;
    }
}
