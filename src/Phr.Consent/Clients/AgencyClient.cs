using Phr.Crypto;

namespace Phr.Consent;

/// <summary>The regulatory agency's work: admit actors, issue licences, suspend and remove. It can neither ask for, approve nor open anything.</summary>
public sealed class AgencyClient : ActorClient
{
    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The agency's keys.</param>
    /// <param name="secrets">The agency's secret store.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public AgencyClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets)
        : base(services, identity, secrets)
    {
    }

    /// <summary>Admits an actor that has registered.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task AdmitAsync(ActorId subject, CancellationToken cancellationToken = default) =>
        SubmitAsync(new AdmitActor { Actor = Id, Subject = subject }, cancellationToken);

    /// <summary>Issues a doctor's licence: signs the credential and records its digest, speciality, organisation and expiry on the ledger.</summary>
    /// <param name="terms">What the licence says.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The credential, to be handed to the doctor.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="terms"/> is null.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task<LicenceCredential> IssueLicenceAsync(LicenceTerms terms, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(terms);
        LicenceCredential credential = LicenceCredential.Create(Identity, Services.Ledger.Id, terms);
        await SubmitAsync(
            new RecordLicence
            {
                Actor = Id,
                Doctor = terms.Doctor,
                CredentialDigest = credential.Digest,
                Speciality = terms.Speciality,
                Organisation = terms.Organisation,
                NotAfter = credential.NotAfter,
            },
            cancellationToken).ConfigureAwait(false);
        return credential;
    }

    /// <summary>Suspends an actor: until it is reinstated its commands are refused and its licence counts for nothing.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="reasonCode">A code of the agency's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task SuspendAsync(ActorId subject, int reasonCode, CancellationToken cancellationToken = default) =>
        SubmitAsync(new SuspendActor { Actor = Id, Subject = subject, ReasonCode = reasonCode }, cancellationToken);

    /// <summary>Ends a suspension.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="reasonCode">A code of the agency's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task ReinstateAsync(ActorId subject, int reasonCode, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ReinstateActor { Actor = Id, Subject = subject, ReasonCode = reasonCode }, cancellationToken);

    /// <summary>Removes an actor for good.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="reasonCode">A code of the agency's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task RemoveAsync(ActorId subject, int reasonCode, CancellationToken cancellationToken = default) =>
        SubmitAsync(new RemoveActor { Actor = Id, Subject = subject, ReasonCode = reasonCode }, cancellationToken);
}
