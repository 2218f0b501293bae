using System.Text.Json;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Content;

/// <summary>Reads tests/vectors/ipfs/ipfs-cids.json.</summary>
internal static class IpfsVectors
{
    private static readonly Lazy<JsonElement> _root = new(() =>
        JsonDocument.Parse(File.ReadAllBytes(RepositoryRoot.Combine("tests", "vectors", "ipfs", "ipfs-cids.json"))).RootElement);

    public static IEnumerable<JsonElement> Rows(string table) => _root.Value.GetProperty(table).EnumerateArray();

    /// <summary>The bytes that the vectors are made of.</summary>
    public static byte[] Pattern(int size)
    {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++)
        {
            bytes[i] = (byte)(((i * 31L) + 7) % 251);
        }

        return bytes;
    }
}
