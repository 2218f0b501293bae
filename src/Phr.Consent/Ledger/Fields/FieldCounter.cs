using Phr.Crypto;

namespace Phr.Consent.Fields;

/// <summary>Counts the fields of an object, and returns it with its times cut to whole seconds of UTC.</summary>
internal sealed class FieldCounter : FieldMap
{
    public int Count { get; private set; }

    public static int Of<T>(T value)
        where T : IMapped<T>
    {
        var counter = new FieldCounter();
        value.Map(counter);
        return counter.Count;
    }

    public override ulong UInt64(string name, ulong value) => Next(value);

    public override int Int32(string name, int value, int max) => Next(value);

    public override bool Boolean(string name, bool value) => Next(value);

    public override string Code(string name, string value, int maxLength) => Next(value);

    public override DateTimeOffset Time(string name, DateTimeOffset value) => Next(value == default ? value : WholeSeconds(name, value));

    public override TimeSpan Duration(string name, TimeSpan value) => Next(WholeSeconds(name, value));

    public override ActorId Actor(string name, ActorId value) => Next(value);

    public override Digest Digest(string name, Digest value) => Next(value);

    public override BundleId Bundle(string name, BundleId value) => Next(value);

    public override RequestId Request(string name, RequestId value) => Next(value);

    public override PublicKey Key(string name, PublicKey value) => Next(value);

    public override Signature Signature(string name, Signature? value) => Next(value!);

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value) => Next(value);

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value) => Next(value);

    public override T Nested<T>(string name, T value) => Next(value is null ? value! : value.Map(new FieldCounter()));

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => Nested(name, value);

    public override AccessRule Rule(string name, AccessRule value) => Next(value);

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max) => Next(value ?? []);

    private T Next<T>(T value)
    {
        Count++;
        return value;
    }
}
