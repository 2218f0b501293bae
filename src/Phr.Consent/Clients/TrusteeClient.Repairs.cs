using System.Globalization;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

// One trustee's lost share comes back from others of its group; and drills, which show that shares are there and can be used.
public sealed partial class TrusteeClient
{
    /// <summary>Asks others of the group for this trustee's lost share of a bundle, under a key made for this alone.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="helpers">The helpers' places in the group, as many as its threshold; null for the lowest-numbered others.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The request's digest, to be handed to the helpers. They make sure by their own means who asks.</returns>
    /// <exception cref="ArgumentException">The helpers are not as many others of the group as its threshold.</exception>
    /// <exception cref="InvalidOperationException">The bundle has no active dealing, this actor is no trustee of it, or the group has not enough others: then share the keys anew.</exception>
    /// <exception cref="PhrDataException">The active dealing is missing or fails a check.</exception>
    /// <remarks>
    /// For an envelope that nobody has any more, or a device that was lost with its keys. In the latter case the trustee reads no request of this epoch any more, since they are sealed to the lost key; it can deal in a
    /// reshare (<see cref="ContributeToReshareAsync"/>), which gives it a new one.
    /// </remarks>
    public async Task<Digest> RequestRepairAsync(BundleId bundle, IReadOnlyList<int>? helpers = null, CancellationToken cancellationToken = default)
    {
        BundleRecord record = await LoadBundleAsync(bundle, cancellationToken).ConfigureAwait(false);
        if (record.ActiveDealing is not { } digest)
        {
            throw new InvalidOperationException("The bundle has no active dealing.");
        }

        VerifiedDealing dealing = await LoadDealingAsync(digest, cancellationToken).ConfigureAwait(false);
        RequireSeat(dealing.Dealing);
        using SecretKey key = await GetOrCreateKeyAsync(RepairName(bundle, dealing.Dealing.Epoch, "key"), cancellationToken).ConfigureAwait(false);
        byte[] request = ShareRepairRequest.Create(dealing, Identity, key.PublicKey, helpers).ToBytes();
        await Services.Exchange.PutBlockAsync(request, cancellationToken).ConfigureAwait(false);
        return Digest.Of(request);
    }

    /// <summary>Helps a trustee of the same group to its lost share: breaks this trustee's own into summands for all helpers, so that nobody learns it.</summary>
    /// <param name="repairRequest">The request. The caller has made sure that the trustee who asks is the one it should be, and lost its share.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The contribution's digest, to be handed to the other helpers and the one who asks. Contributing again gives the same.</returns>
    /// <exception cref="ArgumentException">The request does not name this trustee as a helper.</exception>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the dealing.</exception>
    /// <exception cref="PhrDataException">The request is missing or fails a check, its dealing is not the active one, or this trustee's share does not open.</exception>
    public async Task<Digest> ContributeToRepairAsync(Digest repairRequest, CancellationToken cancellationToken = default)
    {
        ShareRepair repair = await LoadRepairAsync(repairRequest, cancellationToken).ConfigureAwait(false);
        PolicySeat seat = RequireSeat(repair.Dealing.Dealing);
        string name = RepairName(repair.Dealing.Dealing.BundleId, repair.Dealing.Dealing.Epoch, repairRequest.ToString());
        using SecretValue? made = await Secrets.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (made is not null)
        {
            return Digest.FromBytes(made.Bytes);
        }

        using TrusteeShares shares = await OpenSharesAsync(repair.Dealing, seat.Group, seat.Member, cancellationToken).ConfigureAwait(false);
        ShareRepairContributionResult result = ShareRepairContribution.Create(repair, shares, Identity);
        foreach (ShareEnvelope envelope in result.Envelopes)
        {
            await Services.Exchange.PutBlockAsync(envelope.Bytes, cancellationToken).ConfigureAwait(false);
        }

        byte[] contribution = result.Contribution.Contribution.ToBytes();
        await Services.Exchange.PutBlockAsync(contribution, cancellationToken).ConfigureAwait(false);
        await Secrets.PutAsync(name, Digest.Of(contribution).ToBytes(), cancellationToken).ConfigureAwait(false);
        return Digest.Of(contribution);
    }

