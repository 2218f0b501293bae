using System.Text.Json.Nodes;
using Phr.Consent;
using Phr.Consent.Ethereum;
using Phr.Consent.Fields;
using Phr.Crypto;

namespace Phr.Ethereum.Tests;

/// <summary>Writes the fields of a command as a message and types that another library's EIP-712 encoder takes; it shares nothing with our own hasher.</summary>
internal sealed class MessageMap(string typeName, JsonObject types) : FieldMap
{
    private readonly JsonArray _members = [];

    public JsonObject Message { get; } = [];

    public static (JsonObject Types, JsonObject Message) Of(SignedCommand signed)
    {
        JsonObject types = [];
        var map = new MessageMap(signed.Command.Kind.ToString(), types);
        map.Actor("actor", signed.Command.Actor);
        map.UInt64("nonce", signed.Nonce);
        signed.Command.Map(map);
        map.Close();
        return (types, map.Message);
    }

    public override ulong UInt64(string name, ulong value) => Add("uint64", name, value.ToString(System.Globalization.CultureInfo.InvariantCulture), value);

    public override int Int32(string name, int value, int max) => Add("uint32", name, value, value);

    public override bool Boolean(string name, bool value) => Add("bool", name, value, value);

    public override string Code(string name, string value, int maxLength) => Add("string", name, value, value);

    public override DateTimeOffset Time(string name, DateTimeOffset value) => Add("uint64", name, value.ToUnixTimeSeconds(), value);

    public override TimeSpan Duration(string name, TimeSpan value) => Add("uint64", name, (long)value.TotalSeconds, value);

    public override ActorId Actor(string name, ActorId value) => Add("address", name, "0x" + value, value);

    public override Digest Digest(string name, Digest value) => Add("bytes32", name, "0x" + value, value);

    public override BundleId Bundle(string name, BundleId value) => Add("bytes32", name, "0x" + value, value);

    public override RequestId Request(string name, RequestId value) => Add("bytes32", name, "0x" + value, value);

    public override PublicKey Key(string name, PublicKey value) => Add("bytes", name, Hex.Of(value.ToBytes()), value);

    public override Signature Signature(string name, Signature? value) => Add("bytes", name, Hex.Of(value!.ToBytes()), value);

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value) => Add("bytes", name, Hex.Of(value is null ? [] : value.ToBytes()), value);

    public override ConsentPolicy Policy(string name, ConsentPolicy value) => Add("bytes32", name, "0x" + value.LedgerHash, value);

    public override AccessRule Rule(string name, AccessRule value) => Add("bytes", name, Hex.Of(value.ToBytes()), value);

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value) => Add("bytes", name, Hex.Of(value.ToBytes()), value);

    public override T Nested<T>(string name, T value) => Add(value.TypeName, name, MessageOf(value), value);

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max) =>
        Add((value.Count > 0 ? value[0] : FieldReader.Blank<T>()).TypeName + "[]", name, new JsonArray([.. value.Select(MessageOf)]), value);

    private JsonNode MessageOf<T>(T value)
        where T : IMapped<T>
    {
        var map = new MessageMap(value.TypeName, types);
        value.Map(map);
        map.Close();
        return map.Message;
    }

    private void Close() => types[typeName] = _members;

    private T Add<T>(string type, string name, JsonNode json, T value)
    {
        _members.Add((JsonNode)new JsonObject { ["type"] = type, ["name"] = name });
        Message[name] = json;
        return value;
    }
}
