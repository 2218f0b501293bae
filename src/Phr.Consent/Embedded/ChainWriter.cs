namespace Phr.Consent.Embedded;

/// <summary>A write transaction: from here until it is disposed nobody else, in any process, adds an entry.</summary>
internal sealed class ChainWriter(ChainStore store) : IDisposable
{
    private bool _committed;
    private bool _disposed;

    public IReadOnlyList<ChainEntry> ReadPage(ulong after) => store.ReadPageInTransaction(after);

    public ChainEntry? ReadEntry(ulong number) => store.ReadEntryInTransaction(number);

    /// <summary>Signs and adds an entry after <paramref name="previous"/>; it stands once <see cref="Commit"/> has returned.</summary>
    public ChainEntry Append(ChainHead previous, DateTimeOffset time, byte[] command, byte[] events) => store.AppendInTransaction(previous, time, command, events);

    /// <summary>Makes the entries durable: they are on the disk when this returns.</summary>
    public void Commit()
    {
        store.Commit();
        _committed = true;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            store.EndWrite(_committed);
        }
    }
}
