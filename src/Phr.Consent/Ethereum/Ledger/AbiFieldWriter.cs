using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Text;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Collects the fields of an object by their names, and gives them as the arguments that a function wants.</summary>
internal sealed class AbiFieldWriter : FieldMap
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    public static AbiFieldWriter Of<T>(T value)
        where T : IMapped<T>
    {
        var writer = new AbiFieldWriter();
        value.Map(writer);
        return writer;
    }

    /// <summary>The names that were collected.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>Adds a value under a name, or replaces it: a number, a boolean, an address, bytes, a text, or a writer for a struct.</summary>
    public AbiFieldWriter Set(string name, object value)
    {
        _values[name] = value;
        return this;
    }

    public byte[]? FindBytes(string name) => _values.GetValueOrDefault(name) as byte[];

    public ActorId? FindActor(string name) => _values.GetValueOrDefault(name) is ActorId actor ? actor : null;

    /// <summary>The struct's members as a tuple.</summary>
    public AbiValue ToTuple(ImmutableArray<AbiParameter> components) => AbiValue.List([.. components.Select(component =>
        TryGet(component, out AbiValue? value) ? value : throw new InvalidOperationException($"Nothing gives the {component.Type} {component.Name} that the contract wants."))]);

    /// <summary>The value of a parameter, when there is one by its name that fits its type.</summary>
    public bool TryGet(AbiParameter parameter, [NotNullWhen(true)] out AbiValue? value)
    {
        value = _values.TryGetValue(parameter.Name, out object? found) ? Convert(found, parameter) : null;
        return value is not null;
    }

    public override ulong UInt64(string name, ulong value) => Put(name, value, (BigInteger)value);

    public override int Int32(string name, int value, int max) => Put(name, value, (BigInteger)value);

    public override bool Boolean(string name, bool value) => Put(name, value, value);

    public override string Code(string name, string value, int maxLength) => Put(name, value, value);

    public override DateTimeOffset Time(string name, DateTimeOffset value) => Put(name, value, (BigInteger)value.ToUnixTimeSeconds());

    public override TimeSpan Duration(string name, TimeSpan value) => Put(name, value, (BigInteger)(long)value.TotalSeconds);

    public override ActorId Actor(string name, ActorId value) => Put(name, value, value);

    public override Digest Digest(string name, Digest value) => Put(name, value, value.ToBytes());

    public override BundleId Bundle(string name, BundleId value) => Put(name, value, value.ToBytes());

    public override RequestId Request(string name, RequestId value) => Put(name, value, value.ToBytes());

    public override PublicKey Key(string name, PublicKey value) => Put(name, value, value.ToBytes());

    public override Signature Signature(string name, Signature? value) => Put(name, value!, value!.ToBytes());

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value)
    {
        _values[name] = value?.ToBytes() ?? [];
        return value;
    }

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        _values[name] = value.ToBytes();
        return value;
    }

    public override T Nested<T>(string name, T value) => Put(name, value, Of(value));

    public override ConsentPolicy Policy(string name, ConsentPolicy value)
    {
        _values[name] = value.ToLedgerBytes();
        _values["names"] = value.ToLedgerNames();
        _values["rule"] = value.ToLedgerRule();
        return value;
    }

    public override AccessRule Rule(string name, AccessRule value) => Put(name, value, value.ToLedgerBytes());

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max) => Put(name, value, value.Select(Of).ToArray());

    private static AbiValue? Convert(object value, AbiParameter parameter) => (parameter.Type.Kind, value) switch
    {
        (AbiKind.UInt, BigInteger number) => AbiValue.Of(number),
        (AbiKind.Bool, bool truth) => AbiValue.Of(truth),
        (AbiKind.Address, ActorId actor) => AbiValue.Of(actor),
        (AbiKind.Bytes, byte[] bytes) => AbiValue.Of(bytes),
        (AbiKind.FixedBytes, byte[] bytes) when bytes.Length == parameter.Type.Size => AbiValue.Of(bytes),
        (AbiKind.FixedBytes, string text) when text.Length == parameter.Type.Size => AbiValue.Of(Encoding.ASCII.GetBytes(text)),
        (AbiKind.Text, string text) => AbiValue.Of(text),
        (AbiKind.Tuple, AbiFieldWriter members) => members.ToTuple(parameter.Components),
        (AbiKind.Array, AbiFieldWriter[] items) => AbiValue.List([.. items.Select(item => item.ToTuple(parameter.Components))]),
        (_, AbiValue ready) => ready,
        _ => null,
    };

    private T Put<T>(string name, T value, object stored)
    {
        _values[name] = stored;
        return value;
    }
}
