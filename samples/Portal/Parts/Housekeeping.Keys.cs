using System.Collections.Concurrent;
using Phr.Storage;

namespace Phr.Samples.Portal;

// Key records end: those of people after a year, those of oracles after a month. Whoever comes within the time before, or after it, goes on with the same keys.
public sealed partial class Housekeeping
{
    private static readonly TimeSpan _keyLifetime = TimeSpan.FromDays(365);
    private static readonly TimeSpan _renewalPeriod = TimeSpan.FromDays(60);
    private static readonly TimeSpan _betweenLooks = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<ActorId, DateTimeOffset> _looked = new();
    private DateTimeOffset _oraclesLooked;

    private async Task RenewKeyRecordsAsync(IReadOnlyList<KeyLease> present, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        foreach (IdentityKeys keys in present.SelectMany(lease => new[] { lease.Keys.Main, lease.Keys.Desk }).OfType<IdentityKeys>().DistinctBy(keys => keys.Id))
        {
            if (!_looked.TryGetValue(keys.Id, out DateTimeOffset last) || now - last >= _betweenLooks)
            {
                await GuardedAsync("a key record", $"keys {keys.Id}", () => RenewKeyRecordAsync(keys, now, cancellationToken));
            }
        }
    }

    private async Task RenewOraclesAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (now - _oraclesLooked >= _betweenLooks)
        {
            await GuardedAsync("the oracles' key records", "oracles", async () =>
            {
                await phr.RenewOraclesAsync(cancellationToken);
                _oraclesLooked = now;
            });
        }
    }

    private async Task RenewKeyRecordAsync(IdentityKeys keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ConsentServices services = phr.Services;
        ActorRecord? actor = await services.Ledger.GetActorAsync(keys.Id, cancellationToken);
        if (actor is { KeyRecordDigest.IsZero: false, Status: ActorStatus.Active or ActorStatus.Pending } && actor.ValidUntil - now < _renewalPeriod)
        {
            var before = KeyRecord.FromBytes(await services.Exchange.GetBlockAsync(actor.KeyRecordDigest, cancellationToken));

            // A chain's clock is behind this one.
            var record = KeyRecord.Create(keys, services.Ledger.Id, new KeyRecordOptions
            {
                ValidFrom = now.AddHours(-1),
                ValidUntil = now + _keyLifetime,
                Sequence = before.Sequence,
                EnvelopeKey = before.Keys.EnvelopeKey,
            });
            await services.Exchange.PutBlockAsync(record.ToBytes(), cancellationToken);
            await services.Ledger.SubmitAsync(
                new ReplaceKey { Actor = keys.Id, NewLedgerAddress = actor.LedgerAddress, KeyRecordDigest = record.Digest, ValidUntil = record.ValidUntil },
                keys.LedgerKey,
                cancellationToken);
        }

        _looked[keys.Id] = now;
    }
}
