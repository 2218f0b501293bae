using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Phr.Storage;

namespace Phr.Samples.Portal;

/// <summary>Lets the trustees who are there answer drills: that takes their keys, and no decision.</summary>
public sealed partial class DrillAnswering(PhrServices phr, TimeProvider time, ILogger<DrillAnswering> logger)
{
    // A drill of many uploads must not hold up the other work of a turn.
    private const int TrialsPerTurn = 20;

    /// <summary>Tries the shares that were asked for and whose trustees are there.</summary>
    public async Task AnswerAsync(PortalDb db, IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(present);
        int[] trustees = [.. present.Where(lease => lease.Keys.Role is PortalRole.Guardian or PortalRole.Hospital or PortalRole.RegulatoryAgency).Select(lease => lease.Keys.UserId)];
        if (trustees.Length == 0)
        {
            return;
        }

        List<DrillTrial> waiting = await db.DrillTrials.Include(t => t.Bundle).Where(t => t.TriedAt == null && trustees.Contains(t.TrusteeId)).OrderBy(t => t.Id).Take(TrialsPerTurn).ToListAsync(cancellationToken);
        foreach (DrillTrial trial in waiting)
        {
            UnlockedKeys keys = present.First(lease => lease.Keys.UserId == trial.TrusteeId).Keys;
            try
            {
                BundleHeader header = BundleHeader.FromBytes(await phr.Services.Exchange.GetBlockAsync(Digest.Parse(trial.Bundle!.HeaderDigest), cancellationToken));
                if (header.FindDrill() is { } document && Digest.TryParse(trial.Bundle.Dealing, out Digest dealing))
                {
                    trial.Answer = (await new TrusteeClient(phr.Services, keys.Trustee, keys.TrusteeSecrets).AnswerDrillAsync(dealing, document, cancellationToken)).ToString();
                }
            }
            catch (Exception e) when (e is PhrDataException or InvalidOperationException or ArgumentException)
            {
                // That the share cannot be used is the drill's result.
                LogFailed(logger, trial.Id.ToString(CultureInfo.InvariantCulture), e.GetType().Name);
            }

            trial.TriedAt = time.GetUtcNow();
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    [LoggerMessage(2111, LogLevel.Warning, "A share could not be used in a drill (trial {Trial}: {Fault}).")]
    private static partial void LogFailed(ILogger logger, string trial, string fault);
}
