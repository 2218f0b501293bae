using Phr.Consent;

namespace Phr.Fhir.Tests.Consents;

public class ConsentDecisionTests
{
    private static readonly ConsentQuestion Question = new()
    {
        Grantee = Scene.Doctor,
        Purpose = PurposeOfUse.Treatment,
        Data = new FhirReference { Type = "DocumentReference", Address = "DocumentReference/2" },
        Time = Scene.Now.AddHours(1),
    };

    [Fact]
    public void Decide_GrantedDocument_IsPermittedByItsException() =>
        Assert.Equal(new ConsentDecision { Ruling = ConsentRuling.Permit, Cause = ConsentDecisionCause.Exception, ExceptionIndex = 1 }, Scene.Directive.Decide(Question));

    [Fact]
    public void Decide_AnythingElse_IsDeniedByTheBaseRule()
    {
        ConsentQuestion[] others =
        [
            Question with { Grantee = Scene.Custodian },
            Question with { Grantee = Scene.Doctor with { Address = "Practitioner/other" } },
            Question with { Purpose = PurposeOfUse.Research },
            Question with { Data = Question.Data with { Address = "DocumentReference/3" } },
            Question with { Data = Question.Data with { Type = "ImagingStudy" } },
            Question with { Time = Scene.Now.AddTicks(-1) },
            Question with { Time = Scene.Now.AddHours(8) },
        ];
        Assert.All(others, other => Assert.Equal(new ConsentDecision { Ruling = ConsentRuling.Deny, Cause = ConsentDecisionCause.BaseRule }, Scene.Directive.Decide(other)));
    }

    [Fact]
    public void Decide_EveryStatusButActive_Denies() =>
        Assert.All(Enum.GetValues<ConsentDirectiveStatus>().Where(s => s != ConsentDirectiveStatus.Active), status =>
            Assert.Equal((ConsentRuling.Deny, ConsentDecisionCause.NotActive), Pair((Scene.Directive with { Status = status }).Decide(Question))));

    [Fact]
    public void Decide_ExceptionsThatDiffer_TheOneThatDeniesCounts()
    {
        ConsentProvision denies = new() { Ruling = ConsentRuling.Deny, Purposes = [PurposeOfUse.Treatment] };
        ConsentDecision decision = (Scene.Directive with { Exceptions = [.. Scene.Directive.Exceptions, denies] }).Decide(Question);
        Assert.Equal((ConsentRuling.Deny, ConsentDecisionCause.Exception, 2), (decision.Ruling, decision.Cause, decision.ExceptionIndex));
    }

    [Fact]
    public void Decide_ProvisionAboutWhatTheQuestionDoesNotSay_PermitsNothingAndDenies()
    {
        ConsentProvision aboutAuthor = new() { Ruling = ConsentRuling.Permit, Data = [new ConsentData { Meaning = ConsentDataMeaning.AuthoredBy, Reference = Scene.Doctor }] };
        ConsentProvision[] vague = [aboutAuthor, new() { Ruling = ConsentRuling.Permit, DataFrom = Scene.Now.AddYears(-1) }];
        Assert.All(vague, one =>
        {
            Assert.Equal((ConsentRuling.Deny, ConsentDecisionCause.BaseRule), Pair((Scene.Directive with { Exceptions = [one] }).Decide(Question)));
            ConsentDirective open = Scene.Directive with { Root = new ConsentProvision { Ruling = ConsentRuling.Permit }, Exceptions = [one with { Ruling = ConsentRuling.Deny }] };
            Assert.Equal((ConsentRuling.Deny, ConsentDecisionCause.Exception), Pair(open.Decide(Question)));
        });
    }

    [Fact]
    public void Decide_BaseRuleOfOthers_CoversNothing()
    {
        ConsentDirective basic = Scene.Directive with { Root = new ConsentProvision { Ruling = ConsentRuling.Permit, Purposes = [PurposeOfUse.Treatment], Until = Scene.Now.AddHours(2) }, Exceptions = [] };
        Assert.Equal((ConsentRuling.Permit, ConsentDecisionCause.BaseRule), Pair(basic.Decide(Question)));
        Assert.Equal((ConsentRuling.Deny, ConsentDecisionCause.NotCovered), Pair(basic.Decide(Question with { Purpose = PurposeOfUse.Marketing })));
        Assert.Equal((ConsentRuling.Deny, ConsentDecisionCause.NotCovered), Pair(basic.Decide(Question with { Time = Scene.Now.AddHours(2) })));
    }

    [Fact]
    public void PointsWhere_IdentifierWithoutASystem_IsNobody()
    {
        FhirReference named = new() { Type = "Practitioner", Identifier = new FhirIdentifier { Value = "7" } };
        Assert.False(named.PointsWhere(named));
        Assert.False(named.PointsWhere(null));
        FhirReference inSystem = named with { Identifier = new FhirIdentifier { System = "urn:x", Value = "7" } };
        Assert.True(inSystem.PointsWhere(inSystem with { Address = "Practitioner/7" }));
    }

    private static (ConsentRuling, ConsentDecisionCause) Pair(ConsentDecision decision) => (decision.Ruling, decision.Cause);
}
