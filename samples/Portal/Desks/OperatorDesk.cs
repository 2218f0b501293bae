using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Phr.Oracle;

namespace Phr.Samples.Portal;

/// <summary>The work of the cloud server's operator: who is admitted, what is stored, how the parts are. They have no key, and nothing here opens anything.</summary>
public sealed class OperatorDesk(PortalDb db, AccountDesk accounts, EmbeddedOracles oracles, PhrServices phr, OutcomeBoard outcomes, StorageQuota quota, TimeProvider time)
{
    /// <summary>How many stand on a page.</summary>
    public const int Shown = 500;

    private const int MaxSearch = 256;

    /// <summary>The accounts of a role, or of all; those first that wait to be admitted, each the newest first.</summary>
    /// <param name="role">Of which role; null for all.</param>
    /// <param name="search">A part of the name or of the e-mail address, or the U-ID; empty or null for all.</param>
    /// <param name="page">Which page of them.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<Paged<PortalUser>> PeopleAsync(PortalRole? role = null, string? search = null, int page = 1, CancellationToken cancellationToken = default)
    {
        IQueryable<PortalUser> people = Accounts.Include(u => u.Patient!.Hospital).Include(u => u.Patient!.PersonalDoctor).Include(u => u.Doctor!.Hospital).Where(u => role == null || u.Role == role);
        if (search?.Trim() is { Length: > 0 and <= MaxSearch } wanted && PlainText.IsLine(wanted))
        {
            // Databases differ in what they call the same letters: the name counts as it is written, too.
            string upper = wanted.ToUpperInvariant();
            int id = int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
            people = people.Where(u => u.DisplayName.Contains(wanted) || u.DisplayName.ToUpper().Contains(upper) || u.NormalizedEmail!.Contains(upper) || u.Id == id);
        }

        return await Paging.OfAsync(people.OrderBy(u => u.Admission).ThenByDescending(u => u.Id), page, Shown, cancellationToken);
    }

    /// <summary>How many accounts wait to be admitted.</summary>
    public Task<int> WaitingAsync(CancellationToken cancellationToken = default) => Accounts.CountAsync(u => u.Admission == Admission.Pending, cancellationToken);

    /// <summary>What was uploaded: sealed, with size, time, owner and digest.</summary>
    public Task<Paged<SealedBundle>> UploadsAsync(int page = 1, CancellationToken cancellationToken = default) =>
        Paging.OfAsync(db.Bundles.Include(b => b.Patient).OrderByDescending(b => b.Id), page, Shown, cancellationToken);

    /// <summary>How much each patient stores, the fullest first, as many as stand on a page.</summary>
    public Task<IReadOnlyList<(PortalUser Patient, QuotaView Quota)>> QuotasAsync(CancellationToken cancellationToken = default) => quota.ListAsync(Shown, cancellationToken);

    /// <summary>Insurance claims as the ledger has them for everybody: who, how much, how far. What a claim is for is sealed to others.</summary>
    public async Task<Paged<InsuranceLine>> ClaimsAsync(int page = 1, CancellationToken cancellationToken = default)
    {
        if (!phr.IsFounded)
        {
            return Paging.Of<InsuranceLine>([], page, Shown);
        }

        Dictionary<string, PortalUser> people = await db.Users.Where(u => u.Actor != null && (u.Role == PortalRole.Patient || u.Role == PortalRole.Insurer)).ToDictionaryAsync(u => u.Actor!, cancellationToken);
        DateTimeOffset now = time.GetUtcNow();
        IReadOnlyList<ClaimRecord> claims = await phr.Services.Ledger.ListClaimsAsync(new ClaimFilter(), cancellationToken);
        Paged<ClaimRecord> shown = Paging.Of([.. claims.OrderByDescending(claim => claim.FiledAt)], page, Shown);
        return shown.With<InsuranceLine>(
        [
            .. shown.Items.Select(claim => new InsuranceLine(claim.At(now), people.GetValueOrDefault(claim.Patient.ToString()), people.GetValueOrDefault(claim.Insurer.ToString()))),
        ]);
    }

