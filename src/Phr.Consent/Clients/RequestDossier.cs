using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>
/// Everything that one request pins, fetched by digest and verified: header, dealing, committee with keys, terms. Trustee, oracle and
/// doctor each load their own and so trust neither the ledger's operator nor the store.
/// </summary>
/// <remarks>Immutable and thread safe.</remarks>
public sealed class RequestDossier
{
    private const int MaxCachedDealings = 64;
    private const int MaxCachedKeyRecords = 1024;

    // How many dealings in a row the trustees may have made since the patient's last one, for those who begin to follow the bundle only then.
    private const int MaxReshares = 100;
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    private RequestDossier(RequestRecord request, VerifiedDealing dealing, RequestTerms terms)
    {
        Request = request;
        Dealing = dealing;
        Terms = terms;
    }

    /// <summary>The request as the ledger had it when the dossier was loaded.</summary>
    public RequestRecord Request { get; }

    /// <summary>The header and the dealing that the request pins.</summary>
    public VerifiedDealing Dealing { get; }

    /// <summary>The terms to which approvals, fragments and deliveries are bound.</summary>
    public RequestTerms Terms { get; }

    /// <summary>The request in the doctor's own words.</summary>
    internal RequestAccess Asked => AskedOf(Request);

    /// <summary>Loads and verifies a request whose committee has been drawn.</summary>
    /// <param name="services">Ledger and stores.</param>
    /// <param name="requestId">The request.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The dossier.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    /// <exception cref="PhrDataException">The request is unknown, its committee is not drawn, something it pins is missing or fails a check, or the ledger's history does not extend the one remembered.</exception>
    public static async Task<RequestDossier> LoadAsync(ConsentServices services, RequestId requestId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.HeadMemory is { } memory)
        {
            await memory.EnsureExtendsAsync(services.Ledger, cancellationToken).ConfigureAwait(false);
        }

        RequestRecord request = await services.Ledger.GetRequestAsync(requestId, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("request", PhrDataReason.NotFound, $"the ledger has no request {requestId}.");
        if (request.Committee.Count == 0)
        {
            throw new PhrDataException("request", PhrDataReason.NotFound, $"the committee of request {requestId} has not been drawn.");
        }

        VerifiedDealing dealing = await LoadDealingAsync(services, request.DealingDigest, request.HeaderDigest, cancellationToken).ConfigureAwait(false);
        TrusteePolicy policy = dealing.Dealing.Policy;
        if (dealing.Dealing.Epoch != (uint)request.Epoch || request.Policy.Digest != policy.RulesDigest || request.Threshold != policy.CommitteeThreshold)
        {
            throw new PhrDataException("request", PhrDataReason.Mismatched, "the ledger's epoch or rules are not those of the patient-signed dealing.");
        }

        RequireOwnWords(services, request);
        await RequireFairDrawAsync(services, request, cancellationToken).ConfigureAwait(false);
        RequireIndependence(services, policy, request);
        var seats = new List<CommitteeSeat>(request.Committee.Count);
        foreach (CommitteeMember member in request.Committee)
        {
            seats.Add(await LoadSeatAsync(services, policy, request, member, cancellationToken).ConfigureAwait(false));
        }

        var terms = new RequestTerms
        {
            Ledger = services.Ledger.Id,
            Request = request.Id,
            HeaderDigest = request.HeaderDigest,
            DealingDigest = request.DealingDigest,
            Epoch = (uint)request.Epoch,
            ReceivingKey = request.ReceivingKey,
            PurposeDigest = request.PurposeDigest,
            NotAfter = request.NotAfter,
            Committee = new OracleCommittee(request.Threshold, seats, request.Round),
            Use = request.Used,
        };
        if (request.EvidenceRoot != dealing.EvidenceRoot)
        {
            throw new PhrDataException("request", PhrDataReason.Mismatched, "what deliveries would be judged by is not what header and dealing say.");
        }

        return new RequestDossier(request, dealing, terms);
    }