    /// <summary>Adds up, as a helper, what all helpers sent this one, and seals the sum to the trustee who asks.</summary>
    /// <param name="repairRequest">The request.</param>
    /// <param name="contributions">Every helper's contribution, in any order.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The sum's digest, to be handed to the one who asks.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="contributions"/> is null.</exception>
    /// <exception cref="ArgumentException">There is not one contribution from each helper, or this trustee is none.</exception>
    /// <exception cref="PhrDataException">Something is missing or fails a check; the detail names the helper at fault. Then ask others.</exception>
    public async Task<Digest> SumRepairAsync(Digest repairRequest, IReadOnlyList<Digest> contributions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contributions);
        ShareRepair repair = await LoadRepairAsync(repairRequest, cancellationToken).ConfigureAwait(false);
        PolicySeat seat = RequireSeat(repair.Dealing.Dealing);
        IReadOnlyList<VerifiedShareRepairContribution> all = await LoadRepairContributionsAsync(repair, contributions, cancellationToken).ConfigureAwait(false);
        int place = repair.Request.Helpers.TakeWhile(helper => helper != seat.Member).Count();
        if (seat.Group != repair.Request.Seat.Group || place == repair.Request.Helpers.Count)
        {
            throw new ArgumentException("The request does not name this trustee as a helper.", nameof(repairRequest));
        }

        var envelopes = new List<ReadOnlyMemory<byte>>();
        foreach (VerifiedShareRepairContribution contribution in all)
        {
            envelopes.Add(await Services.Exchange.GetBlockAsync(contribution.Contribution.EnvelopeDigests[place], cancellationToken).ConfigureAwait(false));
        }

