namespace Phr.Consent;

/// <summary>What a trustee or the patient sees of a request before deciding, and what speaks against it.</summary>
/// <param name="Request">The request as the ledger has it.</param>
/// <param name="Body">What is asked, opened and checked against the ledger's commitments and the doctor's signature.</param>
/// <param name="Access">What the patient's rule says of it.</param>
/// <param name="Objections">Every check that failed, a sentence each; empty when the request may be approved.</param>
public sealed record RequestReview(RequestRecord Request, RequestBody Body, AccessDecision Access, IReadOnlyList<string> Objections)
{
    /// <summary>Whether every check passed. The decision itself is the person's.</summary>
    public bool IsAcceptable => Objections.Count == 0;
}
