namespace Phr.Fhir;

/// <content>Decisions.</content>
public sealed partial record ConsentDirective
{
    /// <summary>Answers a question by this consent alone, as R4 and IHE PCF mean it: the base rule, and exceptions within it.</summary>
    /// <param name="question">The question.</param>
    /// <returns>
    /// The answer. What is not permitted is denied; of exceptions that differ the one that denies counts. The question does not say when the data were made, to which encounter they belong, or who wrote them:
    /// a provision that asks for that permits nothing, and denies whatever else fits it.
    /// </returns>
    /// <exception cref="ArgumentNullException"><paramref name="question"/> is null.</exception>
    public ConsentDecision Decide(ConsentQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (Status != ConsentDirectiveStatus.Active)
        {
            return new ConsentDecision { Ruling = ConsentRuling.Deny, Cause = ConsentDecisionCause.NotActive };
        }

        if (!Fits(Root, question))
        {
            return new ConsentDecision { Ruling = ConsentRuling.Deny, Cause = ConsentDecisionCause.NotCovered };
        }

        int? permits = null;
        for (int i = 0; i < Exceptions.Count; i++)
        {
            if (Fits(Exceptions[i], question))
            {
                if (Exceptions[i].Ruling == ConsentRuling.Deny)
                {
                    return new ConsentDecision { Ruling = ConsentRuling.Deny, Cause = ConsentDecisionCause.Exception, ExceptionIndex = i };
                }

                permits ??= i;
            }
        }

        return permits is { } index
            ? new ConsentDecision { Ruling = ConsentRuling.Permit, Cause = ConsentDecisionCause.Exception, ExceptionIndex = index }
            : new ConsentDecision { Ruling = Root.Ruling, Cause = ConsentDecisionCause.BaseRule };
    }

    private static bool Fits(ConsentProvision provision, ConsentQuestion question)
    {
        bool unknown = provision.Ruling == ConsentRuling.Deny;
        return (provision.Grantees.Count == 0 || provision.Grantees.Any(question.Grantee.PointsWhere))
            && (provision.Purposes.Count == 0 || provision.Purposes.Contains(question.Purpose))
            && (provision.From is not { } from || question.Time >= from)
            && (provision.Until is not { } until || question.Time < until)
            && ((provision.DataFrom is null && provision.DataUntil is null) || unknown)
            && (provision.Data.Count == 0 || provision.Data.Any(data => data.Meaning == ConsentDataMeaning.Instance ? data.Reference.PointsWhere(question.Data) : unknown));
    }
}
