using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>Runs <c>contracts/test/vectors/disputes.json</c>, which the contract's tests run, too: one verdict on both sides. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.</summary>
public class DisputeVectorTests
{
    private static readonly string _path = RepositoryRoot.Combine("contracts", "test", "vectors", "disputes.json");

    [Fact]
    public async Task Judge_CommittedEvidence_GivesTheCommittedVerdict()
    {
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            await WriteAsync();
        }

        JsonNode file = JsonNode.Parse(await File.ReadAllTextAsync(_path))!;
        byte[] verdicts = Bytes(file["verdicts"]!);
        Assert.Equal(verdicts.Length, file["evidence"]!.AsArray().Count);
        for (int i = 0; i < verdicts.Length; i++)
        {
            byte[] s = Bytes(file["statements"]![i]!);
            var statement = new DeliveryStatement
            {
                Ledger = TrusteeWorld.Ledger, Oracle = default, Slashes = 0, Round = 0, Use = 0, Index = 1,
                Request = RequestId.FromBytes(s.AsSpan(0, 32)),
                Root = Digest.FromBytes(s.AsSpan(32, 32)),
                EvidenceRoot = Digest.FromBytes(s.AsSpan(64, 32)),
                ReceivingKeyHash = Digest.FromBytes(s.AsSpan(96, 32)),
            };
            Assert.True((DeliveryVerdict)verdicts[i] == DeliveryEvidence.FromBytes(Bytes(file["evidence"]![i]!)).Judge(statement), (string?)file["names"]![i]);
        }

        Assert.True(verdicts.Count(v => v == (byte)DeliveryVerdict.False) > 30);