    /// <summary>The outbox, newest first.</summary>
    public Task<Paged<OutgoingMail>> OutboxAsync(int page = 1, CancellationToken cancellationToken = default) =>
        Paging.OfAsync(db.Outbox.Include(m => m.User).OrderByDescending(m => m.Id), page, Shown, cancellationToken);

    /// <summary>How the oracles of this process are.</summary>
    public IReadOnlyList<OracleSnapshot> Oracles() => oracles.Read();

    /// <summary>Whether the oracles are processes of other people: then the ledger alone tells how they are.</summary>
    public bool AreOraclesElsewhere => phr.AreOraclesElsewhere;

    /// <summary>The oracles of the operators that count here, as the ledger has them, ordered by operator.</summary>
    /// <exception cref="DeskException">The ledger cannot be reached.</exception>
    public async Task<IReadOnlyList<OracleLine>> LedgerOraclesAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            DateTimeOffset now = time.GetUtcNow();
            IConsentLedger ledger = phr.Services.Ledger;
            var lines = new List<OracleLine>();
            foreach (OracleRecord oracle in (await ledger.ListOraclesAsync(cancellationToken)).Where(oracle => phr.Operators.Contains(oracle.Operator)))
            {
                ActorStatus status = (await ledger.GetActorAsync(oracle.Id, cancellationToken))?.Status ?? ActorStatus.Removed;
                IReadOnlyList<RequestRecord> seats = await ledger.ListRequestsAsync(new RequestFilter { Oracle = oracle.Id }, cancellationToken);
                int open = seats.Count(request => request.StatusAt(now) == RequestStatus.Granted && request.Delivery(request.FindCommitteeIndex(oracle.Id)!.Value) is null);
                lines.Add(new OracleLine(oracle, WhyNot(oracle, status, now), open));
            }

            return [.. lines.OrderBy(line => line.Record.Operator.ToString(), StringComparer.Ordinal).ThenBy(line => line.Record.Index)];
        }
        catch (EthereumUnavailableException e)
        {
            throw new DeskException("The ledger cannot be reached at the moment, so how the oracles are is not known. Try again in some minutes.", e);
        }
    }

    /// <summary>How often models were right, in groups.</summary>
    public Task<IReadOnlyList<OutcomeLine>> OutcomesAsync(CancellationToken cancellationToken = default) => outcomes.ReadAsync(cancellationToken);

    /// <summary>How many claims of the ledger stand where.</summary>
    public async Task<IReadOnlyList<ClaimLine>> ClaimCountsAsync(CancellationToken cancellationToken = default) =>
        !phr.IsFounded ? [] :
        [
            .. (await phr.Services.Ledger.ListClaimsAsync(new ClaimFilter(), cancellationToken)).Select(c => c.At(time.GetUtcNow())).GroupBy(c => (c.Status, c.Status == ClaimStatus.Approved && c.ApprovedAmount < c.Amount))
                .OrderBy(g => g.Key.Status).ThenBy(g => g.Key.Item2).Select(g => new ClaimLine(g.Key.Status, g.Key.Item2, g.Count())),
        ];

    /// <summary>Admits somebody.</summary>
    public Task AdmitAsync(int userId) => accounts.DecideAsync(userId, Admission.Admitted);

    /// <summary>Blocks somebody. It works at once.</summary>
    public Task BlockAsync(int userId) => accounts.DecideAsync(userId, Admission.Blocked);

    private IQueryable<PortalUser> Accounts => db.Users.Where(u => u.Role != PortalRole.CloudServer);

    // What the ledger tells of an oracle that it draws for no committee.
    private static string? WhyNot(OracleRecord oracle, ActorStatus status, DateTimeOffset now) =>
        status == ActorStatus.Pending ? "waits for an agency's admission."
        : status != ActorStatus.Active ? $"the oracle is {status} on the ledger."
        : now >= oracle.ValidUntil ? "the oracle's key record has ended: its operator renews it."
        : !oracle.IsEligible ? "its key record ends within the hour, or its bond is too small."
        : null;
}
