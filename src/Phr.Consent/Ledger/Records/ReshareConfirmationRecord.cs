using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A dealer's latest confirmation.</summary>
/// <remarks>A snapshot: immutable and thread safe.</remarks>
public sealed record ReshareConfirmationRecord
{
    /// <summary>The dealer's seat in the active policy.</summary>
    public required TrusteeSeat Seat { get; init; }

    /// <summary>Who.</summary>
    public required ActorId Trustee { get; init; }

    /// <summary>SHA-256 of the dealing.</summary>
    public required Digest DealingDigest { get; init; }

    /// <summary>The seats of the set that makes it.</summary>
    public required IReadOnlyList<TrusteeSeat> Dealers { get; init => field = ValueList.Of(value); }

    /// <summary>SHA-256 of the confirmation that the dealer signed with the key that the active dealing names.</summary>
    public required Digest ConfirmationDigest { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }
}
