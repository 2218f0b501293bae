using System.Diagnostics.CodeAnalysis;
using Phr.Crypto;
using Phr.Shared;

namespace Phr.Consent.Fields;

/// <summary>Reads each field from one item of a CBOR array.</summary>
internal sealed class FieldReader : FieldMap
{
    private readonly CanonicalCborReader _reader;

    private FieldReader(CanonicalCborReader reader) => _reader = reader;

    /// <summary>Reads an object from an array of its fields.</summary>
    /// <param name="reader">Where from.</param>
    /// <param name="blank">An object of the type to read; its values do not matter.</param>
    public static T Read<T>(CanonicalCborReader reader, T blank)
        where T : IMapped<T>
    {
        reader.BeginArray(FieldCounter.Of(blank));
        T value = blank.Map(new FieldReader(reader));
        reader.EndArray();
        return value.FindFault() is { } fault ? throw reader.Fault(PhrDataReason.OutOfRange, fault) : value;
    }

    /// <summary>Reads <c>[tag, fields]</c> and nothing after it.</summary>
    public static T FromBytes<T>(string stage, string tag, ReadOnlyMemory<byte> bytes, int maxLength)
        where T : IMapped<T>
    {
        var reader = new CanonicalCborReader(stage, bytes, maxLength);
        reader.BeginArray(2);
        reader.Expect(tag);
        T value = Read(reader, Blank<T>());
        reader.EndArray();
        reader.End();
        return value;
    }

    /// <summary>An object with every field unset, to read into.</summary>
    public static T Blank<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>() =>
        Activator.CreateInstance<T>();

    public override ulong UInt64(string name, ulong value) => _reader.UInt64();

    public override int Int32(string name, int value, int max) => _reader.Int32(max);

    public override bool Boolean(string name, bool value) => _reader.Boolean();

    public override string Code(string name, string value, int maxLength)
    {
        string text = _reader.Text(maxLength);
        return IsCode(text, maxLength) ? text : throw _reader.Fault(PhrDataReason.Malformed, $"{name} is not a code of printable ASCII characters.");
    }

    public override DateTimeOffset Time(string name, DateTimeOffset value) => _reader.Time();

    public override TimeSpan Duration(string name, TimeSpan value) => TimeSpan.FromSeconds((long)_reader.UInt64((ulong)MaxDuration.TotalSeconds));

    public override ActorId Actor(string name, ActorId value) => _reader.ActorId();

    public override Digest Digest(string name, Digest value) => _reader.Digest();

    public override BundleId Bundle(string name, BundleId value) => _reader.BundleId();

    public override RequestId Request(string name, RequestId value) => _reader.RequestId();

    public override PublicKey Key(string name, PublicKey value) => _reader.PublicKey();

    public override Signature Signature(string name, Signature? value) => _reader.Signature();

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value)
    {
        byte[] bytes = _reader.Bytes(RecoverableSignature.Length);
        return bytes.Length == 0 ? null
            : RecoverableSignature.TryFromBytes(bytes, out RecoverableSignature? signature) ? signature
            : throw _reader.Fault(PhrDataReason.InvalidScalar, $"{name} is not r || s || v with low s.");
    }

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value) => DeliveryEvidence.FromBytes(_reader.Bytes(DeliveryEvidence.MaxLength));

    public override T Nested<T>(string name, T value) => value is null ? Read(_reader, Blank<T>()) : Read(_reader, value);

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => Nested(name, value);

    public override AccessRule Rule(string name, AccessRule value) => AccessRule.Read(_reader);

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max)
    {
        var items = new T[_reader.BeginList(max)];
        T blank = Blank<T>();
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = Read(_reader, blank);
        }

        _reader.EndArray();
        return new ValueList<T>(items);
    }
}
