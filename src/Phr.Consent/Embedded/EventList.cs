using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Embedded;

/// <summary>The events of one entry as bytes: a CBOR array of the events' own encodings.</summary>
internal static class EventList
{
    private const int MaxEvents = 4096;

    public static byte[] ToBytes(IReadOnlyList<LedgerEvent> events)
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(events.Count);
        foreach (LedgerEvent ledgerEvent in events)
        {
            writer.Encoded(ledgerEvent.ToBytes());
        }

        return writer.EndArray().ToBytes();
    }

    public static LedgerEvent[] FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader("ledger entry", bytes, ChainFormat.MaxBlobLength);
        var events = new LedgerEvent[reader.BeginList(MaxEvents)];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = LedgerEvent.FromBytes(reader.Encoded());
        }

        reader.EndArray();
        reader.End();
        return events;
    }
}
