using Phr.Crypto;

namespace Phr.Fhir.Tests.References;

public class LedgerUrnTests
{
    private static readonly string Id = new('a', 64);

    [Fact]
    public void ToString_OfBothLedgers_IsWhatThePageSays()
    {
        Assert.Equal($"urn:evm:11155111:00112233445566778899aabbccddeeff00112233:consent:{Id}", LedgerUrn.ForConsent(Scene.Ethereum, RequestId.Parse(Id)).ToString());
        Assert.Equal($"urn:phr:{new string('7', 40)}:claim:{Id}", LedgerUrn.ForClaim(Scene.Embedded, Digest.Parse(Id)).ToString());
        Assert.Equal(string.Empty, default(LedgerUrn).ToString());
    }

    [Fact]
    public void TryParse_WhatWasWritten_IsTheSame()
    {
        var bundle = BundleId.FromBytes(Digest.Parse(Id).ToBytes());
        var document = DocumentId.FromBytes([.. Enumerable.Range(0, 16).Select(i => (byte)i)]);
        foreach (LedgerId ledger in (LedgerId[])[Scene.Embedded, Scene.Ethereum])
        {
            LedgerUrn[] urns =
            [
                LedgerUrn.ForActor(ledger, Scene.PatientActor), LedgerUrn.ForConsent(ledger, RequestId.Parse(Id)), LedgerUrn.ForClaim(ledger, Digest.Parse(Id)),
                LedgerUrn.ForPolicy(ledger, Digest.Parse(Id)), LedgerUrn.ForBundle(ledger, bundle), LedgerUrn.ForDocument(ledger, bundle, document),
            ];
            Assert.All(urns, urn => Assert.Equal(urn, LedgerUrn.Parse(urn.ToString())));
            Assert.Equal(6, urns.Select(u => u.Kind).Distinct().Count());
            Assert.True(urns[0].TryGetActor(out ActorId actor) && actor == Scene.PatientActor);
            Assert.True(urns[1].TryGetRequest(out RequestId request) && request == RequestId.Parse(Id));
            Assert.True(urns[2].TryGetClaim(out Digest claim) && claim == Digest.Parse(Id));
            Assert.True(urns[3].TryGetPolicy(out _));
            Assert.True(urns[5].TryGetDocument(out BundleId b, out DocumentId d) && b == bundle && d == document);
            Assert.False(urns[1].TryGetClaim(out _) || urns[2].TryGetRequest(out _) || urns[4].TryGetDocument(out _, out _) || urns[5].TryGetActor(out _));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("urn:evm")]
    [InlineData("urn:evm:0:00112233445566778899aabbccddeeff00112233:actor:1111111111111111111111111111111111111111")]
    [InlineData("urn:evm:01:00112233445566778899aabbccddeeff00112233:actor:1111111111111111111111111111111111111111")]
    [InlineData("urn:evm:1:00112233445566778899AABBCCDDEEFF00112233:actor:1111111111111111111111111111111111111111")]
    [InlineData("urn:evm:1:00112233445566778899aabbccddeeff00112233:actor:0x1111111111111111111111111111111111111111")]
    [InlineData("urn:evm:1:00112233445566778899aabbccddeeff00112233:actor:AA11111111111111111111111111111111111111")]
    [InlineData("urn:evm:1:00112233445566778899aabbccddeeff00112233:none:1111111111111111111111111111111111111111")]
    [InlineData("urn:evm:1:00112233445566778899aabbccddeeff00112233:actor:1111111111111111111111111111111111111111:2")]
    [InlineData("urn:phr:00112233445566778899aabbccddeeff00112233:document:1111111111111111111111111111111111111111")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(LedgerUrn.TryParse(text, out _));

    [Fact]
    public void FhirIdentifier_OfADigest_IsByRfc6920AndReadBack()
    {
        // RFC 6920, section 8.1: the digest of "Hello World!".
        var digest = Digest.Of("Hello World!"u8);
        var identifier = FhirIdentifier.Of(digest);
        Assert.Equal("ni:///sha-256;f4OxZX_x_FO5LcGBSKHWXfwtSx-j1ncoSt3SABJtkGk", identifier.Value);
        Assert.True(identifier.TryGetDigest(out Digest read) && read == digest);
        Assert.False((identifier with { Value = identifier.Value + "=" }).TryGetDigest(out _));
        Assert.False((identifier with { Value = identifier.Value[..^1] + "l" }).TryGetDigest(out _));
        Assert.False((identifier with { System = null }).TryGetDigest(out _));
        Assert.False(identifier.TryGetLedgerUrn(out _));
    }
}
