namespace Phr.Crypto;

/// <summary>How a file is cut into blocks and tied together. The same bytes under another layout have another <see cref="Cid"/>.</summary>
/// <remarks>
/// <para>A tree is always balanced, and every hash is SHA-256. <see cref="CidVersion"/> fixes the leaves as well: version 1 has raw
/// blocks for leaves, version 0 wraps each chunk in a MerkleDAG node.</para>
/// <para>Source: IPFS's UnixFS specification and IPIP-499, which names the profiles. Immutable and thread safe.</para>
/// </remarks>
public sealed record UnixFsLayout
{
    /// <summary>The largest <see cref="ChunkSize"/>: 1 MiB. Larger blocks do not travel between IPFS nodes.</summary>
    public const int MaxChunkSize = 1 << 20;

    /// <summary>The largest <see cref="MaxLinks"/>: 8192, which keeps a node below 1 MiB.</summary>
    public const int LargestMaxLinks = 8192;

    private readonly int _chunkSize = 262_144;
    private readonly int _maxLinks = 174;
    private readonly int _cidVersion = 1;

    /// <summary>The layout that Phr uses: chunks of 256 KiB, 174 links, version 1 ids (<c>ipfs add --cid-version=1 --raw-leaves</c>).</summary>
    public static UnixFsLayout Default { get; } = new();

    /// <summary>Profile <c>unixfs-v1-2025</c>: chunks of 1 MiB, 1024 links, version 1 ids.</summary>
    public static UnixFsLayout V1Of2025 { get; } = new() { ChunkSize = 1 << 20, MaxLinks = 1024 };

    /// <summary>Profile <c>unixfs-v0-2015</c>: chunks of 256 KiB, 174 links, version 0 ids (what Kubo does when told nothing).</summary>
    public static UnixFsLayout V0Of2015 { get; } = new() { CidVersion = 0 };

    /// <summary>Bytes in every chunk but the last.</summary>
    /// <value>1 to <see cref="MaxChunkSize"/>; 262,144 unless said.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    public int ChunkSize
    {
        get => _chunkSize;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxChunkSize);
            _chunkSize = value;
        }
    }

    /// <summary>The most children that one node has.</summary>
    /// <value>2 to <see cref="LargestMaxLinks"/>; 174 unless said.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    public int MaxLinks
    {
        get => _maxLinks;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 2);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, LargestMaxLinks);
            _maxLinks = value;
        }
    }

    /// <summary>The version of every id in the tree: 1 with raw leaves, 0 with MerkleDAG leaves.</summary>
    /// <value>0 or 1; 1 unless said.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the range.</exception>
    public int CidVersion
    {
        get => _cidVersion;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 0);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
            _cidVersion = value;
        }
    }
}
