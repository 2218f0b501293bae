using System.Buffers.Binary;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>A trustee's work: offer an envelope key, check and acknowledge a share, review requests, approve or deny, and release fragments once a grant is final.</summary>
/// <remarks>Everything that must survive a restart is in the secret store: epoch keys, the highest epoch seen, and the outbox.</remarks>
public sealed partial class TrusteeClient : ActorClient
{
    private readonly Outbox _outbox;

    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The trustee's keys.</param>
    /// <param name="secrets">The trustee's secret store, on its own device.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public TrusteeClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets)
        : base(services, identity, secrets) => _outbox = new Outbox(secrets);

    /// <summary>Makes a fresh envelope key for one bundle and epoch, keeps its secret, and publishes the signed offer.</summary>
    /// <param name="bundle">The bundle.</param>
    /// <param name="epoch">The epoch of the dealing to come, from 1.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the key. Offering again for the same epoch changes nothing.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task OfferEnvelopeKeyAsync(BundleId bundle, uint epoch, CancellationToken cancellationToken = default)
    {
        if (await Services.Ledger.GetEnvelopeKeyAsync(Id, bundle, (int)epoch, cancellationToken).ConfigureAwait(false) is not null)
        {
            return;
        }

        using SecretKey key = await GetOrCreateEpochKeyAsync(bundle, epoch, cancellationToken).ConfigureAwait(false);
        EnvelopeKeyOffer offer = EnvelopeKeyOffer.Create(Identity, Services.Ledger.Id, bundle, epoch, key.PublicKey);
        byte[] bytes = offer.ToBytes();
        await Services.Exchange.PutBlockAsync(bytes, cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new PublishEnvelopeKey { Actor = Id, BundleId = bundle, Epoch = (int)epoch, EnvelopeKey = key.PublicKey, OfferDigest = Digest.Of(bytes) },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the trustee's share in the newest dealing of a bundle, checks it against the commitments, and acknowledges it.</summary>
    /// <param name="dealingDigest">The dealing.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the acknowledgement.</returns>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the dealing.</exception>
    /// <exception cref="PhrDataException">The share is missing, or does not open or is not the committed one: then a signed complaint was recorded. Or the dealing does not verify.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task AcknowledgeAsync(Digest dealingDigest, CancellationToken cancellationToken = default)
    {
        DealingRecord record = await RequestDossier.LoadDealingRecordAsync(Services, dealingDigest, cancellationToken).ConfigureAwait(false);
        VerifiedDealing dealing = await RequestDossier.LoadDealingAsync(Services, dealingDigest, record.HeaderDigest, cancellationToken).ConfigureAwait(false);
        (int group, int member) = dealing.Dealing.Policy.FindIndices(Id)
            ?? throw new InvalidOperationException("This actor is no trustee of the dealing.");
        await RequireNewEpochAsync(dealing.Dealing, record.Policy.Emergency, cancellationToken).ConfigureAwait(false);
        await RequireSamePatientAsync(dealing.Dealing, cancellationToken).ConfigureAwait(false);
        RequireAgreement(dealing.Dealing, record, group, member);
        if (record.Policy.Emergency)
        {
            await Secrets.PutAsync(EmergencyMark(dealing.Dealing.BundleId, dealing.Dealing.Epoch), new byte[1], cancellationToken).ConfigureAwait(false);
        }

        if (dealing.Dealing.IsReshared)
        {
            await RequireWorkedOutAsync(dealing.Dealing, cancellationToken).ConfigureAwait(false);
        }

        try
        {
            using TrusteeShares shares = await OpenSharesAsync(dealing, group, member, cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException e) when (IsDealersFault(e))
        {
            Digest evidence = await StoreEvidenceAsync(dealing, record, new PolicySeat(group, member), cancellationToken).ConfigureAwait(false);
            await SubmitAsync(
                new ComplainOfDealing
                {
                    Actor = Id,
                    BundleId = dealing.Dealing.BundleId,
                    DealingDigest = dealingDigest,
                    Seat = new TrusteeSeat(group, member),
                    EvidenceDigest = evidence,
                },
                cancellationToken).ConfigureAwait(false);
            throw;
        }

        await SubmitAsync(
            new AcknowledgeDealing { Actor = Id, BundleId = dealing.Dealing.BundleId, DealingDigest = dealingDigest, Seat = new TrusteeSeat(group, member) },
            cancellationToken).ConfigureAwait(false);
        await Secrets.PutAsync($"patient/{dealing.Dealing.BundleId}", dealing.Dealing.PatientKey.ToBytes(), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a request and makes every check that the trustee can make by itself.</summary>
    /// <param name="request">The request; its committee must be drawn.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>What is asked, and what speaks against it.</returns>
    /// <exception cref="PhrDataException">Something that the request pins is missing or fails a check.</exception>
    public async Task<RequestReview> ReviewAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        RequestBody body = await OpenOwnBodyAsync(dossier, cancellationToken).ConfigureAwait(false);
        return await RequestReviewer.ReviewAsync(Services, dossier, body, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Approves a request: makes fragments from the trustee's shares, keeps them in the outbox, and records the signed approval.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the approval. Approving again changes nothing.</returns>
    /// <exception cref="InvalidOperationException">A check speaks against the request; the message has every objection. Or this actor is no trustee.</exception>
    /// <exception cref="PhrDataException">Something that the request pins is missing or fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task ApproveAsync(RequestId request, CancellationToken cancellationToken = default)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(Services, request, cancellationToken).ConfigureAwait(false);
        Dealing dealing = dossier.Dealing.Dealing;
        (int group, int member) = dealing.Policy.FindIndices(Id) ?? throw new InvalidOperationException("This actor is no trustee of the bundle.");
        if (dossier.Request.Approval(new TrusteeSeat(group, member)) is not null)
        {
            return;
        }

        RequestBody body = await OpenOwnBodyAsync(dossier, cancellationToken).ConfigureAwait(false);
        RequestReview review = await RequestReviewer.ReviewAsync(Services, dossier, body, cancellationToken).ConfigureAwait(false);
        if (!review.IsAcceptable)
        {
            throw new InvalidOperationException($"The request cannot be approved. {string.Join(' ', review.Objections)}");
        }

        bool emergency = dossier.Request.Policy.Emergency;
        await RequireNewEpochAsync(dealing, emergency, cancellationToken).ConfigureAwait(false);
        TrusteeApproval? approval = await _outbox.FindApprovalAsync(request, dossier.Request.Round, cancellationToken).ConfigureAwait(false);
        if (approval is null)
        {
            using TrusteeShares shares = await OpenSharesAsync(dossier.Dealing, group, member, cancellationToken).ConfigureAwait(false);
            await RememberEpochAsync(dealing, emergency, cancellationToken).ConfigureAwait(false);
            ApprovalResult result = TrusteeApproval.Create(shares, dossier.Terms, body.Documents, Identity);
            await _outbox.StoreAsync(request, dossier.Request.Round, result, cancellationToken).ConfigureAwait(false);
            approval = result.Approval.Approval;
        }

        await Services.Exchange.PutBlockAsync(approval.ToBytes(), cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new ApproveRequest { Actor = Id, RequestId = request, Seat = new TrusteeSeat(group, member), ApprovalDigest = approval.Digest },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Denies a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="reasonCode">A code of the trustee's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the denial.</returns>
    /// <exception cref="InvalidOperationException">This actor is no trustee of the bundle.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task DenyAsync(RequestId request, int reasonCode, CancellationToken cancellationToken = default)
    {
        RequestRecord record = await LoadRequestAsync(request, cancellationToken).ConfigureAwait(false);
        TrusteeSeat seat = record.Policy.FindSeat(Id) ?? throw new InvalidOperationException("This actor is no trustee of the bundle.");
        await SubmitAsync(
            new DenyRequest { Actor = Id, RequestId = request, Seat = seat, ReasonCode = reasonCode },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Hands out the fragments of every approval whose grant is final, and forgets those of requests that came to nothing.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The requests whose fragments went out now. Call it again as time goes on; it can be repeated without harm.</returns>
    public async Task<IReadOnlyList<RequestId>> ReleaseAsync(CancellationToken cancellationToken = default) =>
        await ReleaseDueAsync(Services, _outbox, cancellationToken).ConfigureAwait(false);

    internal static async Task<IReadOnlyList<RequestId>> ReleaseDueAsync(ConsentServices services, Outbox outbox, CancellationToken cancellationToken)
    {
        var released = new List<RequestId>();
        foreach ((RequestId id, int round) in await outbox.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            RequestRecord? request = await services.Ledger.GetRequestAsync(id, cancellationToken).ConfigureAwait(false);
            DateTimeOffset now = services.Time.GetUtcNow();
            if (request is null)
            {
                // A ledger that lags behind knows nothing yet; nothing is given up for that.
                continue;
            }

            if (request.Round > round || request.IsOver(now))
            {
                await outbox.DiscardAsync(id, round, cancellationToken).ConfigureAwait(false);
            }
            else if (request.IsFinal(now) && await HasQuorumAsync(services, id, cancellationToken).ConfigureAwait(false))
            {
                await outbox.ReleaseAsync(services, id, round, cancellationToken).ConfigureAwait(false);
                released.Add(id);
            }
        }

        return released;
    }

    // The ledger's word alone releases nothing: the signed approvals themselves must satisfy the patient-signed policy.
    private static async Task<bool> HasQuorumAsync(ConsentServices services, RequestId request, CancellationToken cancellationToken)
    {
        RequestDossier dossier = await RequestDossier.LoadAsync(services, request, cancellationToken).ConfigureAwait(false);
        (IReadOnlyList<VerifiedApproval> approvals, _) = await dossier.LoadApprovalsAsync(services, cancellationToken).ConfigureAwait(false);
        return approvals.Any(a => a.Approval.Group == 0)
            || dossier.Dealing.Dealing.Policy.Shape.IsSatisfiedBy(approvals.Select(a => (a.Approval.Group, a.Approval.Member)));
    }

    // The doctor seals to the key in the dealing, which the patient signed for this trustee and epoch.
    private async Task<RequestBody> OpenOwnBodyAsync(RequestDossier dossier, CancellationToken cancellationToken)
    {
        using SecretKey key = await FindEpochKeyAsync(dossier.Dealing.Dealing.BundleId, dossier.Dealing.Dealing.Epoch, cancellationToken).ConfigureAwait(false);
        return await OpenBodyAsync(dossier.Request, key, cancellationToken).ConfigureAwait(false);
    }

    private async Task<TrusteeShares> OpenSharesAsync(VerifiedDealing dealing, int group, int member, CancellationToken cancellationToken)
    {
        try
        {
            return await OpenDealtSharesAsync(dealing, group, member, cancellationToken).ConfigureAwait(false);
        }
        catch (PhrDataException e) when (IsMissing(e))
        {
            // Lost, and perhaps repaired since.
            if (await FindRepairedSharesAsync(dealing, cancellationToken).ConfigureAwait(false) is { } repaired)
            {
                return repaired;
            }

            throw;
        }
    }

    private async Task<TrusteeShares> OpenDealtSharesAsync(VerifiedDealing dealing, int group, int member, CancellationToken cancellationToken)
    {
        var seat = new PolicySeat(group, member);
        var envelopes = new List<ReadOnlyMemory<byte>>();
        foreach (Digest digest in dealing.Dealing.EnvelopesOf(seat))
        {
            envelopes.Add(await Services.Exchange.GetBlockAsync(digest, cancellationToken).ConfigureAwait(false));
        }

        using SecretKey key = await FindEpochKeyAsync(dealing.Dealing.BundleId, dealing.Dealing.Epoch, cancellationToken).ConfigureAwait(false);
        return TrusteeShares.Open(dealing, seat, key, envelopes);
    }

    private async Task<SecretKey> FindEpochKeyAsync(BundleId bundle, uint epoch, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await Secrets.GetAsync(EpochKeyName(bundle, epoch), cancellationToken).ConfigureAwait(false);
        return stored is not null
            ? SecretKey.FromBytes(stored.Bytes)
            : await TrusteeBackup.RecallKeyAsync(Secrets, Identity, bundle, epoch, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("envelope key", PhrDataReason.NotFound, $"the secret of the envelope key for epoch {epoch} is not here: it was erased, or is on another device.");
    }

    private Task<SecretKey> GetOrCreateEpochKeyAsync(BundleId bundle, uint epoch, CancellationToken cancellationToken) =>
        GetOrCreateKeyAsync(EpochKeyName(bundle, epoch), cancellationToken);

    private async Task<SecretKey> GetOrCreateKeyAsync(string name, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await Secrets.GetAsync(name, cancellationToken).ConfigureAwait(false);
        if (stored is not null)
        {
            return SecretKey.FromBytes(stored.Bytes);
        }

        SecretKey key = SecretKey.Generate();
        byte[] bytes = new byte[SecretKey.Length];
        try
        {
            key.ExportTo(bytes);
            await Secrets.PutAsync(name, bytes, cancellationToken).ConfigureAwait(false);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    }

    // Dealings for emergencies have a chain of their own: an epoch is old by what was seen of its own chain.
    private async Task RequireNewEpochAsync(Dealing dealing, bool emergency, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await Secrets.GetAsync(EpochName(dealing.BundleId, emergency), cancellationToken).ConfigureAwait(false);
        if (stored is not null && BinaryPrimitives.ReadUInt32BigEndian(stored.Bytes) > dealing.Epoch)
        {
            throw new PhrDataException("dealing", PhrDataReason.Expired, $"epoch {dealing.Epoch} is older than one already acknowledged.");
        }

        RememberedEpoch? remembered = await TrusteeBackup.RecallAsync(Secrets, Identity, dealing, cancellationToken).ConfigureAwait(false);
        if (remembered is { IsSamePatient: false })
        {
            throw new PhrDataException("dealing", PhrDataReason.InvalidSignature, "it is signed by another key than the bundle's dealings that the recovery words remember.");
        }

        if (!emergency && remembered?.Epoch > dealing.Epoch)
        {
            throw new PhrDataException("dealing", PhrDataReason.Expired, $"epoch {dealing.Epoch} is older than the one that the recovery words remember.");
        }
    }

    // Who acknowledged a bundle's first dealing knows whose it is; a later one by another key is refused.
    private async Task RequireSamePatientAsync(Dealing dealing, CancellationToken cancellationToken)
    {
        using SecretValue? stored = await Secrets.GetAsync($"patient/{dealing.BundleId}", cancellationToken).ConfigureAwait(false);
        if (stored is not null && !stored.Bytes.SequenceEqual(dealing.PatientKey.ToBytes()))
        {
            throw new PhrDataException("dealing", PhrDataReason.InvalidSignature, "it is signed by another key than the bundle's earlier dealings.");
        }
    }

    private void RequireAgreement(Dealing dealing, DealingRecord record, int group, int member)
    {
        TrusteeMember self = dealing.Policy.FindMember(group, member)!;
        if (self.ObjectKey != Identity.PublicKeys.ObjectKey || self.SignerKey != Identity.PublicKeys.SignerKey)
        {
            throw new PhrDataException("dealing", PhrDataReason.Mismatched, "it names other keys for this trustee than its own.");
        }

        if (record.BundleId != dealing.BundleId || record.Epoch != (int)dealing.Epoch || record.PolicyDigest != dealing.Policy.RulesDigest
            || record.PreviousDealingDigest != dealing.PreviousDigest || record.Patient != dealing.Patient)
        {
            throw new PhrDataException("dealing", PhrDataReason.Mismatched, "the ledger records another bundle, patient, epoch, predecessor or other rules for it.");
        }
    }

    // The active epoch, whose share has just been opened. The older epochs' secrets are erased: whoever steals this device later cannot open old envelopes.
    private async Task RememberEpochAsync(Dealing dealing, bool emergency, CancellationToken cancellationToken)
    {
        byte[] epoch = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(epoch, dealing.Epoch);
        await Secrets.PutAsync(EpochName(dealing.BundleId, emergency), epoch, cancellationToken).ConfigureAwait(false);
        if (!emergency)
        {
            await TrusteeBackup.ForgetOlderAsync(Secrets, Identity, dealing, cancellationToken).ConfigureAwait(false);
        }

        string prefix = EpochKeyName(dealing.BundleId, null);
        foreach (string name in await Secrets.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            if (uint.TryParse(name.AsSpan(prefix.Length), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out uint old)
                && old < dealing.Epoch && await IsOfEmergencyAsync(dealing.BundleId, old, cancellationToken).ConfigureAwait(false) == emergency)
            {
                await Secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
                await Secrets.DeleteAsync(EmergencyMark(dealing.BundleId, old), cancellationToken).ConfigureAwait(false);
            }
        }

        if (emergency)
        {
            return;
        }

        string repairs = $"repair/{dealing.BundleId}/";
        string kept = RepairName(dealing.BundleId, dealing.Epoch, string.Empty);
        foreach (string name in await Secrets.ListAsync(repairs, cancellationToken).ConfigureAwait(false))
        {
            if (!name.StartsWith(kept, StringComparison.Ordinal))
            {
                await Secrets.DeleteAsync(name, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> IsOfEmergencyAsync(BundleId bundle, uint epoch, CancellationToken cancellationToken)
    {
        using SecretValue? mark = await Secrets.GetAsync(EmergencyMark(bundle, epoch), cancellationToken).ConfigureAwait(false);
        return mark is not null;
    }

    private static string EpochKeyName(BundleId bundle, uint? epoch) => $"epoch-key/{bundle}/{epoch}";

    private static string EpochName(BundleId bundle, bool emergency) => $"{(emergency ? "emergency-" : string.Empty)}epoch/{bundle}";

    private static string EmergencyMark(BundleId bundle, uint epoch) => $"emergency/{bundle}/{epoch}";
}
