using System.Diagnostics.CodeAnalysis;
using System.Formats.Cbor;
using Phr.Crypto;

namespace Phr.Shared;

/// <summary>
/// Reads deterministic CBOR (RFC 8949 §4.2.1) made of arrays, byte strings, text, unsigned integers and booleans.
/// Every fault is a <see cref="PhrDataException"/> that names the stage; nothing else leaves this class.
/// </summary>
internal sealed class CanonicalCborReader
{
    private readonly CborReader _reader;
    private readonly string _stage;

    public CanonicalCborReader(string stage, ReadOnlyMemory<byte> bytes, int maxLength)
    {
        _stage = stage;
        if (bytes.Length > maxLength)
        {
            throw Fault(PhrDataReason.TooLarge, $"{bytes.Length} bytes were given where at most {maxLength} are read.");
        }

        _reader = new CborReader(bytes, CborConformanceMode.Ctap2Canonical);
    }

    /// <summary>Begins an array of exactly <paramref name="length"/> items.</summary>
    public void BeginArray(int length)
    {
        if (Read(static r => r.ReadStartArray()) != length)
        {
            throw Fault(PhrDataReason.Malformed, $"an array does not have its {length} items.");
        }
    }

    /// <summary>Begins an array of one length or another, and says which.</summary>
    public int BeginArray(int length, int otherLength)
    {
        int? read = Read(static r => r.ReadStartArray());
        return read == length || read == otherLength
            ? read.Value
            : throw Fault(PhrDataReason.Malformed, $"an array has neither {length} nor {otherLength} items.");
    }

    /// <summary>Begins an array of at most <paramref name="max"/> items.</summary>
    public int BeginList(int max)
    {
        int? length = Read(static r => r.ReadStartArray());
        if (length is null)
        {
            throw Fault(PhrDataReason.NonCanonical, "an array has no definite length.");
        }

        return length <= max ? length.Value : throw Fault(PhrDataReason.TooLarge, $"a list has more than {max} items.");
    }

    public void EndArray() => Read(static r =>
    {
        r.ReadEndArray();
        return true;
    });

    /// <summary>Reads a text that must be <paramref name="expected"/>: the tag at the head of every object.</summary>
    public void Expect(string expected)
    {
        if (!string.Equals(Read(static r => r.ReadTextString()), expected, StringComparison.Ordinal))
        {
            throw Fault(PhrDataReason.UnknownVersion, $"it does not begin with the tag {expected}.");
        }
    }

    public string Text(int maxLength)
    {
        string text = Read(static r => r.ReadTextString());
        return text.Length <= maxLength ? text : throw Fault(PhrDataReason.TooLarge, $"a text is longer than {maxLength} characters.");
    }

    public byte[] Bytes(int maxLength)
    {
        byte[] bytes = Read(static r => r.ReadByteString());
        return bytes.Length <= maxLength ? bytes : throw Fault(PhrDataReason.TooLarge, $"a byte string is longer than {maxLength}.");
    }

    public byte[] BytesExactly(int length)
    {
        byte[] bytes = Read(static r => r.ReadByteString());
        return bytes.Length == length ? bytes : throw Fault(PhrDataReason.WrongLength, $"a byte string does not have {length} bytes.");
    }

    public ulong UInt64(ulong max = ulong.MaxValue)
    {
        ulong value = Read(static r => r.ReadUInt64());
        return value <= max ? value : throw Fault(PhrDataReason.OutOfRange, $"a number is above {max}.");
    }

    public int Int32(int max) => (int)UInt64((ulong)max);

    public bool Boolean() => Read(static r => r.ReadBoolean());

    public PublicKey PublicKey() =>
        Phr.Crypto.PublicKey.TryFromBytes(BytesExactly(Phr.Crypto.PublicKey.Length), out PublicKey? key)
            ? key
            : throw Fault(PhrDataReason.InvalidPoint, "a public key is not a point of the curve.");

    public Signature Signature() =>
        Phr.Crypto.Signature.TryFromBytes(BytesExactly(Phr.Crypto.Signature.Length), out Signature? signature)
            ? signature
            : throw Fault(PhrDataReason.InvalidScalar, "a signature is not r || s with low s.");

