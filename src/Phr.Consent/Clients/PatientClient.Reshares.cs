using Phr.Crypto;

namespace Phr.Consent;

// What the trustees do while the patient is away, and the patient's say in it.
public sealed partial class PatientClient
{
    /// <summary>Reads the trustees' plan to share the keys anew.</summary>
    /// <param name="planDigest">The plan: <see cref="BundleRecord.PendingReshare"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Who shall have shares, and what speaks against it. Nothing is dealt before <see cref="ReshareRecord.NotBefore"/>.</returns>
    /// <exception cref="PhrDataException">Something that the plan pins is missing or fails a check.</exception>
    public Task<ReshareReview> ReviewReshareAsync(Digest planDigest, CancellationToken cancellationToken = default) => ReviewPlanAsync(planDigest, cancellationToken);

    /// <summary>Stops what waits for a bundle: a reshare by the trustees, or a dealing that is not active yet, whoever proposed it.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>Whether something waited.</returns>
    /// <exception cref="PhrDataException">The ledger does not know the bundle.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused: it became active meanwhile.</exception>
    /// <remarks>Within the delay after a proposal nothing has been dealt yet. Later the new trustees may hold shares that they could use together; the dealing is still not one that oracles or doctors accept.</remarks>
    public async Task<bool> CancelPendingAsync(BundleId bundle, CancellationToken cancellationToken = default)
    {
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        LedgerCommand? command =
            record.PendingDealing is { } dealing ? new CancelDealing { Actor = Id, BundleId = bundle, DealingDigest = dealing }
            : record.PendingReshare is { } plan ? new CancelReshare { Actor = Id, BundleId = bundle, PlanDigest = plan }
            : null;
        if (command is not null)
        {
            await SubmitAsync(command, cancellationToken).ConfigureAwait(false);
        }

        return command is not null;
    }
}
