using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Phr.Crypto.Content;

namespace Phr.Crypto;

/// <summary>Computes the <see cref="Cid"/> of a file from its bytes as they come, as IPFS does, without an IPFS node.</summary>
/// <remarks>
/// <para>Source: IPFS's UnixFS and dag-pb specifications; balanced layout. An empty file is one empty leaf, and a file of one chunk
/// is its leaf, with no node above it.</para>
/// <para>Cost: one SHA-256 over the file and over about 50 bytes a chunk; memory for one chunk and one list of links a level (a file
/// of <c>n</c> chunks has <c>log n / log MaxLinks</c> levels), whatever the file's length.</para>
/// <para>Nothing here is secret. Not thread safe.</para>
/// </remarks>
public sealed class UnixFsHasher : IDisposable
{
    private const byte FileType = 2;

    private readonly UnixFsLayout _layout;
    private readonly UnixFsBlockHandler? _onBlock;
    private readonly List<List<Child>> _levels = [[]];
    private readonly ArrayBufferWriter<byte> _node = new();
    private readonly ArrayBufferWriter<byte> _data = new();
    private byte[]? _chunk;
    private IncrementalHash? _leaf;
    private int _filled;
    private bool _lastChunkSeen;
    private bool _completed;
    private bool _disposed;

    /// <summary>Begins a file.</summary>
    /// <param name="layout">How the file is cut and tied together; <see cref="UnixFsLayout.Default"/> when null.</param>
    /// <param name="onBlock">Receives every block as it is made, or null when the blocks are not wanted. What it throws passes through, and the hasher is then of no further use.</param>
    public UnixFsHasher(UnixFsLayout? layout = null, UnixFsBlockHandler? onBlock = null)
    {
        _layout = layout ?? UnixFsLayout.Default;
        _onBlock = onBlock;
    }

    /// <summary>Bytes appended so far.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of all blocks of the tree, repeated ones counted each time: what IPFS calls the cumulative size. Zero before <see cref="Complete"/>.</summary>
    public long TreeSize { get; private set; }

    /// <summary>Computes the id of a file that is in memory.</summary>
    /// <param name="file">The file's bytes.</param>
    /// <param name="layout">How the file is cut and tied together; <see cref="UnixFsLayout.Default"/> when null.</param>
    /// <returns>The id.</returns>
    public static Cid HashData(ReadOnlySpan<byte> file, UnixFsLayout? layout = null)
    {
        using var hasher = new UnixFsHasher(layout);
        hasher.Append(file);
        return hasher.Complete();
    }

    /// <summary>Appends the next bytes of the file.</summary>
    /// <param name="bytes">Any number of bytes; where the calls cut the file makes no difference.</param>
    /// <exception cref="InvalidOperationException">The file was completed, or a short chunk was appended by its digest.</exception>
    /// <exception cref="ObjectDisposedException">The hasher was disposed.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        ThrowIfOver();
        if (_lastChunkSeen)
        {
            throw new InvalidOperationException("A chunk shorter than the others ends the file.");
        }

