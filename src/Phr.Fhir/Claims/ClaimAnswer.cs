using Phr.Consent;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Fhir;

/// <summary>What one level says to a claim.</summary>
/// <remarks><see cref="FhirR4"/> writes and reads it as R4 <c>ClaimResponse</c>. Immutable and thread safe.</remarks>
public sealed record ClaimAnswer
{
    /// <summary>The level of an appeal, beside the claim's own levels 1 to 4.</summary>
    public const int AppealLevel = 5;

    /// <summary>The resource's id on its server, 1 to 64 of letters, digits, <c>-</c> and <c>.</c>; null for none.</summary>
    public string? Id { get; init; }

    /// <summary>Its place among the claim's answers, counted from 1.</summary>
    public required int Number { get; init; }

    /// <summary>The claim that it answers.</summary>
    public required FhirIdentifier Claim { get; init; }

    /// <summary>Who claims, a <c>Patient</c>.</summary>
    public required FhirReference Patient { get; init; }

    /// <summary>Who is to pay, an <c>Organization</c>.</summary>
    public required FhirReference Insurer { get; init; }

    /// <summary>Who answers, or whose answer is waited for; null when anybody of a kind may: an agency.</summary>
    public FhirReference? Decider { get; init; }

    /// <summary>At which level: 1 doctor, 2 hospital, 3 agency, 4 insurer, <see cref="AppealLevel"/> the agency on an appeal.</summary>
    public required int Level { get; init; }

    /// <summary>How far the answer goes.</summary>
    public required ClaimOutcome Outcome { get; init; }

    /// <summary>What was decided, in one sentence: at most 1,000 characters.</summary>
    public required string Disposition { get; init; }

    /// <summary>When it was given; for what is waited for, since when.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why, in the parties' own codes; 0 for none.</summary>
    public int ReasonCode { get; init; }

    /// <summary>What was approved; null for everything but an approval.</summary>
    public MoneyAmount? Approved { get; init; }

    /// <summary>The answers to a claim of a ledger, one for each level that decided, and a last one for the level that it waits for.</summary>
    /// <param name="claim">The claim, as the ledger tells it.</param>
    /// <param name="names">The ledger, and what its actors are called in the FHIR system.</param>
    /// <returns>The answers, in order.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">FHIR R4 does not know the currency.</exception>
    public static IReadOnlyList<ClaimAnswer> FromLedger(ClaimRecord claim, LedgerNames names)
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(names);
        var answers = new List<ClaimAnswer>();
        DateTimeOffset since = claim.FiledAt;
        foreach (ClaimStep step in claim.Steps)
        {
            since = step.Time;
            (ClaimOutcome Outcome, string Disposition)? said = step.Kind switch
            {
                ClaimStepKind.Endorsed => (ClaimOutcome.Partial, $"Endorsed by the {LevelName(step.Level)}."),
                ClaimStepKind.Rejected => (ClaimOutcome.Complete, $"Rejected by the {LevelName(step.Level)}."),
                ClaimStepKind.Approved => (ClaimOutcome.Complete, step.Amount < claim.Amount ? "Approved in part." : "Approved."),
                ClaimStepKind.SentBack => (ClaimOutcome.Partial, "The appeal is upheld; the insurer decides again."),
                ClaimStepKind.Upheld => (ClaimOutcome.Complete, "The decision stands after the appeal."),
                ClaimStepKind.Expired => (ClaimOutcome.Complete, "Not decided in time."),
                _ => null,
            };
            if (said is { } answer)
            {
                int level = step.Kind is ClaimStepKind.SentBack or ClaimStepKind.Upheld ? AppealLevel : step.Level;
                answers.Add(Answer(level == 0 ? 4 : level, answer.Outcome, answer.Disposition, step.Time) with
                {
                    Decider = step.Actor.IsZero || step.Kind == ClaimStepKind.Expired ? null : names.Of(step.Actor, step.Level == 1 ? "Practitioner" : "Organization"),
                    ReasonCode = step.ReasonCode,
                    Approved = step.Kind == ClaimStepKind.Approved ? MoneyAmount.FromSmallestUnits(step.Amount, claim.Currency) : null,
                });
            }
        }

        if (claim.IsOpen)
        {
            int level = claim.Status == ClaimStatus.AwaitingAppeal ? AppealLevel : claim.Level;
            answers.Add(Answer(level, ClaimOutcome.Queued, $"Waits for the {LevelName(level)}.", since) with
            {
                Decider = level switch
                {
                    1 => names.Of(claim.Doctor, "Practitioner"),
                    2 => names.Of(claim.Hospital, "Organization"),
                    4 => names.Of(claim.Insurer, "Organization"),
                    _ => null,
                },
            });
        }

        return ValueList.Of<ClaimAnswer>(answers);

        ClaimAnswer Answer(int level, ClaimOutcome outcome, string disposition, DateTimeOffset time) => new()
        {
            Number = answers.Count + 1,
            Claim = FhirIdentifier.Of(LedgerUrn.ForClaim(names.Ledger, claim.Id)),
            Patient = names.Of(claim.Patient, "Patient"),
            Insurer = names.Of(claim.Insurer, "Organization"),
            Level = level,
            Outcome = outcome,
            Disposition = disposition,
            Time = time,
        };
    }

    private static string LevelName(int level) => level switch
    {
        1 => "doctor",
        2 => "hospital",
        3 => "regulatory agency",
        AppealLevel => "regulatory agency's decision on the appeal",
        _ => "insurer",
    };
}
