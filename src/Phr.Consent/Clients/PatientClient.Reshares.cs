using Phr.Crypto;
using Phr.Storage;

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

    /// <summary>Counts the answers of a drill: who of a dealing's trustees showed that its share is there, and whether they meet the policy.</summary>
    /// <param name="dealingDigest">The dealing, active or waiting to become so.</param>
    /// <param name="document">The test document, which the patient marked by the visible label <see cref="DrillAnswer.Label"/>.</param>
    /// <param name="answers">What <see cref="TrusteeClient.AnswerDrillAsync"/> gave.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The report; it opens the test document when enough answered.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="answers"/> is null.</exception>
    /// <exception cref="ArgumentException">The bundle has no such test document.</exception>
    /// <exception cref="PhrDataException">The dealing or an answer is missing or fails a check.</exception>
    public async Task<DrillReport> CountDrillAsync(Digest dealingDigest, DocumentId document, IReadOnlyList<Digest> answers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(answers);
        VerifiedDealing dealing = await LoadDealingAsync(dealingDigest, cancellationToken).ConfigureAwait(false);
        var verified = new List<VerifiedDrillAnswer>(answers.Count);
        foreach (Digest digest in answers)
        {
            verified.Add(DrillAnswer.FromBytes(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false)).Verify(dealing));
        }

        return DrillReport.Create(dealing, document, verified);
    }

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
