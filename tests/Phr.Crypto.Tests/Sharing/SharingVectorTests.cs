using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.Crypto.Secp256k1;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Sharing;

/// <summary>Runs <c>tests/vectors/sharing/</c>. With <c>PHR_WRITE_VECTORS=1</c> the files are written anew first.</summary>
public class SharingVectorTests
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string file in SharingVectors.Files.Keys)
            {
                foreach (JsonNode? entry in JsonNode.Parse(Read(file))!["cases"]!.AsArray())
                {
                    data.Add(file, Text(entry!, "name"));
                }
            }

            return data;
        }
    }

    [Fact]
    public void Files_Generator_WritesWhatIsCommitted()
    {
        foreach ((string file, Func<JsonObject> make) in SharingVectors.Files)
        {
            string made = make().ToJsonString(Format) + "\n";
            if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
            {
                File.WriteAllText(PathOf(file), made, new UTF8Encoding(false));
            }

            Assert.Equal(Read(file), made);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Case_OfAFile_EndsAsItExpects(string file, string name)
    {
        JsonNode entry = JsonNode.Parse(Read(file))!["cases"]!.AsArray().Single(c => Text(c!, "name") == name)!;
        string expect = Text(entry, "expect");
        if (expect == "ok")
        {
            Run(file, entry);
            return;
        }

        PhrDataException e = Assert.Throws<PhrDataException>(() => Run(file, entry));
        Assert.Equal(expect, e.Reason.ToString());
    }

    private static void Run(string file, JsonNode entry)
    {
        switch (file)
        {
            case "shares.json":
                using (Share share = Share.FromBytes(Bytes(entry, "bytes")))
                {
                    Assert.Equal((int)entry["index"]!, share.Index);
                    Assert.Equal(Bytes(entry, "bytes"), share.ToBytes());
                }

                break;
            case "group-shares.json":
                using (GroupShare share = GroupShare.FromBytes(Bytes(entry, "bytes")))
                {
                    Assert.Equal(((int)entry["epoch"]!, (int)entry["group"]!, (int)entry["member"]!), ((int)share.Epoch, share.Group, share.Member));
                    Assert.Equal(Bytes(entry, "bytes"), share.ToBytes());
                }

                break;
            case "commitments.json":
                RunCommitments(FeldmanCommitments.FromBytes(Bytes(entry, "bytes")), entry);
                break;
            case "group-commitments.json":
                RunGroupCommitments(GroupCommitments.FromBytes(Bytes(entry, "bytes")), entry);
                break;
            case "recombine.json":
                Share[] shares = [.. entry["shares"]!.AsArray().Select(s => Share.FromBytes(Convert.FromHexString((string)s!)))];
                using (SecretKey secret = SecretSharing.Recombine(shares, FeldmanCommitments.FromBytes(Bytes(entry, "commitments"))))
                {
                    Assert.Equal(Bytes(entry, "secret"), secret.Scalar.ToBytes());
                }

                break;
            case "group-recombine.json":
                GroupShare[] groupShares = [.. entry["shares"]!.AsArray().Select(s => GroupShare.FromBytes(Convert.FromHexString((string)s!)))];
                using (SecretKey secret = GroupSharing.Recombine(groupShares, GroupCommitments.FromBytes(Bytes(entry, "commitments"))))
                {
                    Assert.Equal(Bytes(entry, "secret"), secret.Scalar.ToBytes());
                }

                break;
            case "dleq.json":
                DleqProof proof = DleqProof.FromBytes(Bytes(entry, "proof"));
                Point PointOf(string name) => Point.FromBytes(Bytes(entry, name));
                if (!proof.Verify(PointOf("base1"), PointOf("base2"), PointOf("point1"), PointOf("point2"), Bytes(entry, "context")))
                {
                    throw new PhrDataException("DLEQ proof", PhrDataReason.InvalidProof, "it does not hold.");
                }

                break;
            default:
                Assert.Fail($"No runner for {file}.");
                break;
        }
    }

    private static void RunCommitments(FeldmanCommitments commitments, JsonNode entry)
    {
        Assert.Equal((int)entry["threshold"]!, commitments.Threshold);
        Assert.Equal(Bytes(entry, "bytes"), commitments.ToBytes());
        int index = 0;
        foreach (JsonNode? key in entry["shareKeys"]!.AsArray())
        {
            index++;
            if (Enum.TryParse((string)key!, out PhrDataReason reason))
            {
                Assert.Equal(reason, Assert.Throws<PhrDataException>(() => commitments.ShareKey(index)).Reason);
                continue;
            }

            Assert.Equal((string?)key, commitments.ShareKey(index).ToString());
        }
    }

    private static void RunGroupCommitments(GroupCommitments commitments, JsonNode entry)
    {
        Assert.Equal((int)entry["epoch"]!, (int)commitments.Epoch);
        Assert.Equal(Text(entry, "shape"), commitments.Shape.ToString());
        Assert.Equal(Text(entry, "digest"), commitments.Digest.ToString());
        Assert.Equal(Text(entry, "sharedKey"), commitments.SharedKey.ToString());
        Assert.Equal(Bytes(entry, "bytes"), commitments.ToBytes());
        IEnumerable<string> keys = from g in Enumerable.Range(1, commitments.Shape.Groups.Count)
                                   from i in Enumerable.Range(1, commitments.Shape.Groups[g - 1].Members)
                                   select commitments.MemberKey(g, i).ToString();
        Assert.Equal(entry["memberKeys"]!.AsArray().Select(k => (string)k!), keys);
    }

    private static string PathOf(string file) => RepositoryRoot.Combine("tests", "vectors", "sharing", file);

    private static string Read(string file) => File.Exists(PathOf(file)) ? File.ReadAllText(PathOf(file)) : "{\"cases\":[]}";

    private static string Text(JsonNode entry, string name) => (string)entry[name]!;

    private static byte[] Bytes(JsonNode entry, string name) => Convert.FromHexString(Text(entry, name));
}
