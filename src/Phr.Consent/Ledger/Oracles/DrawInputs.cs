using Phr.Crypto;

namespace Phr.Consent;

/// <summary>Everything that decides a draw: all of it is on the ledger.</summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record DrawInputs
{
    /// <summary>The randomness of the seed block.</summary>
    public required Digest Seed { get; init; }

    /// <summary>The request.</summary>
    public required RequestId RequestId { get; init; }

    /// <summary>0, or 1 after a redraw.</summary>
    public int Round { get; init; }

    /// <summary>The entries of the pinned snapshot, in its order.</summary>
    public required IReadOnlyList<RegistryEntry> Entries { get; init; }

    /// <summary>How many seats there are, 1 to 16.</summary>
    public required int Seats { get; init; }

    /// <summary>Who has an interest in the request: an oracle that sits for one of them is passed over.</summary>
    public IReadOnlySet<ActorId> Parties { get; init; } = new HashSet<ActorId>();

    /// <summary>The numbers of the oracles of round 0 that did not serve; empty in round 0.</summary>
    public IReadOnlyList<int> Failed { get; init; } = [];
}
