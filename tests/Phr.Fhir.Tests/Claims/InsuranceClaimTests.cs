using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Phr.Consent;
using Phr.Crypto;

namespace Phr.Fhir.Tests.Claims;

public class InsuranceClaimTests
{
    [Fact]
    public void FromLedger_ThroughEveryLevel_GivesOneAnswerForEach()
    {
        LedgerNames names = Scene.Names(Scene.Ethereum);
        ClaimStep Step(ClaimStepKind kind, ActorId actor, int level, ulong amount = 0, int reason = 0) => new() { Kind = kind, Actor = actor, Level = level, Amount = amount, ReasonCode = reason, Time = Scene.Now.AddHours(level) };
        ClaimStep[] steps =
        [
            Step(ClaimStepKind.Endorsed, Scene.DoctorActor, 1), Step(ClaimStepKind.Endorsed, Scene.HospitalActor, 2), Step(ClaimStepKind.Endorsed, Scene.AgencyActor, 3),
            Step(ClaimStepKind.Approved, Scene.InsurerActor, 4, amount: 1_000_000, reason: 7), Step(ClaimStepKind.Appealed, Scene.PatientActor, 0),
            Step(ClaimStepKind.SentBack, Scene.AgencyActor, 0), Step(ClaimStepKind.Approved, Scene.InsurerActor, 4, amount: 1_234_550),
        ];
        (ClaimStatus Status, int Steps, string Outcomes)[] cases =
        [
            (ClaimStatus.AwaitingDoctor, 0, "1 Queued"),
            (ClaimStatus.AwaitingHospital, 1, "1 Partial, 2 Queued"),
            (ClaimStatus.AwaitingAgency, 2, "1 Partial, 2 Partial, 3 Queued"),
            (ClaimStatus.AwaitingInsurer, 3, "1 Partial, 2 Partial, 3 Partial, 4 Queued"),
            (ClaimStatus.Approved, 4, "1 Partial, 2 Partial, 3 Partial, 4 Complete"),
            (ClaimStatus.AwaitingAppeal, 5, "1 Partial, 2 Partial, 3 Partial, 4 Complete, 5 Queued"),
            (ClaimStatus.AwaitingInsurer, 6, "1 Partial, 2 Partial, 3 Partial, 4 Complete, 5 Partial, 4 Queued"),
            (ClaimStatus.Approved, 7, "1 Partial, 2 Partial, 3 Partial, 4 Complete, 5 Partial, 4 Complete"),
        ];
        foreach ((ClaimStatus status, int count, string outcomes) in cases)
        {
            IReadOnlyList<ClaimAnswer> answers = ClaimAnswer.FromLedger(Scene.ClaimRecord with { Status = status, Steps = steps[..count] }, names);
            Assert.Equal(outcomes, string.Join(", ", answers.Select(a => $"{a.Level} {a.Outcome}")));
            Assert.Equal(Enumerable.Range(1, answers.Count), answers.Select(a => a.Number));
            Assert.All(answers, answer => Assert.Equal(answer, FhirR4.ReadClaimAnswer(FhirR4.WriteClaimAnswer(answer))));
        }

        ClaimAnswer partial = ClaimAnswer.FromLedger(Scene.ClaimRecord with { Status = ClaimStatus.Approved, Steps = steps[..4] }, names)[3];
        Assert.Equal((10_000.00m, "INR", "Approved in part.", 7), (partial.Approved!.Value.Value, partial.Approved.Value.Currency, partial.Disposition, partial.ReasonCode));
        JsonNode json = JsonNode.Parse(FhirR4.WriteClaimAnswer(partial))!;
        Assert.Equal(("complete", "preauthorization"), ((string)json["outcome"]!, (string)json["use"]!));
        Assert.Equal("10000.00", json["total"]![0]!["amount"]!["value"]!.ToJsonString());
        Assert.EndsWith("#4", (string)json["identifier"]![0]!["value"]!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ClaimStepKind.Rejected, ClaimStatus.Rejected, "Rejected by the hospital.")]
    [InlineData(ClaimStepKind.Expired, ClaimStatus.Expired, "Not decided in time.")]
    [InlineData(ClaimStepKind.Upheld, ClaimStatus.Rejected, "The decision stands after the appeal.")]
    public void FromLedger_Ended_IsComplete(ClaimStepKind kind, ClaimStatus status, string disposition)
    {
        ClaimRecord record = Scene.ClaimRecord with { Status = status, Steps = [new ClaimStep { Kind = kind, Actor = Scene.HospitalActor, Level = kind == ClaimStepKind.Rejected ? 2 : 0, Time = Scene.Now }] };
        ClaimAnswer answer = Assert.Single(ClaimAnswer.FromLedger(record, Scene.Names(Scene.Embedded)));
        Assert.Equal((ClaimOutcome.Complete, disposition), (answer.Outcome, answer.Disposition));
        Assert.Equal(answer, FhirR4.ReadClaimAnswer(FhirR4.WriteClaimAnswer(answer)));
    }

    [Fact]
    public void FromLedger_Claim_IsAPreauthorizationAndReadBack()
    {
        var claim = InsuranceClaim.FromLedger(Scene.ClaimRecord, Scene.Names(Scene.Ethereum));
        byte[] json = FhirR4.WriteClaim(claim);
        Assert.Equal(claim, FhirR4.ReadClaim(json));
        Assert.Equal(json, FhirR4.WriteClaim(FhirR4.ReadClaim(json)));
        Assert.Equal((12_345.50m, "INR"), (claim.Amount.Value, claim.Amount.Currency));
        Assert.Equal(Scene.ClaimRecord.EvidenceDigest, claim.EvidenceDigest);
        Assert.Equal(InsuranceClaimStatus.Cancelled, InsuranceClaim.FromLedger(Scene.ClaimRecord with { Status = ClaimStatus.Withdrawn }, Scene.Names(Scene.Ethereum)).Status);
        Assert.Empty(ClaimAnswer.FromLedger(Scene.ClaimRecord with { Status = ClaimStatus.Withdrawn }, Scene.Names(Scene.Ethereum)));
        Assert.Throws<ArgumentException>(() => InsuranceClaim.FromLedger(Scene.ClaimRecord with { Currency = "QQQ" }, Scene.Names(Scene.Ethereum)));
    }

