using Phr.Crypto;

namespace Phr.Storage.Ipfs;

/// <summary>Walks the tree of a file in the order of its bytes, from the block that has the first one wanted to the one that has the last, and checks that the tree is one of a file.</summary>
/// <remarks>
/// Where the blocks come from is the caller's affair; they must be checked against their ids. A step that failed may be tried again. Memory is that of one node a level.
/// Not thread safe.
/// </remarks>
internal sealed class DagWalker
{
    private const string Stage = "unixfs file";

    private readonly Cid _root;
    private readonly long _offset;
    private readonly Stack<Frame> _frames = new();
    private long _end;
    private Step? _pending;

    /// <param name="root">The id of the file.</param>
    /// <param name="offset">The first byte wanted.</param>
    /// <param name="end">Behind the last byte wanted; may be beyond the end of the file.</param>
    public DagWalker(Cid root, long offset, long end)
    {
        _root = root;
        _offset = offset;
        _end = end;
        _pending = new Step(root, 0, null, 0);
    }

    /// <summary>The block that is needed next, or null at the end.</summary>
    public Step? Next
    {
        get
        {
            while (_pending is null && _frames.TryPeek(out Frame? frame))
            {
                if (frame.Next == frame.Node.Links.Length || frame.Position >= _end)
                {
                    _frames.Pop();
                    continue;
                }

                UnixFsLink link = frame.Node.Links[frame.Next++];
                if (frame.Position + link.Size > _offset)
                {
                    _pending = new Step(link.Cid, frame.Position, link.Size, _frames.Count);
                }

                frame.Position += link.Size;
            }

            return _pending;
        }
    }

    /// <summary>Gives the block of <see cref="Next"/>.</summary>
    /// <returns>The piece of the file that it has itself, and where that begins; empty for most nodes.</returns>
    /// <exception cref="PhrDataException">The blocks are not those of a file: whoever made the id made it so.</exception>
    public (ReadOnlyMemory<byte> Piece, long Start) Accept(ReadOnlyMemory<byte> block)
    {
        Step step = Next ?? throw new InvalidOperationException("The file has no further block.");
        if (step.Cid.Codec == ContentCodec.Raw)
        {
            CheckSize(step, block.Length);
            _pending = null;
            Length ??= block.Length;
            return (block, step.Start);
        }

        var node = UnixFsNode.Parse(block);
        CheckSize(step, node.FileSize);
        if (step.Depth == IpfsLimits.MaxDepth)
        {
            throw new PhrDataException(Stage, PhrDataReason.TooLarge, $"the tree of {_root} is deeper than {IpfsLimits.MaxDepth} nodes.");
        }

        _pending = null;
        Length ??= node.FileSize;
        _frames.Push(new Frame(node, step.Start + node.Data.Length));
        return (node.Data, step.Start);
    }

    /// <summary>Bytes of the whole file; null before its first block was accepted.</summary>
    public long? Length { get; private set; }

    /// <summary>Ends the walk earlier than it was begun for.</summary>
    public void EndAt(long end) => _end = Math.Min(_end, end);

    /// <summary>Blocks that will be needed soon after <see cref="Next"/>: its next siblings.</summary>
    public IEnumerable<Cid> Upcoming(int count)
    {
        if (!_frames.TryPeek(out Frame? frame))
        {
            yield break;
        }

        long position = frame.Position;
        for (int i = frame.Next; i < frame.Node.Links.Length && i < frame.Next + count && position < _end; i++)
        {
            yield return frame.Node.Links[i].Cid;
            position += frame.Node.Links[i].Size;
        }
    }

    private void CheckSize(Step step, long size)
    {
        if (step.Size is { } promised && promised != size)
        {
            throw new PhrDataException(Stage, PhrDataReason.Mismatched, $"the tree of {_root} is not one of a file: block {step.Cid} has {size} bytes where its parent says {promised}.");
        }
    }

    /// <param name="Cid">The block's id.</param>
    /// <param name="Start">Where its first byte lies in the file.</param>
    /// <param name="Size">Bytes of the file under it; null for the root, of which nobody said it.</param>
    /// <param name="Depth">Nodes above it.</param>
    public sealed record Step(Cid Cid, long Start, long? Size, int Depth);

    private sealed class Frame(UnixFsNode node, long position)
    {
        public UnixFsNode Node { get; } = node;

        public int Next { get; set; }

        /// <summary>Where the next child begins.</summary>
        public long Position { get; set; } = position;
    }
}