    public Digest Digest() => Phr.Crypto.Digest.FromBytes(BytesExactly(Phr.Crypto.Digest.Length));

    public ActorId ActorId() => Phr.Crypto.ActorId.FromBytes(BytesExactly(Phr.Crypto.ActorId.Length));

    public BundleId BundleId() => Phr.Crypto.BundleId.FromBytes(BytesExactly(Phr.Crypto.BundleId.Length));

    public DocumentId DocumentId() => Phr.Crypto.DocumentId.FromBytes(BytesExactly(Phr.Crypto.DocumentId.Length));

    public RequestId RequestId() => Phr.Crypto.RequestId.FromBytes(BytesExactly(Phr.Crypto.RequestId.Length));

    public LedgerId LedgerId()
    {
        BeginArray(2);
        var id = new LedgerId(UInt64(), ActorId());
        EndArray();
        return id;
    }

    /// <summary>Seconds since 1970 UTC, up to the year 9999.</summary>
    public DateTimeOffset Time() => DateTimeOffset.FromUnixTimeSeconds((long)UInt64(253402300799));

    /// <summary>The next item's bytes, without looking inside.</summary>
    public ReadOnlyMemory<byte> Encoded() => Read(static r => r.ReadEncodedValue());

    /// <summary>Bytes after what was read so far.</summary>
    public int BytesRemaining => _reader.BytesRemaining;

    /// <summary>Refuses bytes after the value.</summary>
    public void End()
    {
        if (_reader.BytesRemaining != 0)
        {
            throw Fault(PhrDataReason.NonCanonical, "bytes follow its end.");
        }
    }

    public PhrDataException Fault(PhrDataReason reason, string detail) => new(_stage, reason, detail);

    private T Read<T>(Func<CborReader, T> read)
    {
        try
        {
            return read(_reader);
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException)
        {
            throw new PhrDataException(_stage, PhrDataReason.Malformed, "the bytes are not the deterministic CBOR of this format.", e);
        }
    }
}

/// <summary>Writes deterministic CBOR of arrays, byte strings, text, unsigned integers and booleans.</summary>
internal sealed class CanonicalCborWriter
{
    private readonly CborWriter _writer = new(CborConformanceMode.Ctap2Canonical);

    public CanonicalCborWriter Array(int length)
    {
        _writer.WriteStartArray(length);
        return this;
    }

    public CanonicalCborWriter EndArray()
    {
        _writer.WriteEndArray();
        return this;
    }

    public CanonicalCborWriter Text(string value)
    {
        _writer.WriteTextString(value);
        return this;
    }

    public CanonicalCborWriter Bytes(ReadOnlySpan<byte> value)
    {
        _writer.WriteByteString(value);
        return this;
    }

    public CanonicalCborWriter UInt64(ulong value)
    {
        _writer.WriteUInt64(value);
        return this;
    }

    public CanonicalCborWriter Boolean(bool value)
    {
        _writer.WriteBoolean(value);
        return this;
    }

    public CanonicalCborWriter Key(PublicKey value) => Bytes(value.ToBytes());

    public CanonicalCborWriter Id(Digest value) => Bytes(value.ToBytes());

    public CanonicalCborWriter Id(ActorId value) => Bytes(value.ToBytes());

    public CanonicalCborWriter Id(BundleId value) => Bytes(value.ToBytes());

    public CanonicalCborWriter Id(DocumentId value) => Bytes(value.ToBytes());

    public CanonicalCborWriter Id(RequestId value) => Bytes(value.ToBytes());

    public CanonicalCborWriter Id(LedgerId value) => Array(2).UInt64(value.ChainId).Id(value.Contract).EndArray();

    public CanonicalCborWriter Time(DateTimeOffset value) => UInt64((ulong)value.ToUnixTimeSeconds());

    public CanonicalCborWriter Encoded(ReadOnlySpan<byte> value)
    {
        _writer.WriteEncodedValue(value);
        return this;
    }

    public byte[] ToBytes() => _writer.Encode();
}
