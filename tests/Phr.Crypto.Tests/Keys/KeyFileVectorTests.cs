using System.Text;
using System.Text.Json.Nodes;
using Phr.Crypto.Keys;
using Phr.Crypto.Memory;

namespace Phr.Crypto.Tests.Keys;

/// <summary>Runs <c>tests/vectors/key-files/</c>. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.</summary>
public class KeyFileVectorTests
{
    public static TheoryData<string> Cases => [.. KeyFileVectors.Read().Select(c => (string)c["name"]!)];

    [Fact]
    public void File_Generator_WritesWhatIsCommitted()
    {
        string made = KeyFileVectors.Make();
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            File.WriteAllText(KeyFileVectors.FilePath, made, new UTF8Encoding(false));
        }

        Assert.Equal(File.ReadAllText(KeyFileVectors.FilePath), made);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Open_Case_EndsAsItExpects(string name)
    {
        JsonObject entry = KeyFileVectors.Read().Single(c => (string?)c["name"] == name);
        byte[] file = Convert.FromHexString((string)entry["file"]!);
        var kind = Enum.Parse<KeyFileKind>((string)entry["kind"]!);
        if ((string?)entry["expect"] == "ok")
        {
            (KeyFileInfo info, SecretBytes root) = KeyFileFormat.Open(file, kind, (string)entry["passphrase"]!);
            using (root)
            {
                Assert.Equal(Convert.FromHexString((string)entry["root"]!), root.Reveal().ToArray());
                using IdentityKeys keys = IdentityKeys.FromRootSecret(root.Reveal(), info.Actor, info.Generation);
                Assert.Equal(((string?)entry["actor"], (int)entry["generation"]!), (keys.Id.ToString(), keys.Generation));
            }

            return;
        }

        PhrDataException e = Assert.Throws<PhrDataException>(() => KeyFileFormat.Open(file, kind, (string)entry["passphrase"]!));
        Assert.Equal((string?)entry["expect"], e.Reason.ToString());
    }
}
