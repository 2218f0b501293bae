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

    /// <summary>Signs a command with the actor's ledger key and submits it.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The ledger's receipt.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    protected Task<LedgerReceipt> SubmitAsync(LedgerCommand command, CancellationToken cancellationToken) =>
        Services.Ledger.SubmitAsync(command, Identity.LedgerKey, cancellationToken);

    private protected async Task<KeyRecord> LoadKeyRecordAsync(ActorId actor, CancellationToken cancellationToken)
    {
        ActorRecord entry = await Services.Ledger.GetActorAsync(actor, cancellationToken).ConfigureAwait(false)
            ?? throw new PhrDataException("key record", PhrDataReason.NotFound, $"the ledger does not know {actor}.");
        var record = KeyRecord.FromBytes(await Services.Exchange.GetBlockAsync(entry.KeyRecordDigest, cancellationToken).ConfigureAwait(false));
        if (record.ActorId != actor)
        {
            throw new PhrDataException("key record", PhrDataReason.Mismatched, $"the ledger names another's key record for {actor}.");
        }

        await LedgerKeyChain.RequireAsync(Services.Ledger, actor, ActorId.FromPublicKey(record.Keys.LedgerKey), cancellationToken).ConfigureAwait(false);
        record.Verify(Services.Ledger.Id, entry.LedgerAddress, Now);
        return record;
    }

    private protected async Task<RequestRecord> LoadRequestAsync(RequestId request, CancellationToken cancellationToken) =>
        await Services.Ledger.GetRequestAsync(request, cancellationToken).ConfigureAwait(false)
        ?? throw new PhrDataException("request", PhrDataReason.NotFound, $"the ledger has no request {request}.");

    private protected async Task<RequestBody> OpenBodyAsync(RequestRecord request, SecretKey envelopeKey, CancellationToken cancellationToken)
    {
        byte[] package = await Services.Exchange.GetBlockAsync(request.BodyDigest, cancellationToken).ConfigureAwait(false);
        return SealedRequestBody.Open(package, request, Services.Ledger.Id, Id, envelopeKey);
    }
}