        Length += bytes.Length;
        while (!bytes.IsEmpty)
        {
            if (_filled == 0 && bytes.Length >= _layout.ChunkSize)
            {
                AddLeaf(bytes[.._layout.ChunkSize]);
                bytes = bytes[_layout.ChunkSize..];
                continue;
            }

            int count = Math.Min(bytes.Length, _layout.ChunkSize - _filled);
            if (_onBlock is null && _layout.CidVersion == 1)
            {
                // Nobody wants the leaf's bytes, and its id is the digest of them alone.
                _leaf ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                _leaf.AppendData(bytes[..count]);
            }
            else
            {
                _chunk ??= ArrayPool<byte>.Shared.Rent(_layout.ChunkSize);
                bytes[..count].CopyTo(_chunk.AsSpan(_filled));
            }

            bytes = bytes[count..];
            _filled += count;
            if (_filled == _layout.ChunkSize)
            {
                AddFilledLeaf();
            }
        }
    }

    /// <summary>Appends the next chunk by its digest alone: so the id of a file follows from its list of leaves, without the file.</summary>
    /// <param name="digest">SHA-256 of the chunk.</param>
    /// <param name="length">Length of the chunk: <see cref="UnixFsLayout.ChunkSize"/>, or 1 up to that for the last one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is outside its range.</exception>
    /// <exception cref="InvalidOperationException">The layout has no raw leaves (version 0), the bytes so far do not end with a whole chunk, or the file was completed.</exception>
    /// <exception cref="ObjectDisposedException">The hasher was disposed.</exception>
    /// <remarks>The handler of blocks does not see such a leaf; it sees the nodes above it.</remarks>
    public void AppendChunk(Digest digest, int length)
    {
        ThrowIfOver();
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _layout.ChunkSize);
        if (_layout.CidVersion != 1 || _filled > 0 || _lastChunkSeen)
        {
            throw new InvalidOperationException("A chunk can be appended by its digest only where a raw leaf begins.");
        }

        Length += length;
        _lastChunkSeen = length < _layout.ChunkSize;
        Add(0, new Child(Cid.ForRawBlock(digest), length, length));
    }

    /// <summary>Ends the file.</summary>
    /// <returns>The id of the root of its tree.</returns>
    /// <exception cref="InvalidOperationException">The file was completed already.</exception>
    /// <exception cref="ObjectDisposedException">The hasher was disposed.</exception>
    public Cid Complete()
    {
        ThrowIfOver();
        if (_filled > 0 || Length == 0)
        {
            AddFilledLeaf();
        }

        _completed = true;

        // A level that has one node and nothing above it holds the root.
        int level = 0;
        while (_levels[level].Count > 1 || level + 1 < _levels.Count)
        {
            CloseNode(level);
            level++;
        }

        Child root = _levels[level][0];
        TreeSize = root.TreeSize;
        return root.Cid;
    }

    /// <summary>Gives the buffers back. A file that was not completed is given up.</summary>
    public void Dispose()
    {
        if (_chunk is not null)
        {
            ArrayPool<byte>.Shared.Return(_chunk);
            _chunk = null;
        }

        _leaf?.Dispose();
        _disposed = true;
    }

    private void AddFilledLeaf()
    {
        int length = _filled;
        _filled = 0;
        if (_leaf is null)
        {
            AddLeaf(_chunk.AsSpan(0, length));
            return;
        }

        Span<byte> digest = stackalloc byte[Digest.Length];
        _leaf.GetHashAndReset(digest);
        Add(0, new Child(Cid.ForRawBlock(Digest.FromBytes(digest)), length, length));
    }

    private void AddLeaf(ReadOnlySpan<byte> chunk)
    {
        if (_layout.CidVersion == 1)
        {
            Add(0, Emit(Cid.ForRawBlock(Digest.Of(chunk)), chunk, chunk.Length, chunk.Length));
            return;
        }

        BeginData();
        if (!chunk.IsEmpty)
        {
            DagPbNode.WriteNumber(_data, 0x12, chunk.Length);
            _data.Write(chunk);
        }

        DagPbNode.WriteNumber(_data, 0x18, chunk.Length);
        Add(0, EmitNode([], chunk.Length));
    }

    private void Add(int level, Child child)
    {
        if (level == _levels.Count)
        {
            _levels.Add([]);
        }

        if (_levels[level].Count == _layout.MaxLinks)
        {
            CloseNode(level);
        }

        _levels[level].Add(child);
    }

    /// <summary>Makes the node over the children that wait at <paramref name="level"/> and puts it one level higher.</summary>
    private void CloseNode(int level)
    {
        List<Child> children = _levels[level];
        BeginData();
        long fileSize = 0;
        foreach (Child child in children)
        {
            fileSize += child.FileSize;
        }

        DagPbNode.WriteNumber(_data, 0x18, fileSize);
        foreach (Child child in children)
        {
            DagPbNode.WriteNumber(_data, 0x20, child.FileSize);
        }

        Child parent = EmitNode(CollectionsMarshal.AsSpan(children), fileSize);
        children.Clear();
        Add(level + 1, parent);
    }

    private void BeginData()
    {
        _data.ResetWrittenCount();
        DagPbNode.WriteNumber(_data, 0x08, FileType);
    }

    private Child EmitNode(ReadOnlySpan<Child> children, long fileSize)
    {
        DagPbLink[] links = ArrayPool<DagPbLink>.Shared.Rent(Math.Max(children.Length, 1));
        long treeSize = 0;
        for (int i = 0; i < children.Length; i++)
        {
            links[i] = new DagPbLink(children[i].Cid, string.Empty, children[i].TreeSize);
            treeSize += children[i].TreeSize;
        }

        _node.ResetWrittenCount();
        DagPbNode.Write(_node, links.AsSpan(0, children.Length), _data.WrittenSpan);
        ArrayPool<DagPbLink>.Shared.Return(links, clearArray: true);
        var digest = Digest.Of(_node.WrittenSpan);
        Cid cid = _layout.CidVersion == 1 ? Cid.ForDagPbNode(digest) : Cid.ForVersion0(digest);
        return Emit(cid, _node.WrittenSpan, treeSize + _node.WrittenCount, fileSize);
    }

    private Child Emit(Cid cid, ReadOnlySpan<byte> block, long treeSize, long fileSize)
    {
        _onBlock?.Invoke(cid, block);
        return new Child(cid, treeSize, fileSize);
    }

    private void ThrowIfOver()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_completed)
        {
            throw new InvalidOperationException("The file was completed; another file needs another hasher.");
        }
    }

    private readonly record struct Child(Cid Cid, long TreeSize, long FileSize);
}