    /// <summary>Fetches the approvals on the ledger that verify; one that does not is left out, so that garbage cannot block a grant.</summary>
    /// <param name="services">Ledger and stores.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The verified approvals, and what was wrong with each other.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public async Task<(IReadOnlyList<VerifiedApproval> Approvals, IReadOnlyList<PhrDataException> Refused)> LoadApprovalsAsync(
        ConsentServices services, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(services);
        var approvals = new List<VerifiedApproval>();
        var refused = new List<PhrDataException>();
        foreach (ApprovalRecord record in Request.Approvals)
        {
            try
            {
                byte[] bytes = await services.Exchange.GetBlockAsync(record.ApprovalDigest, cancellationToken).ConfigureAwait(false);
                TrusteeApproval approval = TrusteeApproval.FromBytes(bytes);
                if (approval.Group != record.Seat.Group || approval.Member != record.Seat.Member)
                {
                    throw new PhrDataException("approval", PhrDataReason.Mismatched, "the ledger records it for another trustee.");
                }

                approvals.Add(approval.Verify(Dealing, Terms));
            }
            catch (PhrDataException e)
            {
                refused.Add(e);
            }
        }

        return (approvals, refused);
    }

    /// <summary>A dealing's record on the ledger. Which bundle it is of the dealing itself says, under its digest.</summary>
    internal static async Task<DealingRecord> LoadDealingRecordAsync(ConsentServices services, Digest dealingDigest, CancellationToken cancellationToken)
    {
        BundleId bundle = services.VerifiedDealings.TryGetValue(dealingDigest, out VerifiedDealing? known)
            ? known.Dealing.BundleId
            : Phr.Crypto.Dealing.FromBytes(await services.Exchange.GetBlockAsync(dealingDigest, cancellationToken).ConfigureAwait(false)).BundleId;
        return await services.Ledger.GetDealingAsync(bundle, dealingDigest, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("dealing", PhrDataReason.NotFound, $"the ledger has no dealing {dealingDigest} for the bundle {bundle}, of which it is.");
    }

    internal static async Task<VerifiedDealing> LoadDealingAsync(ConsentServices services, Digest dealingDigest, Digest headerDigest, CancellationToken cancellationToken)
    {
        if (services.VerifiedDealings.TryGetValue(dealingDigest, out VerifiedDealing? known) && known.Header.Digest == headerDigest)
        {
            return known;
        }

        BundleHeader header = BundleHeader.FromBytes(await services.Exchange.GetBlockAsync(headerDigest, cancellationToken).ConfigureAwait(false));
        if (header.LedgerId != services.Ledger.Id)
        {
            throw new PhrDataException("bundle header", PhrDataReason.Mismatched, "it is bound to another ledger.");
        }

        // Back to a dealing that the patient signed, or that was verified before; then forward again, each by the one before it.
        var reshared = new Stack<Phr.Crypto.Dealing>();
        VerifiedDealing? verified = null;
        for (Digest next = dealingDigest; verified is null;)
        {
            if (services.VerifiedDealings.TryGetValue(next, out known) && known.Header.Digest == headerDigest)
            {
                verified = known;
                break;
            }

            var dealing = Phr.Crypto.Dealing.FromBytes(await services.Exchange.GetBlockAsync(next, cancellationToken).ConfigureAwait(false));
            if (!dealing.IsReshared)
            {
                verified = Keep(services, dealing.Verify(header));
                break;
            }

            if (reshared.Count == MaxReshares)
            {
                throw new PhrDataException("dealing", PhrDataReason.TooLarge, $"the patient signed none of the last {MaxReshares} dealings.");
            }

            reshared.Push(dealing);
            next = dealing.PreviousDigest;
        }

        while (reshared.TryPop(out Phr.Crypto.Dealing? dealing))
        {
            IEnumerable<ReshareConfirmation> confirmations = await LoadConfirmationsAsync(services, dealing, cancellationToken).ConfigureAwait(false);
            verified = Keep(services, dealing.Verify(verified, confirmations));
        }

        return verified;
    }

    private static VerifiedDealing Keep(ConsentServices services, VerifiedDealing dealing)
    {
        if (services.VerifiedDealings.Count >= MaxCachedDealings)
        {
            services.VerifiedDealings.Clear();
        }

        return services.VerifiedDealings[dealing.Dealing.Digest] = dealing;
    }

    // The ledger only says where they lie; what counts are the dealers' signatures under them.
    private static async Task<IEnumerable<ReshareConfirmation>> LoadConfirmationsAsync(ConsentServices services, Phr.Crypto.Dealing dealing, CancellationToken cancellationToken)
    {
        ReshareRecord reshare = await services.Ledger.GetReshareAsync(dealing.BundleId, dealing.PlanDigest, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("dealing", PhrDataReason.NotFound, $"the ledger has no plan {dealing.PlanDigest}, which it follows.");
        var confirmations = new List<ReshareConfirmation>();
        foreach (ReshareConfirmationRecord record in reshare.Confirmations.Where(c => c.DealingDigest == dealing.Digest))
        {
            confirmations.Add(ReshareConfirmation.FromBytes(await services.Exchange.GetBlockAsync(record.ConfirmationDigest, cancellationToken).ConfigureAwait(false)));
        }

        return confirmations;
    }

    private static RequestAccess AskedOf(RequestRecord request) => new()
    {
        Actor = request.Doctor,
        BundleId = request.BundleId,
        HeaderDigest = request.HeaderDigest,
        DealingDigest = request.DealingDigest,
        Epoch = request.Epoch,
        DocumentsCommitment = request.DocumentsCommitment,
        DocumentCount = request.DocumentCount,
        BodyCommitment = request.BodyCommitment,
        BodyDigest = request.BodyDigest,
        PurposeDigest = request.PurposeDigest,
        ReceivingKey = request.ReceivingKey,
        NotAfter = request.NotAfter,
        Nonce = request.Nonce,
        Receiver = request.Receiver,
        Snapshot = request.Snapshot,
        Uses = request.Uses,
        EmergencyReason = request.EmergencyReason,
        EvidenceRoot = request.EvidenceRoot,
    };

    // The id is a digest of all that the doctor asked, and the receiving key signed the id: so the ledger's operator shows the doctor's own words.
    // A key that was used before is one that the doctor may have given away with an earlier opening.
    private static void RequireOwnWords(ConsentServices services, RequestRecord request)
    {
        RequestAccess asked = AskedOf(request);
        if (asked.ComputeId(services.Ledger.Id) != request.Id)
        {
            throw new PhrDataException("request", PhrDataReason.DigestMismatch, "its id is not that of its fields.");
        }

        bool proven = request.Receiver.Kind == ReceiverKinds.Team
            ? request.TeamKey is { } team && TeamRequestKey.VerifyPossession(team, request.ReceivingKey, Digest.FromBytes(request.Id.ToBytes()), request.Possession)
            : ReceivingKeyProof.VerifyPossession(request.ReceivingKey, request.Id, request.Possession);
        if (!proven)
        {
            throw new PhrDataException("receiving key", PhrDataReason.InvalidSignature, "nobody proved to know its secret.");
        }

        if (request.ReusesReceivingKey)
        {
            throw new PhrDataException("receiving key", PhrDataReason.Mismatched, "an earlier request was made to the same key.");
        }
    }

    private static async Task RequireFairDrawAsync(ConsentServices services, RequestRecord request, CancellationToken cancellationToken)
    {
        RegistrySnapshot? snapshot = await services.Ledger.GetSnapshotAsync(request.DrawSnapshot, cancellationToken).ConfigureAwait(false);
        if (request.Seed is not { } seed || snapshot is null || request.Committee.Count > LedgerLimits.Committee)
        {
            throw new PhrDataException("committee", PhrDataReason.Mismatched, "the seed or the snapshot of its draw is missing.");
        }

        IReadOnlyList<RegistryEntry> drawn = CommitteeDraw.Draw(new DrawInputs
        {
            Seed = seed,
            RequestId = request.Id,
            Round = request.Round,
            Entries = snapshot.Entries,
            Seats = request.Committee.Count,
            Parties = request.Parties.ToHashSet(),
            Failed = request.FailedOracles,
        });
        if (!drawn.Select((entry, i) => (i + 1, entry.Number, entry.Oracle)).SequenceEqual(request.Committee.Select(member => (member.Index, member.Number, member.Oracle))))
        {
            throw new PhrDataException("committee", PhrDataReason.Mismatched, "it is not the one that the seed draws.");
        }
    }

    // The ledger leaves the parties out of the draw; this does not take its word for it, nor for when the request was made.
    private static void RequireIndependence(ConsentServices services, TrusteePolicy policy, RequestRecord request)
    {
        var parties = new HashSet<ActorId>(policy.Groups.SelectMany(g => g.Members).SelectMany(m => new[] { m.Identity, m.Organisation })) { request.Patient, request.Doctor };
        parties.Remove(default);
        bool independent = parties.IsSubsetOf(request.Parties)
            && request.Committee.All(m => !parties.Contains(m.Oracle) && !parties.Contains(m.Operator))
            && request.Committee.DistinctBy(m => m.Operator).Count() == request.Committee.Count
            && request.Committee.Count == policy.CommitteeSize;
        DateTimeOffset now = services.Time.GetUtcNow();
        if (!independent || request.NotAfter - request.RequestedAt > services.Ledger.Parameters.MaxRequestLifetime || request.RequestedAt > now + MaxSkew)
        {
            throw new PhrDataException("committee", PhrDataReason.Mismatched, "a party of the request or one operator twice sits in it, or the request has an impossible time.");
        }
    }

    private static async Task<CommitteeSeat> LoadSeatAsync(
        ConsentServices services, TrusteePolicy policy, RequestRecord request, CommitteeMember member, CancellationToken cancellationToken)
    {
        if (!services.KeyRecords.TryGetValue(member.KeyRecordDigest, out KeyRecord? record))
        {
            record = KeyRecord.FromBytes(await services.Exchange.GetBlockAsync(member.KeyRecordDigest, cancellationToken).ConfigureAwait(false));
            if (services.KeyRecords.Count >= MaxCachedKeyRecords)
            {
                services.KeyRecords.Clear();
            }

            services.KeyRecords[member.KeyRecordDigest] = record;
        }

        if (record.ActorId != member.Oracle || record.Ledger != services.Ledger.Id || record.ValidUntil <= request.RequestedAt
            || record.ValidFrom > request.DrawnAt || record.ValidUntil - record.ValidFrom > services.Ledger.Parameters.MaxOracleKeyLifetime)
        {
            throw new PhrDataException("key record", PhrDataReason.Mismatched, $"oracle {member.Oracle} has no key record that was valid when the committee was drawn.");
        }

        bool endorsed = record.Endorsement is { } endorsement
            && endorsement.OperatorId == member.Operator
            && policy.OracleOperators.Any(o => o.Identity == endorsement.OperatorId && o.ObjectKey == endorsement.OperatorObjectKey);
        if (!endorsed)
        {
            throw new PhrDataException("key record", PhrDataReason.InvalidSignature, $"oracle {member.Oracle} is not endorsed by an operator that the patient accepts.");
        }

        ActorRecord? actor = await services.Ledger.GetActorAsync(member.Oracle, cancellationToken).ConfigureAwait(false);
        return new CommitteeSeat(member.Oracle, record.Keys.EnvelopeKey, record.Keys.ObjectKey)
        {
            LedgerAddresses = [.. new[] { member.Oracle, ActorId.FromPublicKey(record.Keys.LedgerKey), actor?.LedgerAddress ?? member.Oracle }.Distinct()],
            Slashes = (uint)(actor?.Slashes ?? 0),
        };
    }
}
