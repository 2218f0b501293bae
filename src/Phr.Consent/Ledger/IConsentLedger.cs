using Phr.Crypto;

namespace Phr.Consent;

/// <summary>A ledger of consent: signed commands go in, records and entries come out.</summary>
/// <remarks>
/// Every implementation decides as <see cref="ConsentState"/> does. Records are snapshots as of the head's time. Thread safe.
/// A refused command throws <see cref="LedgerRejectedException"/> and changes nothing.
/// </remarks>
public interface IConsentLedger : IAsyncDisposable
{
    /// <summary>Which ledger it is; signatures are bound to it.</summary>
    LedgerId Id { get; }

    /// <summary>The ledger's rules.</summary>
    LedgerParameters Parameters { get; }

    /// <summary>Hands in a signed command. Anybody may, for anybody.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Gives up waiting; the command may still be accepted.</param>
    /// <returns>The receipt, once the entry is durable.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused the command.</exception>
    Task<LedgerReceipt> SubmitAsync(SignedCommand command, CancellationToken cancellationToken = default);

    /// <summary>The end of the ledger.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The head.</returns>
    Task<LedgerHead> GetHeadAsync(CancellationToken cancellationToken = default);

    /// <summary>An actor's next nonce.</summary>
    /// <param name="actor">The actor; 0 comes back for one that the ledger does not know.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many commands of the actor were accepted.</returns>
    Task<ulong> GetNonceAsync(ActorId actor, CancellationToken cancellationToken = default);

    /// <summary>An actor.</summary>
    /// <param name="actor">Its id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<ActorRecord?> GetActorAsync(ActorId actor, CancellationToken cancellationToken = default);

    /// <summary>A bundle.</summary>
    /// <param name="bundle">Its id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<BundleRecord?> GetBundleAsync(BundleId bundle, CancellationToken cancellationToken = default);

    /// <summary>A dealing of a bundle. Anybody may propose anybody's digest for a bundle of their own, so a digest alone names none.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="dealingDigest">SHA-256 of the dealing's bytes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<DealingRecord?> GetDealingAsync(BundleId bundle, Digest dealingDigest, CancellationToken cancellationToken = default);

    /// <summary>A reshare of a bundle by its trustees.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="planDigest">SHA-256 of the plan's bytes.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, the latest where a plan was proposed again; or null.</returns>
    Task<ReshareRecord?> GetReshareAsync(BundleId bundle, Digest planDigest, CancellationToken cancellationToken = default);

    /// <summary>A request.</summary>
    /// <param name="request">Its id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<RequestRecord?> GetRequestAsync(RequestId request, CancellationToken cancellationToken = default);

    /// <summary>The requests that fit a filter, in the order in which they were made.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The records.</returns>
    Task<IReadOnlyList<RequestRecord>> ListRequestsAsync(RequestFilter filter, CancellationToken cancellationToken = default);

    /// <summary>Every oracle, in the order of the ids.</summary>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The records.</returns>
    Task<IReadOnlyList<OracleRecord>> ListOraclesAsync(CancellationToken cancellationToken = default);

    /// <summary>A snapshot of the registry of oracles.</summary>
    /// <param name="number">Its number; null for the present one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The snapshot, or null: none was taken, or it is older than the last two and no request pinned it.</returns>
    Task<RegistrySnapshot?> GetSnapshotAsync(int? number = null, CancellationToken cancellationToken = default);

    /// <summary>The envelope key that a trustee published.</summary>
    /// <param name="trustee">The trustee.</param>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<EnvelopeKeyRecord?> GetEnvelopeKeyAsync(ActorId trustee, BundleId bundle, int epoch, CancellationToken cancellationToken = default);

    /// <summary>A patient's recovery that is proposed or scheduled.</summary>
    /// <param name="patient">The patient.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<RecoveryRecord?> GetRecoveryAsync(ActorId patient, CancellationToken cancellationToken = default);

    /// <summary>A team.</summary>
    /// <param name="team">Its id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<TeamRecord?> GetTeamAsync(ActorId team, CancellationToken cancellationToken = default);

    /// <summary>An insurance claim.</summary>
    /// <param name="claim">Its id.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The record, or null.</returns>
    Task<ClaimRecord?> GetClaimAsync(Digest claim, CancellationToken cancellationToken = default);

    /// <summary>The insurance claims that fit a filter, in the order in which they were filed.</summary>
    /// <param name="filter">The filter.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The records.</returns>
    Task<IReadOnlyList<ClaimRecord>> ListClaimsAsync(ClaimFilter filter, CancellationToken cancellationToken = default);

    /// <summary>From which amount on an agency looks at claims to an insurer, too.</summary>
    /// <param name="insurer">The insurer.</param>
    /// <param name="currency">The currency: three capital letters, ISO 4217.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The least such amount in the currency's smallest units; 0 for every claim.</returns>
    Task<ulong> GetReviewThresholdAsync(ActorId insurer, string currency, CancellationToken cancellationToken = default);

    /// <summary>The disputes that an oracle lost, in the order in which they were decided.</summary>
    /// <param name="oracle">The oracle.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The records.</returns>
    Task<IReadOnlyList<DisputeRecord>> ListDisputesAsync(ActorId oracle, CancellationToken cancellationToken = default);

    /// <summary>Reads entries up to the head.</summary>
    /// <param name="afterNumber">The number of the last entry that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The entries in order.</returns>
    IAsyncEnumerable<LedgerEntry> ReadAsync(ulong afterNumber, CancellationToken cancellationToken = default);

    /// <summary>Reads entries, and goes on as new ones come, without an end.</summary>
    /// <param name="afterNumber">The number of the last entry that is not wanted; 0 for all.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The entries in order.</returns>
    IAsyncEnumerable<LedgerEntry> FollowAsync(ulong afterNumber, CancellationToken cancellationToken = default);
}
