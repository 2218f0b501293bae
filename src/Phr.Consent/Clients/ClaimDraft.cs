using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>What a patient claims, of whom, and who is to read the evidence.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record ClaimDraft
{
    /// <summary>Who is to pay.</summary>
    public required ActorId Insurer { get; init; }

    /// <summary>Who treated, and endorses first.</summary>
    public required ActorId Doctor { get; init; }

    /// <summary>Where, and who endorses next.</summary>
    public required ActorId Hospital { get; init; }

    /// <summary>The agencies that may review it: the evidence is sealed to them, too. Without one a claim that needs review, or an appeal, finds an agency that cannot read.</summary>
    public IReadOnlyList<ActorId> Agencies { get; init => field = ValueList.Of(value); } = ValueList.Of<ActorId>([]);

    /// <summary>What is claimed, in the currency's smallest units; at least 1.</summary>
    public required ulong Amount { get; init; }

    /// <summary>The currency: three capital letters, ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>A request, or a salted digest of anything else that the claim rests on; zero for none. Everybody sees it.</summary>
    public Digest RelatedTo { get; init; }

    /// <summary>For how long the claim may be decided, at most 366 days.</summary>
    /// <value>Default 90 days.</value>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromDays(90);
}
