using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>What all clients share: an identity, its registration, and commands signed with its ledger key.</summary>
/// <remarks>Does not own the services, the keys or the secret store. One client, one caller at a time.</remarks>
public abstract class ActorClient
{
    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The actor's keys.</param>
    /// <param name="secrets">The actor's secret store.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    protected ActorClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(identity);
        ArgumentNullException.ThrowIfNull(secrets);
        Services = services;
        Identity = identity;
        Secrets = secrets;
    }

    /// <summary>Who acts.</summary>
    public ActorId Id => Identity.Id;

    /// <summary>The ledger, the stores and the clock.</summary>
    protected ConsentServices Services { get; }

    /// <summary>The actor's keys.</summary>
    protected IdentityKeys Identity { get; }

    /// <summary>Where the actor's own small secrets lie.</summary>
    protected ISecretStore Secrets { get; }

    private protected DateTimeOffset Now => Services.Time.GetUtcNow();

    /// <summary>Publishes the actor's key record and registers the actor, if the ledger does not know it yet.</summary>
    /// <param name="roles">The roles to take. Patients and guardians act at once; all others wait to be admitted by an agency.</param>
    /// <param name="options">The organisation and the validity; null for none and one year.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the registration.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task RegisterAsync(ActorRoles roles, RegistrationOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new RegistrationOptions();
        if (await Services.Ledger.GetActorAsync(Id, cancellationToken).ConfigureAwait(false) is { KeyRecordDigest.IsZero: false })
        {
            return;
        }

        DateTimeOffset now = Now;
        var record = KeyRecord.Create(Identity, Services.Ledger.Id, new KeyRecordOptions { ValidFrom = now, ValidUntil = now + options.Validity });
        await Services.Exchange.PutBlockAsync(record.ToBytes(), cancellationToken).ConfigureAwait(false);
        await SubmitAsync(
            new RegisterActor
            {
                Actor = Id,
                Roles = roles,
                KeyRecordDigest = record.Digest,
                ValidUntil = record.ValidUntil,
                Organisation = options.Organisation,
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a snapshot of the registry of oracles, from which the committees of the next requests are drawn. Anybody may; doctors' clients do it when it is needed.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has the snapshot.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: <see cref="LedgerError.NotYet"/> when the last one is too young.</exception>
    public Task TakeSnapshotAsync(CancellationToken cancellationToken = default) => SubmitAsync(new TakeSnapshot { Actor = Id }, cancellationToken);

    /// <summary>Adds to an oracle's bond. On a chain the amount leaves the account that sends the transaction.</summary>
    /// <param name="oracle">The oracle.</param>
    /// <param name="amountGwei">How much, in gwei (10^-9 ether), 1 to 10^17.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException">The amount lies outside its bounds.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task PostBondAsync(ActorId oracle, ulong amountGwei, CancellationToken cancellationToken = default) =>
        SubmitAsync(new PostBond { Actor = Id, Oracle = oracle, Amount = amountGwei }, cancellationToken);

    /// <summary>Asks back a part of the actor's own bond as an oracle. It can be taken out when the ledger's delay is over, and slashed until then.</summary>
    /// <param name="amountGwei">How much, in gwei, 1 to 10^17.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException">The amount lies outside its bounds.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task ReleaseBondAsync(ulong amountGwei, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ReleaseBond { Actor = Id, Amount = amountGwei }, cancellationToken);

    /// <summary>Takes out the part of the actor's bond that it asked back.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task WithdrawBondAsync(CancellationToken cancellationToken = default) => SubmitAsync(new WithdrawBond { Actor = Id }, cancellationToken);

    /// <summary>Takes out what the actor earned by showing that an oracle cheated.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task WithdrawCreditAsync(CancellationToken cancellationToken = default) => SubmitAsync(new WithdrawCredit { Actor = Id }, cancellationToken);

    /// <summary>Signs a command with the actor's ledger key and submits it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The ledger's receipt.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    protected Task<LedgerReceipt> SubmitAsync(LedgerCommand command, CancellationToken cancellationToken) =>
        Services.Ledger.SubmitAsync(command, Identity.LedgerKey, cancellationToken);

    /// <summary>Signs a command with the actor's ledger key and submits it, and tells when nothing is left to do but to wait until its block is final.</summary>
    /// <param name="command">The command.</param>
    /// <param name="included">Told the number of the block that has the command: see <see cref="IBlockLedger"/>. May be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The ledger's receipt.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    protected Task<LedgerReceipt> SubmitAsync(LedgerCommand command, Action<ulong>? included, CancellationToken cancellationToken) =>
        Services.Ledger.SubmitAndTellAsync(command, Identity.LedgerKey, included, cancellationToken);

    private protected Task<KeyRecord> LoadKeyRecordAsync(ActorId actor, CancellationToken cancellationToken) => LoadKeyRecordAsync(actor, mayHaveEnded: false, cancellationToken);

    /// <summary>Loads the key record that the ledger has for an actor, and verifies it. One that may have ended must be the actor's own all the same.</summary>
    private protected async Task<KeyRecord> LoadKeyRecordAsync(ActorId actor, bool mayHaveEnded, CancellationToken cancellationToken)
    {
        ActorRecord entry = await Services.Ledger.GetActorAsync(actor, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("key record", PhrDataReason.NotFound, $"the ledger does not know {actor}.");
        var record = KeyRecord.FromBytes(await Services.Exchange.GetBlockAsync(entry.KeyRecordDigest, cancellationToken).ConfigureAwait(false));
        if (record.ActorId != actor)
        {
            throw new PhrDataException("key record", PhrDataReason.Mismatched, $"the ledger names another's key record for {actor}.");
        }

        await LedgerKeyChain.RequireAsync(Services.Ledger, actor, ActorId.FromPublicKey(record.Keys.LedgerKey), cancellationToken).ConfigureAwait(false);
        DateTimeOffset now = Now;
        record.Verify(Services.Ledger.Id, entry.LedgerAddress, mayHaveEnded && now >= record.ValidUntil ? record.ValidFrom : now);
        return record;
    }

    /// <summary>A trustee with its keys, each signed by it or rooted in its id, and the envelope key that it offered for an epoch.</summary>
    private protected async Task<(TrusteeMember Member, EnvelopeKeyOffer Offer)> LoadTrusteeAsync(ActorId trustee, BundleId bundle, uint epoch, CancellationToken cancellationToken)
    {
        KeyRecord keys = await LoadKeyRecordAsync(trustee, cancellationToken).ConfigureAwait(false);
        ActorRecord actor = (await Services.Ledger.GetActorAsync(trustee, cancellationToken).ConfigureAwait(false))!;
        EnvelopeKeyRecord? offered = await Services.Ledger.GetEnvelopeKeyAsync(trustee, bundle, (int)epoch, cancellationToken).ConfigureAwait(false);
        if (offered is null)
        {
            throw new InvalidOperationException($"Trustee {trustee} has not offered an envelope key for epoch {epoch} of the bundle yet.");
        }

        var offer = EnvelopeKeyOffer.FromBytes(await Services.Exchange.GetBlockAsync(offered.OfferDigest, cancellationToken).ConfigureAwait(false));
        if (offer.EnvelopeKey != offered.EnvelopeKey || !offer.TryVerify(Services.Ledger.Id, keys.Keys, bundle, epoch))
        {
            throw new PhrDataException("envelope key offer", PhrDataReason.InvalidSignature, $"the offer of trustee {trustee} is not signed by it for this bundle and epoch.");
        }

        return (new TrusteeMember(trustee, actor.EffectiveOrganisation, keys.Keys.ObjectKey, keys.Keys.SignerKey, offer.EnvelopeKey), offer);
    }

    /// <summary>Loads a plan and compares its trustees' keys with those that their own key records and offers name.</summary>
    private protected async Task<ReshareReview> ReviewPlanAsync(Digest planDigest, CancellationToken cancellationToken)
    {
        ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, planDigest, cancellationToken).ConfigureAwait(false);
        return new ReshareReview(dossier.Record, dossier.Plan, await FindObjectionsAsync(dossier, cancellationToken).ConfigureAwait(false));
    }

    private protected async Task<IReadOnlyList<string>> FindObjectionsAsync(ReshareDossier dossier, CancellationToken cancellationToken)
    {
        var objections = new List<string>();
        ResharePlan plan = dossier.Plan.Plan;
        foreach (PolicySeat seat in plan.Policy.Seats)
        {
            TrusteeMember named = plan.Policy.FindMember(seat.Group, seat.Member)!;
            try
            {
                (TrusteeMember own, _) = await LoadTrusteeAsync(named.Identity, plan.BundleId, plan.Epoch, cancellationToken).ConfigureAwait(false);
                if (own.ObjectKey != named.ObjectKey || own.SignerKey != named.SignerKey || own.EnvelopeKey != named.EnvelopeKey || own.Organisation != named.Organisation)
                {
                    objections.Add($"The plan names other keys or another organisation for trustee {seat} than its own.");
                }
            }
            catch (Exception e) when (e is PhrDataException or InvalidOperationException)
            {
                objections.Add($"The keys of trustee {seat} cannot be checked: {e.Message}");
            }
        }

        if (dossier.Record.NotBefore - dossier.Record.ProposedAt < Services.Ledger.Parameters.TrusteeChangeDelay)
        {
            objections.Add("The patient has less time to stop it than the ledger's rules say.");
        }

        return objections;
    }

    /// <summary>Looks at the evidence of every complaint in a reshare.</summary>
    /// <param name="planDigest">The plan.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The complaints in the order in which they were made, each with its verdict. The ledger leaves out a dealer on anybody's word; this tells whose word was good.</returns>
    /// <exception cref="PhrDataException">The plan, or the dealing that it would replace, is missing or fails a check.</exception>
    public async Task<IReadOnlyList<JudgedComplaint>> JudgeComplaintsAsync(Digest planDigest, CancellationToken cancellationToken = default)
    {
        ReshareDossier dossier = await ReshareDossier.LoadAsync(Services, planDigest, cancellationToken).ConfigureAwait(false);
        var judged = new List<JudgedComplaint>(dossier.Record.Complaints.Count);
        foreach (ReshareComplaintRecord complaint in dossier.Record.Complaints)
        {
            judged.Add(new JudgedComplaint(complaint, await dossier.JudgeAsync(Services, complaint, cancellationToken).ConfigureAwait(false)));
        }

        return judged;
    }

    private protected async Task<VerifiedDealing> LoadDealingAsync(Digest dealingDigest, CancellationToken cancellationToken)
    {
        DealingRecord record = await RequestDossier.LoadDealingRecordAsync(Services, dealingDigest, cancellationToken).ConfigureAwait(false);
        return await RequestDossier.LoadDealingAsync(Services, dealingDigest, record.HeaderDigest, cancellationToken).ConfigureAwait(false);
    }

    private protected async Task<BundleRecord> LoadBundleAsync(BundleId bundle, CancellationToken cancellationToken) =>
        await Services.Ledger.GetBundleAsync(bundle, cancellationToken).ConfigureAwait(false)
        ?? throw new PhrDataException("bundle", PhrDataReason.NotFound, $"the ledger has no bundle {bundle}.");

    private protected async Task<RequestRecord> LoadRequestAsync(RequestId request, CancellationToken cancellationToken) =>
        await Services.Ledger.GetRequestAsync(request, cancellationToken).ConfigureAwait(false)
        ?? throw new PhrDataException("request", PhrDataReason.NotFound, $"the ledger has no request {request}.");

    private protected async Task<RequestBody> OpenBodyAsync(RequestRecord request, SecretKey envelopeKey, CancellationToken cancellationToken)
    {
        byte[] package = await Services.Exchange.GetBlockAsync(request.BodyDigest, cancellationToken).ConfigureAwait(false);
        return SealedRequestBody.Open(package, request, Services.Ledger.Id, Id, envelopeKey);
    }
}
