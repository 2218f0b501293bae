using System.Numerics;
using System.Security.Cryptography;

namespace Phr.Crypto.Bundles;

/// <summary>Merkle tree hash, audit paths and their verification. Source: RFC 6962 §2.1, RFC 9162 §2.1.3.2.</summary>
internal static class MerkleTree
{
    /// <summary>Hash of a leaf: SHA-256(0x00 || content).</summary>
    public static Digest Leaf(ReadOnlySpan<byte> content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(content);
        return Digest.FromBytes(hash.GetHashAndReset());
    }

    public static Digest Root(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 1)
        {
            return leaves[0];
        }

        int split = Split(leaves.Length);
        return Node(Root(leaves[..split]), Root(leaves[split..]));
    }

    /// <summary>The siblings of one leaf, from the leaf's own level upward.</summary>
    public static Digest[] Path(ReadOnlySpan<Digest> leaves, int index)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        int split = Split(leaves.Length);
        return index < split
            ? [.. Path(leaves[..split], index), Root(leaves[split..])]
            : [.. Path(leaves[split..], index - split), Root(leaves[..split])];
    }

    public static bool Verify(Digest leaf, int index, int count, ReadOnlySpan<Digest> path, Digest root)
    {
        if (index < 0 || index >= count)
        {
            return false;
        }

        int node = index, last = count - 1;
        Digest hash = leaf;
        foreach (Digest sibling in path)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = Node(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = Node(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && hash == root;
    }

    private static int Split(int count) => 1 << BitOperations.Log2((uint)count - 1);

    private static Digest Node(Digest left, Digest right)
    {
        Span<byte> bytes = stackalloc byte[1 + (2 * Digest.Length)];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Digest.Length)..]);
        return Digest.Of(bytes);
    }
}
