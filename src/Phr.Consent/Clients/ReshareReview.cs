using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a dealer or the patient sees of the trustees' plan before deciding, and what speaks against it.</summary>
/// <param name="Record">The reshare as the ledger has it.</param>
/// <param name="Plan">The plan, verified against the dealing that it would replace. Whether its new trustees shall have the documents is for a person to say.</param>
/// <param name="Objections">Every check that failed, a sentence each; empty when a trustee may deal.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ReshareReview(ReshareRecord Record, VerifiedResharePlan Plan, IReadOnlyList<string> Objections)
{
    /// <summary>Whether every check passed. The decision itself is the person's.</summary>
    public bool IsAcceptable => Objections.Count == 0;

    /// <summary>Whether the trustees stay the same.</summary>
    public bool IsRefresh => Plan.Plan.Policy.Groups.SelectMany(g => g.Members).Select(m => m.Identity)
        .SequenceEqual(Plan.Previous.Dealing.Policy.Groups.SelectMany(g => g.Members).Select(m => m.Identity));
}
