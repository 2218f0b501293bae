using System.Text.Json;
using Phr.Crypto.Memory;
using static Phr.Crypto.Tests.Reencryption.VectorFile;

namespace Phr.Crypto.Tests.Reencryption;

/// <summary>Every case that umbral-pre 0.10.0 produced, reproduced byte for byte or refused. <c>tests/vectors/umbral/README.md</c> explains the file.</summary>
public class InteropVectorTests
{
    [Fact]
    public void Keys_Recorded_AreReproduced() => ForEach("keys", 6, item =>
    {
        if (item.GetProperty("rng").ValueKind == JsonValueKind.Array)
        {
            using RecordedRandom random = item.Random("rng");
            using var generated = SecretKey.Generate(random);
            Equal(item.Bytes("sk"), generated);
        }

        using SecretKey key = item.SecretKey("sk");
        Equal(item.Bytes("pk"), key.PublicKey.ToBytes());
    });

    [Fact]
    public void SecretKeyFactory_Recorded_IsReproduced() => ForEach("secretKeyFactory", 3, item =>
    {
        byte[] label = item.Bytes("label");
        using var factory = SecretKeyFactory.FromSeed(item.Bytes("seed"));
        using SecretKey key = factory.MakeKey(label);
        Equal(item.Bytes("makeKey"), key);
        using SecretBytes secret = factory.MakeSecret(label);
        Equal(item.Bytes("makeSecret"), secret.Reveal().ToArray());

        using SecretKeyFactory child = factory.MakeFactory(label);
        using SecretKey inner = child.MakeKey("foo"u8);
        Equal(item.Bytes("makeFactory_then_makeKey_foo"), inner);
        var innerSecret = new byte[SecretKeyFactory.DerivedSecretLength];
        child.MakeSecret("foo"u8, innerSecret);
        Equal(item.Bytes("makeFactory_then_makeSecret_foo"), innerSecret);
    });

    [Fact]
    public void DigestToScalar_EdgeValues_AreReproduced()
    {
        JsonElement[] cases = [.. Intermediates.GetProperty("digestToScalar").EnumerateArray()];
        Assert.Equal(7, cases.Length);
        Assert.All(cases, item => Equal(item.Bytes("scalar"), UmbralHash.FromDigest(item.Bytes("digest")).ToBytes()));
    }

    private static void ForEach(string section, int count, Action<JsonElement> check)
    {
        JsonElement[] items = [.. Interop.GetProperty(section).EnumerateArray()];
        Assert.Equal(count, items.Length);
        Assert.All(items, check);
    }
}
