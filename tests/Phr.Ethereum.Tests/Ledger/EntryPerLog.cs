using Phr.Consent.Ethereum;
using Phr.Crypto;

namespace Phr.Ethereum.Tests.Ledger;

/// <summary>Makes one entry of each log, numbered on, and keeps them in memory as well: what memory says must be what the file says, whatever happens.</summary>
internal sealed class EntryPerLog : ILogSink
{
    public List<FollowedEntry> Entries { get; } = [];

    public int Reloads { get; private set; }

    public void Apply(FollowedBlock block, IReadOnlyList<FollowedLog> logs, IReadOnlyDictionary<Digest, FollowedTransaction> transactions, FollowerStore store)
    {
        foreach (FollowedLog log in logs)
        {
            Assert.Equal(log.Transaction, transactions[log.Transaction].Hash);
            var entry = new FollowedEntry((ulong)Entries.Count + 1, block, log.Transaction, log.Topics[^1], log.Data.ToArray(), []);
            store.AddEntry(entry);
            Entries.Add(entry);
        }
    }

    public void Reload(FollowerStore store)
    {
        Reloads++;
        Entries.Clear();
        while (store.ReadEntries((ulong)Entries.Count) is { Count: > 0 } page)
        {
            Entries.AddRange(page);
        }
    }
}