    [Fact]
    public void ReadClaim_AnyClaim_IsWhatWasWritten()
    {
        Gen<InsuranceClaim> gen =
            from status in Gen.Elements(Enum.GetValues<InsuranceClaimStatus>())
            from units in Gen.Choose(0, int.MaxValue)
            from currency in Gen.Elements("INR", "EUR", "JPY", "KWD", "CLF", "USD")
            from bits in Gen.Choose(0, 7)
            select new InsuranceClaim
            {
                Id = (bits & 1) != 0 ? "c-1" : null,
                Identifier = new FhirIdentifier { Value = $"claim {units}" },
                Status = status,
                Patient = Scene.Patient,
                Doctor = Scene.Doctor,
                Hospital = (bits & 1) != 0 ? Scene.Custodian : null,
                Insurer = Scene.Custodian,
                FiledAt = Scene.Now.AddSeconds(bits),
                Amount = MoneyAmount.FromSmallestUnits((ulong)units, currency),
                EvidenceDigest = (bits & 2) != 0 ? Digest.Of([1]) : null,
                RelatedTo = (bits & 4) != 0 ? Digest.Of([2]) : null,
            };
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(gen.ToArbitrary(), one =>
            FhirR4.ReadClaim(FhirR4.WriteClaim(one)) == one && FhirR4.FromResource(FhirR4.ToResource(one)) == one));
    }

    [Theory]
    [InlineData("phr-use", "use", "\"claim\"")]
    [InlineData("phr-money", "total", """{"value":-1,"currency":"INR"}""")]
    [InlineData("phr-money", "total", """{"value":1}""")]
    [InlineData("PVAL116", "total", """{"value":1,"currency":"QQQ"}""")]
    [InlineData("phr-digest", "related", """[{"reference":{"value":"x"}}]""")]
    [InlineData("phr-reference", "insurer", """{"reference":"Patient/3"}""")]
    [InlineData("phr-once", "careTeam", """[{"sequence":1,"provider":{"reference":"Organization/1"}},{"sequence":2,"provider":{"reference":"Organization/2"}}]""")]
    public void TryReadClaim_Fault_IsNamed(string rule, string element, string value)
    {
        byte[] broken = Scene.Changed(FhirR4.WriteClaim(InsuranceClaim.FromLedger(Scene.ClaimRecord, Scene.Names(Scene.Ethereum))), c => c[element] = JsonNode.Parse(value));
        Assert.False(FhirR4.TryReadClaim(broken, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Contains(faults, f => f.Rule == rule);
        Assert.Throws<PhrDataException>(() => FhirR4.ReadClaim(broken));
    }

    [Theory]
    [InlineData("phr-answer", "identifier", """[{"value":"other#1"}]""")]
    [InlineData("phr-level", "extension", """[{"url":"urn:phr:fhir:claim-level","valuePositiveInt":6}]""")]
    [InlineData("phr-extension", "extension", """[{"url":"urn:phr:fhir:claim-level","valueInteger":1}]""")]
    [InlineData("phr-status", "status", "\"cancelled\"")]
    [InlineData("phr-missing", "disposition", null)]
    [InlineData("phr-use", "use", "\"claim\"")]
    public void TryReadClaimAnswer_Fault_IsNamed(string rule, string element, string? value)
    {
        byte[] json = FhirR4.WriteClaimAnswer(ClaimAnswer.FromLedger(Scene.ClaimRecord, Scene.Names(Scene.Ethereum))[0]);
        byte[] broken = Scene.Changed(json, c =>
        {
            c.AsObject().Remove(element);
            if (value is not null)
            {
                c[element] = JsonNode.Parse(value);
            }
        });
        Assert.False(FhirR4.TryReadClaimAnswer(broken, out _, out IReadOnlyList<FhirFault> faults));
        Assert.Contains(faults, f => f.Rule == rule);
        Assert.Throws<PhrDataException>(() => FhirR4.ReadClaimAnswer(broken));
    }

    [Theory]
    [InlineData(0UL, "INR", "0.00")]
    [InlineData(ulong.MaxValue, "INR", "184467440737095516.15")]
    [InlineData(5UL, "JPY", "5")]
    [InlineData(1234UL, "KWD", "1.234")]
    public void FromSmallestUnits_AnyCurrency_HasItsDecimalsAndComesBack(ulong units, string currency, string text)
    {
        var amount = MoneyAmount.FromSmallestUnits(units, currency);
        Assert.Equal($"{text} {currency}", amount.ToString());
        Assert.True(amount.TryToSmallestUnits(out ulong back));
        Assert.Equal(units, back);
    }

    [Fact]
    public void TryToSmallestUnits_NotWholeOrTooLarge_IsRefused()
    {
        Assert.False(MoneyAmount.Of(0.001m, "INR").TryToSmallestUnits(out _));
        Assert.False(MoneyAmount.Of(decimal.MaxValue, "INR").TryToSmallestUnits(out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => MoneyAmount.Of(-1, "INR"));
        Assert.Throws<ArgumentException>(() => MoneyAmount.Of(1, "inr"));
    }
}
