using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Phr.TestSupport;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>Runs <c>tests/vectors/reshare/</c>. With <c>PHR_WRITE_VECTORS=1</c> the file is written anew first.</summary>
public class ReshareVectorTests
{
    private static readonly JsonSerializerOptions _format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Resharing_Recorded_GivesTheRecordedDealingAndGoodShares()
    {
        if (Environment.GetEnvironmentVariable("PHR_WRITE_VECTORS") == "1")
        {
            await System.IO.File.WriteAllTextAsync(File, (await ReshareVectors.MakeAsync()).ToJsonString(_format) + "\n", new UTF8Encoding(false), TestContext.Current.CancellationToken);
        }

        JsonNode all = Read();
        (VerifiedDealing previous, VerifiedResharePlan plan, ReshareConfirmation[] confirmations) = Load(all);
        var dealing = Dealing.FromReshare(plan, all["contributions"]!.AsArray().Select(c => ReshareContribution.FromBytes(Bytes(c!)).Verify(plan)));
        Assert.Equal(Bytes(all["dealing"]!), dealing.ToBytes());
        VerifiedDealing verified = dealing.Verify(previous, confirmations);
        foreach (JsonNode? trustee in all["trustees"]!.AsArray())
        {
            var seat = new PolicySeat((int)trustee!["group"]!, (int)trustee["member"]!);
            using SecretKey key = SecretKey.FromBytes(Bytes(trustee["envelopeKey"]!));
            using TrusteeShares shares = TrusteeShares.Open(verified, seat, key, [.. trustee["envelopes"]!.AsArray().Select(e => (ReadOnlyMemory<byte>)Bytes(e!))]);
            Assert.All(verified.Header.Documents, d => Assert.Equal(verified.FindMemberKey(d.Id, seat.Group, seat.Member), shares.Find(d.Id)!.PublicKey));
        }

        JsonNode complaint = all["complaint"]!;
        Assert.Equal(
            (string)complaint["verdict"]!,
            ShareComplaint.FromBytes(Bytes(complaint["complaint"]!)).Judge(ReshareContribution.FromBytes(Bytes(complaint["contribution"]!)).Verify(plan), Bytes(complaint["envelope"]!)).ToString());
    }

    [Fact]
    public void Cases_Recorded_AreRefusedForTheirReason()
    {
        JsonNode all = Read();
        (VerifiedDealing previous, VerifiedResharePlan plan, ReshareConfirmation[] confirmations) = Load(all);
        var good = Dealing.FromBytes(Bytes(all["dealing"]!));
        foreach (JsonNode? entry in all["cases"]!.AsArray())
        {
            byte[] bytes = Bytes(entry!["bytes"]!);
            PhrDataException refused = Assert.Throws<PhrDataException>(() =>
            {
                switch ((string)entry["what"]!)
                {
                    case "plan":
                        ResharePlan.FromBytes(bytes).Verify(previous);
                        break;
                    case "contribution":
                        ReshareContribution.FromBytes(bytes).Verify(plan);
                        break;
                    case "dealing":
                        Dealing.FromBytes(bytes).Verify(previous, confirmations);
                        break;
                    default:
                        ReshareConfirmation.FromBytes(bytes).Verify(good, previous);
                        break;
                }
            });
            Assert.True((string)entry["expect"]! == refused.Reason.ToString(), $"{entry["name"]}: {refused.Reason}");
        }
    }

    private static string File => RepositoryRoot.Combine("tests", "vectors", "reshare", "reshare.json");

    private static JsonNode Read() => JsonNode.Parse(System.IO.File.ReadAllText(File))!;

    private static byte[] Bytes(JsonNode node) => Convert.FromHexString((string)node!);

    private static (VerifiedDealing, VerifiedResharePlan, ReshareConfirmation[]) Load(JsonNode all)
    {
        VerifiedDealing previous = Dealing.FromBytes(Bytes(all["previous"]!)).Verify(BundleHeader.FromBytes(Bytes(all["header"]!)));
        return (previous, ResharePlan.FromBytes(Bytes(all["plan"]!)).Verify(previous), [.. all["confirmations"]!.AsArray().Select(c => ReshareConfirmation.FromBytes(Bytes(c!)))]);
    }
}
