using System.Security.Cryptography;
using Phr.Crypto;
using Phr.Storage;

namespace Phr.Consent;

/// <summary>Insurance claims, for everybody who has a part in them: the patient files, doctor, hospital and agency endorse in their turn, the insurer decides, the patient may appeal once.</summary>
/// <remarks>
/// The ledger sees who decides, the amount and digests. Evidence and opinions are sealed to the parties and lie in the exchange. One client for each actor; which of its methods the ledger accepts
/// depends on the actor's role and on whose turn it is.
/// </remarks>
public sealed class ClaimClient : ActorClient
{
    /// <summary>Longest evidence, opinion, grounds or finding: 65,536 bytes.</summary>
    public const int MaxPaperLength = 65536;

    /// <summary>Creates a client.</summary>
    /// <param name="services">Ledger, stores and clock.</param>
    /// <param name="identity">The actor's keys.</param>
    /// <param name="secrets">The actor's secret store.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public ClaimClient(ConsentServices services, IdentityKeys identity, ISecretStore secrets)
        : base(services, identity, secrets)
    {
    }

    /// <summary>Sets, as an insurer, from which amount on an agency looks at claims before the insurer decides.</summary>
    /// <param name="currency">The currency: three capital letters, ISO 4217.</param>
    /// <param name="threshold">The least amount, in the currency's smallest units; 0 for every claim.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task SetReviewThresholdAsync(string currency, ulong threshold, CancellationToken cancellationToken = default) =>
        SubmitAsync(new SetReviewThreshold { Actor = Id, Currency = currency, Threshold = threshold }, cancellationToken);

    /// <summary>Files a claim: seals the evidence to those who decide on it, and puts a commitment to it on the ledger.</summary>
    /// <param name="draft">What is claimed, of whom.</param>
    /// <param name="evidence">The evidence, 1 to 65,536 bytes in any format, such as a FHIR Claim.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The claim's id.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="draft"/> is null.</exception>
    /// <exception cref="ArgumentException">The evidence is empty or too long, or more than 16 parties would have to read it.</exception>
    /// <exception cref="PhrDataException">A party's key record is missing or fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task<Digest> FileAsync(ClaimDraft draft, ReadOnlyMemory<byte> evidence, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(draft);
        CheckLength(evidence, nameof(evidence));
        ActorId[] readers = [.. new[] { draft.Doctor, draft.Hospital, draft.Insurer }.Concat(draft.Agencies).Append(Id).Distinct()];
        if (readers.Length > ClaimPaper.MaxRecipients)
        {
            throw new ArgumentException("At most 16 parties read a claim's evidence.", nameof(draft));
        }

