using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Phr.Fuzz;

/// <summary>The kept inputs of one target in one file: each as be32(length) and its bytes, all compressed together with Brotli, because they resemble one another.</summary>
internal static class CorpusFile
{
    private const int MaxInput = 1 << 20;

    public static IReadOnlyList<byte[]> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        var inputs = new List<byte[]>();
        using var stream = new BrotliStream(File.OpenRead(path), CompressionMode.Decompress);
        Span<byte> head = stackalloc byte[4];
        while (stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(head);
            byte[] input = new byte[length is >= 0 and <= MaxInput ? length : throw new InvalidDataException($"{path} is damaged.")];
            stream.ReadExactly(input);
            inputs.Add(input);
        }

        return inputs;
    }

    public static void Write(string path, IEnumerable<byte[]> inputs)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        using var bytes = new MemoryStream();
        Span<byte> head = stackalloc byte[4];
        foreach (byte[] input in inputs.DistinctBy(NameOf).OrderBy(i => i.Length).ThenBy(NameOf, StringComparer.Ordinal))
        {
            BinaryPrimitives.WriteInt32BigEndian(head, input.Length);
            bytes.Write(head);
            bytes.Write(input);
        }

        byte[] compressed = new byte[BrotliEncoder.GetMaxCompressedLength((int)bytes.Length)];
        if (!BrotliEncoder.TryCompress(bytes.ToArray(), compressed, out int length, quality: 11, window: 22))
        {
            throw new InvalidOperationException("The corpus could not be compressed.");
        }

        File.WriteAllBytes(path, compressed[..length]);
    }

    public static string NameOf(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 8));
}
