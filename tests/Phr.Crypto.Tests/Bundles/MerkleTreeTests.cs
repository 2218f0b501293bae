using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Phr.Crypto.Bundles;

namespace Phr.Crypto.Tests.Bundles;

public class MerkleTreeTests
{
    // The leaves and roots with which implementations of RFC 6962 are commonly checked.
    private static readonly string[] _leaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [Theory]
    [InlineData(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [InlineData(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [InlineData(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [InlineData(4, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [InlineData(5, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4")]
    [InlineData(6, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef")]
    [InlineData(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [InlineData(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void Root_KnownLeaves_IsTheKnownRoot(int count, string root)
    {
        Digest[] leaves = [.. _leaves[..count].Select(l => MerkleTree.Leaf(Convert.FromHexString(l)))];

        Assert.Equal(root, MerkleTree.Root(leaves).ToString());
    }

    [Fact]
    public void Verify_EveryLeafOfEverySmallTree_HoldsAtItsPlaceAlone()
    {
        for (int count = 1; count <= 34; count++)
        {
            Digest[] leaves = [.. Enumerable.Range(0, count).Select(i => MerkleTree.Leaf([(byte)i]))];
            Digest root = MerkleTree.Root(leaves);
            for (int index = 0; index < count; index++)
            {
                Digest[] path = MerkleTree.Path(leaves, index);
                for (int claimed = -1; claimed <= count; claimed++)
                {
                    Assert.Equal(claimed == index, MerkleTree.Verify(leaves[index], claimed, count, path, root));
                }

                Assert.False(MerkleTree.Verify(leaves[index], index, count, [.. path, root], root));
                Assert.False(path.Length > 0 && MerkleTree.Verify(leaves[index], index, count, path.AsSpan(1), root));
            }
        }
    }

    [Fact]
    public void Verify_AnyTreeUpToTheLimit_HoldsAndBreaksWithAnyChange() =>
        Prop.ForAll(
            (from count in Gen.Choose(1, BundleHeader.MaxDocuments)
             from index in Gen.Choose(0, count - 1)
             from change in Gen.Choose(0, 31)
             select (count, index, change)).ToArbitrary(),
            ((int Count, int Index, int Change) c) =>
            {
                Digest[] leaves = [.. Enumerable.Range(0, c.Count).Select(i => MerkleTree.Leaf(BitConverter.GetBytes(i)))];
                Digest root = MerkleTree.Root(leaves);
                Digest[] path = MerkleTree.Path(leaves, c.Index);
                byte[] altered = leaves[c.Index].ToBytes();
                altered[c.Change] ^= 1;
                return path.Length <= 10
                    && MerkleTree.Verify(leaves[c.Index], c.Index, c.Count, path, root)
                    && !MerkleTree.Verify(Digest.FromBytes(altered), c.Index, c.Count, path, root);
            }).Check(Config.QuickThrowOnFailure.WithMaxTest(50));

    [Fact]
    public void Leaf_AndNode_AreHashedApart()
    {
        Digest left = MerkleTree.Leaf([1]), right = MerkleTree.Leaf([2]);

        Assert.NotEqual(MerkleTree.Leaf([.. left.ToBytes(), .. right.ToBytes()]), MerkleTree.Root([left, right]));
        Assert.Equal(Digest.FromBytes(SHA256.HashData([1, .. left.ToBytes(), .. right.ToBytes()])), MerkleTree.Root([left, right]));
    }
}
