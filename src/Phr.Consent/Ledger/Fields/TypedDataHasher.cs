using System.Buffers.Binary;
using System.Text;
using Phr.Crypto;

namespace Phr.Consent.Fields;

/// <summary>
/// Hashes an object as EIP-712 says: <c>hashStruct(s) = keccak256(keccak256(encodeType) || encodeData(s))</c>. Times and durations are
/// seconds in a uint64, ids and digests bytes32, actors addresses, keys and signatures bytes, codes strings.
/// </summary>
internal sealed class TypedDataHasher : FieldMap
{
    private readonly string _typeName;
    private readonly StringBuilder _members = new();
    private readonly SortedDictionary<string, string> _referenced = new(StringComparer.Ordinal);
    private readonly MemoryStream _data = new();

    public TypedDataHasher(string typeName) => _typeName = typeName;

    /// <summary>The member list of this struct alone.</summary>
    private string OwnType => $"{_typeName}({_members})";

    /// <summary>encodeType: this struct, then those it refers to in the order of their names.</summary>
    public string EncodeType() => OwnType + string.Concat(_referenced.Values);

    /// <summary>hashStruct.</summary>
    public byte[] HashStruct() => Keccak256.HashData([.. Keccak256.HashData(Encoding.UTF8.GetBytes(EncodeType())), .. _data.ToArray()]);

    public static TypedDataHasher Of<T>(T value)
        where T : IMapped<T>
    {
        var hasher = new TypedDataHasher(value.TypeName);
        value.Map(hasher);
        return hasher;
    }

    /// <summary>hashStruct of <c>EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)</c>.</summary>
    public static byte[] DomainSeparator(string name, string version, LedgerId ledger)
    {
        var domain = new TypedDataHasher("EIP712Domain");
        domain.Code("name", name, 64);
        domain.Code("version", version, 64);
        domain.Number("uint256", "chainId", ledger.ChainId);
        domain.Actor("verifyingContract", ledger.Contract);
        return domain.HashStruct();
    }

    /// <summary>keccak256(0x19 0x01 || domainSeparator || hashStruct): what is signed.</summary>
    public static byte[] Digest(ReadOnlySpan<byte> domainSeparator, ReadOnlySpan<byte> structHash) =>
        Keccak256.HashData([0x19, 0x01, .. domainSeparator, .. structHash]);

    public override ulong UInt64(string name, ulong value) => Number("uint64", name, value);

    public override int Int32(string name, int value, int max) => (int)Number("uint32", name, (ulong)CheckRange(name, value, max));

    public override bool Boolean(string name, bool value)
    {
        Number("bool", name, value ? 1u : 0u);
        return value;
    }

    public override string Code(string name, string value, int maxLength)
    {
        Add("string", name, Keccak256.HashData(Encoding.UTF8.GetBytes(value)));
        return value;
    }

    public override DateTimeOffset Time(string name, DateTimeOffset value)
    {
        Number("uint64", name, (ulong)WholeSeconds(name, value).ToUnixTimeSeconds());
        return value;
    }

    public override TimeSpan Duration(string name, TimeSpan value)
    {
        Number("uint64", name, (ulong)WholeSeconds(name, value).TotalSeconds);
        return value;
    }

    public override ActorId Actor(string name, ActorId value)
    {
        Add("address", name, [.. new byte[12], .. value.ToBytes()]);
        return value;
    }

    public override Digest Digest(string name, Digest value)
    {
        Add("bytes32", name, value.ToBytes());
        return value;
    }

    public override BundleId Bundle(string name, BundleId value)
    {
        Add("bytes32", name, value.ToBytes());
        return value;
    }

    public override RequestId Request(string name, RequestId value)
    {
        Add("bytes32", name, value.ToBytes());
        return value;
    }

    public override PublicKey Key(string name, PublicKey value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        Add("bytes", name, Keccak256.HashData(value.ToBytes()));
        return value;
    }

    public override Signature Signature(string name, Signature? value)
    {
        Add("bytes", name, Keccak256.HashData((value ?? throw new ArgumentException($"{name} is missing.", name)).ToBytes()));
        return value;
    }

    public override RecoverableSignature? OptionalSignature(string name, RecoverableSignature? value)
    {
        Add("bytes", name, Keccak256.HashData(value is null ? [] : value.ToBytes()));
        return value;
    }

    public override DeliveryEvidence Evidence(string name, DeliveryEvidence value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        Add("bytes", name, Keccak256.HashData(value.ToBytes()));
        return value;
    }

    public override T Nested<T>(string name, T value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        TypedDataHasher inner = Of(value);
        Refer(inner);
        Add(value.TypeName, name, inner.HashStruct());
        return value;
    }

    public override ConsentPolicy Policy(string name, ConsentPolicy value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        Add("bytes32", name, value.LedgerHash.ToBytes());
        return value;
    }

    public override AccessRule Rule(string name, AccessRule value)
    {
        ArgumentNullException.ThrowIfNull(value, name);
        Add("bytes", name, Keccak256.HashData(value.ToBytes()));
        return value;
    }

    public override IReadOnlyList<T> List<T>(string name, IReadOnlyList<T> value, int max)
    {
        TypedDataHasher shape = Of(value.Count > 0 ? value[0] : FieldReader.Blank<T>());
        Refer(shape);
        Add(shape._typeName + "[]", name, Keccak256.HashData([.. value.SelectMany(item => Of(item).HashStruct())]));
        return value;
    }

    private ulong Number(string type, string name, ulong value)
    {
        byte[] word = new byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(word.AsSpan(24), value);
        Add(type, name, word);
        return value;
    }

    private void Refer(TypedDataHasher inner)
    {
        _referenced[inner._typeName] = inner.OwnType;
        foreach ((string key, string type) in inner._referenced)
        {
            _referenced[key] = type;
        }
    }

    private void Add(string type, string name, ReadOnlySpan<byte> word)
    {
        _members.Append(_members.Length == 0 ? string.Empty : ",").Append(type).Append(' ').Append(name);
        _data.Write(word);
    }
}
