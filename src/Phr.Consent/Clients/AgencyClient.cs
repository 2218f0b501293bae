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

    /// <summary>Begins this agency's own work, when another agency admitted it and the ledger's delay is over.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task AcceptAdmissionAsync(CancellationToken cancellationToken = default) =>
        SubmitAsync(new AcceptAdmission { Actor = Id }, cancellationToken);

    /// <summary>Admits an actor that has registered. Another agency is not active by that yet: it accepts after the ledger's delay, see <see cref="AcceptAdmissionAsync"/>, and can be suspended or removed until then.</summary>
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

    /// <summary>Suspends an actor: until it is reinstated its commands are refused and its licence counts for nothing. Of an operator its active oracles are suspended first, one by one.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="reasonCode">A code of the agency's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task SuspendAsync(ActorId subject, int reasonCode, CancellationToken cancellationToken = default)
    {
        foreach (ActorId oracle in await ListOraclesOfAsync(subject, cancellationToken).ConfigureAwait(false))
        {
            if (await Services.Ledger.GetActorAsync(oracle, cancellationToken).ConfigureAwait(false) is { Status: ActorStatus.Active })
            {
                await SubmitAsync(new SuspendActor { Actor = Id, Subject = oracle, ReasonCode = reasonCode }, cancellationToken).ConfigureAwait(false);
            }
        }

        await SubmitAsync(new SuspendActor { Actor = Id, Subject = subject, ReasonCode = reasonCode }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends a suspension. The oracles of an operator are reinstated each by itself, as the agency finds them in order.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="reasonCode">A code of the agency's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task ReinstateAsync(ActorId subject, int reasonCode, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ReinstateActor { Actor = Id, Subject = subject, ReasonCode = reasonCode }, cancellationToken);

    /// <summary>Removes an actor for good. Of an operator its oracles are removed first, one by one.</summary>
    /// <param name="subject">The actor.</param>
    /// <param name="reasonCode">A code of the agency's own list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task RemoveAsync(ActorId subject, int reasonCode, CancellationToken cancellationToken = default)
    {
        foreach (ActorId oracle in await ListOraclesOfAsync(subject, cancellationToken).ConfigureAwait(false))
        {
            await SubmitAsync(new RemoveActor { Actor = Id, Subject = oracle, ReasonCode = reasonCode }, cancellationToken).ConfigureAwait(false);
        }

        await SubmitAsync(new RemoveActor { Actor = Id, Subject = subject, ReasonCode = reasonCode }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says what a review of an emergency found, which trustees granted.</summary>
    /// <param name="request">The request: <see cref="RequestRecord.ReviewDueAt"/> is set.</param>
    /// <param name="finding">What was found. Unjustified counts for the doctor as an abandoned request does.</param>
    /// <param name="reportDigest">A salted digest of the report; zero for none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused: there is nothing to review, or it is reviewed.</exception>
    public Task ReviewEmergencyAsync(RequestId request, EmergencyFinding finding, Digest reportDigest = default, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ReviewEmergency { Actor = Id, RequestId = request, Finding = finding, ReportDigest = reportDigest }, cancellationToken);

    /// <summary>The ledger does not look at an oracle's operator when it makes a snapshot: what happens to the operator has to happen to its oracles, too.</summary>
    private async Task<IReadOnlyList<ActorId>> ListOraclesOfAsync(ActorId subject, CancellationToken cancellationToken) =>
        await Services.Ledger.GetActorAsync(subject, cancellationToken).ConfigureAwait(false) is { Roles: ActorRoles.Operator }
            ? [.. (await Services.Ledger.ListOraclesAsync(cancellationToken).ConfigureAwait(false)).Where(oracle => oracle.Operator == subject).Select(oracle => oracle.Id)]
            : [];
}
