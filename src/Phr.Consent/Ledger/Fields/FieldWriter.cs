using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Fields;

/// <summary>Writes each field as one item of a CBOR array.</summary>
internal sealed class FieldWriter : FieldMap
{
    private readonly CanonicalCborWriter _writer;

    private FieldWriter(CanonicalCborWriter writer) => _writer = writer;

    /// <summary>Writes an object as an array of its fields.</summary>
    public static void Write<T>(CanonicalCborWriter writer, T value)
        where T : IMapped<T>
    {
        writer.Array(FieldCounter.Of(value));
        value.Map(new FieldWriter(writer));
        writer.EndArray();
    }

    /// <summary>Writes <c>[tag, fields]</c>.</summary>
    public static byte[] ToBytes<T>(string tag, T value)
        where T : IMapped<T>
    {
        CanonicalCborWriter writer = new CanonicalCborWriter().Array(2).Text(tag);
        Write(writer, value);
        return writer.EndArray().ToBytes();
    }

    public override ulong UInt64(string name, ulong value)
    {
        _writer.UInt64(value);
        return value;
    }

    public override int Int32(string name, int value, int max)
    {
        _writer.UInt64((ulong)CheckRange(name, value, max));
        return value;
    }

    public override bool Boolean(string name, bool value)
    {
        _writer.Boolean(value);
        return value;
    }

    public override string Code(string name, string value, int maxLength)
    {
        _writer.Text(CheckCode(name, value, maxLength));
        return value;
    }

    public override DateTimeOffset Time(string name, DateTimeOffset value)
    {
        _writer.Time(WholeSeconds(name, value));
        return value;
    }

    public override TimeSpan Duration(string name, TimeSpan value)
    {
        _writer.UInt64((ulong)WholeSeconds(name, value).TotalSeconds);
        return value;
    }

    public override ActorId Actor(string name, ActorId value)
    {
        _writer.Id(value);
        return value;
    }

    public override Digest Digest(string name, Digest value)
    {
        _writer.Id(value);
        return value;
    }

    public override BundleId Bundle(string name, BundleId value)
    {
        _writer.Id(value);
        return value;
    }

    public override RequestId Request(string name, RequestId value)
    {
        _writer.Id(value);
        return value;
    }

    public override PublicKey Key(string name, PublicKey value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        _writer.Key(value);
        return value;
    }

    public override Signature Signature(string name, Signature? value)
    {
        _writer.Bytes((value ?? throw new ArgumentException($"{name} is missing.", name)).ToBytes());
        return value;
    }

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value)
    {
        _writer.Bytes(value is null ? [] : value.ToBytes());
        return value;
    }

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        _writer.Bytes(value.ToBytes());
        return value;
    }

    public override T Nested<T>(string name, T value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        Write(_writer, value);
        return value;
    }

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => Nested(name, value);

    public override AccessRule Rule(string name, AccessRule value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        value.Write(_writer);
        return value;
    }

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max)
    {
        _writer.Array(CheckCount(name, value, max).Count);
        foreach (T item in value)
        {
            Write(_writer, item);
        }

        _writer.EndArray();
        return value;
    }
}