        using SecretKey key = await FindEpochKeyAsync(repair.Dealing.Dealing.BundleId, repair.Dealing.Dealing.Epoch, cancellationToken).ConfigureAwait(false);
        ShareRepairSumResult sum = ShareRepairSum.Create(repair, all, Identity, key, envelopes);
        await Services.Exchange.PutBlockAsync(sum.Envelope.Bytes, cancellationToken).ConfigureAwait(false);
        await Services.Exchange.PutBlockAsync(sum.Sum.ToBytes(), cancellationToken).ConfigureAwait(false);
        return sum.Sum.Digest;
    }

    /// <summary>Takes the repaired share: checks it against the dealing and remembers where its parts lie, so that it serves until the next epoch.</summary>
    /// <param name="repairRequest">This trustee's request.</param>
    /// <param name="contributions">Every helper's contribution.</param>
    /// <param name="sums">Every helper's sum.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the share is found good.</returns>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentException">There is not one contribution and one sum from each helper.</exception>
    /// <exception cref="PhrDataException">Something is missing or fails a check; the detail names the helper at fault. Or the repair key is not here.</exception>
    public async Task CompleteRepairAsync(Digest repairRequest, IReadOnlyList<Digest> contributions, IReadOnlyList<Digest> sums, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contributions);
        ArgumentNullException.ThrowIfNull(sums);
        ShareRepair repair = await LoadRepairAsync(repairRequest, cancellationToken).ConfigureAwait(false);
        using (await RepairSharesAsync(repair, contributions, sums, cancellationToken).ConfigureAwait(false))
        {
            byte[] parts = [.. repairRequest.ToBytes(), .. contributions.Concat(sums).SelectMany(digest => digest.ToBytes())];
            await Secrets.PutAsync(RepairName(repair.Dealing.Dealing.BundleId, repair.Dealing.Dealing.Epoch, "parts"), parts, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Answers a drill: uses this trustee's share on a test document, in public, to show that it is there.</summary>
    /// <param name="dealingDigest">The dealing, active or waiting to become so.</param>
    /// <param name="document">A document that the patient marked as a test, by the visible label <see cref="DrillAnswer.Label"/>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The answer's digest, to be handed to whoever holds the drill. Answers that together meet the policy open the test document to everybody.</returns>
    /// <exception cref="ArgumentException">The document is not in the bundle, or not marked as a test.</exception>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the dealing.</exception>
    /// <exception cref="PhrDataException">The dealing is missing or fails a check, or the share does not open.</exception>
    public async Task<Digest> AnswerDrillAsync(Digest dealingDigest, DocumentId document, CancellationToken cancellationToken = default)
    {
        VerifiedDealing dealing = await LoadDealingAsync(dealingDigest, cancellationToken).ConfigureAwait(false);
        PolicySeat seat = RequireSeat(dealing.Dealing);
        using TrusteeShares shares = await OpenSharesAsync(dealing, seat.Group, seat.Member, cancellationToken).ConfigureAwait(false);
        byte[] answer = DrillAnswer.Create(shares, document, Identity).ToBytes();
        await Services.Exchange.PutBlockAsync(answer, cancellationToken).ConfigureAwait(false);
        return Digest.Of(answer);
    }

    private async Task<ShareRepair> LoadRepairAsync(Digest repairRequest, CancellationToken cancellationToken)
    {
        ShareRepairRequest request = ShareRepairRequest.FromBytes(await Services.Exchange.GetBlockAsync(repairRequest, cancellationToken).ConfigureAwait(false));
        VerifiedDealing dealing = await LoadDealingAsync(request.DealingDigest, cancellationToken).ConfigureAwait(false);
        BundleRecord bundle = await LoadBundleAsync(dealing.Dealing.BundleId, cancellationToken).ConfigureAwait(false);
        return bundle.ActiveDealing == request.DealingDigest
            ? request.Verify(dealing)
            : throw new PhrDataException("share repair request", PhrDataReason.Expired, "its dealing is not the active one.");
    }

    private async Task<IReadOnlyList<VerifiedShareRepairContribution>> LoadRepairContributionsAsync(ShareRepair repair, IReadOnlyList<Digest> digests, CancellationToken cancellationToken)
    {
        var contributions = new List<VerifiedShareRepairContribution>(digests.Count);
        foreach (Digest digest in digests)
        {
            contributions.Add(ShareRepairContribution.FromBytes(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false)).Verify(repair));
        }

        return [.. contributions.OrderBy(c => c.Contribution.Helper)];
    }

    private async Task<TrusteeShares> RepairSharesAsync(ShareRepair repair, IReadOnlyList<Digest> contributions, IReadOnlyList<Digest> sums, CancellationToken cancellationToken)
    {
        IReadOnlyList<VerifiedShareRepairContribution> all = await LoadRepairContributionsAsync(repair, contributions, cancellationToken).ConfigureAwait(false);
        var results = new List<ShareRepairSumResult>(sums.Count);
        PolicySeat seat = repair.Request.Seat;
        foreach (Digest digest in sums)
        {
            ShareRepairSum sum = ShareRepairSum.FromBytes(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false));
            byte[] envelope = await Services.Exchange.GetBlockAsync(sum.EnvelopeDigest, cancellationToken).ConfigureAwait(false);
            results.Add(new ShareRepairSumResult(sum, new ShareEnvelope(seat.Group, seat.Member, Id, envelope, sum.EnvelopeDigest)));
        }

        Dealing dealing = repair.Dealing.Dealing;
        using SecretValue stored = await Secrets.GetAsync(RepairName(dealing.BundleId, dealing.Epoch, "key"), cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("repair key", PhrDataReason.NotFound, "the secret of the repair key is not here: only the trustee who asked takes the share.");
        using SecretKey key = SecretKey.FromBytes(stored.Bytes);
        return TrusteeShares.Repair(repair, all, results, key);
    }

    /// <summary>The share that a repair gave back, opened again from its parts; null when there was none.</summary>
    private async Task<TrusteeShares?> FindRepairedSharesAsync(VerifiedDealing dealing, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await Secrets.GetAsync(RepairName(dealing.Dealing.BundleId, dealing.Dealing.Epoch, "parts"), cancellationToken).ConfigureAwait(false);
        if (stored is null)
        {
            return null;
        }

        Digest[] parts = [.. stored.Bytes.ToArray().Chunk(Digest.Length).Select(bytes => Digest.FromBytes(bytes))];
        int helpers = (parts.Length - 1) / 2;
        ShareRepairRequest request = ShareRepairRequest.FromBytes(await Services.Exchange.GetBlockAsync(parts[0], cancellationToken).ConfigureAwait(false));
        return request.DealingDigest != dealing.Dealing.Digest ? null
            : await RepairSharesAsync(request.Verify(dealing), parts[1..(1 + helpers)], parts[(1 + helpers)..], cancellationToken).ConfigureAwait(false);
    }

    private static string RepairName(BundleId bundle, uint? epoch, string what) => string.Create(CultureInfo.InvariantCulture, $"repair/{bundle}/{epoch}/{what}");
}
