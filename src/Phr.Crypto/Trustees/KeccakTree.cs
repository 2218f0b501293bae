using System.Numerics;

namespace Phr.Crypto;

/// <summary>
/// A Merkle tree for a contract to look into: Keccak-256, leaves of 32 bytes padded with zeros to a power of two, an inner node the hash of its two children, the root keccak256(0x03 || depth || top).
/// </summary>
internal sealed class KeccakTree
{
    /// <summary>Most levels above the leaves.</summary>
    public const int MaxDepth = 16;

    private const byte RootPrefix = 3;

    private readonly byte[][][] _levels;

    public KeccakTree(IReadOnlyList<byte[]> leaves)
    {
        Count = leaves.Count;
        Depth = leaves.Count <= 1 ? 0 : 32 - BitOperations.LeadingZeroCount((uint)leaves.Count - 1);
        if (leaves.Count == 0 || Depth > MaxDepth)
        {
            throw new ArgumentException($"A tree has 1 to {1 << MaxDepth} leaves.", nameof(leaves));
        }

        _levels = new byte[Depth + 1][][];
        _levels[0] = [.. leaves, .. Enumerable.Repeat(new byte[32], (1 << Depth) - leaves.Count)];
        for (int level = 1; level <= Depth; level++)
        {
            byte[][] below = _levels[level - 1];
            _levels[level] = new byte[below.Length / 2][];
            for (int i = 0; i < _levels[level].Length; i++)
            {
                _levels[level][i] = Join(below[2 * i], below[(2 * i) + 1]);
            }
        }

        Root = RootOf(Depth, _levels[Depth][0]);
    }

    public int Count { get; }

    public int Depth { get; }

    public Digest Root { get; }

    public ReadOnlySpan<byte> Leaf(int index) => _levels[0][index];

    /// <summary>The siblings from the leaf up, 32 bytes each.</summary>
    public byte[] Path(int index)
    {
        var path = new byte[32 * Depth];
        for (int level = 0; level < Depth; level++)
        {
            _levels[level][(index >> level) ^ 1].CopyTo(path.AsSpan(32 * level));
        }

        return path;
    }

    /// <summary>The root that a leaf at an index leads to; null when there is no such index at this depth.</summary>
    public static Digest? Climb(ReadOnlySpan<byte> leaf, int index, ReadOnlySpan<byte> path)
    {
        byte[] node = leaf.ToArray();
        int depth = path.Length / 32;
        for (int level = 0; level < depth; level++, index >>= 1)
        {
            ReadOnlySpan<byte> sibling = path.Slice(32 * level, 32);
            node = (index & 1) == 0 ? Join(node, sibling) : Join(sibling, node);
        }

        return index == 0 ? RootOf(depth, node) : null;
    }

    private static Digest RootOf(int depth, byte[] top) => Digest.FromBytes(Keccak256.HashData([RootPrefix, (byte)depth, .. top]));

    private static byte[] Join(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => Keccak256.HashData([.. left, .. right]);
}
