using Phr.Consent.Ethereum;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Consent.Tests.Ledger;

/// <summary>The fields of a command as arguments of the contract's function of that name, in their order.</summary>
internal sealed class CallData : FieldMap
{
    private readonly List<(string Type, AbiValue Value)> _arguments = [];

    /// <summary>The calldata of a signed command: its fields, the witnesses, and who acts.</summary>
    public static byte[] Of(SignedCommand signed, params byte[][] witnesses)
    {
        var call = new CallData();
        signed.Command.Map(call);
        foreach (byte[] witness in witnesses)
        {
            call.Add("bytes", AbiValue.Of(witness));
        }

        byte[] signature = [.. signed.Signature.Signature.ToBytes(), (byte)(signed.Signature.RecoveryId + 27)];
        call.Add("(address,uint64,bytes)", AbiValue.List(AbiValue.Of(signed.Command.Actor), AbiValue.Of(signed.Nonce), AbiValue.Of(signature)));
        string name = signed.Command.Kind.ToString();
        string type = "(" + string.Join(",", call._arguments.Select(argument => argument.Type)) + ")";
        byte[] selector = Keccak256.HashData(System.Text.Encoding.ASCII.GetBytes(char.ToLowerInvariant(name[0]) + name[1..] + type))[..4];
        return [.. selector, .. AbiCodec.Encode(AbiType.Parse(type), call.Values())];
    }

    public override ulong UInt64(string name, ulong value) => Add("uint64", AbiValue.Of(value), value);

    public override int Int32(string name, int value, int max) => Add("uint32", AbiValue.Of(value), value);

    public override bool Boolean(string name, bool value) => Add("bool", AbiValue.Of(value), value);

    public override string Code(string name, string value, int maxLength) => Add("string", AbiValue.Of(value), value);

    public override DateTimeOffset Time(string name, DateTimeOffset value) => Add("uint64", AbiValue.Of(value.ToUnixTimeSeconds()), value);

    public override TimeSpan Duration(string name, TimeSpan value) => Add("uint64", AbiValue.Of((long)value.TotalSeconds), value);

    public override ActorId Actor(string name, ActorId value) => Add("address", AbiValue.Of(value), value);

    public override Digest Digest(string name, Digest value) => Add("bytes32", AbiValue.Of(value), value);

    public override BundleId Bundle(string name, BundleId value) => Add("bytes32", AbiValue.Of(Crypto.Digest.FromBytes(value.ToBytes())), value);

    public override RequestId Request(string name, RequestId value) => Add("bytes32", AbiValue.Of(Crypto.Digest.FromBytes(value.ToBytes())), value);

    public override PublicKey Key(string name, PublicKey value) => Add("bytes", AbiValue.Of(value.ToBytes()), value);

    public override Signature Signature(string name, Signature? value) => Add("bytes", AbiValue.Of(value!.ToBytes()), value!);

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value) => Add("bytes", AbiValue.Of(value is null ? [] : value.ToBytes()), value);

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value) => Add("bytes", AbiValue.Of(value.ToBytes()), value);

    public override T Nested<T>(string name, T value)
    {
        (string type, AbiValue encoded) = Of(value);
        return Add(type, encoded, value);
    }

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => throw new NotSupportedException("A policy goes by its blob.");

    public override AccessRule Rule(string name, AccessRule value) => throw new NotSupportedException("A rule goes with its policy.");

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max) =>
        Add(Of(value.Count > 0 ? value[0] : FieldReader.Blank<T>()).Type + "[]", AbiValue.List(value, item => Of(item).Value), value);

    private static (string Type, AbiValue Value) Of<T>(T value)
        where T : IMapped<T>
    {
        var inner = new CallData();
        value.Map(inner);
        return ("(" + string.Join(",", inner._arguments.Select(argument => argument.Type)) + ")", inner.Values());
    }

    private AbiValue Values() => AbiValue.List([.. _arguments.Select(argument => argument.Value)]);

    private void Add(string type, AbiValue value) => _arguments.Add((type, value));

    private T Add<T>(string type, AbiValue value, T field)
    {
        Add(type, value);
        return field;
    }
}
