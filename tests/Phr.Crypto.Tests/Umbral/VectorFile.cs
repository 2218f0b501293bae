using System.Text.Json;
using Phr.Crypto.Memory;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Reencryption;

/// <summary>The two vector files and how their values are read.</summary>
internal static class VectorFile
{
    public static JsonElement Interop { get; } = Load("umbral-interop.json");

    public static JsonElement Intermediates { get; } = Load("umbral-intermediates.json");

    public static byte[] Bytes(this JsonElement element) => Convert.FromHexString(element.GetString()!);

    public static byte[] Bytes(this JsonElement element, string name) => element.GetProperty(name).Bytes();

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;

    public static PublicKey PublicKey(this JsonElement element, string name) => Crypto.PublicKey.FromBytes(element.Bytes(name));

    public static SecretKey SecretKey(this JsonElement element, string name) => Crypto.SecretKey.FromBytes(element.Bytes(name));

    public static RecordedRandom Random(this JsonElement element, string name) =>
        new(element.GetProperty(name) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray().Select(e => e.Bytes())] : [element.Bytes(name)]);

    public static void Equal(byte[] expected, byte[] actual) => Assert.Equal(Convert.ToHexStringLower(expected), Convert.ToHexStringLower(actual));

    public static void Equal(byte[] expected, SecretKey actual)
    {
        var bytes = new byte[32];
        actual.ExportTo(bytes);
        Equal(expected, bytes);
    }

    private static JsonElement Load(string name) =>
        JsonDocument.Parse(File.ReadAllBytes(RepositoryRoot.Combine("tests", "vectors", "umbral", name))).RootElement;
}

/// <summary>Gives out the draws that the reference recorded, each once, in order and in its length; <see cref="Dispose"/> asserts that none is left.</summary>
internal sealed class RecordedRandom(byte[][] draws) : RandomSource, IDisposable
{
    private int _next;

    public override void Fill(Span<byte> destination)
    {
        Assert.True(_next < draws.Length, "More randomness was drawn than the reference drew.");
        Assert.Equal(draws[_next].Length, destination.Length);
        draws[_next++].CopyTo(destination);
    }

    public void Dispose() => Assert.Equal(draws.Length, _next);
}
