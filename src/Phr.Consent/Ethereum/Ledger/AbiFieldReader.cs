using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Ethereum;

/// <summary>Reads each field of an object from the argument of that name.</summary>
internal sealed class AbiFieldReader : FieldMap
{
    private const string Stage = "contract log";
    private const long LastSecond = 253402300799;

    private readonly Dictionary<string, (AbiParameter Parameter, AbiValue Value)> _values = new(StringComparer.Ordinal);

    public AbiFieldReader(ImmutableArray<AbiParameter> parameters, AbiValue values)
    {
        for (int i = 0; i < parameters.Length; i++)
        {
            _values[parameters[i].Name] = (parameters[i], values[i]);
        }
    }

    /// <summary>The names that there are.</summary>
    public IEnumerable<string> Names => _values.Keys;

    /// <summary>Makes a value available under a name that no argument has.</summary>
    public void Supply(string name, AbiValue value, AbiType? type = null) =>
        _values.TryAdd(name, (new AbiParameter(name, type ?? AbiType.Parse("bytes32"), null, [], false), value));

    /// <summary>Makes the members of a struct available under their own names, where nothing else has them.</summary>
    public void Supply(AbiParameter parameter, AbiValue value)
    {
        for (int i = 0; i < parameter.Components.Length; i++)
        {
            _values.TryAdd(parameter.Components[i].Name, (parameter.Components[i], value[i]));
        }
    }

    public AbiValue Value(string name) => Find(name).Value;

    public BigInteger Number(string name) => Find(name, AbiKind.UInt).Number;

    public byte[] Bytes(string name) => Find(name, AbiKind.Bytes).Bytes.ToArray();

    public override ulong UInt64(string name, ulong value) =>
        Number(name) is var number && number <= ulong.MaxValue ? (ulong)number : throw Fault(PhrDataReason.OutOfRange, $"{name} has more than 64 bits.");

    public override int Int32(string name, int value, int max) =>
        Number(name) is var number && number <= max ? (int)number : throw Fault(PhrDataReason.OutOfRange, $"{name} is above {max}.");

    public override bool Boolean(string name, bool value) => Find(name, AbiKind.Bool).Boolean;

    public override string Code(string name, string value, int maxLength)
    {
        (AbiParameter parameter, AbiValue read) = Find(name);
        string text = parameter.Type.Kind == AbiKind.Text ? read.Text : Encoding.Latin1.GetString(read.Bytes.Span);
        return IsCode(text, maxLength) ? text : throw Fault(PhrDataReason.Malformed, $"{name} is not a code of printable ASCII characters.");
    }

    public override DateTimeOffset Time(string name, DateTimeOffset value) =>
        Number(name) is var seconds && seconds <= LastSecond ? DateTimeOffset.FromUnixTimeSeconds((long)seconds) : throw Fault(PhrDataReason.OutOfRange, $"{name} is no time.");

    public override TimeSpan Duration(string name, TimeSpan value) =>
        Number(name) is var seconds && seconds <= (BigInteger)MaxDuration.TotalSeconds ? TimeSpan.FromSeconds((long)seconds) : throw Fault(PhrDataReason.OutOfRange, $"{name} is too long.");

    public override ActorId Actor(string name, ActorId value) => Find(name, AbiKind.Address).Address;

    public override Digest Digest(string name, Digest value) => Find(name, AbiKind.FixedBytes).Bytes32;

    public override BundleId Bundle(string name, BundleId value) => BundleId.FromBytes(Find(name, AbiKind.FixedBytes).Bytes.Span);

    public override RequestId Request(string name, RequestId value) => RequestId.FromBytes(Find(name, AbiKind.FixedBytes).Bytes.Span);

    public override PublicKey Key(string name, PublicKey value) => PublicKey.FromBytes(Bytes(name));

    public override Signature Signature(string name, Signature? value) => Phr.Crypto.Signature.FromBytes(Bytes(name));

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value) =>
        Bytes(name) is { Length: > 0 } bytes
            ? RecoverableSignature.TryFromBytes(bytes, out RecoverableSignature? signature) ? signature : throw Fault(PhrDataReason.InvalidScalar, $"{name} is not r || s || v with low s.")
            : null;

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value) => DeliveryEvidence.FromBytes(Bytes(name));

    public override T Nested<T>(string name, T value)
    {
        (AbiParameter parameter, AbiValue read) = Find(name);
        return parameter.Type.Kind == AbiKind.Tuple ? Struct(parameter.Components, read, value ?? FieldReader.Blank<T>()) : throw WrongKind(name);
    }

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => ConsentPolicy.FromLedger(Bytes(name), Bytes("names"), Bytes("rule"));

    public override AccessRule Rule(string name, AccessRule value) => AccessRule.FromLedgerBytes(Bytes(name));

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max)
    {
        (AbiParameter parameter, AbiValue read) = Find(name);
        if (parameter.Type.Kind != AbiKind.Array || parameter.Components.IsEmpty)
        {
            throw WrongKind(name);
        }

        if (read.Items.Count > max)
        {
            throw Fault(PhrDataReason.TooLarge, $"{name} has more than {max} items.");
        }

        T blank = FieldReader.Blank<T>();
        return new ValueList<T>([.. read.Items.Select(item => Struct(parameter.Components, item, blank))]);
    }

    private static T Struct<T>(ImmutableArray<AbiParameter> components, AbiValue value, T blank)
        where T : IMapped<T>
    {
        T read = blank.Map(new AbiFieldReader(components, value));
        return read.FindFault() is { } fault ? throw Fault(PhrDataReason.OutOfRange, fault) : read;
    }

    private static PhrDataException Fault(PhrDataReason reason, string detail) => new(Stage, reason, detail);

    private static InvalidOperationException WrongKind(string name) => new($"The contract's {name} has another type than the model's.");

    private (AbiParameter Parameter, AbiValue Value) Find(string name) =>
        _values.TryGetValue(name, out (AbiParameter, AbiValue) found)
            ? found
            : throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The contract has no {name} among {string.Join(", ", _values.Keys)}."));

    private AbiValue Find(string name, AbiKind kind) => Find(name) is var (parameter, value) && parameter.Type.Kind == kind ? value : throw WrongKind(name);
}