        Digest salt = Draw(), commitmentSalt = Draw();
        var file = new FileClaim
        {
            Actor = Id,
            Insurer = draft.Insurer,
            Doctor = draft.Doctor,
            Hospital = draft.Hospital,
            Amount = draft.Amount,
            Currency = draft.Currency,
            RelatedTo = draft.RelatedTo,
            EvidenceCommitment = ClaimPaper.CommitTo(commitmentSalt, evidence.Span),
            EvidenceDigest = await PublishAsync(salt, commitmentSalt, evidence, readers, cancellationToken).ConfigureAwait(false),
            NotAfter = DateTimeOffset.FromUnixTimeSeconds((Now + draft.Lifetime).ToUnixTimeSeconds()),
            Salt = salt,
        };
        await SubmitAsync(file, cancellationToken).ConfigureAwait(false);
        return file.ComputeId(Services.Ledger.Id);
    }

    /// <summary>Reads a claim's evidence, if it is sealed to this actor.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The evidence, which is what the ledger has a commitment to.</returns>
    /// <exception cref="PhrDataException">There is no such claim, the evidence is not sealed to this actor, or what was sealed is not what was committed to.</exception>
    public async Task<byte[]> ReadEvidenceAsync(Digest claim, CancellationToken cancellationToken = default)
    {
        ClaimRecord record = await LoadAsync(claim, cancellationToken).ConfigureAwait(false);
        byte[] package = await Services.Exchange.GetBlockAsync(record.EvidenceDigest, cancellationToken).ConfigureAwait(false);
        (Digest salt, byte[] content) = ClaimPaper.Open(package, record.Salt, record.Patient, Services.Ledger.Id, Id, Identity.EnvelopeKey);
        return ClaimPaper.CommitTo(salt, content) == record.EvidenceCommitment
            ? content
            : throw new PhrDataException("claim paper", PhrDataReason.CommitmentMismatch, "the evidence is not what the ledger has a commitment to.");
    }

    /// <summary>Reads what somebody wrote with a step of a claim, if it is sealed to this actor.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="step">The step, one of the claim's.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The opinion, grounds or finding; empty when the step has none.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="step"/> is null.</exception>
    /// <exception cref="PhrDataException">There is no such claim, or the paper is not sealed to this actor.</exception>
    public async Task<byte[]> ReadPaperAsync(Digest claim, ClaimStep step, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (step.PaperDigest.IsZero)
        {
            return [];
        }

        ClaimRecord record = await LoadAsync(claim, cancellationToken).ConfigureAwait(false);
        byte[] package = await Services.Exchange.GetBlockAsync(step.PaperDigest, cancellationToken).ConfigureAwait(false);
        return ClaimPaper.Open(package, record.Salt, step.Actor, Services.Ledger.Id, Id, Identity.EnvelopeKey).Content;
    }

    /// <summary>Endorses a claim, as the doctor, the hospital or an agency whose turn it is.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="opinion">What the others should read, at most 65,536 bytes; may be empty.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException"><paramref name="opinion"/> is too long.</exception>
    /// <exception cref="PhrDataException">There is no such claim, or a party's key record fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task EndorseAsync(Digest claim, ReadOnlyMemory<byte> opinion = default, CancellationToken cancellationToken = default) =>
        await SubmitAsync(
            new EndorseClaim { Actor = Id, ClaimId = claim, OpinionDigest = await PublishAsync(claim, opinion, cancellationToken).ConfigureAwait(false) },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Rejects a claim, as whoever's turn it is.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="reasonCode">A code of the parties' own list, 0 to 65,535.</param>
    /// <param name="opinion">What the others should read, at most 65,536 bytes; may be empty.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException"><paramref name="opinion"/> is too long.</exception>
    /// <exception cref="PhrDataException">There is no such claim, or a party's key record fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task RejectAsync(Digest claim, int reasonCode, ReadOnlyMemory<byte> opinion = default, CancellationToken cancellationToken = default) =>
        await SubmitAsync(
            new RejectClaim { Actor = Id, ClaimId = claim, ReasonCode = reasonCode, OpinionDigest = await PublishAsync(claim, opinion, cancellationToken).ConfigureAwait(false) },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Approves a claim, as its insurer.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="amount">What will be paid, in the currency's smallest units: 1, or what was approved before an appeal, to what is claimed.</param>
    /// <param name="opinion">What the others should read, at most 65,536 bytes; may be empty.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException"><paramref name="opinion"/> is too long.</exception>
    /// <exception cref="PhrDataException">There is no such claim, or a party's key record fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task ApproveAsync(Digest claim, ulong amount, ReadOnlyMemory<byte> opinion = default, CancellationToken cancellationToken = default) =>
        await SubmitAsync(
            new ApproveClaim { Actor = Id, ClaimId = claim, Amount = amount, OpinionDigest = await PublishAsync(claim, opinion, cancellationToken).ConfigureAwait(false) },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Appeals, as the patient, against a rejection or a partial approval. Once.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="agency">The agency to which the grounds are sealed, beside the claim's parties. Any agency may decide.</param>
    /// <param name="grounds">Why, at most 65,536 bytes; may be empty.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException"><paramref name="grounds"/> is too long.</exception>
    /// <exception cref="PhrDataException">There is no such claim, or a party's key record fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task AppealAsync(Digest claim, ActorId agency, ReadOnlyMemory<byte> grounds = default, CancellationToken cancellationToken = default) =>
        await SubmitAsync(
            new AppealClaim { Actor = Id, ClaimId = claim, GroundsDigest = await PublishAsync(claim, grounds, cancellationToken, agency).ConfigureAwait(false) },
            cancellationToken).ConfigureAwait(false);

    /// <summary>Decides on an appeal, as an agency.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="decision"><see cref="ClaimStepKind.SentBack"/> or <see cref="ClaimStepKind.Upheld"/>.</param>
    /// <param name="finding">What the others should read, at most 65,536 bytes; may be empty.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="ArgumentException"><paramref name="finding"/> is too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="decision"/> is another kind.</exception>
    /// <exception cref="PhrDataException">There is no such claim, or a party's key record fails a check.</exception>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public async Task DecideAppealAsync(Digest claim, ClaimStepKind decision, ReadOnlyMemory<byte> finding = default, CancellationToken cancellationToken = default)
    {
        if (decision is not (ClaimStepKind.SentBack or ClaimStepKind.Upheld))
        {
            throw new ArgumentOutOfRangeException(nameof(decision));
        }

        await SubmitAsync(
            new DecideAppeal
            {
                Actor = Id,
                ClaimId = claim,
                SendBack = decision == ClaimStepKind.SentBack,
                FindingDigest = await PublishAsync(claim, finding, cancellationToken).ConfigureAwait(false),
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Withdraws a claim that is not decided, as the patient.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task WithdrawAsync(Digest claim, CancellationToken cancellationToken = default) =>
        SubmitAsync(new WithdrawClaim { Actor = Id, ClaimId = claim }, cancellationToken);

    /// <summary>Ends a claim whose time is over. Anybody may.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>A task that ends when the ledger has it.</returns>
    /// <exception cref="LedgerRejectedException">The ledger refused.</exception>
    public Task ExpireAsync(Digest claim, CancellationToken cancellationToken = default) =>
        SubmitAsync(new ExpireClaim { Actor = Id, ClaimId = claim }, cancellationToken);

    private static Digest Draw() => Digest.FromBytes(RandomNumberGenerator.GetBytes(Digest.Length));

    private static void CheckLength(ReadOnlyMemory<byte> paper, string name)
    {
        if (paper.Length > MaxPaperLength || (paper.IsEmpty && name == "evidence"))
        {
            throw new ArgumentException($"It has at most {MaxPaperLength} bytes, and evidence has some.", name);
        }
    }

    private async Task<ClaimRecord> LoadAsync(Digest claim, CancellationToken cancellationToken) =>
        await Services.Ledger.GetClaimAsync(claim, cancellationToken).ConfigureAwait(false)
        ?? throw new PhrDataException("claim", PhrDataReason.NotFound, $"the ledger has no claim {claim}.");

    /// <summary>Seals a paper to everybody who has acted on the claim or will, and to whom its evidence is sealed; returns its digest, zero for an empty one.</summary>
    private async Task<Digest> PublishAsync(Digest claim, ReadOnlyMemory<byte> paper, CancellationToken cancellationToken, ActorId alsoTo = default)
    {
        CheckLength(paper, nameof(paper));
        if (paper.IsEmpty)
        {
            return default;
        }

        ClaimRecord record = await LoadAsync(claim, cancellationToken).ConfigureAwait(false);
        var readers = new List<ActorId>(
            new[] { record.Patient, record.Doctor, record.Hospital, record.Insurer, alsoTo, Id }.Concat(record.Steps.Select(step => step.Actor)).Where(actor => !actor.IsZero).Distinct());
        await AddEvidenceReadersAsync(readers, record, cancellationToken).ConfigureAwait(false);
        return await PublishAsync(record.Salt, Draw(), paper, readers, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds whom the patient let read the evidence: agencies among them, which the ledger does not name before they act. Nothing waits for one whose keys have ended, or for a package that is gone.</summary>
    private async Task AddEvidenceReadersAsync(List<ActorId> readers, ClaimRecord record, CancellationToken cancellationToken)
    {
        try
        {
            byte[] package = await Services.Exchange.GetBlockAsync(record.EvidenceDigest, cancellationToken).ConfigureAwait(false);
            foreach (ActorId reader in ClaimPaper.ListRecipients(package).Where(reader => !readers.Contains(reader)).Take(ClaimPaper.MaxRecipients - readers.Count).ToArray())
            {
                if (await IsReachableAsync(reader, cancellationToken).ConfigureAwait(false))
                {
                    readers.Add(reader);
                }
            }
        }
        catch (PhrDataException)
        {
            // Those whom the ledger names read it all the same.
        }
    }

    private async Task<bool> IsReachableAsync(ActorId actor, CancellationToken cancellationToken)
    {
        try
        {
            await LoadKeyRecordAsync(actor, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PhrDataException)
        {
            return false;
        }
    }

    private async Task<Digest> PublishAsync(Digest claimSalt, Digest salt, ReadOnlyMemory<byte> paper, IReadOnlyList<ActorId> readers, CancellationToken cancellationToken)
    {
        var recipients = new List<(ActorId, PublicKey)>(readers.Count);
        foreach (ActorId reader in readers)
        {
            KeyRecord keys = await LoadKeyRecordAsync(reader, cancellationToken).ConfigureAwait(false);
            recipients.Add((reader, keys.Keys.EnvelopeKey));
        }

        byte[] package = ClaimPaper.Seal(claimSalt, salt, paper.Span, Identity, Services.Ledger.Id, recipients);
        await Services.Exchange.PutBlockAsync(package, cancellationToken).ConfigureAwait(false);
        return Digest.Of(package);
    }
}
