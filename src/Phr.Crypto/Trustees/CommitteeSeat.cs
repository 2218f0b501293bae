namespace Phr.Crypto;

/// <summary>One oracle of a committee, with the keys that it uses for the request.</summary>
/// <param name="Oracle">The oracle on the ledger.</param>
/// <param name="EnvelopeKey">Fragments are sealed to this key.</param>
/// <param name="ObjectKey">Verifies the oracle's delivery.</param>
/// <remarks>Immutable and thread safe.</remarks>
public sealed record CommitteeSeat(ActorId Oracle, PublicKey EnvelopeKey, PublicKey ObjectKey)
{
    /// <summary>The addresses that serve or served the oracle on the ledger: one of them signs its delivery's statement. Not part of the committee's digest.</summary>
    /// <value>The oracle's own id unless said.</value>
    public IReadOnlyCollection<ActorId> LedgerAddresses { get; init; } = [Oracle];

    /// <summary>How often the oracle's bond was taken so far. Not part of the committee's digest.</summary>
    public uint Slashes { get; init; }
}
