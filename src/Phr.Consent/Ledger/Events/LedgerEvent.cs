using System.Diagnostics.CodeAnalysis;
using Phr.Consent.Fields;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent;

/// <summary>Something that changed on the ledger. The events alone, in their order and with their blocks, give back the whole state.</summary>
/// <remarks>The kinds are a closed set. Immutable and thread safe.</remarks>
public abstract record LedgerEvent : IMapped<LedgerEvent>
{
    private const string Stage = "ledger event";
    private const string Tag = "phr/event/v1";

    private protected LedgerEvent()
    {
    }

    /// <summary>Which event it is.</summary>
    public abstract LedgerEventKind Kind { get; }

    string IMapped<LedgerEvent>.TypeName => Kind.ToString();

    /// <summary>Reads an event.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote, at most 262,144 bytes.</param>
    /// <returns>The event.</returns>
    /// <exception cref="PhrDataException">The bytes are not an event in canonical form.</exception>
    public static LedgerEvent FromBytes(ReadOnlyMemory<byte> bytes)
    {
        var reader = new CanonicalCborReader(Stage, bytes, LedgerLimits.EventLength);
        reader.BeginArray(3);
        reader.Expect(Tag);
        LedgerEvent blank = EventKinds.Find((LedgerEventKind)reader.Int32(int.MaxValue))
            ?? throw reader.Fault(PhrDataReason.UnknownVersion, "the kind of event is not known to this version.");
        LedgerEvent read = FieldReader.Read(reader, blank);
        reader.EndArray();
        reader.End();
        return read;
    }

    /// <summary>Reads an event, without an exception.</summary>
    /// <param name="bytes">What <see cref="ToBytes"/> wrote.</param>
    /// <param name="ledgerEvent">The event, or null.</param>
    /// <returns>Whether the bytes were an event in canonical form.</returns>
    public static bool TryFromBytes(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out LedgerEvent? ledgerEvent)
    {
        try
        {
            ledgerEvent = FromBytes(bytes);
            return true;
        }
        catch (PhrDataException)
        {
            ledgerEvent = null;
            return false;
        }
    }

    /// <summary>Writes the canonical encoding: CBOR, <c>["phr/event/v1", kind, [fields]]</c>.</summary>
    /// <returns>A new array.</returns>
    public byte[] ToBytes()
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(3).Text(Tag).UInt64((ulong)Kind);
        FieldWriter.Write(writer, this);
        return writer.EndArray().ToBytes();
    }

    LedgerEvent IMapped<LedgerEvent>.Map(FieldMap map) => Map(map);

    internal abstract LedgerEvent Map(FieldMap map);
}
