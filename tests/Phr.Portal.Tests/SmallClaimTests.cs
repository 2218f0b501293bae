using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Portal.Tests;

/// <summary>Claims under a limit that hospital and insurer gave: the doctor and the agency decide.</summary>
public sealed class SmallClaimTests(DemoPortal portal)
{
    private static readonly StandingInstruction _instruction = new("EUR", 10_000);

    [Fact]
    public async Task Claim_UnderTheLimit_NeedsDoctorAndAgencyOnly()
    {
        using Visitor hospital = await portal.EnterAsync("GH");
        using Visitor insurer = await portal.EnterAsync("Asha Insurance");
        await InstructAsync(hospital, "/claims", "100.00");
        await InstructAsync(insurer, "/insurer", "100.00");
        using Visitor patient = await portal.EnterAsync("Kiruthika");
        string small = await DemoClaim.FileAsync(patient, "A dressing", "40.00", "EUR");
        await DecideAsync("Nandhini", small);
        await WorkAsync();
        Assert.Contains("State waits for the agency, level 3", Visitor.TextOf(await patient.ReadAsync(small)), StringComparison.Ordinal);
        await DecideAsync("Health Authority", small);
        await WorkAsync();
        string read = Visitor.TextOf(await patient.ReadAsync(small));
        Assert.Matches("State approved.*Approved 40.00 EUR", read);
        Assert.Contains("By our standing instruction for claims below 100.00 EUR.", read, StringComparison.Ordinal);

        // The next one is small, and with the first one it is not.
        string cut = await DemoClaim.FileAsync(patient, "Another dressing", "60.00", "EUR");
        await DecideAsync("Nandhini", cut);
        await WorkAsync();
        Assert.Contains("State waits for the hospital", Visitor.TextOf(await patient.ReadAsync(cut)), StringComparison.Ordinal);

        foreach ((Visitor visitor, string page) in new[] { (hospital, "/claims"), (insurer, "/insurer") })
        {
            using HttpResponseMessage ended = await visitor.SubmitAsync(page, "end-EUR");
            Assert.Equal(HttpStatusCode.Found, ended.StatusCode);
            Assert.Contains("Every claim waits for you", await visitor.ReadAsync(page), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Instruct_ImpossibleLimit_SaysWhatIsWrong()
    {
        using Visitor insurer = await portal.EnterAsync("Asha Insurance");
        foreach ((string currency, string limit) in new[] { ("EUR", "0"), ("EUR", "-1"), ("EUR", "1.005"), ("EUR", "much"), ("XXQ", "5"), ("../", "5"), ("JPY", "5.5") })
        {
            using HttpResponseMessage response = await insurer.SubmitAsync("/insurer", "small-claims", new Dictionary<string, string> { ["Currency"] = currency, ["Limit"] = limit });
            Assert.True(response.StatusCode == HttpStatusCode.OK, $"{currency} {limit}: {response.StatusCode}");
            Assert.Contains("Write the amount as a number", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // An agency looks at each claim itself.
        using Visitor agency = await portal.EnterAsync("Health Authority");
        Assert.DoesNotContain("Small claims", await agency.ReadAsync("/claims"), StringComparison.Ordinal);
    }

    [Fact]
    public void Covers_EachConditionBroken_IsFalse()
    {
        ClaimRecord claim = Claim(1, 9_999);
        Assert.True(_instruction.Covers(claim, [claim]));
        Assert.False(_instruction.Covers(claim with { Amount = 10_000 }, []));
        Assert.False(_instruction.Covers(claim with { Currency = "USD" }, []));
        Assert.False(_instruction.Covers(claim with { AgencyReviews = false }, []));
        Assert.False(_instruction.Covers(claim with { IsAppealed = true }, []));
        Assert.False(_instruction.Covers(claim, [Claim(2, 1)]));
        Assert.False(_instruction.Covers(claim, [Claim(2, ulong.MaxValue), Claim(3, ulong.MaxValue)]));
        Assert.False(_instruction.Covers(claim, [Claim(2, 1) with { Status = ClaimStatus.Approved, FiledAt = claim.FiledAt - StandingInstruction.Period }]));
        Assert.True(_instruction.Covers(claim, [Claim(2, 1) with { FiledAt = claim.FiledAt - StandingInstruction.Period - TimeSpan.FromSeconds(1) }]));
        Assert.True(_instruction.Covers(claim, [Claim(2, 1) with { Status = ClaimStatus.Rejected }, Claim(3, 1) with { Currency = "USD" }, Claim(4, 1) with { Patient = Actor(9) }]));
    }

    private static async Task InstructAsync(Visitor visitor, string page, string limit)
    {
        using HttpResponseMessage response = await visitor.SubmitAsync(page, "small-claims", new Dictionary<string, string> { ["Currency"] = "EUR", ["Limit"] = limit });
        Assert.Equal(HttpStatusCode.Found, response.StatusCode);
        Assert.Contains(limit, await visitor.ReadAsync(page), StringComparison.Ordinal);
    }

    private Task WorkAsync() => portal.Host.Services.GetRequiredService<Housekeeping>().RunOnceAsync(TestContext.Current.CancellationToken);

    private async Task DecideAsync(string who, string page)
    {
        using Visitor visitor = await portal.EnterAsync(who);
        using HttpResponseMessage response = await visitor.SubmitAsync(page, "decide", new Dictionary<string, string> { ["Decision"] = "approve" });
        Assert.True(response.StatusCode == HttpStatusCode.Found, $"{who}: {Visitor.TextOf(await response.Content.ReadAsStringAsync())}");
    }

    internal static ActorId Actor(int number) => ActorId.Parse(number.ToString("x40", System.Globalization.CultureInfo.InvariantCulture));

    internal static ClaimRecord Claim(int number, ulong amount) => new()
    {
        Id = Digest.Of([(byte)number]),
        Patient = Actor(1),
        Insurer = Actor(2),
        Doctor = Actor(3),
        Hospital = Actor(4),
        Amount = amount,
        Currency = "EUR",
        RelatedTo = default,
        EvidenceCommitment = default,
        EvidenceDigest = default,
        NotAfter = DateTimeOffset.UnixEpoch.AddDays(400),
        Salt = default,
        FiledAt = DateTimeOffset.UnixEpoch.AddDays(300),
        AgencyReviews = true,
        Status = ClaimStatus.AwaitingInsurer,
    };
}
