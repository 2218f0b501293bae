using System.Text.Json.Nodes;
using Phr.Crypto.Hashing;

namespace Phr.Crypto.Tests.Trustees;

/// <summary>
/// Makes <c>tests/vectors/reshare/reshare.json</c>: one resharing from header to shares, and what has to be refused of it. Signatures and polynomials are random, so each making is
/// another; the committed one stays until <c>PHR_WRITE_VECTORS=1</c>.
/// </summary>
internal static class ReshareVectors
{
    public static async Task<JsonObject> MakeAsync()
    {
        using ReshareWorld world = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)], (2, [(2, 2), (1, 2)]), documents: 2);
        PolicySeat[] dealers = [new(1, 1), new(1, 3), new(2, 1)];
        Dealing dealing = Dealing.FromReshare(world.Plan, world.Of(dealers));
        ReshareConfirmation[] confirmations = world.Confirm(dealers);
        using SecretKey other = SecretKey.Generate();
        using ReshareWorld foreign = await ReshareWorld.CreateAsync(2, [(2, 3), (1, 1)], (2, [(2, 2), (1, 2)]));
        PolicySeat bad = new(1, 2), victim = new(1, 1);
        (ReshareContribution garbage, ShareEnvelope[] envelopes) = new ReshareForger(world, bad) { Tamper = (seat, secret) => secret[31] ^= (byte)(seat == victim ? 1 : 0) }.Make();
        (IdentityKeys identity, SecretKey key) = world.NewTrustees[victim.Indices];
        ShareComplaint complaint = ShareComplaint.Create(garbage.Verify(world.Plan), victim, identity, key, envelopes[0].Bytes.Span);
        byte[] resigned = SignedObject.Parse("x", "phr/reshare-confirmation/v1", confirmations[0].ToBytes(), 256).Payload;
        resigned = SignedObject.Sign("phr/reshare-confirmation/v1", resigned, world.OldTrustees[(1, 2)].Identity.ObjectSigner);
        byte[] altered = dealing.ToBytes();
        altered[^1] ^= 1;
        return new JsonObject
        {
            ["about"] = "Two of {2 of 3, 1 of 1} share two documents' keys onward to two of {2 of 2, 1 of 2}. Dealers: (1,1), (1,3), (2,1).",
            ["header"] = Hex(world.Old.Header.ToBytes()),
            ["previous"] = Hex(world.Previous.Dealing.ToBytes()),
            ["plan"] = Hex(world.Plan.Plan.ToBytes()),
            ["contributions"] = List(world.Of(dealers).Select(c => c.Contribution.ToBytes())),
            ["dealing"] = Hex(dealing.ToBytes()),
            ["confirmations"] = List(confirmations.Select(c => c.ToBytes())),
            ["trustees"] = new JsonArray(
            [
                .. world.Policy.Seats.Select(seat => (JsonNode)new JsonObject
                {
                    ["group"] = seat.Group,
                    ["member"] = seat.Member,
                    ["envelopeKey"] = Hex(Export(world.NewTrustees[seat.Indices].EpochKey)),
                    ["envelopes"] = List(dealers.Select(d => world.EnvelopeFor(d, seat).ToArray())),
                }),
            ]),
            ["complaint"] = new JsonObject
            {
                ["contribution"] = Hex(garbage.ToBytes()),
                ["envelope"] = Hex(envelopes[0].Bytes.ToArray()),
                ["complaint"] = Hex(complaint.ToBytes()),
                ["verdict"] = nameof(ComplaintVerdict.DealerAtFault),
            },
            ["cases"] = new JsonArray(
                Case("contribution", "what is shared is another number", "CommitmentMismatch", new ReshareForger(world, bad) { OtherSecret = other }.Make().Contribution.ToBytes()),
                Case("contribution", "twins of other coefficients", "InvalidProof", new ReshareForger(world, bad) { ForeignTwins = true }.Make().Contribution.ToBytes()),
                Case("contribution", "a proof that is bound to another dealer", "InvalidProof", new ReshareForger(world, bad) { ProofOfAnother = true }.Make().Contribution.ToBytes()),
                Case("contribution", "another plan", "Mismatched", foreign.Contributions[bad].Contribution.Contribution.ToBytes()),
                Case("contribution", "signed by another trustee", "InvalidSignature", new ReshareForger(world, bad) { SignedBy = world.OldTrustees[(1, 1)].Identity }.Make().Contribution.ToBytes()),
                Case("contribution", "cut", "Malformed", garbage.ToBytes()[..^1]),
                Case("plan", "of another dealing", "Mismatched", foreign.Plan.Plan.ToBytes()),
                Case("dealing", "the last envelope is another", "InvalidSignature", altered),
                Case("dealing", "of another resharing", "Mismatched", Dealing.FromReshare(foreign.Plan, foreign.Of(dealers)).ToBytes()),
                Case("dealing", "a byte follows", "NonCanonical", [.. dealing.ToBytes(), 0]),
                Case("confirmation", "signed by another trustee", "InvalidSignature", resigned)),
        };
    }

    private static JsonObject Case(string what, string name, string expect, byte[] bytes) => new() { ["what"] = what, ["name"] = name, ["expect"] = expect, ["bytes"] = Hex(bytes) };

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    private static JsonArray List(IEnumerable<byte[]> items) => new([.. items.Select(i => (JsonNode)Hex(i))]);

    private static byte[] Export(SecretKey key)
    {
        byte[] bytes = new byte[SecretKey.Length];
        key.ExportTo(bytes);
        return bytes;
    }
}
