using Microsoft.EntityFrameworkCore;
using Phr.Oracle;

namespace Phr.Samples.Portal;

/// <summary>The work of the cloud server's operator: who is admitted, what is stored, how the parts are. They have no key, and nothing here opens anything.</summary>
public sealed class OperatorDesk(PortalDb db, AccountDesk accounts, EmbeddedOracles oracles, PhrServices phr, OutcomeBoard outcomes)
{
    private const int Shown = 500;

    /// <summary>The accounts of a role, newest first.</summary>
    public async Task<IReadOnlyList<PortalUser>> PeopleAsync(PortalRole? role = null, CancellationToken cancellationToken = default) =>
        await db.Users.Include(u => u.Patient!.Hospital).Include(u => u.Patient!.PersonalDoctor).Include(u => u.Doctor!.Hospital)
            .Where(u => u.Role != PortalRole.CloudServer && (role == null || u.Role == role)).OrderBy(u => u.Admission).ThenByDescending(u => u.Id).Take(Shown).ToListAsync(cancellationToken);

    /// <summary>What was uploaded: sealed, with size, time, owner and digest.</summary>
    public async Task<IReadOnlyList<SealedBundle>> UploadsAsync(CancellationToken cancellationToken = default) =>
        await db.Bundles.Include(b => b.Patient).OrderByDescending(b => b.Id).Take(Shown).ToListAsync(cancellationToken);

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

    /// <summary>How often models were right, in groups.</summary>
    public Task<IReadOnlyList<OutcomeLine>> OutcomesAsync(CancellationToken cancellationToken = default) => outcomes.ReadAsync(cancellationToken);

    /// <summary>How many claims of the ledger stand where.</summary>
    public async Task<IReadOnlyList<ClaimLine>> ClaimCountsAsync(CancellationToken cancellationToken = default) =>
        !phr.IsFounded ? [] :
        [
            .. (await phr.Services.Ledger.ListClaimsAsync(new ClaimFilter(), cancellationToken)).GroupBy(c => (c.Status, c.Status == ClaimStatus.Approved && c.ApprovedAmount < c.Amount))
                .OrderBy(g => g.Key.Status).ThenBy(g => g.Key.Item2).Select(g => new ClaimLine(g.Key.Status, g.Key.Item2, g.Count())),
        ];

    /// <summary>Admits somebody.</summary>
    public Task AdmitAsync(int userId) => accounts.DecideAsync(userId, Admission.Admitted);

    /// <summary>Blocks somebody. It works at once.</summary>
    public Task BlockAsync(int userId) => accounts.DecideAsync(userId, Admission.Blocked);
}
