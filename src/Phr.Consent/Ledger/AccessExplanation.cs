using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Why a request gives access or does not, from the ledger alone.</summary>
/// <remarks>
/// What the ledger allows is what honest oracles serve; whether the doctor has the documents already is not on a ledger, and neither recalls them. Immutable and thread safe.
/// </remarks>
public sealed record AccessExplanation
{
    /// <summary>The request that was asked about.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>The ledger's time for which this holds.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The request as the ledger has it; null when it has none.</summary>
    public required RequestRecord? Request { get; init; }

    /// <summary>The approvals that count: of trustees who are active, and of the patient.</summary>
    public required IReadOnlyList<TrusteeSeat> Counted { get; init => field = ValueList.Of(value); }

    /// <summary>The seats whose approval is not there, or does not count now.</summary>
    public required IReadOnlyList<TrusteeSeat> Missing { get; init => field = ValueList.Of(value); }

    /// <summary>Each question and its answer, in the order in which they matter.</summary>
    public required IReadOnlyList<AccessFinding> Findings { get; init => field = ValueList.Of(value); }

    /// <summary>Whether an honest oracle serves the request now: it is granted for good, and nothing ended it.</summary>
    public bool IsAllowed => Findings.All(finding => finding.Outcome == AccessFindingOutcome.Holds || finding.Check == AccessCheck.Delivery);

    /// <summary>The finding that decides: the first that rules access out, else the first that waits, else the last.</summary>
    public AccessFinding Decisive =>
        Findings.FirstOrDefault(finding => finding.Outcome == AccessFindingOutcome.Fails && finding.Check != AccessCheck.Delivery)
        ?? Findings.FirstOrDefault(finding => finding.Outcome == AccessFindingOutcome.Waits && finding.Check != AccessCheck.Delivery)
        ?? Findings[^1];

    /// <summary>The whole answer in one sentence.</summary>
    /// <returns>The sentence.</returns>
    public override string ToString() => $"{(IsAllowed ? "Allowed" : Decisive.Outcome == AccessFindingOutcome.Waits ? "Not allowed yet" : "Not allowed")}: {Decisive.Text}";
}
