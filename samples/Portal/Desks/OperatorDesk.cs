using Microsoft.EntityFrameworkCore;
using Phr.Oracle;

namespace Phr.Samples.Portal;

/// <summary>The work of the cloud server's operator: who is admitted, what is stored, how the parts are. They have no key, and nothing here opens anything.</summary>
public sealed class OperatorDesk(PortalDb db, AccountDesk accounts, EmbeddedOracles oracles, PhrServices phr, OutcomeBoard outcomes, StorageQuota quota, TimeProvider time)
{
    private const int Shown = 500;

    /// <summary>The accounts of a role, newest first.</summary>
    public async Task<IReadOnlyList<PortalUser>> PeopleAsync(PortalRole? role = null, CancellationToken cancellationToken = default) =>
        await db.Users.Include(u => u.Patient!.Hospital).Include(u => u.Patient!.PersonalDoctor).Include(u => u.Doctor!.Hospital)
            .Where(u => u.Role != PortalRole.CloudServer && (role == null || u.Role == role)).OrderBy(u => u.Admission).ThenByDescending(u => u.Id).Take(Shown).ToListAsync(cancellationToken);

    /// <summary>What was uploaded: sealed, with size, time, owner and digest.</summary>
    public async Task<IReadOnlyList<SealedBundle>> UploadsAsync(CancellationToken cancellationToken = default) =>
        await db.Bundles.Include(b => b.Patient).OrderByDescending(b => b.Id).Take(Shown).ToListAsync(cancellationToken);

    /// <summary>How much each patient stores, the fullest first.</summary>
    public Task<IReadOnlyList<(PortalUser Patient, QuotaView Quota)>> QuotasAsync(CancellationToken cancellationToken = default) => quota.ListAsync(Shown, cancellationToken);

    /// <summary>Insurance claims as the ledger has them for everybody: who, how much, how far. What a claim is for is sealed to others.</summary>
    public async Task<IReadOnlyList<InsuranceLine>> ClaimsAsync(CancellationToken cancellationToken = default)
    {
        if (!phr.IsFounded)
        {
            return [];
        }

        Dictionary<string, PortalUser> people = await db.Users.Where(u => u.Actor != null && (u.Role == PortalRole.Patient || u.Role == PortalRole.Insurer)).ToDictionaryAsync(u => u.Actor!, cancellationToken);
        IReadOnlyList<ClaimRecord> claims = await phr.Services.Ledger.ListClaimsAsync(new ClaimFilter(), cancellationToken);
        return
        [
            .. claims.OrderByDescending(claim => claim.FiledAt).Take(Shown)
                .Select(claim => new InsuranceLine(claim, people.GetValueOrDefault(claim.Patient.ToString()), people.GetValueOrDefault(claim.Insurer.ToString()))),
        ];
    }

    /// <summary>The outbox, newest first.</summary>
    public async Task<IReadOnlyList<OutgoingMail>> OutboxAsync(CancellationToken cancellationToken = default) =>
        await db.Outbox.Include(m => m.User).OrderByDescending(m => m.Id).Take(Shown).ToListAsync(cancellationToken);

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

    // What the ledger tells of an oracle that it draws for no committee.
    private static string? WhyNot(OracleRecord oracle, ActorStatus status, DateTimeOffset now) =>
        status == ActorStatus.Pending ? "waits for an agency's admission."
        : status != ActorStatus.Active ? $"the oracle is {status} on the ledger."
        : now >= oracle.ValidUntil ? "the oracle's key record has ended: its operator renews it."
        : !oracle.IsEligible ? "its key record ends within the hour, or its bond is too small."
        : null;
}