        // The statement of the first case, field by field, with the digest that its oracle signs.
        JsonNode digest = file["statement"]!;
        var whole = new DeliveryStatement
        {
            Ledger = new LedgerId(31337, ActorId.Parse(((string)digest["ledger"]!)[2..])), Oracle = ActorId.Parse(((string)digest["oracle"]!)[2..]), Slashes = 3, Round = 1, Use = 2, Index = 4,
            Request = RequestId.FromBytes(Bytes(digest["requestId"]!)), EvidenceRoot = Digest.FromBytes(Bytes(digest["evidenceRoot"]!)),
            ReceivingKeyHash = Digest.FromBytes(Bytes(digest["receivingKeyHash"]!)), Root = Digest.FromBytes(Bytes(digest["root"]!)),
        };
        Assert.Equal(Bytes(digest["digest"]!), whole.SigningDigest.ToBytes());
    }

    private static async Task WriteAsync()
    {
        using DisputeScene scene = await DisputeScene.CreateAsync();
        var cases = new List<(string Name, DeliveryStatement Statement, byte[] Evidence)>();
        OracleDelivery honest = scene.Honest;
        foreach (DeliveryCheck check in (DeliveryCheck[])[DeliveryCheck.EquationE, DeliveryCheck.EquationV, DeliveryCheck.EquationU, DeliveryCheck.Signature, DeliveryCheck.Scalar, DeliveryCheck.Place])
        {
            cases.Add(($"honest, {check}", honest.Statement, DeliveryEvidence.Make(honest, 1, scene.World.Dealing, check).ToBytes()));
        }

        foreach ((string name, _, Action<byte[], DisputeScene> change) in DisputeScene.Lies)
        {
            OracleDelivery lie = scene.Falsify(0, change);
            DeliveryEvidence found = DeliveryEvidence.Find(lie, scene.World.Dealing)!;
            cases.Add((name, lie.Statement, found.ToBytes()));
            cases.Add(($"{name}; shown of the honest delivery", honest.Statement, found.ToBytes()));
            if (lie.Fragments[0].CapsuleFrag is not null && found.Check != DeliveryCheck.Scalar)
            {
                foreach (DeliveryCheck check in (DeliveryCheck[])[DeliveryCheck.EquationE, DeliveryCheck.EquationV, DeliveryCheck.EquationU])
                {
                    cases.Add(($"{name}, {check}", lie.Statement, DeliveryEvidence.Make(lie, 0, scene.World.Dealing, check).ToBytes()));
                }
            }
        }

        foreach (int place in (int[])[10, 15, 16, 200])
        {
            OracleDelivery lie = scene.Falsify(5, null, place);
            cases.Add(($"place {place}", lie.Statement, DeliveryEvidence.Find(lie, scene.World.Dealing)!.ToBytes()));
        }

        var words = new byte[23 * 32];
        Keccak256.HashData("phr/request/v2"u8).CopyTo(words, 0);
        honest.Statement.ReceivingKeyHash.ToBytes().CopyTo(words, 13 * 32);
        honest.Statement.EvidenceRoot.ToBytes().CopyTo(words, 22 * 32);
        DeliveryStatement pinned = honest.Statement with { Request = RequestId.FromBytes(Keccak256.HashData(words)) };
        cases.Add(("the request's terms", pinned, DeliveryEvidence.OfTerms(words).ToBytes()));
        cases.Add(("another evidence root", pinned with { EvidenceRoot = Digest.Of("other"u8) }, DeliveryEvidence.OfTerms(words).ToBytes()));
        cases.Add(("another receiving key", pinned with { ReceivingKeyHash = Digest.Of("other"u8) }, DeliveryEvidence.OfTerms(words).ToBytes()));
        cases.Add(("another request", honest.Statement, DeliveryEvidence.OfTerms(words).ToBytes()));

        // Each region of good evidence with one bit changed.
        (string, DeliveryStatement, byte[])[] sound = [.. cases.Where(c => !c.Name.Contains(';', StringComparison.Ordinal))];
        var random = new Sharing.StreamRandom("dispute vectors");
        foreach ((string name, DeliveryStatement statement, byte[] evidence) in sound.Take(30))
        {
            var drawn = new byte[2];
            for (int i = 0; i < 3; i++)
            {
                random.Fill(drawn);
                byte[] changed = [.. evidence];
                int at = i == 0 ? drawn[0] % 7 : ((drawn[0] << 8) | drawn[1]) % changed.Length;
                changed[at] ^= (byte)(1 << (drawn[1] & 7));
                cases.Add(($"{name}, byte {at} changed", statement, changed));
            }
        }

        var file = new JsonObject
        {
            ["names"] = new JsonArray([.. cases.Select(c => (JsonNode)c.Name)]),
            ["statements"] = new JsonArray([.. cases.Select(c => (JsonNode)Hex([.. c.Statement.Request.ToBytes(), .. c.Statement.Root.ToBytes(), .. c.Statement.EvidenceRoot.ToBytes(), .. c.Statement.ReceivingKeyHash.ToBytes()]))]),
            ["evidence"] = new JsonArray([.. cases.Select(c => (JsonNode)Hex(c.Evidence))]),
            ["verdicts"] = Hex([.. cases.Select(c => (byte)DeliveryEvidence.FromBytes(c.Evidence).Judge(c.Statement))]),
        };
        DeliveryStatement s = honest.Statement with { Ledger = new LedgerId(31337, ActorId.Parse("5fbdb2315678afecb367f032d93f642f64180aa3")), Slashes = 3, Round = 1, Use = 2, Index = 4 };
        file["statement"] = new JsonObject
        {
            ["ledger"] = Hex(s.Ledger.Contract.ToBytes()),
            ["oracle"] = Hex(s.Oracle.ToBytes()),
            ["requestId"] = Hex(s.Request.ToBytes()),
            ["evidenceRoot"] = Hex(s.EvidenceRoot.ToBytes()),
            ["receivingKeyHash"] = Hex(s.ReceivingKeyHash.ToBytes()),
            ["root"] = Hex(s.Root.ToBytes()),
            ["digest"] = Hex(s.SigningDigest.ToBytes()),
        };
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        await File.WriteAllTextAsync(_path, file.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n");
    }

    private static string Hex(byte[] bytes) => "0x" + Convert.ToHexStringLower(bytes);

    private static byte[] Bytes(JsonNode node) => Convert.FromHexString(((string)node!)[2..]);
}
